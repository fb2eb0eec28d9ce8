//! Community Connect: what partners ask about people, and whom they bring.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::pod::{Answer, FROZEN, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }, { id: 7, company: Connect }]
users:
  - { username: bot, accountType: SYSTEM }
  - { username: alice, email: Alice@bank.example }
  - { username: gone, email: gone@bank.example, enabled: false }
  - { username: carol, pod: 2, email: carol@fund.example }
  - { username: zoe@zoo.example, pod: 7, email: zoe@zoo.example, firstName: Zoe, lastName: Zander }
communityConnect:
  pod: 7
  partners:
    - { name: terminal, clientId: t-1, clientSecret: s3cret, apiKey: k-1 }
    - { name: other }
  companies:
    - { id: '17216', name: Zoo, domain: zoo.example, partner: other, users: [zoe@zoo.example] }
";

const USERS: &str = "/connect-service/v1/channelco/user";
const TENANT: &str = "/connect-service/v1/onboarding/tenant";
const ZOE: u64 = 7 << 36 | 1;

struct Stage {
    pod: Pod,
    bearer: String,
}

impl Stage {
    async fn set() -> Self {
        Self::with("").await
    }

    async fn with(settings: &str) -> Self {
        let text = format!("{SCENARIO}\nsettings: {{ {settings} }}");
        let scenario = Scenario::parse(&text).expect("a scenario");
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        Self::of(Pod::built(builder).await).await
    }

    async fn of(pod: Pod) -> Self {
        let bearer = mint(&pod, "terminal").await;
        Self { pod, bearer }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.pod.anonymous().request(method, path).json(body);
        request.header("Authorization", &self.bearer).send().await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &Value::Null).await
    }

    async fn bring(&self, company: &str, users: &[Value]) -> Answer {
        self.call(Method::POST, USERS, &json!({ "companyName": company, "users": users })).await
    }

    async fn refused(&self, company: &str, users: &[Value]) -> Value {
        self.bring(company, users).await.assert_status(400).json()
    }
}

async fn mint(pod: &Pod, partner: &str) -> String {
    let path = format!("/_mock/partners/{partner}/token");
    let token = pod.control().post(&path).send().await.assert_status(200).json();
    format!("Bearer {}", token["access_token"].as_str().expect("a token"))
}

fn person(first: &str, last: &str, email: &str) -> Value {
    json!({ "firstName": first, "lastName": last, "email": email })
}

fn james() -> Value {
    json!({ "firstName": "James", "lastName": "Smith", "email": "james@acme.example",
        "title": "Manager", "department": "Desk", "location": "Rome", "phoneNumber": "336" })
}

#[tokio::test]
async fn a_partner_hears_what_stands_in_the_way_of_an_account() {
    let stage = Stage::set().await;
    let ask = async |email: &str| stage.get(&format!("{TENANT}?email={email}")).await;
    let here = format!("localhost:{}", stage.pod.port());
    for (email, code, url) in [
        ("alice@BANK.example", "USER_EXISTS", here.as_str()),
        ("carol@fund.example", "USER_EXISTS", "pod-2.symphony.example"),
        ("zoe@zoo.example", "USER_EXISTS", "pod-7.symphony.example"),
        ("gone@bank.example", "USER_NEEDS_ACCESS", here.as_str()),
        ("new@bank.example", "USER_NEEDS_ACCESS", here.as_str()),
        ("new@fund.example", "USER_NEEDS_ACCESS", "pod-2.symphony.example"),
        ("new@zoo.example", "USER_ELIGIBLE_FOR_NEW_ACCOUNT", "pod-7.symphony.example"),
        ("new@acme.example", "USER_ELIGIBLE_FOR_NEW_ACCOUNT", "pod-7.symphony.example"),
    ] {
        let told = ask(email).await.assert_status(200).json();
        assert_eq!((&told["code"], &told["podUrl"]), (&json!(code), &json!(url)), "{email}");
        assert_eq!(told.get("message").is_none(), code == "USER_EXISTS");
    }
    for wrong in ["", "x", "@b.example", "a@", "a@b", "a@b..c", "a%20b@c.example", "a@b@c.example"]
    {
        assert_eq!(ask(wrong).await.assert_status(400).json()["code"], "INVALID_USER_EMAIL");
    }
    let public = ask("me@gmail.com").await.assert_status(400).json();
    let expected = json!({ "code": "EMAIL_DOMAIN_NOT_ALLOWED", "message": "Only corporate email domains are allowed." });
    assert_eq!(public, expected);
}

