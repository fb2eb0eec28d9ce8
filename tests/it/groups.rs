//! Groups: distribution lists, in the profile manager, in the users API, and in rooms.

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::pod::{Answer, FROZEN, Pod};

const POD: u64 = 1 << 36;
const MANAGER: u64 = POD | 1;
const ALICE: u64 = POD | 3;
const BOB: u64 = POD | 4;
const CAROL: u64 = 2 << 36 | 1;

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Elsewhere }]
users:
  - { username: manager, accountType: SYSTEM, roles: [INDIVIDUAL, GROUP_MANAGER, USER_PROVISIONING] }
  - { username: bot, accountType: SYSTEM }
  - { username: alice }
  - { username: bob }
  - { username: dave }
  - { username: carol, pod: 2 }
groups:
  - { name: Desk, members: [alice, bob], profile: { email: desk@mock.test, marketCoverage: [EMEA] } }
rooms:
  - { name: Den, owners: [manager, bob] }
";

/// A pod with somebody who manages groups.
struct Manager {
    pod: Pod,
    session: String,
    token: String,
}

impl Manager {
    async fn of(pod: Pod) -> Self {
        let session = pod.log_in("manager").await;
        let token = token(&pod, &session).await;
        Self { pod, session, token }
    }

    async fn start() -> Self {
        Self::of(Pod::seeded(SCENARIO).await).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let path = format!("/profile-manager/v1/{path}");
        let request = self.pod.anonymous().request(method, &path);
        let request = request.header("Authorization", &self.token).header("X-Symphony-Host", "");
        match body {
            Some(body) => request.json(body).send().await,
            None => request.send().await,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn put(&self, id: &str, e_tag: &str, body: &Value) -> Answer {
        let path = format!("/profile-manager/v1/groups/{id}");
        let request = self.pod.anonymous().request(Method::PUT, &path);
        let request = request.header("Authorization", &self.token).header("If-Match", e_tag);
        request.json(body).send().await
    }

    /// What the pod and the users API say.
    async fn ask(&self, path: &str) -> Answer {
        self.pod.anonymous().get(path).session(&self.session).send().await
    }

    async fn tell(&self, path: &str, body: &Value) -> Answer {
        self.pod.anonymous().post(path).session(&self.session).json(body).send().await
    }

    async fn desk(&self) -> Value {
        let all = self.get("groups/type/SDL").await.assert_status(200).json();
        all["data"][0].clone()
    }

    /// Ids of the members of a room, and of the groups that brought each.
    async fn members(&self, room: &str) -> Vec<(u64, Vec<u64>)> {
        let path = format!("/pod/v2/room/{room}/membership/list");
        let list = self.ask(&path).await.assert_status(200).json();
        let of = |member: &Value| {
            let groups = member["addedThroughGroups"].as_array().cloned().unwrap_or_default();
            let groups = groups.iter().filter_map(Value::as_u64).collect();
            (member["id"].as_u64().unwrap(), groups)
        };
        list.as_array().unwrap().iter().map(of).collect()
    }

    async fn den(&self) -> String {
        let found = self.tell("/pod/v3/room/search", &json!({ "query": "Den" })).await.json();
        found["rooms"][0]["roomSystemInfo"]["id"].as_str().unwrap().to_owned()
    }
}

async fn token(pod: &Pod, session: &str) -> String {
    let tokens = pod.anonymous().post("/login/idm/tokens?scope=profile-manager").session(session);
    let token = tokens.send().await.assert_status(200).json();
    format!("Bearer {}", token["access_token"].as_str().unwrap())
}

fn group(name: &str, members: &[u64]) -> Value {
    let member = |id: &u64| json!({ "memberId": id, "memberTenant": id >> 36 });
    json!({
        "type": "SDL", "ownerType": "TENANT", "ownerId": 1, "name": name,
        "profile": { "displayName": name },
        "members": members.iter().map(member).collect::<Vec<_>>(),
    })
}

fn id(group: &Value) -> &str {
    group["id"].as_str().unwrap()
}

fn ids(group: &Value) -> Vec<u64> {
    let members = group["members"].as_array().unwrap().iter();
    members.map(|member| member["memberId"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn times_after_the_year_9999_show_as_its_end() {
    const END: &str = "9999-12-31T23:59:59.999Z";
    let manager = Manager::start().await;
    let set = async |to: u64| {
        let body = json!({ "to": to });
        manager.pod.control().post("/_mock/clock/set").json(&body).send().await.json()
    };
    let back = manager.pod.clock().now().as_millis();
    assert_eq!(set(253_402_300_800_000).await["iso"], END);
    let late = json!({ "groups": [
        { "name": "Late", "members": ["alice"] }, { "name": "Later", "created": 999_999_999_999_999_u64 },
    ] });
    manager.pod.control().post("/_mock/scenario").json(&late).send().await.assert_status(200);
    set(back).await;
    let all = manager.get("groups/type/SDL").await.assert_status(200).json();
    let [_, late, later] = all["data"].as_array().unwrap().as_slice() else { panic!("{all}") };
    assert_eq!([&late["createdDate"], &late["members"][0]["addedDate"]], [END; 2]);
    assert_eq!(later["createdDate"], END);
}

#[tokio::test]
async fn a_group_is_nobody_who_follows_is_present_or_connects() {
    let manager = Manager::start().await;
    let desk = manager.desk().await["profile"]["id"].as_str().unwrap().to_owned();
    let number: u64 = desk.parse().unwrap();
    let unknown = number + 1_000;
    let who = |text: &str| text.replace(&unknown.to_string(), &desk);
    for path in ["followers", "following", "presence", "sessions"] {
        let prefix = if path == "sessions" { "users" } else { "user" };
        let path = |id: u64| format!("/pod/v1/{prefix}/{id}/{path}");
        let (nobody, group) = (manager.ask(&path(unknown)).await, manager.ask(&path(number)).await);
        assert_eq!((nobody.status, who(&nobody.body)), (group.status, group.body));
    }
    for (path, body) in [
        ("/pod/v1/user/{id}/follow", json!({ "followers": [ALICE] })),
        ("/pod/v1/user/{id}/presence", json!({ "category": "BUSY" })),
        ("/pod/v1/user/presence/register", json!(["{id}"])),
        ("/pod/v1/connection/create", json!({ "userId": "{id}" })),
    ] {
        let of = |id: u64| {
            let body = body.to_string().replace("\"{id}\"", &id.to_string());
            (path.replace("{id}", &id.to_string()), serde_json::from_str::<Value>(&body).unwrap())
        };
        let ((at, sent), (group_at, group_sent)) = (of(unknown), of(number));
        let nobody = manager.tell(&at, &sent).await;
        let group = manager.tell(&group_at, &group_sent).await;
        assert!(nobody.status >= 400, "{path}");
        assert_eq!((nobody.status, who(&nobody.body)), (group.status, group.body), "{path}");
    }
    let listed = manager.ask("/pod/v2/users/presence").await.assert_status(200).json();
    let listed = listed.as_array().unwrap();
    assert!(!listed.is_empty() && listed.iter().all(|presence| presence["userId"] != number));
}

#[tokio::test]
async fn a_group_is_made_read_and_told_by_both_apis() {
    let scenario = Scenario::parse(SCENARIO).unwrap();
    let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
    let manager = Manager::of(Pod::built(builder).await).await;
    let created = manager.post("groups", &group("Test Group", &[ALICE, CAROL])).await;
    let created = created.assert_status(201);
    let e_tag = created.header("etag").to_owned();
    let made = created.json();
    assert_eq!(made["eTag"], *e_tag);
    assert_eq!(id(&made), "WzFdW1NETF1bVGVzdCBHcm91cF0");
    assert_eq!(ids(&made), [ALICE, CAROL]);
    assert_eq!(made["createdBy"], MANAGER.to_string());
    assert_eq!(made["status"], "ACTIVE");
    let read = manager.get(&format!("groups/{}", id(&made))).await.assert_status(200);
    assert_eq!((read.header("etag"), read.json()), (&*e_tag, made.clone()));

    let list = manager.ask("/v1/groups/sdl/list").await.assert_status(200).json();
    let [desk, told] = list.as_array().unwrap().as_slice() else { panic!("{list}") };
    assert_eq!(desk["marketCoverage"], json!(["EMEA"]));
    assert_eq!(told["members"][1]["tenantId"], 2);
    assert_eq!(told["eTag"], *e_tag);
    let account = told["groupId"].as_u64().unwrap();
    let single = manager.ask(&format!("/v1/groups/sdl/{account}")).await;
    assert_eq!(&single.assert_status(200).json(), told);
    // The profile manager knows it by both of its ids.
    let read = manager.get(&format!("groups/{account}")).await.assert_status(200);
    assert_eq!(read.json(), made);
    let path = format!("/v1/groups/sdl/list?lastGroupId={}&limit=1", desk["groupId"]);
    assert_eq!(manager.ask(&path).await.json(), json!([told]));
    manager.ask("/v1/groups/sdl/list?limit=101").await.assert_status(400);
    manager.ask("/v1/groups/sdl/1").await.assert_status(400);

    // It is an account, of whom people are not told unasked.
    let look_up = manager.ask(&format!("/pod/v3/users?uid={account}")).await.json();
    assert_eq!(look_up["users"][0]["accountType"], "SDL");
    assert_eq!(look_up["users"][0]["displayName"], "Test Group");
    let search = |filters: Value| json!({ "query": "Test Group", "filters": filters });
    let find = "/pod/v1/user/search";
    let nobody = manager.tell(find, &search(json!({}))).await;
    nobody.assert_status(204);
    let found = manager.tell(find, &search(json!({ "accountTypes": ["SDL"] }))).await;
    assert_eq!(found.assert_status(200).json()["users"][0]["id"], account);
    manager.tell("/pod/v1/im/create", &json!([account])).await.assert_status(400);
    let user = format!("/pod/v2/admin/user/{account}");
    manager.ask(&user).await.assert_status(400);
}

#[tokio::test]
async fn only_who_manages_groups_is_granted_the_scope() {
    let manager = Manager::start().await;
    let path = "/profile-manager/v1/groups/type/SDL";
    let client = manager.pod.anonymous();
    let refused = client.get(path).send().await.assert_status(401).json();
    assert_eq!(refused["code"], "SYMPHONY_PROFILE_MANAGER__UNAUTHORIZED");
    client.get(path).session(&manager.session).send().await.assert_status(401);
    client.get(path).header("Authorization", "Bearer x").send().await.assert_status(401);

    let bot = token(&manager.pod, &manager.pod.log_in("bot").await).await;
    let refused = client.get(path).header("Authorization", &bot).send().await;
    let refused = refused.assert_status(403).json();
    assert_eq!(refused["code"], "SYMPHONY_PROFILE_MANAGER__ENTITLEMENT_NOT_FOUND");
    // Whoever asked for no scope has none, and none that there is not is given.
    let tokens = client.post("/login/idm/tokens?scope=galaxy").session(&manager.session);
    let other = tokens.send().await.assert_status(200).json();
    assert_eq!(crate::jwt::claims(other["access_token"].as_str().unwrap())["scope"], "");
    let other = format!("Bearer {}", other["access_token"].as_str().unwrap());
    client.get(path).header("Authorization", &other).send().await.assert_status(403);
}

#[tokio::test]
async fn a_group_changes_for_who_knows_its_last_version() {
    let manager = Manager::start().await;
    let desk = manager.desk().await;
    let e_tag = desk["eTag"].as_str().unwrap();
    let change = group("Trading Desk", &[BOB]);
    let changed = manager.put(id(&desk), e_tag, &change).await.assert_status(200).json();
    assert_eq!((id(&changed), ids(&changed)), (id(&desk), vec![BOB]));
    assert_eq!(changed["profile"]["displayName"], "Trading Desk");
    assert_ne!(changed["eTag"], *e_tag);
    let stale = manager.put(id(&desk), e_tag, &change).await.assert_status(412).json();
    assert_eq!(stale["code"], "SYMPHONY_PROFILE_MANAGER__PRECONDITION_FAILED");
    let none = manager.send(Method::PUT, &format!("groups/{}", id(&desk)), Some(&change)).await;
    none.assert_status(400);
    manager.put("nobody", e_tag, &change).await.assert_status(404);

    // What a change leaves out stays.
    let e_tag = changed["eTag"].as_str().unwrap();
    let deleted = manager.put(id(&desk), e_tag, &json!({ "status": "DELETED" })).await;
    let deleted = deleted.assert_status(200).json();
    assert_eq!((&deleted["status"], ids(&deleted)), (&json!("DELETED"), vec![BOB]));
    let active = manager.get("groups/type/SDL?status=ACTIVE").await.json();
    assert_eq!(active["data"], json!([]));
    assert_eq!(manager.get("groups/type/SDL").await.json()["data"].as_array().unwrap().len(), 1);
    assert_eq!(manager.ask("/v1/groups/sdl/list").await.json()[0]["active"], false);
    let member = json!({ "member": { "memberId": ALICE, "memberTenant": 1 } });
    let path = format!("groups/{}/member", id(&desk));
    let refused = manager.post(&path, &member).await.assert_status(400).json();
    assert!(refused["message"].as_str().unwrap().contains("is deleted"), "{refused}");
    assert_eq!(ids(&manager.get(&format!("groups/{}", id(&desk))).await.json()), [BOB]);
}

#[tokio::test]
async fn a_deleted_group_is_not_told_of_a_room_until_it_is_back() {
    let manager = Manager::start().await;
    let (desk, den) = (manager.desk().await, manager.den().await);
    let account = desk["profile"]["id"].as_str().unwrap().parse::<u64>().unwrap();
    let add = format!("/pod/v1/room/{den}/membership/add");
    manager.tell(&add, &json!({ "id": account })).await.assert_status(200);
    let told = async || {
        let info = manager.ask(&format!("/pod/v3/room/{den}/info")).await.json();
        let stream = manager.ask(&format!("/pod/v2/streams/{den}/info")).await.json();
        let groups = info["groups"].as_array().map_or(0, Vec::len);
        let of_stream = stream["roomAttributes"]["groups"].as_array().map_or(0, Vec::len);
        assert_eq!(groups, of_stream);
        groups
    };
    assert_eq!(told().await, 1);
    for (status, groups) in [("DELETED", 0), ("ACTIVE", 1)] {
        let e_tag = manager.desk().await["eTag"].as_str().unwrap().to_owned();
        let change = json!({ "status": status });
        manager.put(id(&desk), &e_tag, &change).await.assert_status(200);
        assert_eq!(told().await, groups, "{status}");
    }
}

#[tokio::test]
async fn a_change_may_name_its_own_group_and_no_other() {
    let manager = Manager::start().await;
    let desk = manager.desk().await;
    let other = manager.post("groups", &group("Other", &[])).await.assert_status(201).json();
    let e_tag = desk["eTag"].as_str().unwrap();
    for wrong in [id(&other), "another"] {
        let change = json!({ "id": wrong, "name": "Mine" });
        manager.put(id(&desk), e_tag, &change).await.assert_status(400);
    }
    assert_eq!(manager.desk().await, desk);
    for own in [id(&desk), desk["profile"]["id"].as_str().unwrap()] {
        let e_tag = manager.desk().await["eTag"].as_str().unwrap().to_owned();
        let change = json!({ "id": own, "name": "Mine" });
        manager.put(id(&desk), &e_tag, &change).await.assert_status(200);
    }
    manager.post("groups", &group("Mine", &[])).await.assert_status(400);
    let old = desk["name"].as_str().unwrap();
    manager.post("groups", &group(old, &[])).await.assert_status(201);
}

#[tokio::test]
async fn what_is_no_group_is_refused() {
    let manager = Manager::start().await;
    for (field, value) in [
        ("type", json!("COMPANY")),
        ("ownerType", json!("USER")),
        ("ownerId", json!(2)),
        ("ownerId", json!(null)),
        ("name", json!(" ")),
        ("name", json!("Desk")),
        ("profile", json!({})),
        ("members", json!([{ "memberId": 7 }])),
        ("members", json!([{ "memberId": ALICE, "memberTenant": 2 }])),
        ("members", json!([{ "memberId": ALICE }, { "memberId": ALICE }])),
    ] {
        let mut wish = group("New", &[]);
        wish[field] = value;
        let refused = manager.post("groups", &wish).await.assert_status(400).json();
        assert_eq!(refused["code"], "SYMPHONY_PROFILE_MANAGER__BAD_REQUEST", "{wish}");
    }
    let desk = manager.desk().await;
    let member = |id: u64| json!({ "member": { "memberId": id, "memberTenant": id >> 36 } });
    let path = format!("groups/{}/member", id(&desk));
    manager.post(&path, &member(ALICE)).await.assert_status(400);
    let more = manager.post(&path, &member(CAROL)).await.assert_status(200).json();
    assert_eq!(ids(&more), [ALICE, BOB, CAROL]);
    manager.post("groups/nobody/member", &member(ALICE)).await.assert_status(400);
    manager.get("groups/nobody").await.assert_status(404);
    manager.get("groups/type/COMPANY").await.assert_status(404);
    manager.get("types/COMPANY").await.assert_status(404);
    let sdl = manager.get("types/SDL").await.assert_status(200).json();
    assert_eq!(sdl["interactionControl"]["interactionTransfer"]["target"], "TO_MEMBERS");
    assert_eq!(manager.get("types").await.assert_status(200).json()["data"][0]["id"], "SDL");
}

#[tokio::test]
async fn a_list_of_groups_is_walked_by_its_cursors() {
    let manager = Manager::start().await;
    for n in 1..=4 {
        manager.post("groups", &group(&format!("Group {n}"), &[])).await.assert_status(201);
    }
    for (order, expected) in [("ASC", ["Desk", "Group 4"]), ("DESC", ["Group 4", "Desk"])] {
        let mut names = Vec::new();
        let mut path = format!("groups/type/SDL?limit=2&sortOrder={order}");
        loop {
            let page = manager.get(&path).await.assert_status(200).json();
            let data = page["data"].as_array().unwrap();
            names.extend(data.iter().map(|group| group["name"].as_str().unwrap().to_owned()));
            let cursors = &page["pagination"]["cursors"];
            assert_eq!(cursors["before"].is_null(), names.len() == 2, "{page}");
            let Some(after) = cursors["after"].as_str() else { break };
            path = format!("groups/type/SDL?limit=2&sortOrder={order}&after={after}");
        }
        assert_eq!((names.len(), &*names[0], &*names[4]), (5, expected[0], expected[1]));
    }
    manager.get("groups/type/SDL?after=1").await.assert_status(400);
    manager.get("groups/type/SDL?sortOrder=UP").await.assert_status(400);
}

#[tokio::test]
async fn a_group_has_a_picture() {
    let manager = Manager::start().await;
    let desk = manager.desk().await;
    let path = format!("groups/{}/avatar", id(&desk));
    manager.post(&path, &json!({ "image": "aGVsbG8=" })).await.assert_status(400);
    let image = json!({ "image": "R0lGODlhAQABAAAAADs=" });
    let changed = manager.post(&path, &image).await.assert_status(200).json();
    let avatars = changed["profile"]["avatars"].as_array().unwrap();
    assert_eq!(avatars.len(), 5);
    let url = avatars[0]["url"].as_str().unwrap().trim_start_matches("..");
    let picture = manager.pod.anonymous().get(url).send().await.assert_status(200);
    assert_eq!(picture.header("content-type"), "image/gif");
    let told = manager.ask("/v1/groups/sdl/list").await.json();
    assert_eq!(told[0]["avatars"]["600"], avatars[0]["url"]);
    // A large picture has room in a request.
    let large = json!({ "image": format!("R0lGODlhAQABAAAAADs{}=", "A".repeat(2_600_000)) });
    manager.post(&path, &large).await.assert_status(200);
}

#[tokio::test]
async fn a_room_follows_its_groups() {
    let manager = Manager::start().await;
    let den = manager.den().await;
    let desk = manager.desk().await;
    let account = manager.ask("/v1/groups/sdl/list").await.json()[0]["groupId"].as_u64().unwrap();
    let membership = |verb: &str| format!("/pod/v1/room/{den}/membership/{verb}");
    let add = manager.tell(&membership("add"), &json!({ "id": account })).await;
    add.assert_status(200);
    // Bob was there before: nobody has to take him out when the group goes.
    let through = vec![account];
    let (manager_, bob) = ((MANAGER, vec![]), (BOB, vec![]));
    let with_alice = [manager_.clone(), bob.clone(), (ALICE, through.clone())];
    assert_eq!(manager.members(&den).await, with_alice);
    let info = manager.ask(&format!("/pod/v3/room/{den}/info")).await.json();
    let groups = json!([{ "id": account, "addedBy": MANAGER }]);
    assert_eq!(info["groups"], groups);
    let info = manager.ask(&format!("/pod/v2/streams/{den}/info")).await.json();
    assert_eq!(info["roomAttributes"]["groups"], groups);

    // Who joins the group joins the room; who leaves it leaves the room if he came with it.
    let dave = POD | 5;
    let e_tag = desk["eTag"].as_str().unwrap();
    let changed = manager.put(id(&desk), e_tag, &group("Desk", &[dave])).await.assert_status(200);
    let with_dave = [manager_.clone(), bob.clone(), (dave, through)];
    assert_eq!(manager.members(&den).await, with_dave);

    // A disabled account is in no group any more.
    let status = format!("/pod/v1/admin/user/{dave}/status/update");
    manager.tell(&status, &json!({ "status": "DISABLED" })).await.assert_status(200);
    assert_eq!(manager.members(&den).await, [manager_.clone(), bob.clone()]);
    let now = manager.desk().await;
    assert_ne!(now["eTag"], changed.json()["eTag"]);
    assert_eq!(ids(&now), [0; 0]);

    let member = json!({ "member": { "memberId": ALICE, "memberTenant": 1 } });
    manager.post(&format!("groups/{}/member", id(&desk)), &member).await.assert_status(200);
    assert_eq!(manager.members(&den).await, with_alice);
    // Scenario and world tell the same.
    let control = manager.pod.control();
    let told = control.get("/_mock/scenario").send().await.assert_status(200).json();
    assert_eq!(told["rooms"][0]["membersByGroup"], json!(["alice"]));
    let again = Pod::seeded(&told.to_string()).await;
    assert_eq!(again.control().get("/_mock/scenario").send().await.json(), told);

    // Somebody who is added by himself stays when the group goes.
    manager.tell(&membership("remove"), &json!({ "id": account })).await.assert_status(200);
    assert_eq!(manager.members(&den).await, [manager_.clone(), bob.clone()]);
    manager.tell(&membership("remove"), &json!({ "id": account })).await.assert_status(400);
    manager.tell(&membership("add"), &json!({ "id": account })).await.assert_status(200);
    manager.tell(&membership("add"), &json!({ "id": ALICE })).await.assert_status(200);
    manager.tell(&membership("remove"), &json!({ "id": account })).await.assert_status(200);
    assert_eq!(manager.members(&den).await, [manager_, bob, (ALICE, vec![])]);
}

#[tokio::test]
async fn the_members_who_come_with_a_group_hear_and_are_heard_of() {
    let manager = Manager::start().await;
    let bot = manager.pod.bot("manager").await;
    let feed = bot.post("/agent/v5/datafeeds", &json!({})).await.assert_status(201).json();
    let feed = feed["id"].as_str().unwrap().to_owned();
    let den = manager.den().await;
    let account = manager.ask("/v1/groups/sdl/list").await.json()[0]["groupId"].clone();
    let add = format!("/pod/v1/room/{den}/membership/add");
    manager.tell(&add, &json!({ "id": account })).await.assert_status(200);
    let path = format!("/agent/v5/datafeeds/{feed}/read");
    let read = bot.post(&path, &json!({})).await.assert_status(200).json();
    let joined = &read["events"][0]["payload"]["userJoinedRoom"];
    assert_eq!(joined["affectedUser"]["userId"], ALICE, "{read}");
    manager.pod.user("alice").send("Den", "hello").unwrap();
}

#[tokio::test]
async fn a_seeds_room_has_its_groups_members() {
    let rooms = "rooms: [{ name: Pit, owners: [bot], groups: [{ group: Desk, addedBy: alice }] }]";
    let scenario = SCENARIO.split("rooms:").next().unwrap();
    let pod = Pod::seeded(&format!("{scenario}{rooms}")).await;
    pod.user("alice").send("Pit", "hello").unwrap();
    pod.user("bob").send("Pit", "hello").unwrap();
    // What is added changes the group, and says where it is wrong.
    let control = pod.control();
    let change = |document: &'static str| {
        control.request(Method::POST, "/_mock/scenario").body(document).send()
    };
    change("groups: [{ name: Desk, members: [dave] }]").await.assert_status(200);
    let told = control.get("/_mock/scenario").send().await.json();
    assert_eq!(told["groups"][0]["members"], json!(["dave"]));
    assert_eq!(told["groups"][0]["profile"]["email"], "desk@mock.test");
    let wrong = change("groups: [{ name: Pool, members: [nobody] }]").await;
    assert!(wrong.body.contains("groups[0].members"), "{wrong:?}");
    let wrong = change("groups: [{ name: Pool, profile: { emial: x } }]").await;
    assert!(wrong.body.contains("groups[0].profile.emial"), "{wrong:?}");
}

#[tokio::test]
async fn all_groups_go_at_once_where_a_setting_lets_them() {
    let manager = Manager::start().await;
    manager.send(Method::DELETE, "groups/deleteAll", None).await.assert_status(403);
    let scenario = format!("settings: {{ deleteAllGroups: true }}{SCENARIO}");
    let manager = Manager::of(Pod::seeded(&scenario).await).await;
    let left = manager.send(Method::DELETE, "groups/deleteAll", None).await.assert_status(200);
    assert_eq!(left.json()["data"], json!([]));
    assert_eq!(manager.ask("/v1/groups/sdl/list").await.json(), json!([]));
}
