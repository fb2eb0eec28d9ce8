//! Connections to users of other pods.

use serde_json::json;

use crate::pod::{Answer, FROZEN, Pod};

const ALICE: u64 = 1 << 36 | 3;
const CAROL: u64 = 2 << 36 | 1;

struct Bot {
    pod: Pod,
    token: String,
}

impl Bot {
    async fn start() -> Self {
        let pod = Pod::frozen().await;
        let token = pod.log_in("bot").await;
        Self { pod, token }
    }

    async fn get(&self, path: &str) -> Answer {
        self.pod.anonymous().get(path).session(&self.token).send().await
    }

    async fn post(&self, verb: &str, user: u64) -> Answer {
        let path = format!("/pod/v1/connection/{verb}");
        let request = self.pod.anonymous().post(&path).session(&self.token);
        request.json(&json!({ "userId": user })).send().await
    }

    async fn remove(&self, user: u64) -> Answer {
        let path = format!("/pod/v1/connection/user/{user}/remove");
        self.pod.anonymous().post(&path).session(&self.token).send().await
    }
}

#[tokio::test]
async fn a_request_is_pending_counted_listed_and_removed() {
    let bot = Bot::start().await;
    let at = FROZEN.as_millis();
    let pending = |count: u32| {
        json!({
            "userId": CAROL,
            "status": "PENDING_OUTGOING",
            "firstRequestedAt": at,
            "updatedAt": at,
            "requestCounter": count,
        })
    };
    assert_eq!(bot.post("create", CAROL).await.assert_status(200).json(), pending(1));
    assert_eq!(bot.post("create", CAROL).await.assert_status(200).json(), pending(2));
    let info = bot.get(&format!("/pod/v1/connection/user/{CAROL}/info")).await;
    assert_eq!(info.assert_status(200).json(), pending(2));
    for (status, listed) in [
        ("", true),
        ("?status=ALL", true),
        ("?status=pending_outgoing", true),
        ("?status=PENDING_INCOMING", false),
        ("?status=ACCEPTED", false),
        ("?status=REJECTED", false),
    ] {
        let list = bot.get(&format!("/pod/v1/connection/list{status}")).await.assert_status(200);
        let expected = if listed { json!([pending(2)]) } else { json!([]) };
        assert_eq!(list.json(), expected, "{status}");
    }
    let removed = bot.remove(CAROL).await.assert_status(200);
    assert_eq!(removed.json(), json!({ "format": "TEXT", "message": "Connection Removed." }));
    bot.remove(CAROL).await.assert_error(404, "The connection cannot be found");
}

#[tokio::test]
async fn users_of_one_pod_are_connected_but_listed_only_when_named() {
    let bot = Bot::start().await;
    let implicit = json!({ "userId": ALICE, "status": "ACCEPTED" });
    let info = bot.get(&format!("/pod/v1/connection/user/{ALICE}/info")).await;
    assert_eq!(info.assert_status(200).json(), implicit);
    let list = async |query: &str| bot.get(&format!("/pod/v1/connection/list?{query}")).await;
    assert_eq!(list("status=ALL").await.json(), json!([]));
    assert_eq!(list(&format!("userIds={ALICE}")).await.json(), json!([]));
    let named = list(&format!("status=accepted&userIds={ALICE},{CAROL}")).await;
    assert_eq!(named.json(), json!([implicit]));
    bot.post("reject", ALICE).await.assert_status(400);
    bot.remove(ALICE).await.assert_status(400);
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let bot = Bot::start().await;
    let me = bot.get("/pod/v1/sessioninfo").await.json()["userId"].as_u64().expect("an id");
    bot.post("create", me).await.assert_status(400);
    bot.post("create", 4 << 36).await.assert_error(404, "The user cannot be found");
    for verb in ["accept", "reject"] {
        bot.post(verb, CAROL).await.assert_error(404, "The connection cannot be found");
    }
    bot.post("create", CAROL).await.assert_status(200);
    // One's own request is for the other to accept.
    bot.post("accept", CAROL).await.assert_status(404);
    bot.get("/pod/v1/connection/list?status=nonsense").await.assert_status(400);
    bot.get("/pod/v1/connection/list?userIds=nonsense").await.assert_status(400);
    bot.get("/pod/v1/connection/user/nonsense/info").await.assert_status(400);
}