#[tokio::test]
async fn those_who_are_brought_come_into_the_company_of_their_domain() {
    let stage = Stage::set().await;
    let done = stage.bring("ACME", &[james()]).await.assert_status(201).json();
    let id = done["success"][0]["userId"].as_u64().expect("a number");
    let mut expected = james();
    expected["displayName"] = json!("James Smith");
    expected["username"] = json!("james@acme.example");
    expected["userId"] = json!(id);
    expected["code"] = json!("USER_ADDED_NEW_COMPANY");
    expected["message"] = json!("User added successfully");
    let company = done["companyId"].clone();
    let whole = json!({
        "companyId": company, "companyName": "ACME", "success": [expected], "errors": [],
    });
    assert_eq!(done, whole);

    let maria = person("Maria", "Garcia", "maria@ACME.example");
    let again = [james(), maria.clone()];
    let done = stage.bring("ACME", &again).await.assert_status(201).json();
    assert_eq!(done["success"][0]["code"], "USER_ADDED_EXISTING_COMPANY");
    assert_eq!(done["companyId"], company);
    assert_eq!(done["errors"][0]["code"], "USER_ALREADY_EXISTS");
    assert_eq!(done["errors"][0]["email"], "james@acme.example");
    let paul = person("Paul", "Jones", "paul@acme.example");
    let done = stage.bring("Acme Ltd", &[paul]).await.assert_status(201).json();
    assert_eq!(done["success"][0]["code"], "USER_ADDED_TO_DIFFERENT_COMPANY_NAME");
    assert_eq!(done["companyName"], "ACME");

    for (email, code) in [
        ("new@bank.example", "COMPANY_ALREADY_EXISTS_USER_NEEDS_ACCESS"),
        ("new@zoo.example", "COMCO_COMPANY_ALREADY_EXISTS_USER_NEED_ACCESS"),
        ("alice@bank.example", "USER_ALREADY_EXISTS"),
    ] {
        let done = stage.bring("X", &[person("A", "B", email)]).await.assert_status(201).json();
        assert_eq!(done["errors"][0]["code"], code);
        assert_eq!((&done["success"], done.get("companyId")), (&json!([]), None));
    }
    // The pod's own users find them, and may connect with them.
    let bot = stage.pod.bot("bot").await;
    let path = "/pod/v3/users?email=james@acme.example";
    let found = bot.get(path).await.assert_status(200).json();
    assert_eq!(
        (&found["users"][0]["id"], &found["users"][0]["company"]),
        (&json!(id), &json!("ACME"))
    );
    let asked = bot.post("/pod/v1/connection/create", &json!({ "userId": id })).await;
    assert_eq!(asked.assert_status(200).json()["status"], "PENDING_OUTGOING");
}

#[tokio::test]
async fn a_request_that_is_none_brings_nobody() {
    let stage = Stage::set().await;
    let gmail = person("A", "B", "a@gmail.com");
    let refused = stage.refused("X", &[gmail]).await;
    assert_eq!(refused["code"], "PUBLIC_EMAIL_DOMAIN_NOT_ALLOWED");
    assert_eq!(refused["context"], json!({ "unallowedEmailDomains": "[gmail.com]" }));
    let refused = stage.refused("X", &[james(), person("A", "B", "user4@")]).await;
    let expected = json!({ "code": "INVALID_USER_EMAIL", "message": "Invalid user email: user4@.",
        "context": { "invalidEmail": "user4@" } });
    assert_eq!(refused, expected);
    let two = [james(), person("A", "B", "a@zoo.example")];
    assert_eq!(stage.refused("X", &two).await["code"], "USERS_MUST_HAVE_THE_SAME_DOMAIN");
    assert_eq!(stage.refused("X", &[]).await["code"], "USER_LIST_IS_EMPTY");
    let twice = [james(), person("A", "B", "JAMES@acme.example")];
    let code = "USERS_CANNOT_HAVE_THE_SAME_EMAIL_ADDRESS";
    assert_eq!(stage.refused("X", &twice).await["code"], code);
    let refused = stage.refused(" ", &[james()]).await;
    assert_eq!(refused["code"], "MISSING_REQUIRED_FIELD");
    assert_eq!(refused["context"]["fieldName"], "companyName");
    for field in ["firstName", "lastName", "email"] {
        let mut less = james();
        less[field] = Value::Null;
        assert_eq!(stage.refused("X", &[less]).await["context"]["fieldName"], field);
    }
    for (field, most) in [
        ("firstName", 64),
        ("lastName", 64),
        ("displayName", 128),
        ("title", 256),
        ("department", 256),
    ] {
        let mut long = james();
        long[field] = json!("ä".repeat(most + 1));
        assert_eq!(stage.refused("X", &[long.clone()]).await["code"], "FIELD_TOO_LONG");
    }
    assert_eq!(stage.refused(&"x".repeat(65), &[james()]).await["code"], "FIELD_TOO_LONG");
    for body in [json!([]), json!({ "users": 1 }), json!("x")] {
        stage.call(Method::POST, USERS, &body).await.assert_status(400);
    }
    stage.get(&format!("{USERS}?email=james@acme.example")).await.assert_status(404);
}

