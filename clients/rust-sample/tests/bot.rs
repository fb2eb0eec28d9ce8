//! The bot against a pod of each test's own.

use std::time::Duration;

use symphony_mock_pod::{Error, Expectation, FaultPlan, FormInput, MockPod, PodHandle};
use time_bot::TimeBot;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// What a client needs to log in as somebody.
fn client(pod: &PodHandle, name: &str) -> Result<reqwest::Client, Box<dyn std::error::Error>> {
    let http = reqwest::Client::builder().tls_backend_preconfigured(pod.bot(name)?.tls_config()?);
    Ok(http.no_proxy().build()?)
}

async fn started(pod: &PodHandle) -> Result<TimeBot, Box<dyn std::error::Error>> {
    Ok(TimeBot::log_in(client(pod, "bot")?, &pod.url()).await?)
}

/// A bot that works until the test is over. Gives the feed that it reads.
async fn at_work(pod: &PodHandle) -> Result<String, Box<dyn std::error::Error>> {
    let mut bot = started(pod).await?;
    tokio::spawn(async move { while bot.work().await.is_ok() {} });
    Ok(pod.listening("bot", None).await?)
}

#[tokio::test]
async fn it_tells_the_time() -> Outcome {
    let pod = MockPod::start().await?;
    let mut bot = started(&pod).await?;
    pod.user("alice").send("Test Room", "/time please")?;

    bot.work().await?;

    let said = pod.user("alice").messages("Test Room")?;
    assert_eq!(
        said.last().map(|said| (&*said.author, &*said.text)),
        Some(("bot", "Time for tea."))
    );
    pod.stop().await;
    Ok(())
}

#[tokio::test]
async fn it_takes_an_order_by_its_form() -> Outcome {
    let pod = MockPod::start().await?;
    let mut bot = started(&pod).await?;
    let alice = pod.user("alice");
    alice.send("Test Room", "/form")?;
    bot.work().await?;

    let form = alice.messages("Test Room")?.pop().expect("the form");
    alice.submit_form(FormInput::of(&form.id).form("tea").button("send").text("kind", "green"))?;
    bot.work().await?;

    let said = alice.messages("Test Room")?;
    assert_eq!(said.last().map(|said| &*said.text), Some("One green tea."));
    Ok(())
}

#[tokio::test]
async fn it_sends_the_card_as_an_attachment() -> Outcome {
    let pod = MockPod::start().await?;
    let mut bot = started(&pod).await?;
    pod.user("alice").send("Test Room", "/card")?;

    bot.work().await?;

    for part in ["filename=\"card.txt\"", "Tea 2.00"] {
        pod.expect(Expectation::of(SEND).user("bot").body(part).exactly(1)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn it_speaks_in_somebodys_name() -> Outcome {
    let pod = MockPod::start().await?;
    let stream = pod.user("bob").send("Test Room", "hello")?.stream;

    time_bot::order_for(&client(&pod, "app")?, &pod.url(), "alice", &stream, "black").await?;

    pod.expect(Expectation::of(SEND).user("alice").exactly(1)).await?;
    let said = pod.user("bob").messages("Test Room")?.pop().expect("the order");
    assert_eq!((&*said.author, &*said.text), ("alice", "I would like black tea"));
    Ok(())
}

#[tokio::test]
async fn it_logs_in_again_when_its_session_is_too_old() -> Outcome {
    let pod = MockPod::start().await?;
    let feed = at_work(&pod).await?;

    pod.clock().advance(Duration::from_hours(15 * 24));
    pod.listening("bot", Some(&feed)).await?;
    pod.user("alice").send("Test Room", "/time please")?;

    pod.expect(Expectation::of(SEND).user("bot").body("Time for tea")).await?;
    pod.expect(Expectation::of("session_authenticate_v1").user("bot").exactly(2)).await?;
    Ok(())
}

#[tokio::test]
async fn it_survives_the_loss_of_its_feed() -> Outcome {
    let pod = MockPod::start().await?;
    let feed = at_work(&pod).await?;

    let _lost = pod.inject(FaultPlan::pack("feed-expired")?.user("bot"))?;
    pod.listening("bot", Some(&feed)).await?;
    pod.user("alice").send("Test Room", "/time please")?;

    pod.expect(Expectation::of(SEND).user("bot").body("Time for tea")).await?;
    Ok(())
}

#[tokio::test]
async fn it_answers_although_the_pod_is_down_for_a_moment() -> Outcome {
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
async fn what_is_said_on_another_pod_is_not_answered() -> Outcome {
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
async fn what_was_expected_and_did_not_come_is_told() -> Outcome {
    let pod = MockPod::start().await?;
    let _bot = started(&pod).await?;
    let expectation = Expectation::of("session_authenticate_v1").user("bot2");
    let error = pod.expect(expectation.within(Duration::ZERO)).await.unwrap_err();
    assert!(matches!(error, Error::Unmet(_)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("user should be \"bot2\" and is \"bot\""), "{text}");
    Ok(())
}

const SEND: &str = "create_message_v4";
