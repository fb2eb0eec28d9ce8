//! Company certificates: whom the pod trusts. Changes hold from the next use of a certificate on.

use axum::Json;
use serde::{Deserialize, Serialize};

use super::{StringId, UserProvisioner};
use crate::api::extract::{CurrentPod, JsonBody, PathParameter};
use crate::api::parameters::{Most, Page, Parameters};
use crate::api::shapes::SuccessResponse;
use crate::domain::{
    CertificateChange, CertificateStatus, CertificateType, CompanyCertificate, Expired, Refusal,
    UserId,
};
use crate::operation::operations;
use crate::pod::Pod;

operations! {
    POST "/pod/v1/companycert/create" => companycert_create_v1,
    POST "/pod/v2/companycert/create" => companycert_create_v2,
    POST "/pod/v1/companycert/delete" => companycert_delete_v1,
    GET "/pod/v1/companycert/list" => companycert_list_v1,
    GET "/pod/v1/companycert/podmanaged/list" => companycert_podmanaged_list_v1,
    POST "/pod/v1/companycert/type/list" => companycert_type_list_v1,
    GET "/pod/v1/companycert/{fingerPrint}/get" => companycert_get_v1,
    GET "/pod/v1/companycert/{fingerPrint}/issuedBy" => companycert_issued_by_v1,
    POST "/pod/v1/companycert/{fingerPrint}/update" => companycert_update_v1,
}

/// `CompanyCert` of the pod API.
#[derive(Deserialize)]
struct CompanyCert {
    pem: String,
    #[serde(default)]
    attributes: AttributesChange,
}

/// `CompanyCertAttributes` of the pod API, as a request has them.
#[derive(Default, Deserialize)]
struct AttributesChange {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<Typed<CertificateType>>,
    status: Option<Typed<CertificateStatus>>,
}

/// `CompanyCertType` and `CompanyCertStatus` of the pod API.
#[derive(Serialize, Deserialize)]
struct Typed<T> {
    #[serde(rename = "type")]
    value: T,
}

/// `CompanyCertDetail` of the pod API; without `cert_info`, an item of `CompanyCertInfoList`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CompanyCertDetail {
    company_cert_attributes: CompanyCertAttributes,
    company_cert_info: CompanyCertInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    cert_info: Option<Vec<CertInfoItem>>,
}

/// `CompanyCertAttributes` of the pod API.
#[derive(Serialize)]
struct CompanyCertAttributes {
    name: String,
    #[serde(rename = "type")]
    kind: Typed<CertificateType>,
    status: Typed<CertificateStatus>,
}

/// `CompanyCertInfo` of the pod API. What never happened happened at 0, by 0.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CompanyCertInfo {
    finger_print: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer_finger_print: Option<String>,
    last_seen: u64,
    updated_at: u64,
    updated_by: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    common_name: Option<String>,
    expiry_date: u64,
}

/// `CertInfoItem` of the pod API.
#[derive(Serialize)]
struct CertInfoItem {
    name: &'static str,
    attributes: Vec<NameValuePair>,
}

/// `NameValuePair` of the pod API.
#[derive(Serialize)]
struct NameValuePair {
    name: &'static str,
    value: String,
}

type Infos = Result<Json<Vec<CompanyCertDetail>>, Refusal>;

/// Deprecated: takes expired certificates.
async fn companycert_create_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    JsonBody(body): JsonBody<CompanyCert>,
) -> Result<Json<SuccessResponse>, Refusal> {
    create(&pod, me, body, Expired::Taken)?;
    Ok(SuccessResponse::text("OK"))
}

async fn companycert_create_v2(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    JsonBody(body): JsonBody<CompanyCert>,
) -> Result<Json<CompanyCertDetail>, Refusal> {
    create(&pod, me, body, Expired::Refused).map(Json)
}

async fn companycert_delete_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    JsonBody(body): JsonBody<StringId>,
) -> Result<Json<SuccessResponse>, Refusal> {
    pod.change_certificates(me, |certificates, _| certificates.delete(&body.id))?;
    Ok(SuccessResponse::text("OK"))
}

/// Every certificate on record, of whichever status, and the pod's own among them.
async fn companycert_list_v1(pod: CurrentPod, _: UserProvisioner, query: Parameters) -> Infos {
    Ok(infos(page(&query)?.of(pod.world().company_certificates.iter())))
}

async fn companycert_podmanaged_list_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    query: Parameters,
) -> Infos {
    let world = pod.world();
    Ok(infos(page(&query)?.of(world.company_certificates.iter().filter(|known| known.pod_managed))))
}

