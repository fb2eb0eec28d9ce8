//! Files of content exports: who sees them, which are found, and where they are downloaded.

use std::time::Duration;

use serde_json::{Value, json};
use symphony_mock_pod::{Clock, MockPod, Scenario};

use crate::pod::{Answer, FROZEN, Pod};

const SCENARIO: &str = "
users:
  - { username: reader, accountType: SYSTEM, roles: [INDIVIDUAL, CONTENT_EXPORT_READER] }
  - { username: bot, accountType: SYSTEM }
contentExports:
  - id: first
    name: s_1_SD-2025-01-01_GD-2025-05-12.zip.pgp
    base64: AAEC/w==
    uploaded: 2025-05-12T10:00:00Z
    encryptionKey: key_123
    jobType: ADHOC
    fileFormat: Symphony
    start: 2025-01-01T00:00:00Z
    end: 2025-05-12T00:00:00Z
  - { name: notes.xml, text: <x/>, uploaded: 2025-05-14T10:00:00Z, jobType: SCHEDULED, fileFormat: ACTIANCE, generated: 2025-05-13 }
  - { name: Mail.zip, text: mail, contentType: application/zip, uploaded: 2025-05-13T10:00:00Z, jobType: CURL, fileFormat: EML, start: 2025-05-01T00:00:00Z }
";

const FILES: &str = "/files/v1/?type=ContentExport";

struct Stage {
    pod: Pod,
    bearer: String,
}

impl Stage {
    async fn set() -> Self {
        let scenario = Scenario::parse(SCENARIO).expect("a scenario");
        let builder = MockPod::builder().scenario(scenario).clock(Clock::frozen_at(FROZEN));
        Self::of(Pod::built(builder).await).await
    }

    async fn of(pod: Pod) -> Self {
        let bearer = token(&pod, "reader", "sym-files").await;
        Self { pod, bearer }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = self.pod.anonymous().get(path);
        request.header("Authorization", &self.bearer).send().await
    }

    /// The names of the files that are found.
    async fn names(&self, query: &str) -> Vec<String> {
        let found = self.get(&format!("{FILES}&{query}")).await.assert_status(200).json();
        let found = found.as_array().expect("a bare array").iter();
        found.map(|file| file["name"].as_str().expect("a name").to_owned()).collect()
    }
}

async fn token(pod: &Pod, who: &str, scope: &str) -> String {
    let path = format!("/login/idm/tokens?scope={scope}");
    let token = pod.bot(who).await.post(&path, &Value::Null).await.assert_status(200).json();
    format!("Bearer {}", token["access_token"].as_str().expect("a token"))
}

#[tokio::test]
async fn a_file_is_told_of_with_all_that_is_known() {
    let stage = Stage::set().await;
    let expected = json!({
        "id": "first",
        "name": "s_1_SD-2025-01-01_GD-2025-05-12.zip.pgp",
        "size": 4,
        "uploadTime": "2025-05-12T10:00:00.000Z",
        "contentType": "application/pgp-encrypted",
        // sha256sum of the bytes 0, 1, 2 and 255
        "integrityHash": "3d1f57c984978ef98a18378c8166c1cb8ede02c03eeb6aee7e2f121dfeee3e56",
        "type": "ContentExport",
        "encryption": { "encryptionKeyId": "key_123", "alg": "AES256-GCM" },
        "typeSpecificMetadata": {
            "jobType": "ADHOC",
            "fileFormat": "Symphony",
            "startTime": "2025-01-01T00:00:00.000Z",
            "endTime": "2025-05-12T00:00:00.000Z",
            "generationDate": "2025-05-12",
        },
    });
    let metadata = stage.get("/files/v1/first/metadata?type=ContentExport").await;
    assert_eq!(metadata.assert_status(200).json(), expected);
    let listed = stage.get(FILES).await.assert_status(200);
    assert_eq!(listed.header("x-total-count"), "3");
    assert_eq!(listed.json()[0], expected);
    assert_eq!(listed.json()[1]["typeSpecificMetadata"]["generationDate"], "2025-05-13");
    assert!(listed.json()[1].get("encryption").is_none());
}

