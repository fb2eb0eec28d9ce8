//! Operations that are on their way out, and what their callers are told.
//!
//! Which replaces which is that of the agent guide
//! (SymphonyPlatformSolutions/symphony-developers-documentation,
//! admin-guide/agent-guide/agent-deprecated-endpoints.md); for the pod's, of the API files, which
//! call them deprecated.

use std::time::{Duration, SystemTime};

use axum::http::HeaderValue;

use super::Component;
use crate::clock::Clock;
use crate::domain::{DeprecatedOperations, Refusal, Settings};
use crate::operation::Operation;

/// What becomes of an operation that is deprecated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retirement {
    component: Component,
    /// Path and method of what replaces it; none where nothing does.
    replacement: Option<&'static str>,
    /// Whether it is one of datafeed 1.
    datafeed1: bool,
    /// Whether the agent guide lists it: others are deprecated and cannot be switched off.
    listed: bool,
}

impl Retirement {
    /// The retirement of an operation, if it is deprecated.
    pub fn of(operation: &Operation) -> Option<Self> {
        let replacement = replacement(operation.name)?;
        let component = Component::of_path(operation.path);
        let datafeed1 = operation.name.starts_with("datafeed_");
        let replacement = (!replacement.is_empty()).then_some(replacement);
        let newer = ["datafeed_create_v4", "datafeed_read_v4", "health_check_v2"];
        let listed = component == Component::Agent && !newer.contains(&operation.name);
        Some(Self { component, replacement, datafeed1, listed })
    }

    /// Why the operation is gone, if it is.
    pub fn refusal(&self, settings: &Settings, clock: &Clock) -> Option<Refusal> {
        let switched_off =
            settings.deprecated_operations == DeprecatedOperations::Gone && self.listed;
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(clock.now().as_millis());
        let over = self.datafeed1 && settings.datafeed1_end.is_some_and(|end| end <= now);
        let replacement = match over {
            true => Some(DATAFEED_2),
            false => self.replacement,
        };
        let gone = || Refusal::Gone { replacement: replacement.map(str::to_owned) };
        (switched_off || over).then(gone)
    }

    /// The `Warning` of its answers, if they have one.
    pub fn warning(&self, settings: &Settings) -> Option<HeaderValue> {
        if settings.deprecated_operations == DeprecatedOperations::Silent {
            return None;
        }
        let by = match self.component {
            Component::Agent => "symphony-agent",
            _ => "symphony-pod",
        };
        let replacement = replaced_by(self.replacement);
        let text = format!("299 {by} 'The requested endpoint is deprecated.{replacement}'");
        HeaderValue::try_from(text).ok()
    }
}

/// What an answer adds about the replacement.
pub(super) fn replaced_by(replacement: Option<&str>) -> String {
    let by = |by| format!(" The endpoint that replaces it is: {by}");
    replacement.map(by).unwrap_or_default()
}

const DATAFEED_2: &str = "/agent/v5/datafeeds POST";

/// Path and method of what replaces the deprecated operation of this name; an empty text where nothing
/// does.
fn replacement(name: &str) -> Option<&'static str> {
    Some(match name {
        "datafeed_create_v1" => "/agent/v4/datafeed/create POST",
        "datafeed_read_v1" | "datafeed_read_v2" => "/agent/v4/datafeed/{id}/read GET",
        "health_check_v1" => "/agent/v2/HealthCheck GET",
        "message_import_v1" | "message_import_v2" => "/agent/v4/message/import POST",
        "upload_attachment_v1"
        | "upload_attachment_v3"
        | "create_message_v1"
        | "create_message_v2"
        | "create_message_v3" => "/agent/v4/stream/{sid}/message/create POST",
        "history_v1" | "history_v2" => "/agent/v4/stream/{sid}/message GET",
        "share_v1" => "/agent/v3/stream/{sid}/share POST",
        "obsolete_v1" => "",
        "sessioninfo_v1" => "/pod/v2/sessioninfo GET",
        "user_v1" | "user_by_name_v1" => "/pod/v2/user GET",
        "admin_user_create_v1" => "/pod/v2/admin/user/create POST",
        "admin_user_list_v1" => "/pod/v2/admin/user/list GET",
        "admin_user_v1" => "/pod/v2/admin/user/{uid} GET",
        "admin_user_update_v1" => "/pod/v2/admin/user/{uid}/update POST",
        "room_create_v1" | "room_create_v2" => "/pod/v3/room/create POST",
        "room_info_v1" | "room_info_v2" => "/pod/v3/room/{id}/info GET",
        "room_update_v1" | "room_update_v2" => "/pod/v3/room/{id}/update POST",
        "room_search_v2" => "/pod/v3/room/search POST",
        "room_membership_list_v1" => "/pod/v2/room/{id}/membership/list GET",
        "admin_streams_list_v1" => "/pod/v2/admin/streams/list POST",
        "streams_info_v1" => "/pod/v2/streams/{sid}/info GET",
        "own_presence_v1" => "/pod/v2/user/presence GET",
        "set_own_presence_v1" => "/pod/v2/user/presence POST",
        "presence_v1" | "presence_v2" => "/pod/v3/user/{uid}/presence GET",
        "set_presence_v1" => "/pod/v3/user/presence POST",
        "companycert_create_v1" => "/pod/v2/companycert/create POST",
        "datafeed_create_v4" => DATAFEED_2,
        "datafeed_read_v4" => "/agent/v5/datafeeds/{datafeedId}/read POST",
        "health_check_v2" => "/agent/v3/health GET",
        _ => return None,
    })
}
