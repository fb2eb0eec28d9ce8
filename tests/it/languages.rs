//! The languages that the pod offers.

use serde_json::json;

use crate::pod::Pod;

const LANGUAGES: &str = "/pod/v1/languages";

#[tokio::test]
async fn languages_are_told_to_everybody() {
    let pod = Pod::start().await;
    let told = pod.anonymous().get(LANGUAGES).send().await.assert_status(200).json();
    assert_eq!(told, json!({ "languages": ["en-US", "fr-FR", "ja-JP"] }));
}

#[tokio::test]
async fn the_settings_say_which_languages_there_are() {
    let pod = Pod::with_settings("languages: [de-DE]").await;
    let told = pod.anonymous().get(LANGUAGES).send().await.assert_status(200).json();
    assert_eq!(told, json!({ "languages": ["de-DE"] }));
}
