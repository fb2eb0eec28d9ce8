//! Which types of files may go with messages.

use axum::Json;
use axum::http::{StatusCode, Uri};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::extract::{CurrentPod, JsonBody, PathParameter, Session};
use super::parameters::{Most, Parameters};
use crate::domain::{AttachmentType, Cursor, FileExtension, Refusal, TypeSource};
use crate::operation::operations;

operations! {
    GET "/pod/v1/files/allowedTypes" => files_allowed_types_v1 [SendMessages],
    GET "/pod/file_ext/v1/allowed_extensions" => file_ext_allowed_extensions_list_v1,
    PUT "/pod/file_ext/v1/allowed_extensions/{extension}" => file_ext_allowed_extensions_replace_v1,
    DELETE "/pod/file_ext/v1/allowed_extensions/{extension}" => file_ext_allowed_extensions_delete_v1,
}

/// `FileExtension` of the pod API.
#[derive(Serialize, Deserialize)]
struct WireExtension {
    extension: String,
    scope_internal: Option<bool>,
    scope_external: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope_xpod: Option<bool>,
    source: Option<TypeSource>,
}

/// `FileExtensionsResponse` of the pod API, which demands a `paging` that it does not declare. Its
/// definition `Pagination` is what other lists call `pagination`: here it goes by both names.
#[derive(Serialize)]
struct Listed {
    data: Vec<WireExtension>,
    paging: Pagination,
    pagination: Pagination,
}

/// `Pagination` of the pod API.
#[derive(Clone, Serialize)]
struct Pagination {
    cursors: Cursors,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Clone, Serialize)]
struct Cursors {
    before: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// Ends of file names, with their dot: those of the types that the pod's users send each other.
async fn files_allowed_types_v1(pod: CurrentPod, _: Session) -> Json<Vec<String>> {
    let world = pod.world();
    let allowed = world.settings.attachment_types.iter().filter(|kind| kind.internal);
    Json(allowed.map(|kind| kind.extension.to_string()).collect())
}

/// The API file demands no header of it, and declares 401: it takes a session, of whomever.
async fn file_ext_allowed_extensions_list_v1(
    pod: CurrentPod,
    _: Session,
    uri: Uri,
    query: Parameters,
) -> Result<Json<Listed>, Refusal> {
    let limit = query.page(100, Most::Cut(1_000))?.limit;
    let cursor = match (rank(&query, "before")?, rank(&query, "after")?) {
        (Some(before), None) => Cursor::Before(before),
        (None, after) => Cursor::After(after.unwrap_or(0)),
        (Some(_), Some(_)) => {
            let what = "Only one of before and after may be provided".into();
            return Err(Refusal::Malformed { what });
        }
    };
    let world = pod.world();
    let all: Vec<_> = world.settings.attachment_types.iter().collect();
    let page = cursor.page(all.len(), limit);
    let opaque = |rank: usize| URL_SAFE_NO_PAD.encode(rank.to_string());
    let (before, after) = (opaque(page.start), (page.end < all.len()).then(|| opaque(page.end)));
    let link = |name: &str, cursor: &str| format!("{}?limit={limit}&{name}={cursor}", uri.path());
    let pagination = Pagination {
        previous: (page.start > 0).then(|| link("before", &before)),
        next: after.as_ref().map(|after| link("after", after)),
        cursors: Cursors { before, after },
    };
    let data = all[page].iter().map(|kind| WireExtension::from(*kind)).collect();
    Ok(Json(Listed { data, paging: pagination.clone(), pagination }))
}

async fn file_ext_allowed_extensions_replace_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(named): PathParameter<String>,
    JsonBody(body): JsonBody<WireExtension>,
) -> Result<Json<WireExtension>, Refusal> {
    let extension = read(body.extension)?;
    if in_path(&named)? != extension {
        let what = format!("extension: {extension} is not {named:?}, which the path says");
        return Err(Refusal::Malformed { what });
    }
    // The API file demands the extension alone. Whoever names one to allow it, allows it.
    let plain = AttachmentType::allowed(extension);
    let kind = AttachmentType {
        internal: body.scope_internal.unwrap_or(true),
        external: body.scope_external.unwrap_or(true),
        cross_pod: body.scope_xpod,
        source: body.source.unwrap_or(plain.source),
        ..plain
    };
    pod.world().allow_attachment_type(me.user()?, kind.clone(), pod.clock.now())?;
    Ok(Json(WireExtension::from(&kind)))
}

async fn file_ext_allowed_extensions_delete_v1(
    pod: CurrentPod,
    me: Session,
    PathParameter(named): PathParameter<String>,
) -> Result<StatusCode, Refusal> {
    let extension = in_path(&named)?;
    pod.world().refuse_attachment_type(me.user()?, extension, pod.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}

/// With its dot or without.
fn in_path(named: &str) -> Result<FileExtension, Refusal> {
    let dot = if named.starts_with('.') { "" } else { "." };
    read(format!("{dot}{named}"))
}

fn read(extension: String) -> Result<FileExtension, Refusal> {
    FileExtension::try_from(extension).map_err(|what| Refusal::Malformed { what })
}

/// How many there are in front of what a cursor points to.
fn rank(query: &Parameters, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(cursor) = query.text(name) else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let rank = bytes.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok());
    let what = || format!("The parameter {name} is {cursor:?}, expected a cursor of a page");
    rank.map(Some).ok_or_else(|| Refusal::Malformed { what: what() })
}

impl From<&AttachmentType> for WireExtension {
    fn from(kind: &AttachmentType) -> Self {
        Self {
            extension: kind.extension.to_string(),
            scope_internal: Some(kind.internal),
            scope_external: Some(kind.external),
            scope_xpod: kind.cross_pod,
            source: Some(kind.source),
        }
    }
}
