//! Information barriers: who is kept apart from whom, and what becomes of those who are together.

use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::administrator::LACKS;
use crate::pod::{Answer, Bot, FROZEN, Pod};

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Partner }]
settings: { datafeedLongPoll: 0s }
users:
  - { username: admin, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING, GROUP_MANAGER] }
  - { username: auditor, accountType: SYSTEM, roles: [INDIVIDUAL, AUDIT_TRAIL_MANAGEMENT] }
  - { username: research, accountType: SYSTEM }
  - { username: trading, accountType: SYSTEM }
  - { username: rita, displayName: Rita Research }
  - { username: tom, displayName: Tom Trader }
  - { username: tess, displayName: Tess Trader }
  - { username: otto, displayName: Otto Other }
  - { username: carol, pod: 2 }
rooms:
  - { name: Lobby, owners: [research], members: [otto, tess] }
  - { name: Floor, owners: [trading], members: [tom, tess], public: true }
  - { name: Both, owners: [admin], members: [rita, tom] }
conversations: [{ members: [research, trading] }]
informationBarrierGroups:
  - { id: 571db1f2e4b027c4f055a594, name: Research, members: [research, rita], created: 2016-04-25T05:58:10.135Z }
  - { name: Trading, members: [trading, tom] }
  - { name: Alone, members: [otto] }
informationBarrierPolicies:
  - { groups: [Research, Trading] }
";

const BARRED: &str = "An information barrier prevents these users from communicating";
const GROUPS: &str = "/pod/v1/admin/group/list";
const RESEARCH: &str = "571db1f2e4b027c4f055a594";

struct Stage {
    pod: Pod,
    admin: Bot,
    research: Bot,
    trading: Bot,
}

fn id(n: u64) -> u64 {
    1 << 36 | n
}

const ADMIN: u64 = 1;
const RESEARCH_BOT: u64 = 3;
const TRADING_BOT: u64 = 4;
const RITA: u64 = 5;
const TOM: u64 = 6;
const TESS: u64 = 7;
const OTTO: u64 = 8;

impl Stage {
    async fn set(settings: &str) -> Self {
        let mut scenario = Scenario::parse(SCENARIO).expect("a scenario");
        let more = Scenario::parse(&format!("settings: {{ datafeedLongPoll: 0s, {settings} }}"));
        scenario.settings = more.expect("settings").settings;
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        Self::of(Pod::built(builder).await).await
    }

    async fn of(pod: Pod) -> Self {
        let (admin, research) = (pod.bot("admin").await, pod.bot("research").await);
        Self { admin, research, trading: pod.bot("trading").await, pod }
    }

    async fn groups(&self) -> Vec<Value> {
        let groups = self.admin.get(GROUPS).await.assert_status(200).json();
        groups.as_array().expect("a bare array").clone()
    }

    async fn group(&self, name: &str) -> Value {
        let groups = self.groups().await;
        groups.iter().find(|group| group["name"] == name).expect("the group").clone()
    }

    async fn change(&self, verb: &str, group: &str, users: &[u64]) -> Value {
        let group = self.group(group).await;
        let path = format!("/pod/v1/admin/group/{}/membership", group["id"].as_str().unwrap());
        self.admin.post(&format!("{path}/{verb}"), &json!(users)).await.assert_status(200).json()
    }

    async fn room(&self, name: &str) -> String {
        let rooms = self.admin.post("/pod/v2/admin/streams/list", &json!({})).await.json();
        let mut rooms = rooms["streams"].as_array().expect("streams").iter();
        let room = rooms.find(|room| room["attributes"]["roomName"] == name).expect("the room");
        room["id"].as_str().expect("an id").to_owned()
    }

    async fn members(&self, room: &str) -> Vec<u64> {
        let path = format!("/pod/v2/room/{}/membership/list", self.room(room).await);
        let members = self.admin.get(&path).await.assert_status(200).json();
        let members = members.as_array().expect("a list").iter();
        members.map(|member| member["id"].as_u64().unwrap() - id(0)).collect()
    }

    async fn add(&self, bot: &Bot, room: &str, user: u64) -> Answer {
        let path = format!("/pod/v1/room/{}/membership/add", self.room(room).await);
        bot.post(&path, &json!({ "id": id(user) })).await
    }

    async fn why(&self) -> String {
        self.pod.control().get("/_mock/why").send().await.assert_status(200).body
    }
}