#[tokio::test]
async fn files_are_filtered_sorted_and_paged() {
    let stage = Stage::set().await;
    let (first, notes, mail) = ("s_1_SD-2025-01-01_GD-2025-05-12.zip.pgp", "notes.xml", "Mail.zip");
    for (query, found) in [
        ("", vec![first, notes, mail]),
        ("name=ZIP", vec![first, mail]),
        ("upload-after=2025-05-13T10:00:00Z", vec![notes]),
        ("upload-before=2025-05-13T10:00:00.001Z", vec![first, mail]),
        ("jobType=SCHEDULED", vec![notes]),
        ("fileFormat=SYMPHONY", vec![first]),
        ("fileFormat=eml", vec![mail]),
        ("startTime-after=2025-01-01T00:00:00Z", vec![mail]),
        ("endTime-before=2026-01-01T00:00:00Z", vec![first]),
        ("generationDate=2025-05-13", vec![notes, mail]),
        ("sortBy=name", vec![mail, notes, first]),
        ("sortBy=uploadTime&sortOrder=desc", vec![notes, mail, first]),
        ("sortBy=size&sortOrder=asc", vec![first, notes, mail]),
        ("sortBy=fileFormat", vec![notes, mail, first]),
        ("pageSize=2", vec![first, notes]),
        ("pageSize=2&page=2", vec![mail]),
        ("pageSize=2&page=3", vec![]),
    ] {
        assert_eq!(stage.names(query).await, found, "{query}");
    }
    let page = stage.get(&format!("{FILES}&pageSize=1&name=zip")).await.assert_status(200);
    assert_eq!(page.header("x-total-count"), "2");
    for wrong in [
        "page=0",
        "pageSize=0",
        "pageSize=101",
        "page=x",
        "sortBy=id",
        "sortOrder=up",
        "jobType=DAILY",
        "fileFormat=PDF",
        "upload-after=yesterday",
        "upload-before=1747044000000",
        "generationDate=2025-5-12",
        "generationDate=2025-13-12",
    ] {
        let refused = stage.get(&format!("{FILES}&{wrong}")).await.assert_status(400);
        assert_eq!(refused.json(), json!({ "error": "Invalid query parameters" }), "{wrong}");
    }
    // The journal knows better.
    let why = stage.pod.control().get("/_mock/why").send().await.assert_status(200).body;
    assert!(why.contains("generationDate"), "{why}");
    for path in
        ["/files/v1/", "/files/v1/?type=Other", "/files/v1/first", "/files/v1/first/metadata"]
    {
        stage.get(path).await.assert_status(400);
    }
}

#[tokio::test]
async fn a_download_leads_to_a_url_that_is_good_for_a_while() {
    let stage = Stage::set().await;
    let answer = stage.get("/files/v1/first?type=ContentExport").await.assert_status(200);
    let body = answer.json();
    assert_eq!(body["message"], "Redirecting to signed URL for download.");
    let url = body["signedUrl"].as_str().expect("a URL");
    assert_eq!(answer.header("location"), url);
    let path = url.strip_prefix(&stage.pod.url()).expect("a URL of the pod's");
    let (path, query) = path.split_once('?').expect("a query");
    assert_eq!(path, "/_files/first");

    // Nobody needs more than the URL.
    let anonymous = stage.pod.anonymous();
    let download = async |path: &str| anonymous.get(path).send().await;
    let whole = format!("{path}?{query}");
    // 0, 1 and 2 are a text, 255 is none.
    let file = download(&whole).await.assert_status(200);
    assert_eq!(file.header("content-type"), "application/pgp-encrypted");
    assert_eq!(file.header("content-length"), "4");

    let (expires, signature) = query.split_once("&signature=").expect("a signature");
    for wrong in [
        path.to_owned(),
        format!("{path}?{expires}"),
        format!("{path}?{expires}&signature=x"),
        format!("{path}?{expires}0&signature={signature}"),
        format!("/_files/second?{query}"),
    ] {
        let refused = download(&wrong).await.assert_status(403).json();
        assert_eq!(refused, json!({ "error": "The signed URL is not valid, or expired" }));
    }
    stage.pod.clock().advance(Duration::from_secs(15 * 60 - 1));
    download(&whole).await.assert_status(200);
    stage.pod.clock().advance(Duration::from_secs(1));
    download(&whole).await.assert_status(403);
}

