//! Connect v2: the companies that partners sponsor, and the people in them.

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::pod::{Answer, FROZEN, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }, { id: 7, company: Connect }]
users:
  - { username: bot, accountType: SYSTEM }
  - { username: carol, pod: 2, email: carol@fund.example }
  - { username: zoe@zoo.example, pod: 7, email: zoe@zoo.example, firstName: Zoe, lastName: Zander }
  - { username: tim@farm.example, pod: 7, email: tim@farm.example, firstName: Tim, lastName: Till }
communityConnect:
  pod: 7
  partners: [{ name: terminal }, { name: other }]
  companies: [{ name: Zoo, domain: zoo.example, partner: other, users: [zoe@zoo.example] }]
  tenants:
    - { id: farm, name: Farm, vanityName: farm, emailDomains: [farm.example, field.example],
        partner: other, users: [{ id: tim, user: tim@farm.example }] }
";

const COMPANIES: &str = "/api/v2/companies";

struct Stage {
    pod: Pod,
    bearer: String,
}

impl Stage {
    async fn set(settings: &str, partner: &str) -> Self {
        let text = format!("{SCENARIO}\nsettings: {{ {settings} }}");
        let scenario = Scenario::parse(&text).expect("a scenario");
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        let pod = Pod::built(builder).await;
        let path = format!("/_mock/partners/{partner}/token");
        let token = pod.control().post(&path).send().await.assert_status(200).json();
        let bearer = format!("Bearer {}", token["access_token"].as_str().expect("a token"));
        Self { pod, bearer }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.pod.anonymous().request(method, &format!("{COMPANIES}{path}"));
        request.json(body).header("Authorization", &self.bearer).send().await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &Value::Null).await
    }

    async fn sponsor(&self, name: &str, vanity: &str, domains: &[&str]) -> Answer {
        let body = json!({ "name": name, "vanityName": vanity, "emailDomains": domains });
        self.call(Method::POST, "", &body).await
    }

    /// The way to a company that is ready.
    async fn lyondell(&self) -> String {
        let made = self.sponsor("Lyondell", "lyondell", &["Lyondell.example"]).await;
        format!("/{}", made.assert_status(202).json()["id"].as_str().expect("an id"))
    }
}

fn person(first: &str, email: &str) -> Value {
    json!({ "firstName": first, "lastName": "Smith", "email": email, "title": "Mr." })
}

#[track_caller]
fn assert_problem(answer: Answer, status: u16, code: &str) {
    let problem = answer.assert_status(status).json();
    assert_eq!(problem["status"], status, "{problem}");
    assert_eq!(problem["type"], "about:blank", "{problem}");
    assert_eq!(problem["detailErrorCode"], code, "{problem}");
}

#[tokio::test]
async fn a_company_is_started_and_then_completed() {
    let stage = Stage::set("connectCompanyCreation: 20m", "terminal").await;
    let made = stage.sponsor("Lyondell", "lyondell", &["Lyondell.example"]).await;
    let made = made.assert_status(202).json();
    let mut expected = json!({
        "id": made["id"],
        "createdAt": FROZEN.iso(),
        "updatedAt": FROZEN.iso(),
        "name": "Lyondell",
        "vanityName": "lyondell",
        "emailDomains": ["lyondell.example"],
        "publicUrl": "https://lyondell.on.symphony.example",
        "state": "STARTED",
    });
    assert_eq!(made, expected);
    let path = format!("/{}", made["id"].as_str().expect("an id"));
    assert_eq!(stage.get(&path).await.assert_status(200).json(), expected);
    let users = format!("{path}/users");
    let john = json!([person("John", "john@lyondell.example")]);
    assert_problem(stage.call(Method::POST, &users, &john).await, 400, "40102");
    let more = json!({ "emailDomains": ["lyondell.test"] });
    assert_problem(stage.call(Method::PATCH, &path, &more).await, 404, "40102");

    let advance = stage.pod.control().post("/_mock/clock/advance").json(&json!({ "by": "20m" }));
    advance.send().await.assert_status(200);
    expected["state"] = json!("COMPLETED");
    assert_eq!(stage.get("").await.assert_status(200).json(), json!([expected]));
    assert_eq!(stage.get("?vanityName=lyondell").await.json(), json!([expected]));
    assert_eq!(stage.get("?vanityName=farm").await.json(), json!([]));
    stage.call(Method::POST, &users, &john).await.assert_status(201);
}