/// Two desks behind a wall: nobody of the one talks to anybody of the other, by whatever door, and
/// whoever changes sides leaves the rooms of those whom he may not talk to any more.
#[tokio::test]
async fn two_desks_behind_a_wall() {
    let stage = Stage::set("").await;
    let (research, trading, admin) = (&stage.research, &stage.trading, &stage.admin);
    for others in [vec![TOM], vec![TRADING_BOT], vec![OTTO, TOM]] {
        let others: Vec<_> = others.into_iter().map(id).collect();
        research.post("/pod/v1/im/create", &json!(others)).await.assert_error(403, BARRED);
    }
    let why = stage.why().await;
    assert!(
        why.contains("Research") && why.contains("Trading") && why.contains(&id(TOM).to_string()),
        "{why}"
    );
    let both = json!([id(RITA), id(TOM)]);
    admin.post("/pod/v1/admin/im/create", &both).await.assert_error(403, BARRED);
    research.post("/pod/v1/im/create", &json!([id(OTTO)])).await.assert_status(200);
    stage.add(research, "Lobby", TOM).await.assert_error(403, BARRED);
    let path = format!("/pod/v1/admin/room/{}/membership/add", stage.room("Lobby").await);
    admin.post(&path, &json!({ "id": id(TOM) })).await.assert_error(403, BARRED);
    stage.add(research, "Lobby", RITA).await.assert_status(200);
    // Nor does anybody enter a public room in which there is one of the others.
    let own = json!({ "stream": "Floor" });
    let joins = stage.pod.control().post("/_mock/people/rita/joins").json(&own).send().await;
    assert!(joins.assert_status(400).body.contains("information barriers"));
    assert_eq!(stage.members("Floor").await, [TRADING_BOT, TOM, TESS]);

    // Who talked before the wall was built does not go on.
    let ims = json!({ "streamTypes": [{ "type": "IM" }] });
    let im = trading.post("/pod/v1/streams/list", &ims).await.assert_status(200).json();
    let im = json!({ "stream": im[0]["id"], "message": "hello" });
    let says = stage.pod.control().post("/_mock/people/trading/messages").json(&im).send().await;
    assert!(says.assert_status(400).body.contains("information barriers"));
    // In a room they stay until somebody takes them out.
    assert_eq!(stage.members("Both").await, [ADMIN, RITA, TOM]);
    let hello = json!({ "stream": "Both", "message": "hello" });
    let says = stage.pod.control().post("/_mock/people/tom/messages").json(&hello).send().await;
    says.assert_status(200);

    // Tess changes sides: she may not stay with the traders' bot, and hears no more of them.
    let feed = trading.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let v1 = trading.post("/agent/v1/datafeed/create", &json!({})).await.assert_status(200).json();
    let added = stage.change("add", "Research", &[id(TESS), id(RITA), 17, id(TESS)]).await;
    let texts =
        json!(["", "User is already a member", "User not found", "User is already a member"]);
    assert_eq!(added, json!({ "overallResult": "FAIL", "results": texts }));
    assert_eq!(stage.members("Floor").await, [TRADING_BOT, TOM]);
    assert_eq!(stage.members("Lobby").await, [RESEARCH_BOT, OTTO, TESS, RITA]);
    let read = format!("/agent/v5/datafeeds/{}/read", feed["id"].as_str().unwrap());
    let heard = trading.post(&read, &json!({ "ackId": "" })).await.assert_status(200).json();
    let left = &heard["events"][0];
    assert_eq!(left["type"], "USERLEFTROOM");
    assert_eq!(left["payload"]["userLeftRoom"]["affectedUser"]["userId"], id(TESS));
    let read = format!("/agent/v2/datafeed/{}/read", v1["id"].as_str().unwrap());
    let heard = trading.get(&read).await.assert_status(200).json();
    assert_eq!(heard[0]["v2messageType"], "UserLeftRoomMessage");
    assert_eq!(heard[0]["informationBarrierRemediation"], true);
    assert_eq!(heard[0]["memberLeftUserId"], id(TESS));
    assert_eq!(heard[0]["removedByUserId"], id(ADMIN));
    trading.post("/pod/v1/im/create", &json!([id(TESS)])).await.assert_error(403, BARRED);

    // Out of the group, all is as before; nobody is put back.
    let removed = stage.change("remove", "Research", &[id(TESS), id(OTTO)]).await;
    let texts = json!(["", "User is not a member"]);
    assert_eq!(removed, json!({ "overallResult": "FAIL", "results": texts }));
    assert_eq!(stage.members("Floor").await, [TRADING_BOT, TOM]);
    stage.add(trading, "Floor", TESS).await.assert_status(200);
    trading.post("/pod/v1/im/create", &json!([id(TESS)])).await.assert_status(200);
    // Whoever leaves by himself is not taken out by a barrier.
    let own = json!({ "stream": "Floor" });
    stage
        .pod
        .control()
        .post("/_mock/people/tess/leaves")
        .json(&own)
        .send()
        .await
        .assert_status(200);
    let heard = trading.get(&read).await.assert_status(200).json();
    let heard = heard.as_array().unwrap();
    let left = heard.iter().find(|it| it["v2messageType"] == "UserLeftRoomMessage").unwrap();
    assert_ne!(left["informationBarrierRemediation"], true);
}