#[tokio::test]
async fn files_are_for_readers_of_exports_with_a_token_for_them() {
    let stage = Stage::set().await;
    let pod = &stage.pod;
    let id = "/files/v1/first?type=ContentExport";
    for path in [FILES, id, "/files/v1/first/metadata?type=ContentExport"] {
        let ask = async |bearer: &str| {
            pod.anonymous().get(path).header("Authorization", bearer).send().await
        };
        let refused = pod.anonymous().get(path).send().await.assert_status(401).json();
        assert_eq!(refused, json!({ "error": "Invalid session token" }));
        ask("Bearer stolen").await.assert_status(401);
        for (who, scope) in [("bot", "sym-files"), ("reader", "profile-manager")] {
            let refused = ask(&token(pod, who, scope).await).await.assert_status(403).json();
            assert_eq!(refused, json!({ "error": "Invalid entitlements" }));
        }
        let session = pod.log_in("reader").await;
        pod.anonymous().get(path).session(&session).send().await.assert_status(401);
    }
    for path in ["/files/v1/none?type=ContentExport", "/files/v1/none/metadata?type=ContentExport"]
    {
        let refused = stage.get(path).await.assert_status(404).json();
        assert_eq!(refused, json!({ "error": "File not found" }));
    }
}

#[tokio::test]
async fn files_are_told_as_seeds_and_documents_add_to_them() {
    let stage = Stage::set().await;
    let control = stage.pod.control();
    let more = json!({ "contentExports": [
        { "name": "Mail.zip", "base64": "/w==", "fileFormat": "eml" },
        { "name": "new.txt", "text": "new" },
    ] });
    control.post("/_mock/scenario").json(&more).send().await.assert_status(200);
    let listed = stage.get(FILES).await.assert_status(200).json();
    let mail = &listed[2];
    assert_eq!((&mail["size"], &mail["contentType"]), (&json!(1), &json!("application/zip")));
    assert_eq!(mail["typeSpecificMetadata"]["fileFormat"], "eml");
    assert_eq!(mail["typeSpecificMetadata"]["jobType"], "CURL");
    assert_eq!(listed[3]["contentType"], "application/octet-stream");

    let told = control.get("/_mock/scenario").send().await.assert_status(200);
    let told = Scenario::parse(&told.body).expect("a scenario");
    let builder = MockPod::builder().scenario(told).clock(Clock::frozen_at(FROZEN));
    let again = Stage::of(Pod::built(builder).await).await;
    assert_eq!(again.get(FILES).await.json(), listed);

    for (wrong, problem) in [
        (json!({ "name": "a" }), "a file has a text or is given in base64"),
        (json!({ "name": "a", "base64": "!" }), "is not base64"),
        (json!({ "name": "a", "text": "", "fileFormat": "PDF" }), "\\\"PDF\\\" is none of"),
        (json!({ "name": "a", "text": "", "generated": "today" }), "is no day"),
        (json!({ "name": "a", "text": "", "contentType": "x\n" }), "is no media type"),
        (json!({ "name": "a", "text": "", "encryption": "x" }), "there is no encryptionKey"),
        (json!({ "name": "a", "text": "", "id": "first" }), "there is a file of the id"),
        (json!({ "name": " ", "text": "" }), "is empty"),
    ] {
        let wrong = json!({ "contentExports": [wrong] });
        let refused = control.post("/_mock/scenario").json(&wrong).send().await;
        assert!(refused.assert_status(400).body.contains(problem), "{problem}");
    }
}