#[tokio::test]
async fn companies_have_names_and_domains_of_their_own() {
    let stage = Stage::set("", "terminal").await;
    stage.lyondell().await;
    for (name, vanity, domains, status, code) in [
        ("lyondell", "other", &["new.example"][..], 400, "40104"),
        ("Zoo", "other", &["new.example"], 400, "40104"),
        ("New", "lyondell", &["new.example"], 400, "40104"),
        ("New", "new", &["new.example", "LYONDELL.example"], 404, "40103"),
        ("New", "new", &["field.example"], 404, "40103"),
        ("New", "new", &["zoo.example"], 404, "40103"),
        ("New", "new", &["fund.example"], 404, "40103"),
    ] {
        assert_problem(stage.sponsor(name, vanity, domains).await, status, code);
    }
    for (name, vanity, domains) in [
        ("N", "new", &["new.example"][..]),
        ("New", "New", &["new.example"]),
        ("New", "-new", &["new.example"]),
        ("New", "n", &["new.example"]),
        ("New", "new", &[]),
        ("New", "new", &["gmail.com"]),
        ("New", "new", &["nodots"]),
    ] {
        let refused = stage.sponsor(name, vanity, domains).await.assert_status(400).json();
        assert!(refused["detailErrorCode"].is_null(), "{refused}");
    }
    stage.call(Method::POST, "", &json!({ "name": "New" })).await.assert_status(400);
    stage.sponsor("New", "new", &["new.example"]).await.assert_status(202);
    // Whose company has a pod of its own is given an account there.
    let path = "/connect-service/v1/onboarding/tenant?email=x@lyondell.example";
    let request = stage.pod.anonymous().get(path).header("Authorization", &stage.bearer);
    assert_eq!(request.send().await.json()["code"], "USER_NEEDS_ACCESS");
}

#[tokio::test]
async fn domains_are_added() {
    let stage = Stage::set("", "terminal").await;
    let path = stage.lyondell().await;
    let add = async |domains: &[&str]| {
        stage.call(Method::PATCH, &path, &json!({ "emailDomains": domains })).await
    };
    add(&["lyondell.example"]).await.assert_status(304);
    add(&["lyondell.example", "lyondell.test"]).await.assert_status(200);
    let domains = ["lyondell.example", "lyondell.test"];
    assert_eq!(stage.get(&path).await.json()["emailDomains"], json!(domains));
    assert_problem(add(&["farm.example"]).await, 404, "40103");
    add(&[]).await.assert_status(400);
    let many: Vec<_> = (0..9).map(|n| format!("d{n}.example")).collect();
    add(&many.iter().map(String::as_str).collect::<Vec<_>>()).await.assert_status(400);
    assert_eq!(stage.get(&path).await.json()["emailDomains"], json!(domains));
}