#[tokio::test]
async fn groups_and_policies_are_listed_with_what_they_are_about() {
    let stage = Stage::set("").await;
    let policies = stage.admin.get("/pod/v1/admin/policy/list").await.assert_status(200).json();
    let trading = stage.group("Trading").await["id"].clone();
    let policy = &policies[0];
    let expected = json!({
        "id": policy["id"], "policyType": "BLOCK", "active": true, "groups": [RESEARCH, trading],
        "createdDate": FROZEN.as_millis(), "modifiedDate": FROZEN.as_millis(),
    });
    assert_eq!(policies, json!([expected]));
    let expected = json!({
        "id": RESEARCH, "name": "Research", "active": true, "memberCount": 2,
        "policies": [policy["id"]], "createdDate": 1_461_563_890_135_u64,
        "modifiedDate": 1_461_563_890_135_u64,
    });
    let groups = stage.groups().await;
    // A group without a policy is on no list.
    assert_eq!((&groups[0], groups.len()), (&expected, 2));
    assert_eq!(stage.change("add", "Research", &[id(OTTO)]).await["overallResult"], "SUCCESS");
    assert_eq!(stage.group("Research").await["modifiedDate"], FROZEN.as_millis());

    let list = format!("/pod/v1/admin/group/{RESEARCH}/membership/list");
    let members = async |query: &str| stage.admin.get(&format!("{list}?{query}")).await;
    let all = json!([id(RESEARCH_BOT), id(RITA), id(OTTO)]);
    assert_eq!(members("").await.assert_status(200).json(), all);
    assert_eq!(members("skip=1&limit=1").await.json(), json!([id(RITA)]));
    for wrong in ["limit=10001", "limit=0", "skip=-1"] {
        members(wrong).await.assert_status(400);
    }
    for unknown in ["571db1f2e4b027c4f055a595", "x"] {
        let path = format!("/pod/v1/admin/group/{unknown}/membership");
        stage.admin.get(&format!("{path}/list")).await.assert_status(404);
        stage.admin.post(&format!("{path}/add"), &json!([id(TOM)])).await.assert_status(400);
        stage.admin.post(&format!("{path}/remove"), &json!([id(TOM)])).await.assert_status(400);
    }
    let add = format!("/pod/v1/admin/group/{RESEARCH}/membership/add");
    for wrong in [json!({}), json!(["x"]), json!(id(TOM)), json!([-1])] {
        stage.admin.post(&add, &wrong).await.assert_status(400);
    }
    let done = stage.admin.post(&add, &json!([])).await.assert_status(200).json();
    assert_eq!(done, json!({ "overallResult": "SUCCESS", "results": [] }));
    for path in [GROUPS, "/pod/v1/admin/policy/list", &list] {
        stage.research.get(path).await.assert_error(403, LACKS);
    }
    stage.research.post(&add, &json!([id(TOM)])).await.assert_error(403, LACKS);
}

#[tokio::test]
async fn distribution_lists_and_signals_obey_the_wall() {
    let stage = Stage::set("").await;
    let admin = &stage.admin;
    let token = "/login/idm/tokens?scope=profile-manager";
    let token = admin.post(token, &Value::Null).await.assert_status(200).json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().expect("a token"));
    let send = async |path: &str, body: Value| {
        let request = stage.pod.anonymous().post(path).header("Authorization", &bearer);
        request.json(&body).send().await
    };
    let member = |n: u64| json!({ "memberTenant": 1, "memberId": id(n) });
    let group = |name: &str, members: &[u64]| {
        json!({ "type": "SDL", "ownerType": "TENANT", "ownerId": 1, "name": name,
            "profile": { "displayName": name },
            "members": members.iter().map(|it| member(*it)).collect::<Vec<_>>() })
    };
    let groups = "/profile-manager/v1/groups";
    let refused = send(groups, group("Mixed", &[RITA, OTTO, TOM])).await.assert_status(452).json();
    assert_eq!(refused["code"], "SYMPHONY_PROFILE_MANAGER__INFO_BARRIER_VIOLATION");
    let made = send(groups, group("Readers", &[RITA, OTTO])).await.assert_status(201).json();
    let path = format!("{groups}/{}/member", made["id"].as_str().unwrap());
    send(&path, json!({ "member": member(TOM) })).await.assert_status(452);
    // As a whole it comes into no room in which there is somebody whom its members avoid.
    let account = admin.get("/v1/groups/sdl/list").await.assert_status(200).json();
    let account = account[0]["groupId"].as_u64().expect("a number") - id(0);
    stage.add(&stage.trading, "Floor", account).await.assert_error(403, BARRED);
    assert_eq!(stage.members("Floor").await, [TRADING_BOT, TOM, TESS]);

    let signal = json!({ "name": "Gold", "query": "HASHTAG:gold", "visibleOnProfile": true });
    let signal = stage.research.post("/agent/v1/signals/create", &signal).await.assert_status(200);
    let path = format!("/agent/v1/signals/{}/subscribe", signal.json()["id"].as_str().unwrap());
    let subscribed = stage.trading.post(&path, &Value::Null).await.assert_status(200).json();
    assert_eq!(subscribed["failedSubscription"], 1);
    assert_eq!(subscribed["subscriptionErrors"][0]["code"], "INFO_BARRIER_VIOLATION");
    let subscribed = admin.post(&path, &Value::Null).await.assert_status(200).json();
    assert_eq!(subscribed["successfulSubscription"], 1);
}

