//! Dictionaries: made, filled, read and deleted.

use axum::Json;
use axum::http::header;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use super::{ListPage, PolicyManager, WireDictionaryRef};
use crate::api::base64_body::Base64Body;
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::multipart::ContentForm;
use crate::api::parameters::Parameters;
use crate::domain::{Dictionary, DictionaryContent, DictionaryKind, Refusal, UserId};
use crate::operation::operations;

operations! {
    GET "/agent/v1/dlp/dictionaries" => dlp_dictionaries_list_v1,
    POST "/agent/v1/dlp/dictionaries" => dlp_dictionaries_create_v1,
    DELETE "/agent/v1/dlp/dictionaries/{dictId}" => dlp_dictionaries_delete_v1,
    GET "/agent/v1/dlp/dictionaries/{dictId}" => dlp_dictionaries_get_v1,
    PUT "/agent/v1/dlp/dictionaries/{dictId}" => dlp_dictionaries_replace_v1,
    GET "/agent/v1/dlp/dictionaries/{dictId}/data/download" => dlp_dictionaries_data_download_v1,
    POST "/agent/v1/dlp/dictionaries/{dictId}/data/upload" => dlp_dictionaries_data_upload_v1,
}

/// `V1DLPDictionaryMetadataCreateRequest` of the agent API.
#[derive(Deserialize)]
struct CreateRequest {
    name: String,
    #[serde(rename = "type")]
    kind: Option<DictionaryKind>,
}

/// `V1DLPDictionaryMetadataUpdateRequest` of the agent API.
#[derive(Deserialize)]
struct UpdateRequest {
    name: String,
}

/// `V1DLPDictionaryMetadata` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    creation_date: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    creator_id: Option<String>,
    dict_ref: WireDictionaryRef,
    last_updated_date: u64,
    #[serde(rename = "type")]
    kind: DictionaryKind,
}

/// `V1DLPDictionaryMetadataResponse` of the agent API.
#[derive(Serialize)]
struct MetadataResponse {
    data: Metadata,
}

/// `V1DLPDictionaryMetadataCollectionResponse` of the agent API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetadataCollection {
    items: Vec<Metadata>,
    page: usize,
    page_count: usize,
}

async fn dlp_dictionaries_list_v1(
    pod: CurrentPod,
    _: PolicyManager,
    query: Parameters,
) -> Result<Json<MetadataCollection>, Refusal> {
    let world = pod.world();
    let page = ListPage::of(&query, world.dlp.dictionaries().len())?;
    let items = page.part.of(world.dlp.dictionaries()).map(Metadata::latest).collect();
    Ok(Json(MetadataCollection { items, page: page.number, page_count: page.count }))
}

async fn dlp_dictionaries_create_v1(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    JsonBody(request): JsonBody<CreateRequest>,
) -> Result<Json<MetadataResponse>, Refusal> {
    let (kind, now) = (request.kind.unwrap_or_default(), pod.clock.now());
    Ok(answer(pod.world().create_dictionary(me, &request.name, kind, now)?))
}

async fn dlp_dictionaries_get_v1(
    pod: CurrentPod,
    _: PolicyManager,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<Json<MetadataResponse>, Refusal> {
    let world = pod.world();
    let dictionary = world.dictionary(&id)?;
    let content = dictionary.version(query.text("dictVersion"))?;
    Ok(Json(MetadataResponse { data: Metadata::new(dictionary, content) }))
}

async fn dlp_dictionaries_replace_v1(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
    JsonBody(request): JsonBody<UpdateRequest>,
) -> Result<Json<MetadataResponse>, Refusal> {
    let now = pod.clock.now();
    Ok(answer(pod.world().rename_dictionary(me, &id, &request.name, now)?))
}

async fn dlp_dictionaries_delete_v1(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
) -> Result<Json<MetadataResponse>, Refusal> {
    let now = pod.clock.now();
    Ok(answer(&pod.world().delete_dictionary(me, &id, now)?))
}

async fn dlp_dictionaries_data_upload_v1(
    pod: CurrentPod,
    PolicyManager(me): PolicyManager,
    PathParameter(id): PathParameter<String>,
    ContentForm(content): ContentForm,
) -> Result<Json<MetadataResponse>, Refusal> {
    let now = pod.clock.now();
    Ok(answer(pod.world().fill_dictionary(me, &id, &content, now)?))
}

/// The terms, one a line, as base64 text.
async fn dlp_dictionaries_data_download_v1(
    pod: CurrentPod,
    _: PolicyManager,
    PathParameter(id): PathParameter<String>,
    query: Parameters,
) -> Result<impl IntoResponse, Refusal> {
    let world = pod.world();
    let terms = world.dictionary(&id)?.version(query.text("dictVersion"))?.terms.join("\n");
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], Base64Body::of(terms.into())))
}

fn answer(dictionary: &Dictionary) -> Json<MetadataResponse> {
    Json(MetadataResponse { data: Metadata::latest(dictionary) })
}

impl Metadata {
    fn latest(dictionary: &Dictionary) -> Self {
        Self::new(dictionary, dictionary.latest())
    }

    fn new(dictionary: &Dictionary, content: &DictionaryContent) -> Self {
        Self {
            creation_date: dictionary.created.as_millis(),
            creator_id: dictionary.creator.as_ref().map(UserId::to_string),
            dict_ref: (&content.named(dictionary.id)).into(),
            last_updated_date: content.updated.as_millis(),
            kind: dictionary.kind,
        }
    }
}
