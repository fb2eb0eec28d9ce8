//! A pod and somebody who may administer it.

use std::ops::Deref;

use reqwest::Method;
use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::pod::{Answer, FROZEN, Pod};

/// What callers without the role hear.
pub const LACKS: &str = "The user lacks the required entitlement to perform this operation";

const SCENARIO: &str = "
foreignPods: [{ id: 2, company: Elsewhere }]
users:
  - { username: admin, accountType: SYSTEM, roles: [INDIVIDUAL, USER_PROVISIONING] }
  - { username: bot, accountType: SYSTEM }
  - { username: alice, firstName: Alice, lastName: Adams, email: alice@mock.test }
  - { username: carol, pod: 2 }
apps: [{ id: app, name: App }]
";

pub struct Administrator {
    pub pod: Pod,
    pub token: String,
}

impl Deref for Administrator {
    type Target = Pod;

    fn deref(&self) -> &Pod {
        &self.pod
    }
}

impl Administrator {
    pub async fn start() -> Self {
        Self::of(Pod::seeded(SCENARIO).await).await
    }

    /// The clock of the pod stands still at [`FROZEN`].
    pub async fn frozen() -> Self {
        let scenario = Scenario::parse(SCENARIO).expect("a scenario");
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        Self::of(Pod::built(builder).await).await
    }

    async fn of(pod: Pod) -> Self {
        let token = pod.log_in("admin").await;
        Self { pod, token }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.pod.anonymous().get(path).session(&self.token).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.pod.anonymous().request(method, path).session(&self.token).json(body).send().await
    }

    pub async fn list(&self, path: &str) -> Vec<Value> {
        let list = self.get(path).await.assert_status(200).json();
        list.as_array().expect("a bare array").clone()
    }

    /// The id of a user, as the list of accounts has it.
    pub async fn id(&self, username: &str) -> u64 {
        let accounts = self.list("/pod/v2/admin/user/list").await;
        let account = accounts
            .iter()
            .find(|account| account["userAttributes"]["userName"] == username)
            .unwrap_or_else(|| panic!("no {username}: {accounts:?}"));
        account["userSystemInfo"]["id"].as_u64().expect("a number")
    }

    /// The public key of the identity called so.
    pub fn key(&self, name: &str) -> String {
        self.identity(name).unwrap().rsa_public_pem().unwrap().to_owned()
    }

    /// Nobody without the role, and nobody without a session, may make these calls.
    pub async fn assert_closed(&self, calls: &[(Method, String, Value)]) {
        let bot = self.pod.log_in("bot").await;
        for (method, path, body) in calls {
            let request = || self.pod.anonymous().request(method.clone(), path).json(body);
            request().session(&bot).send().await.assert_error(403, LACKS);
            request().send().await.assert_error(401, "Invalid session");
        }
    }
}

impl Answer {
    /// An acknowledgement with this text.
    #[track_caller]
    pub fn assert_done(self, message: &str) {
        let answer = self.assert_status(200);
        assert_eq!(answer.json(), json!({ "format": "TEXT", "message": message }));
    }
}