async fn companycert_type_list_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    query: Parameters,
    JsonBody(types): JsonBody<Vec<Typed<CertificateType>>>,
) -> Infos {
    let is_wanted = |known: &&CompanyCertificate| {
        types.iter().any(|wanted| wanted.value == known.attributes.kind)
    };
    Ok(infos(page(&query)?.of(pod.world().company_certificates.iter().filter(is_wanted))))
}

/// "Row limit" is all that is said of it.
fn page(query: &Parameters) -> Result<Page, Refusal> {
    query.page(usize::MAX, Most::Unbounded)
}

async fn companycert_get_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(fingerprint): PathParameter<String>,
) -> Result<Json<CompanyCertDetail>, Refusal> {
    let world = pod.world();
    let found = world.company_certificates.by_fingerprint(&fingerprint)?;
    Ok(Json(CompanyCertDetail::of(found)))
}

async fn companycert_issued_by_v1(
    pod: CurrentPod,
    _: UserProvisioner,
    PathParameter(fingerprint): PathParameter<String>,
) -> Infos {
    Ok(infos(pod.world().company_certificates.issued_by(&fingerprint)?))
}

async fn companycert_update_v1(
    pod: CurrentPod,
    UserProvisioner(me): UserProvisioner,
    PathParameter(fingerprint): PathParameter<String>,
    JsonBody(change): JsonBody<AttributesChange>,
) -> Result<Json<SuccessResponse>, Refusal> {
    pod.change_certificates(me, |certificates, now| {
        certificates.update(&fingerprint, change.into(), me, now)
    })?;
    Ok(SuccessResponse::text("OK"))
}

fn create(
    pod: &Pod,
    me: UserId,
    body: CompanyCert,
    expired: Expired,
) -> Result<CompanyCertDetail, Refusal> {
    pod.change_certificates(me, |certificates, now| {
        let attributes = body.attributes.into();
        certificates.create(&body.pem, attributes, expired, me, now).map(CompanyCertDetail::of)
    })
}

fn infos<'a>(
    certificates: impl Iterator<Item = &'a CompanyCertificate>,
) -> Json<Vec<CompanyCertDetail>> {
    Json(certificates.map(CompanyCertDetail::info).collect())
}

impl CompanyCertDetail {
    fn info(known: &CompanyCertificate) -> Self {
        let (attributes, certificate) = (&known.attributes, &known.certificate);
        let (updated_at, updated_by) = known.updated.unzip();
        Self {
            company_cert_attributes: CompanyCertAttributes {
                name: attributes.name.clone(),
                kind: Typed { value: attributes.kind },
                status: Typed { value: attributes.status },
            },
            company_cert_info: CompanyCertInfo {
                finger_print: certificate.fingerprint.to_string(),
                issuer_finger_print: known.issuer.map(|issuer| issuer.to_string()),
                last_seen: known.last_seen.map_or(0, |at| at.as_millis()),
                updated_at: updated_at.map_or(0, |at| at.as_millis()),
                updated_by: updated_by.map_or(0, UserId::as_u64),
                common_name: certificate.common_name.clone(),
                expiry_date: certificate.not_after.timestamp().as_millis(),
            },
            cert_info: None,
        }
    }

    fn of(known: &CompanyCertificate) -> Self {
        let certificate = &known.certificate;
        let cert_info = vec![
            CertInfoItem::new(
                "General",
                [
                    ("Issuer", certificate.issuer.clone()),
                    ("Subject", certificate.subject.clone()),
                    ("Signature Algorithm", certificate.signature_algorithm.clone()),
                ],
            ),
            CertInfoItem::new(
                "Validity",
                [
                    ("Not Before", certificate.not_before.to_string()),
                    ("Not After", certificate.not_after.to_string()),
                ],
            ),
            CertInfoItem::new(
                "Public Key",
                [("Algorithm", certificate.key_algorithm.clone()), ("Format", "X.509".into())],
            ),
        ];
        Self { cert_info: Some(cert_info), ..Self::info(known) }
    }
}

impl CertInfoItem {
    fn new<const N: usize>(name: &'static str, attributes: [(&'static str, String); N]) -> Self {
        let attributes = attributes.map(|(name, value)| NameValuePair { name, value });
        Self { name, attributes: attributes.into() }
    }
}

impl From<AttributesChange> for CertificateChange {
    fn from(change: AttributesChange) -> Self {
        Self {
            name: change.name,
            kind: change.kind.map(|kind| kind.value),
            status: change.status.map(|status| status.value),
        }
    }
}