#[tokio::test]
async fn people_get_accounts_each_for_himself() {
    let stage = Stage::set("", "terminal").await;
    let path = format!("{}/users", stage.lyondell().await);
    let john = person("John", "john@lyondell.example");
    let made = stage.call(Method::POST, &path, &json!([&john])).await.assert_status(201).json();
    let made = &made[0];
    assert_eq!(made["status"], 201);
    assert_eq!((&made["displayName"], &made["active"]), (&json!("John Smith"), &json!(true)));
    let adele = person("Adele", "adele@elsewhere.example");
    let some = stage.call(Method::POST, &path, &json!([&john, &adele])).await.assert_status(207);
    let some = some.json();
    assert_eq!(some[0]["error"]["detailErrorCode"], "40002");
    assert_eq!(some[1]["error"]["detailErrorCode"], "40001");
    assert!(some[1]["id"].is_null() && some[1]["status"] == 400, "{some}");
    for wrong in
        [json!([]), json!([{ "email": "x@lyondell.example" }]), json!(vec![&john; 21]), json!({})]
    {
        stage.call(Method::POST, &path, &wrong).await.assert_status(400);
    }

    let one = format!("{path}/{}", made["id"].as_str().expect("an id"));
    let told = stage.get(&one).await.assert_status(200).json();
    assert_eq!(told["symphonyUserId"], made["symphonyUserId"]);
    let bot = stage.pod.bot("bot").await;
    let found =
        bot.get("/pod/v3/users?email=john@lyondell.example").await.assert_status(200).json();
    assert_eq!(found["users"][0]["id"], made["symphonyUserId"]);
    assert_eq!(found["users"][0]["company"], "Lyondell");
    for active in [false, true] {
        let change = stage.call(Method::PATCH, &one, &json!({ "active": active })).await;
        change.assert_status(200);
        assert_eq!(stage.get(&one).await.json()["active"], active);
    }
    stage.call(Method::PATCH, &one, &json!({})).await.assert_status(400);
    assert_problem(stage.get(&format!("{path}/nobody")).await, 404, "40106");
}

#[tokio::test]
async fn people_are_listed_in_pages() {
    let stage = Stage::set("", "terminal").await;
    let path = format!("{}/users", stage.lyondell().await);
    let people: Vec<_> =
        (0..5).map(|n| person("John", &format!("john{n}@lyondell.example"))).collect();
    stage.call(Method::POST, &path, &json!(people)).await.assert_status(201);
    let page =
        async |query: &str| stage.get(&format!("{path}?{query}")).await.assert_status(200).json();
    let all = page("").await;
    assert_eq!(
        (&all["total"], &all["pageSize"], &all["currentPage"]),
        (&json!(5), &json!(100), &json!(0))
    );
    assert_eq!(all["users"].as_array().expect("a list").len(), 5);
    let last = page("currentPage=2&pageSize=2").await;
    assert_eq!(last["users"][0]["email"], "john4@lyondell.example");
    assert_eq!(last["users"].as_array().expect("a list").len(), 1);
    assert_eq!(page("currentPage=9").await["users"], json!([]));
    for wrong in ["pageSize=0", "pageSize=101", "currentPage=x"] {
        let refused = stage.get(&format!("{path}?{wrong}")).await.assert_status(400).json();
        assert_eq!(refused["title"], "Bad Request", "{wrong}: {refused}");
    }
}

#[tokio::test]
async fn companies_are_their_partners_and_come_of_seeds() {
    let stage = Stage::set("", "other").await;
    assert_eq!(stage.get("/farm").await.assert_status(200).json()["state"], "COMPLETED");
    let tim = stage.get("/farm/users/tim").await.assert_status(200).json();
    assert_eq!(tim["email"], "tim@farm.example");
    let told = stage.pod.control().get("/_mock/scenario").send().await.assert_status(200).json();
    let tenant = &told["communityConnect"]["tenants"][0];
    assert_eq!(tenant["emailDomains"], json!(["farm.example", "field.example"]));
    assert_eq!(tenant["users"], json!([{ "id": "tim", "user": "tim@farm.example" }]));
    let stranger = Stage::set("", "terminal").await;
    assert_eq!(stranger.get("").await.json(), json!([]));
    for path in ["/farm", "/farm/users", "/farm/users/tim"] {
        assert_problem(stranger.get(path).await, 404, "40102");
    }
    let anybody = stage.pod.anonymous().get(COMPANIES).send().await.assert_status(401).json();
    assert_eq!(anybody["status"], 401);
    for (change, place) in [
        ("vanityName: farm", "vanityName: Farm"),
        ("partner: other, users: [{ id", "partner: none, users: [{ id"),
        ("emailDomains: [farm.example", "emailDomains: [zoo.example"),
        ("user: tim@farm.example }", "user: carol }"),
    ] {
        let scenario = Scenario::parse(&SCENARIO.replace(change, place)).expect("a scenario");
        let refused = MockPod::builder().scenario(scenario).start().await.err();
        let refused = refused.expect("a mistake").to_string();
        assert!(refused.contains("communityConnect.tenants[0]"), "{refused}");
    }
}