#[tokio::test]
async fn accounts_are_read_changed_and_disabled_by_the_partner_who_brought_them() {
    let stage = Stage::set().await;
    let done = stage.bring("ACME", &[james()]).await.assert_status(201).json();
    let (company, id) = (done["companyId"].as_str().unwrap(), done["success"][0]["userId"].clone());
    let path = format!("/connect-service/v1/channelco/company/{company}/user/{id}");
    let read = stage.get(&path).await.assert_status(200).json();
    assert_eq!((&read["companyName"], &read["userId"]), (&json!("ACME"), &id));
    let by_email = stage.get(&format!("{USERS}?email=JAMES@acme.example")).await;
    assert_eq!(by_email.assert_status(200).json(), read);

    let put = async |body: Value| stage.call(Method::PUT, &path, &body).await;
    let change = json!({ "firstName": "Jim", "email": "jim@acme.example", "title": "Boss" });
    let changed = put(change).await.assert_status(200).json();
    assert_eq!(changed["username"], "jim@acme.example");
    assert_eq!((&changed["lastName"], &changed["title"]), (&json!("Smith"), &json!("Boss")));
    assert!(changed.get("companyId").is_none());
    let less = put(json!({ "title": "x" })).await.assert_status(400).json();
    assert_eq!(less["code"], "MISSING_REQUIRED_FIELDS");
    let other = put(json!({ "email": "jim@zoo.example" })).await.assert_status(400).json();
    assert_eq!(other["code"], "USER_EMAIL_DOMAIN_DIFFERENT_FROM_COMPANY");
    assert!(other["message"].as_str().unwrap().ends_with("'acme.example'."));
    stage.bring("ACME", &[person("M", "G", "m@acme.example")]).await.assert_status(201);
    let taken = put(json!({ "email": "M@acme.example" })).await.assert_status(400).json();
    assert_eq!(taken["code"], "REQUESTED_EMAIL_ALREADY_IN_USE");
    put(json!({ "email": "jim@acme.example" })).await.assert_status(200);

    let add = async |path: &str, role: &str| {
        stage.call(Method::POST, &format!("{path}/roles/add"), &json!({ "id": role })).await
    };
    for _ in 0..2 {
        let added = add(&path, "COMPLIANCE_OFFICER").await.assert_status(200).json();
        assert_eq!(added, json!({ "code": "ROLE_ADDED", "message": "Role added" }));
    }
    assert_eq!(add(&path, "AGENT").await.assert_status(400).json()["code"], "ROLE_NOT_ALLOWED");
    let elsewhere = format!("/connect-service/v1/channelco/company/17216/user/{id}");
    let refused = add(&elsewhere, "COMPLIANCE_OFFICER").await.assert_status(400).json();
    assert_eq!(refused["code"], "USER_DOES_NOT_BELONG_TO_COMPANY");
    stage.get(&elsewhere).await.assert_status(404);

    // What another partner brought, or nobody, is none of his business.
    let zoe = format!("/connect-service/v1/channelco/company/17216/user/{ZOE}");
    let theirs = "PROFILE_ACCESS_OR_UPDATES_NOT_AUTHORIZED";
    for path in [
        &zoe,
        &format!("{USERS}?email=zoe@zoo.example"),
        &format!("{USERS}?email=alice@bank.example"),
    ] {
        assert_eq!(stage.get(path).await.assert_status(400).json()["code"], theirs);
    }
    let code = "PARTNER_NOT_ALLOWED_TO_ACCESS_USER";
    let disabled = stage.call(Method::DELETE, &zoe, &Value::Null).await.assert_status(400);
    assert_eq!(disabled.json()["code"], code);
    assert_eq!(add(&zoe, "COMPLIANCE_OFFICER").await.assert_status(400).json()["code"], code);

    stage.call(Method::DELETE, &path, &Value::Null).await.assert_status(204);
    for method in [Method::DELETE, Method::GET] {
        let gone = stage.call(method, &path, &Value::Null).await.assert_status(404).json();
        assert_eq!(gone, json!({ "code": "USER_NOT_FOUND", "message": "No profile found" }));
    }
    add(&path, "COMPLIANCE_OFFICER").await.assert_status(404);
    // Who was disabled is brought again, as the one that he was.
    let back = stage.bring("ACME", &[person("Jim", "S", "jim@acme.example")]).await;
    assert_eq!(back.assert_status(201).json()["success"][0]["userId"], id);
    stage.get(&path).await.assert_status(200);

    let documented = Stage::with("connectUserNotFound: 400").await;
    documented.get(&format!("{USERS}?email=x@acme.example")).await.assert_status(400);
    documented.get(&path).await.assert_status(400);
}