#[tokio::test]
async fn a_wall_stands_while_its_policy_and_both_of_its_groups_are_active() {
    for change in [
        json!({ "informationBarrierPolicies": [{ "groups": ["Trading", "Research"], "active": false }] }),
        json!({ "informationBarrierGroups": [{ "name": "Trading", "active": false }] }),
        json!({ "informationBarrierGroups": [{ "name": "Trading", "members": ["tess"] }] }),
    ] {
        let stage = Stage::set("infoBarrierStatus: 400").await;
        let talks = async || stage.research.post("/pod/v1/im/create", &json!([id(TOM)])).await;
        talks().await.assert_error(400, BARRED);
        stage.pod.control().post("/_mock/scenario").json(&change).send().await.assert_status(200);
        talks().await.assert_status(200);
    }
    let text = SCENARIO
        .replace("{ groups: [Research, Trading] }", "{ type: ALLOW, groups: [Research, Trading] }");
    let stage = Stage::of(Pod::seeded(&text).await).await;
    stage.research.post("/pod/v1/im/create", &json!([id(TOM)])).await.assert_status(200);
}

#[tokio::test]
async fn walls_are_told_as_seeds_stand_in_the_audit_trail_and_come_back_with_snapshots() {
    let stage = Stage::set("").await;
    let control = stage.pod.control();
    let before = json!({ "name": "before" });
    control.post("/_mock/snapshots").json(&before).send().await.assert_status(201);
    stage.change("add", "Research", &[id(OTTO), id(OTTO)]).await;
    stage.change("remove", "Research", &[id(RITA)]).await;
    let since = FROZEN.as_millis() - 1_000;
    let trail = format!("/agent/v1/audittrail/privilegeduser?startTimestamp={since}");
    let trail = stage.pod.bot("auditor").await.get(&trail).await.assert_status(200).json();
    let items = trail["items"].as_array().expect("items");
    let told: Vec<_> = items.iter().rev().map(|it| it["actionName"].as_str().unwrap()).collect();
    assert_eq!(told, ["informationBarrierMemberAdded", "informationBarrierMemberRemoved"]);
    assert_eq!(items[0]["affectedUsername"], "rita");
    assert_eq!(items[0]["informationBarrierGroup"], "Research");

    let told = control.get("/_mock/scenario").send().await.assert_status(200);
    let told = Scenario::parse(&told.body).expect("a scenario");
    let builder = MockPod::builder().scenario(told).clock(Clock::frozen_at(FROZEN));
    let again = Stage::of(Pod::built(builder).await).await;
    assert_eq!(again.groups().await, stage.groups().await);
    again.research.post("/pod/v1/im/create", &json!([id(TOM)])).await.assert_error(403, BARRED);
    control.post("/_mock/snapshots/before/restore").send().await.assert_status(200);
    assert_eq!(stage.group("Research").await["memberCount"], 2);
}

#[tokio::test]
async fn what_is_wrong_with_walls_is_told_at_once() {
    let text =
        SCENARIO.replace("{ name: Alone, members: [otto] }", "{ name: Alone, members: [carol] }");
    let text = text.replace(
        "{ groups: [Research, Trading] }",
        "{ groups: [Research, Nobody] }
  - { groups: [Research] }
  - { groups: [Research, Trading] }
  - { groups: [Trading, Research] }",
    );
    let wrong = Scenario::parse(&text).expect("a document").check().expect_err("it is wrong");
    let told = wrong.to_string();
    for problem in [
        "informationBarrierGroups[2].members: 137438953473 belongs to pod 2",
        "informationBarrierPolicies[0].groups: there is no group \"Nobody\"",
        "informationBarrierPolicies[1].groups: has 1 groups, expected two",
        "informationBarrierPolicies[3]: is there already",
    ] {
        assert!(told.contains(problem), "{problem}\n{told}");
    }
}
