//! The example of the front page, as it is written there, with a bot that answers `/help`.

use symphony_mock_pod::Expectation;

/// What the example calls `my_bot`.
mod my_bot {
    pub fn start(http: reqwest::Client, pod: &str) {
        let pod = pod.to_owned();
        tokio::spawn(async move {
            let mut bot = time_bot::TimeBot::log_in(http, &pod).await.expect("a login");
            while bot.work().await.is_ok() {}
        });
    }
}

#[tokio::test]
async fn the_example_of_the_front_page_is_green() -> Result<(), Box<dyn std::error::Error>> {
    // README
    let pod = symphony_mock_pod::MockPod::start().await?;   // free ports, its own thread, stops when dropped
    let bot = pod.bot("bot")?;                              // certificate, key, PKCS#12, RSA key, SDK configuration
    let http = reqwest::Client::builder().tls_backend_preconfigured(bot.tls_config()?).build()?;
    my_bot::start(http, bot.url());
    pod.listening("bot", None).await?;                      // what is said before, it never hears
    pod.user("alice").send("Test Room", "@bot /help")?;
    pod.expect(Expectation::of("create_message_v4").user("bot").body("I can")).await?;
    // README
    Ok(())
}

#[test]
fn the_example_is_what_the_front_page_says() {
    let own = include_str!("readme.rs").split("    // README\n").nth(1).expect("the example");
    let own: String = own.lines().map(|line| format!("{}\n", &line[4..])).collect();
    let shown = include_str!("../../../README.md").split("```rust\n").nth(1).expect("a block");
    let shown = shown.split("```").next().expect("its end");
    assert_eq!(own, shown);
}
