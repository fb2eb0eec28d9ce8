//! The bot against a pod of each test's own.

use symphony_mock_pod::{Error, Expectation, FaultPlan, MockPod, PodHandle};
use time_bot::TimeBot;

async fn started(pod: &PodHandle) -> Result<TimeBot, Box<dyn std::error::Error>> {
    let bot = pod.bot("bot")?;
    let http = reqwest::Client::builder().tls_backend_preconfigured(bot.tls_config()?);
    Ok(TimeBot::log_in(http.no_proxy().build()?, bot.url()).await?)
}

#[tokio::test]
async fn it_tells_the_time() -> Result<(), Box<dyn std::error::Error>> {
    let pod = MockPod::start().await?;
    let mut bot = started(&pod).await?;
    pod.user("alice").send("Test Room", "/time please")?;

    bot.work().await?;

    let said = pod.user("alice").messages("Test Room")?;
    assert_eq!(said.last().map(|said| (&*said.author, &*said.text)), Some(("bot", "Time for tea.")));
    pod.stop().await;
    Ok(())
}

#[tokio::test]
async fn it_answers_although_the_pod_is_down_for_a_moment() -> Result<(), Box<dyn std::error::Error>>
{
    let pod = MockPod::start().await?;
    let mut bot = started(&pod).await?;
    let outage = pod.inject(FaultPlan::status(503).on(SEND).times(1))?;
    pod.user("alice").send("Test Room", "/time please")?;

    bot.work().await?;

    assert_eq!(outage.fired(), 1);
    pod.expect(Expectation::of(SEND).user("bot").exactly(2)).await?;
    Ok(())
}

/// Two tests could share a server so.
#[tokio::test]
async fn what_is_said_on_another_pod_is_not_answered() -> Result<(), Box<dyn std::error::Error>> {
    let server = MockPod::start().await?;
    let (one, other) = (server.named("one")?, server.named("other")?);
    let mut bot = started(&one).await?;
    other.user("alice").send("Test Room", "/time please")?;
    one.user("alice").send("Test Room", "hello")?;

    bot.work().await?;

    for pod in [&one, &other] {
        pod.expect(Expectation::of(SEND).exactly(0)).await?;
        assert_eq!(pod.user("alice").messages("Test Room")?.len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn what_was_expected_and_did_not_come_is_told() -> Result<(), Box<dyn std::error::Error>> {
    let pod = MockPod::start().await?;
    let _bot = started(&pod).await?;
    let expectation = Expectation::of("session_authenticate_v1").user("bot2");
    let error = pod.expect(expectation.within(std::time::Duration::ZERO)).await.unwrap_err();
    assert!(matches!(error, Error::Unmet(_)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("user should be \"bot2\" and is \"bot\""), "{text}");
    Ok(())
}

const SEND: &str = "create_message_v4";
