//! From a document to a pod that behaves as it says.

use symphony_mock_pod::{MockPod, Scenario, StartError};

use crate::pod::Pod;

#[tokio::test]
async fn a_pod_is_what_its_scenario_says() {
    let pod = Pod::seeded(
        "
pod: { id: 130, name: Blue Pod, company: Blue Bank }
users:
  - { username: first, accountType: SYSTEM }
  - { username: second, accountType: SYSTEM, firstName: Ada, lastName: Byron, company: Own Ltd,
      title: Engine, department: Mills, location: London, roles: [USER_PROVISIONING, INDIVIDUAL] }
  - { username: third, accountType: SYSTEM, id: 8933531976000 }
",
    )
    .await;
    assert_eq!(pod.name(), "Blue Pod");

    let first = pod.session_info(&pod.log_in("first").await).await.json();
    assert_eq!(first["id"], 130_u64 << 36 | 1);
    assert_eq!((&first["displayName"], &first["company"]), (&"first".into(), &"Blue Bank".into()));

    let second = pod.session_info(&pod.log_in("second").await).await.json();
    assert_eq!(second["id"], 130_u64 << 36 | 2);
    assert_eq!(second["displayName"], "Ada Byron");
    assert_eq!(second["roles"], serde_json::json!(["USER_PROVISIONING", "INDIVIDUAL"]));
    for (field, value) in [
        ("firstName", "Ada"),
        ("lastName", "Byron"),
        ("company", "Own Ltd"),
        ("title", "Engine"),
        ("department", "Mills"),
        ("location", "London"),
    ] {
        assert_eq!(second[field], value, "{field}");
    }

    let third = pod.session_info(&pod.log_in("third").await).await.json();
    assert_eq!(third["id"], 8_933_531_976_000_u64);
}

#[tokio::test]
async fn json_is_as_good_as_yaml() {
    let pod = Pod::seeded(r#"{"users": [{"username": "bot", "accountType": "SYSTEM"}]}"#).await;
    pod.log_in("bot").await;
}

#[tokio::test]
async fn a_scenario_survives_being_written_and_read() {
    let document = serde_json::to_string(&Scenario::embedded()).unwrap();
    let again = Scenario::parse(&document).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), document);
    let pod = Pod::built(MockPod::builder().scenario(again)).await;
    pod.log_in("bot").await;
}

#[tokio::test]
async fn an_empty_scenario_is_a_pod_without_users() {
    let pod = Pod::seeded("{}").await;
    let login = pod.client("bot").post("/sessionauth/v1/authenticate");
    login.send().await.assert_status(401);
}

#[tokio::test]
async fn a_scenario_that_contradicts_itself_does_not_start() {
    let twice = Scenario::parse("users: [{ username: a }, { username: a }]").unwrap();
    let error = MockPod::builder().scenario(twice).start().await.unwrap_err();
    assert!(matches!(error, StartError::Scenario(_)), "{error:?}");
    assert!(error.to_string().contains("users[1].username"), "{error}");
}
