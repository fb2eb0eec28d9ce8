//! Who is in a room, who may change that, and what is said then.

use serde_json::{Value, json};

use crate::pod::{Bot, FROZEN, Pod};

const BOT: u64 = 1 << 36 | 1;
const BOT2: u64 = 1 << 36 | 2;
const ALICE: u64 = 1 << 36 | 3;
const BOB: u64 = 1 << 36 | 4;
const CAROL: u64 = 2 << 36 | 1;
const ENTITLEMENT: &str = "The user lacks the required entitlement to perform this operation";

/// A room that `bot` makes, with others in it.
struct Room<'a> {
    owner: &'a Bot,
    id: String,
}

impl<'a> Room<'a> {
    async fn of(owner: &'a Bot, attributes: Value, members: &[u64]) -> Self {
        let made = owner.post("/pod/v3/room/create", &attributes).await.assert_status(200).json();
        let id = made["roomSystemInfo"]["id"].as_str().expect("an id").to_owned();
        let room = Self { owner, id };
        for member in members {
            owner.post(&room.path("add"), &json!({ "id": member })).await.assert_status(200);
        }
        room
    }

    fn path(&self, change: &str) -> String {
        format!("/pod/v1/room/{}/membership/{change}", self.id)
    }

    /// Ids of the members, each with whether he is an owner.
    async fn members(&self) -> Vec<(u64, bool)> {
        let list = self.owner.get(&format!("/pod/v2/room/{}/membership/list", self.id)).await;
        let list = list.assert_status(200).json();
        let member = |member: &Value| {
            (member["id"].as_u64().expect("an id"), member["owner"].as_bool().expect("a bool"))
        };
        list.as_array().expect("a list").iter().map(member).collect()
    }
}

#[tokio::test]
async fn each_change_says_what_it_did() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let room = Room::of(&bot, json!({ "name": "Club" }), &[]).await;
    for (change, said, members) in [
        ("add", "Member added", vec![(BOT, true), (BOT2, false)]),
        ("add", "Member added", vec![(BOT, true), (BOT2, false)]),
        ("promoteOwner", "Member promoted to owner", vec![(BOT, true), (BOT2, true)]),
        ("demoteOwner", "Member demoted to participant", vec![(BOT, true), (BOT2, false)]),
        ("remove", "Member removed", vec![(BOT, true)]),
    ] {
        let answer = bot.post(&room.path(change), &json!({ "id": BOT2 })).await.assert_status(200);
        assert_eq!(answer.json(), json!({ "format": "TEXT", "message": said }));
        assert_eq!(room.members().await, members, "{change}");
    }
    let stranger = json!({ "id": BOT2 });
    for change in ["remove", "promoteOwner", "demoteOwner"] {
        bot.post(&room.path(change), &stranger).await.assert_status(400);
    }
    for wrong in [json!({}), json!({ "id": "1" }), json!({ "id": -1 })] {
        bot.post(&room.path("add"), &wrong).await.assert_status(400);
    }
    bot.post(&room.path("add"), &json!({ "id": 5 })).await.assert_status(400);
}

#[tokio::test]
async fn members_invite_where_the_room_lets_them() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let alice = json!({ "id": ALICE });
    let closed = Room::of(&bot, json!({ "name": "Closed" }), &[BOT2]).await;
    bot2.post(&closed.path("add"), &alice).await.assert_error(403, ENTITLEMENT);
    bot2.post(&closed.path("promoteOwner"), &json!({ "id": BOT2 })).await.assert_status(403);
    bot2.post(&closed.path("remove"), &json!({ "id": BOT })).await.assert_status(403);
    let open = Room::of(&bot, json!({ "name": "Open", "membersCanInvite": true }), &[BOT2]).await;
    bot2.post(&open.path("add"), &alice).await.assert_status(200);
    // Not even then from outside.
    let other = Room::of(&bot, json!({ "name": "Seen", "discoverable": true }), &[]).await;
    bot2.post(&other.path("add"), &json!({ "id": BOT2 })).await.assert_error(403, ENTITLEMENT);
}

#[tokio::test]
async fn everybody_joins_a_public_room_and_leaves_any() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let room = Room::of(&bot, json!({ "name": "Public", "public": true }), &[]).await;
    let oneself = json!({ "id": BOT2 });
    bot2.post(&room.path("add"), &json!({ "id": ALICE })).await.assert_error(403, ENTITLEMENT);
    bot2.post(&room.path("add"), &oneself).await.assert_status(200);
    bot2.post(&room.path("remove"), &oneself).await.assert_status(200);
    assert_eq!(room.members().await, [(BOT, true)]);
}

#[tokio::test]
async fn when_the_last_owner_leaves_the_eldest_person_follows() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let room = Room::of(&bot, json!({ "name": "Heirs" }), &[BOT2, BOB, ALICE]).await;
    let demote = bot.post(&room.path("demoteOwner"), &json!({ "id": BOT })).await;
    demote.assert_error(400, "The last owner of a room cannot be demoted");
    bot.post(&room.path("remove"), &json!({ "id": BOT })).await.assert_status(200);
    let room = Room { owner: &bot2, id: room.id };
    assert_eq!(room.members().await, [(BOT2, false), (BOB, true), (ALICE, false)]);
}

