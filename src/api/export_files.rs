//! Content export: which files there are, and where they are downloaded.
//!
//! Callers show an access token of the scope `sym-files`. A download leads elsewhere: a real pod signs
//! a URL of a cloud's storage, this one a URL of its own.

use std::str::FromStr;
use std::time::Duration;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::extract::{BaseUrl, CurrentPod, PathParameter, bearer};
use super::parameters::Parameters;
use crate::domain::{ExportFile, ExportFileOrder, ExportFileQuery, JobType, Refusal, Timestamp};
use crate::operation::{Context, operations};
use crate::pod::Pod;

operations! {
    GET "/files/v1/" => files_list_v1,
    GET "/files/v1/{fileId}" => files_get_v1,
    GET "/files/v1/{fileId}/metadata" => files_metadata_v1,
}

/// The one type of files that there is.
const TYPE: &str = "ContentExport";

/// How long a URL is good. Those of a cloud's storage are mostly so for minutes.
const URL_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Somebody whose access token was granted the scope `sym-files`.
struct ExportReader;

/// `ContentExportFile` of the files API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileMetadata {
    id: String,
    name: String,
    size: usize,
    upload_time: String,
    content_type: String,
    integrity_hash: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<Encryption>,
    type_specific_metadata: ContentExportMetadata,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Encryption {
    encryption_key_id: String,
    alg: String,
}

/// `ContentExportMetadata`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContentExportMetadata {
    job_type: JobType,
    file_format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation_date: Option<String>,
}

/// Where to go on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Download {
    message: &'static str,
    signed_url: String,
}

/// What a URL's signature is over.
#[derive(Serialize)]
struct Signed<'a> {
    file: &'a str,
    expires: u64,
}

async fn files_list_v1(
    pod: CurrentPod,
    _: ExportReader,
    query: Parameters,
) -> Result<Response, Refusal> {
    const TOTAL: HeaderName = HeaderName::from_static("x-total-count");
    check_type(&query)?;
    let number = |most: usize| {
        move |text: &str| text.parse().ok().filter(|it: &usize| (1..=most).contains(it))
    };
    let page = read(&query, "page", "a number from 1 on", number(usize::MAX))?.unwrap_or(1);
    let limit = read(&query, "pageSize", "a number from 1 to 100", number(100))?.unwrap_or(10);
    let wanted = read_query(&query)?;
    let world = pod.world();
    let found = world.export_files(&wanted);
    let shown = found.iter().skip((page - 1).saturating_mul(limit)).take(limit);
    let shown: Vec<_> = shown.map(|file| FileMetadata::from(&***file)).collect();
    Ok(([(TOTAL, found.len().to_string())], Json(shown)).into_response())
}