#[tokio::test]
async fn partners_show_tokens_that_they_were_given_and_nobody_else_comes_in() {
    let stage = Stage::set().await;
    let pod = &stage.pod;
    let ask = json!({ "client_id": "t-1", "client_secret": "s3cret",
        "audience": "https://api.symphony.com/partners", "grant_type": "client_credentials" });
    let token = pod.anonymous().post("/oauth/token").json(&ask).send().await.assert_status(200);
    let token = token.json();
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(86_400)));
    assert_eq!(token["scope"], "community:accounts:onboard");
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let path = format!("{TENANT}?email=a@acme.example");
    let by = async |bearer: &str| {
        pod.anonymous().get(&path).header("Authorization", bearer).send().await
    };
    by(&bearer).await.assert_status(200);
    for (wrong, value, status) in [
        ("client_secret", json!("x"), 401),
        ("client_id", json!("other"), 401),
        ("client_id", Value::Null, 401),
        ("grant_type", json!("password"), 400),
    ] {
        let mut ask = ask.clone();
        ask[wrong] = value;
        let refused = pod.anonymous().post("/oauth/token").json(&ask).send().await;
        let error = if status == 401 { "invalid_client" } else { "invalid_request" };
        assert_eq!(refused.assert_status(status).json()["error"], error);
    }
    // The API key opens one door alone.
    let client = pod.anonymous();
    client.get(&format!("{path}&token=k-1")).send().await.assert_status(200);
    client.get(&format!("{path}&token=k-2")).send().await.assert_status(401);
    client.get(&format!("{USERS}?email=a@acme.example&token=k-1")).send().await.assert_status(401);
    let session = pod.log_in("bot").await;
    by(&format!("Bearer {session}")).await.assert_status(401);
    client.get(&path).session(&session).send().await.assert_status(401);

    pod.clock().advance(Duration::from_secs(86_400));
    let refused = by(&bearer).await.assert_status(401).json();
    assert_eq!(refused, json!({ "code": "401", "message": "Unauthorized request" }));
    by(&mint(pod, "terminal").await).await.assert_status(200);
    // Whoever is no partner becomes one.
    by(&mint(pod, "newcomer").await).await.assert_status(200);
    let seed = pod.control().get("/_mock/scenario").send().await.json();
    let names: Vec<_> = seed["communityConnect"]["partners"].as_array().unwrap().iter().collect();
    assert_eq!(names[2]["name"], "newcomer");
}

#[tokio::test]
async fn partners_and_companies_are_told_as_seeds_and_checked() {
    let stage = Stage::set().await;
    stage.bring("ACME", &[james()]).await.assert_status(201);
    let control = stage.pod.control();
    let told = control.get("/_mock/scenario").send().await.assert_status(200);
    let again = Scenario::parse(&told.body).expect("a scenario");
    let again = Stage::of(Pod::built(MockPod::builder().scenario(again)).await).await;
    let found = again.get(&format!("{USERS}?email=james@acme.example")).await.assert_status(200);
    assert_eq!(found.json()["companyName"], "ACME");
    let retold = again.pod.control().get("/_mock/scenario").send().await.json();
    assert_eq!(retold["communityConnect"], told.json()["communityConnect"]);
    // A pod that has nothing to do with it says nothing of it.
    let plain = Pod::start().await.control().get("/_mock/scenario").send().await.json();
    assert!(plain.get("communityConnect").is_none());

    for (change, problem) in [
        (json!({ "pod": 1 }), "is the pod itself"),
        (json!({ "partners": [{ "name": "a" }, { "name": "b", "clientId": "a" }] }), "already"),
        (json!({ "partners": [{ "name": "" }] }), "is empty"),
        (
            json!({ "companies": [{ "name": "A", "domain": "a.example", "partner": "x" }] }),
            "no partner",
        ),
        (
            json!({ "companies": [{ "name": "A", "domain": "a", "partner": "other" }] }),
            "is no domain",
        ),
        (
            json!({ "companies": [{ "name": "A", "domain": "a.example", "partner": "other", "users": ["alice"] }] }),
            "is of pod 1, not 7",
        ),
        (
            json!({ "companies": [
                { "name": "A", "domain": "a.example", "partner": "other" },
                { "name": "B", "domain": "A.example", "partner": "other" },
            ] }),
            "belongs to another company",
        ),
    ] {
        let change = json!({ "communityConnect": change });
        let refused = control.post("/_mock/scenario").json(&change).send().await;
        let body = refused.assert_status(400).body;
        assert!(body.contains(problem), "{problem}: {body}");
    }
}