#[tokio::test]
async fn users_of_other_pods_join_cross_pod_rooms_alone_and_only_if_connected() {
    let pod = Pod::start().await;
    let bot = pod.bot("bot").await;
    let room = Room::of(&bot, json!({ "name": "Abroad", "crossPod": true }), &[]).await;
    let carol = bot.post(&room.path("add"), &json!({ "id": CAROL })).await;
    carol.assert_error(403, &format!("The caller is not connected with user {CAROL}"));
}

#[tokio::test]
async fn only_those_inside_see_who_is() {
    let pod = Pod::start().await;
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let room = Room::of(&bot, json!({ "name": "Public", "public": true }), &[]).await;
    for version in ["v1", "v2"] {
        let list = format!("/pod/{version}/room/{}/membership/list", room.id);
        let outside = bot2.get(&list).await;
        outside.assert_error(
            403,
            &format!("User {BOT2} is neither an admin nor a member of the specified rooms"),
        );
        bot.get(&list).await.assert_status(200);
    }
    for list in [
        format!("/pod/v1/admin/room/{}/membership/list", room.id),
        format!("/pod/v1/admin/stream/{}/membership/list", room.id),
    ] {
        bot.get(&list).await.assert_error(403, ENTITLEMENT);
    }
}

#[tokio::test]
async fn an_administrator_sees_and_changes_every_membership() {
    let scenario = "
        pod: { company: Here }
        foreignPods: [{ id: 2, company: There }]
        users:
          - { username: bot, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
          - { username: bot2, accountType: SYSTEM }
          - { username: alice, firstName: Alice, lastName: Adams, email: a@example.com }
          - { username: carol, pod: 2 }
        rooms: [{ name: Hers, owners: [alice], members: [carol, bot2] }]";
    let pod = Pod::seeded(scenario).await;
    pod.clock().freeze();
    let [bot, bot2] = [pod.bot("bot").await, pod.bot("bot2").await];
    let streams = bot2.post("/pod/v1/streams/list", &json!({})).await.assert_status(200).json();
    let id = streams[0]["id"].as_str().expect("an id");
    let admin = format!("/pod/v1/admin/room/{id}/membership");
    let (add, remove) = (format!("{admin}/add"), format!("{admin}/remove"));
    bot2.post(&add, &json!({ "id": BOT })).await.assert_error(403, ENTITLEMENT);

    let removed = bot.post(&remove, &json!({ "id": BOT2 })).await.assert_status(200);
    assert_eq!(removed.json(), json!({ "format": "TEXT", "message": "Member removed" }));
    let ids = async |query: &str| {
        let list = bot.get(&format!("{admin}/list{query}")).await.assert_status(200).json();
        let id = |member: &Value| member["id"].as_u64().expect("an id");
        list.as_array().expect("a list").iter().map(id).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, [ALICE, CAROL]);
    assert_eq!(ids("?includePastMembers=True").await, [ALICE, CAROL, BOT2]);
    bot.post(&add, &json!({ "id": BOT2 })).await.assert_status(200);
    assert_eq!(ids("?includePastMembers=true").await, [ALICE, CAROL, BOT2]);

    let members = format!("/pod/v1/admin/stream/{id}/membership/list?limit=2");
    let members = bot.get(&members).await.assert_status(200).json();
    assert_eq!((&members["count"], &members["limit"]), (&json!(3), &json!(2)));
    let alice = &members["members"][0];
    assert_eq!((&alice["isOwner"], &alice["isCreator"]), (&json!(true), &json!(true)));
    assert_eq!(
        alice["user"],
        json!({
            "userId": ALICE,
            "email": "a@example.com",
            "firstName": "Alice",
            "lastName": "Adams",
            "displayName": "Alice Adams",
            "company": "Here",
            "companyId": 1,
            "isExternal": false,
        })
    );
    let carol = &members["members"][1]["user"];
    assert_eq!((&carol["isExternal"], &carol["companyId"]), (&json!(true), &json!(2)));
    let too_many = format!("/pod/v1/admin/stream/{id}/membership/list?limit=1001");
    bot.get(&too_many).await.assert_status(400);
}

#[tokio::test]
async fn the_join_date_is_that_of_the_last_joining() {
    let pod = Pod::frozen().await;
    let bot = pod.bot("bot").await;
    let room = Room::of(&bot, json!({ "name": "Door" }), &[BOT2]).await;
    bot.post(&room.path("remove"), &json!({ "id": BOT2 })).await.assert_status(200);
    pod.clock().advance(std::time::Duration::from_secs(5));
    bot.post(&room.path("add"), &json!({ "id": BOT2 })).await.assert_status(200);
    let list = bot.get(&format!("/pod/v2/room/{}/membership/list", room.id)).await.json();
    assert_eq!(list[0]["joinDate"], FROZEN.as_millis());
    assert_eq!(list[1]["joinDate"], FROZEN.as_millis() + 5_000);
}
