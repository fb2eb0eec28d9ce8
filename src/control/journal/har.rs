//! The HTTP Archive format 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>).

use serde_json::{Map, Value, json};

use super::body::{Body, Content};
use super::record::{Record, Side};

/// The requests among `records`. A handshake that failed has none, and what came to the forward proxy
/// has no URL: both are left out.
pub fn archive(records: &[Record], dropped: u64) -> Value {
    json!({ "log": {
        "version": "1.2",
        "creator": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "entries": records.iter().filter_map(entry).collect::<Vec<_>>(),
        "comment": format!("{dropped} older entries were forgotten"),
    }})
}

fn entry(record: &Record) -> Option<Value> {
    let request = record.request.as_ref()?;
    if record.is_of_proxy() {
        return None;
    }
    let protocol = record.protocol.unwrap_or_default();
    let path = record.path.as_deref().unwrap_or_default();
    let host =
        text(request, "host").map_or_else(|| format!("localhost:{}", record.port), str::to_owned);
    let milliseconds = record.latency_micros as f64 / 1_000.0;
    let mut entry = json!({
        "startedDateTime": record.time,
        "time": milliseconds,
        "request": {
            "method": record.method,
            "url": format!("https://{host}{path}"),
            "httpVersion": protocol,
            "cookies": [],
            "headers": pairs(&request.headers),
            "queryString": query(path),
            "headersSize": -1,
            "bodySize": size(request),
        },
        "response": response(record, protocol),
        "cache": {},
        "timings": { "send": 0, "wait": milliseconds, "receive": 0 },
        "_id": record.id,
        "_listener": record.listener,
        "_operation": record.operation,
        "_user": record.caller.user,
        "_app": record.caller.app,
        "_fault": record.fault,
        "_refusal": record.refusal,
    });
    if let Some(body) = &request.body {
        let mut posted = json!({ "mimeType": mime(request), "text": in_text(body).0 });
        if let Some(Content::Parts(parts)) = &body.content {
            posted["params"] = parts
                .iter()
                .map(|part| {
                    json!({
                        "name": part.name.as_deref().unwrap_or_default(),
                        "value": part.text,
                        "fileName": part.file_name,
                        "contentType": part.content_type,
                    })
                })
                .map(without_nulls)
                .collect();
        }
        entry["request"]["postData"] = posted;
    }
    Some(without_nulls(entry))
}

/// Browsers say status 0 where none came.
fn response(record: &Record, protocol: &str) -> Value {
    let status = record.status.unwrap_or(0);
    let reason = axum::http::StatusCode::from_u16(status).ok();
    let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or_default();
    let empty = Side { headers: Map::new(), body: None };
    let side = record.response.as_ref().unwrap_or(&empty);
    let mut content = json!({ "size": size(side), "mimeType": mime(side) });
    if let Some(body) = &side.body {
        let (text, is_base64) = in_text(body);
        content["text"] = text.into();
        if is_base64 {
            content["encoding"] = "base64".into();
        }
        if body.truncated {
            content["comment"] = "the text is the beginning of the body".into();
        }
    }
    json!({
        "status": status,
        "statusText": reason,
        "httpVersion": protocol,
        "cookies": [],
        "headers": pairs(&side.headers),
        "content": content,
        "redirectURL": text(side, "location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": size(side),
    })
}

fn pairs(headers: &Map<String, Value>) -> Value {
    headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn query(path: &str) -> Value {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

fn size(side: &Side) -> u64 {
    side.body.as_ref().map_or(0, |body| body.bytes)
}

fn mime(side: &Side) -> &str {
    text(side, "content-type").unwrap_or_default()
}

fn text<'a>(side: &'a Side, header: &str) -> Option<&'a str> {
    side.headers.get(header)?.as_str()
}

/// Its text, and whether that is base64.
fn in_text(body: &Body) -> (String, bool) {
    match &body.content {
        None | Some(Content::Parts(_)) => (String::new(), false),
        Some(Content::Json(value)) => (value.to_string(), false),
        Some(Content::Text(text)) => (text.clone(), false),
        Some(Content::Base64(text)) => (text.clone(), true),
    }
}

fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, value| !value.is_null());
    }
    value
}