async fn files_metadata_v1(
    pod: CurrentPod,
    _: ExportReader,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Json<FileMetadata>, Refusal> {
    check_type(&query)?;
    let world = pod.world();
    Ok(Json(FileMetadata::from(&**world.export_file(&id)?)))
}

/// Says in a header and in the body where to go on, with 200: so the API file has it.
async fn files_get_v1(
    pod: CurrentPod,
    _: ExportReader,
    BaseUrl(base_url): BaseUrl,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Response, Refusal> {
    check_type(&query)?;
    pod.world().export_file(&id)?;
    let expires = pod.clock.now().plus(URL_LIFETIME).as_millis();
    let signature = signature(&pod, &id, expires);
    let id = utf8_percent_encode(&id, NON_ALPHANUMERIC);
    let signed_url = format!("{base_url}/_files/{id}?expires={expires}&signature={signature}");
    let message = "Redirecting to signed URL for download.";
    let location = [(header::LOCATION, signed_url.clone())];
    Ok((location, Json(Download { message, signed_url })).into_response())
}

/// `/_files/{id}`: the content, for whoever has a URL that was signed not long ago.
pub(super) async fn export_file_content(
    pod: CurrentPod,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Response, Refusal> {
    let refused = |why: &str| Refusal::SignedUrlInvalid { why: why.to_owned() };
    let expires = query.number("expires")?.ok_or_else(|| refused("expires is missing"))?;
    if query.text("signature") != Some(&signature(&pod, &id, expires)) {
        return Err(refused("the signature is not that of the file and of expires"));
    }
    if Timestamp::from_millis(expires) <= pod.clock.now() {
        return Err(refused("its time is over on the pod's clock"));
    }
    let world = pod.world();
    let file = world.export_file(&id)?;
    let content_type = [(header::CONTENT_TYPE, file.content_type.clone())];
    Ok((content_type, file.bytes.clone()).into_response())
}

/// Of the pod's key, as JWTs are signed: the same each time.
fn signature(pod: &Pod, file: &str, expires: u64) -> String {
    let token = pod.signer.sign(&Signed { file, expires });
    token.rsplit('.').next().unwrap_or_default().to_owned()
}

fn check_type(query: &Parameters) -> Result<(), Refusal> {
    match query.text("type") {
        Some(TYPE) => Ok(()),
        other => Err(malformed("type", other.unwrap_or_default(), TYPE)),
    }
}

fn read_query(query: &Parameters) -> Result<ExportFileQuery, Refusal> {
    // Milliseconds since 1970 are no date-time.
    let date_time =
        |text: &str| text.contains('-').then(|| Timestamp::from_str(text).ok()).flatten();
    let moment = |name| read(query, name, "a moment like 2025-05-15T10:00:00Z", date_time);
    let order = |text: &str| {
        Some(match text {
            "name" => ExportFileOrder::Name,
            "generationDate" => ExportFileOrder::Generated,
            "uploadTime" => ExportFileOrder::Uploaded,
            "size" => ExportFileOrder::Size,
            "jobType" => ExportFileOrder::JobType,
            "fileFormat" => ExportFileOrder::Format,
            "startTime" => ExportFileOrder::Start,
            "endTime" => ExportFileOrder::End,
            _ => return None,
        })
    };
    let job_type = |text: &str| match text.to_ascii_uppercase().as_str() {
        "ADHOC" => Some(JobType::Adhoc),
        "SCHEDULED" => Some(JobType::Scheduled),
        "CURL" => Some(JobType::Curl),
        _ => None,
    };
    let format = |text: &str| {
        let known = ExportFile::FORMATS.iter().any(|known| known.eq_ignore_ascii_case(text));
        known.then(|| text.to_owned())
    };
    let descending = |text: &str| match text.to_ascii_lowercase().as_str() {
        "asc" => Some(false),
        "desc" => Some(true),
        _ => None,
    };
    Ok(ExportFileQuery {
        name: query.text("name").map(str::to_owned),
        uploaded_after: moment("upload-after")?,
        uploaded_before: moment("upload-before")?,
        job_type: read(query, "jobType", "ADHOC, SCHEDULED or CURL", job_type)?,
        format: read(query, "fileFormat", "ACTIANCE, SYMPHONY or EML", format)?,
        start_after: moment("startTime-after")?,
        end_before: moment("endTime-before")?,
        generated: read(query, "generationDate", "a day like 2025-05-12", ExportFile::day)?,
        order: read(query, "sortBy", "a field of the files", order)?,
        descending: read(query, "sortOrder", "asc or desc", descending)?.unwrap_or_default(),
    })
}

fn read<T>(
    query: &Parameters,
    name: &str,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Refusal> {
    let Some(text) = query.text(name) else { return Ok(None) };
    read(text).map(Some).ok_or_else(|| malformed(name, text, expected))
}

fn malformed(name: &str, value: &str, expected: &str) -> Refusal {
    Refusal::Malformed { what: format!("The parameter {name} is {value:?}, expected {expected}") }
}

impl FromRequestParts<Context> for ExportReader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, Refusal> {
        let token = bearer(&parts.headers).ok_or(Refusal::SessionTokenMissing)?;
        context.pod.session_of_scope(token, "sym-files").map(|_| Self)
    }
}

impl From<&ExportFile> for FileMetadata {
    fn from(file: &ExportFile) -> Self {
        let encryption = file.encryption.as_ref();
        Self {
            id: file.id.clone(),
            name: file.name.clone(),
            size: file.bytes.len(),
            upload_time: file.uploaded.iso(),
            content_type: file.content_type.clone(),
            integrity_hash: file.integrity_hash(),
            kind: TYPE,
            encryption: encryption
                .map(|(id, alg)| Encryption { encryption_key_id: id.clone(), alg: alg.clone() }),
            type_specific_metadata: ContentExportMetadata {
                job_type: file.job_type,
                file_format: file.format.clone(),
                start_time: file.start.map(Timestamp::iso),
                end_time: file.end.map(Timestamp::iso),
                generation_date: file.generated.map(ExportFile::date),
            },
        }
    }
}
