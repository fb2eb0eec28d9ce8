//! What policies found, in the words of the two versions of violations. The API file leaves the details of
//! version 3 open: they are those of the samples in the documentation ("V3 Violations sample responses").

use serde_json::{Map, Value, json};

use crate::domain::{
    Attachment, DlpAction, DlpPart, ExtensionFault, FindingKind, PolicyVerdict, Violation,
    ViolationSubject,
};

/// Version 1: an element for each term, and one for each file in which there are none.
pub(super) fn matched_policies(violation: &Violation) -> Value {
    let mut matched = Vec::new();
    for part in &violation.verdict.parts {
        for policy in &part.policies {
            let file = file(violation, part.part).map(|file| file.name.as_str());
            let terms = policy.terms();
            let terms = if terms.is_empty() { file.into_iter().collect() } else { terms };
            matched.extend(terms.into_iter().map(|term| {
                json!({
                    "id": policy.id.to_string(),
                    "version": policy.version.to_string(),
                    "policyName": policy.name,
                    "type": policy.action.status(),
                    "terms": term,
                })
            }));
        }
    }
    matched.into()
}

/// Version 3: an element for each part that was looked at.
pub(super) fn details(violation: &Violation) -> Value {
    let found = |part: DlpPart| {
        let parts = &violation.verdict.parts;
        parts.iter().find(|known| known.part == part).map_or(&[][..], |found| &found.policies)
    };
    let mut details = vec![element(found(DlpPart::Text), DlpPart::Text, "TEXT".into())];
    let ViolationSubject::Message(subject) = &violation.subject else { return details.into() };
    details.push(json!({
        "status": "OK", "correlationId": "ENCRYPTED_MEDIA", "attributeType": "MEDIA",
    }));
    for (n, file) in subject.message.attachments.iter().enumerate() {
        let part = DlpPart::FileMeta(n);
        let mut name = element(found(part), part, format!("FILENAME_{}", file.id));
        name["attributeType"] = "ATTACHMENT_NAME".into();
        name["secureAttachmentMeta"] = described(json!({ "name": file.name }));
        details.push(name);
        let part = DlpPart::FileContent(n);
        let mut content = element(found(part), part, format!("ATTACHMENT_{}", file.id));
        content["attributeType"] = "ATTACHMENT".into();
        content["secureAttachmentMeta"] = described(json!({
            "sizeInBytes": file.size.to_string(),
            "contentType": file.content_type,
            "name": file.name,
            "fileId": file.id.to_string(),
            "encrypted": true,
        }));
        details.push(content);
    }
    details.into()
}

fn described(detail: Value) -> Value {
    json!({ "complianceMeta": { "detail": detail } })
}

fn file(violation: &Violation, part: DlpPart) -> Option<&Attachment> {
    let ViolationSubject::Message(subject) = &violation.subject else { return None };
    match part {
        DlpPart::Text => None,
        DlpPart::FileMeta(n) | DlpPart::FileContent(n) => subject.message.attachments.get(n),
    }
}

/// A part, with what was found in it.
fn element(policies: &[PolicyVerdict], part: DlpPart, correlation: String) -> Value {
    let strictest = policies.iter().map(|policy| policy.action).max();
    let mut element = Map::new();
    element.insert("status".into(), strictest.map_or("OK", DlpAction::status).into());
    if !policies.is_empty() {
        let results = policies.iter().map(|policy| policy_result(policy, part)).collect();
        element.insert("policyResults".into(), results);
    }
    element.insert("correlationId".into(), correlation.into());
    element.into()
}

fn policy_result(policy: &PolicyVerdict, part: DlpPart) -> Value {
    let rule = |finding: &crate::domain::Finding| {
        let (kind, default_name, description, (name, found)) = finding_words(&finding.found, part);
        let rule_name = match finding.rule_name.as_str() {
            "" => default_name,
            given => given,
        };
        let mut detail = Map::new();
        detail.insert(
            "ruleDescriptor".into(),
            json!({ "ruleType": kind, "ruleName": rule_name, "ruleDescription": description }),
        );
        detail.insert(name.into(), found);
        json!({
            "ruleInstanceId": finding.rule,
            "type": "EXPLICIT",
            "complianceDetail": { "detail": detail },
        })
    };
    json!({
        "status": policy.action.status(),
        "matchedPolicy": {
            "id": policy.id.to_string(),
            "version": policy.version.to_string(),
            "name": policy.name,
        },
        "ruleResults": policy.findings.iter().map(rule).collect::<Vec<_>>(),
    })
}

/// The type of the rule, what it is called where nobody gave it a name, what it says, and the field with
/// what it found.
fn finding_words(
    found: &FindingKind,
    part: DlpPart,
) -> (&'static str, &'static str, String, (&'static str, Value)) {
    match found {
        FindingKind::Text { dictionary, hits } => {
            let dictionary = json!({
                "id": dictionary.id.to_string(), "version": dictionary.version.to_string(),
            });
            if part == DlpPart::Text {
                let hits = hits.iter().map(|hit| {
                    json!({
                        "offsetStart": hit.start,
                        "offsetEnd": hit.end,
                        "match": hit.text,
                        "matchPattern": "",
                    })
                });
                let content =
                    json!({ "dictionary": dictionary, "matches": hits.collect::<Vec<_>>() });
                let description = "Rule text match matched".to_owned();
                return ("TEXT_MATCH", "", description, ("content", content));
            }
            let mut counted: Vec<(&str, u32)> = Vec::new();
            for hit in hits.iter() {
                match counted.iter_mut().find(|(text, _)| *text == &*hit.text) {
                    Some((_, count)) => *count += 1,
                    None => counted.push((&hit.text, 1)),
                }
            }
            let hits = counted
                .into_iter()
                .map(|(text, count)| json!({ "match": text, "matchPattern": "", "count": count }));
            let content = json!({ "dictionary": dictionary, "matches": hits.collect::<Vec<_>>() });
            ("TEXT_MATCH", "", "Rule file content matched".into(), ("fileContent", content))
        }
        FindingKind::FileSize { limit, found } => {
            let size = json!({ "limit": limit, "found": found });
            ("FILE_SIZE", "", "Rule file size matched".into(), ("size", size))
        }
        FindingKind::FilePassword { protected } => {
            let password = json!({ "passwordProtected": protected });
            ("FILE_PASSWORD", "", "Rule password matched".into(), ("password", password))
        }
        FindingKind::FileClassifier(pairs) => {
            let pairs = pairs.iter().map(|(name, value)| (format!("custom:{name}"), value.clone()));
            let pairs: std::collections::BTreeMap<_, _> = pairs.collect();
            let classifiers = json!({ "matchedPair": pairs });
            ("FILE_CLASSIFIER", "", "Rule classifier matched".into(), ("classifiers", classifiers))
        }
        FindingKind::FileExtension(fault) => {
            let (description, extension) = extension(fault);
            let description = format!("Rule file extension matched. {description}");
            ("FILE_EXTENSION", "Extension Detection", description, ("extension", extension))
        }
    }
}

fn extension(fault: &ExtensionFault) -> (String, Value) {
    match fault {
        ExtensionFault::Mismatched { supplied, expected } => (
            format!(
                "Supplied file extension '{supplied}' doesn't match expected extension list: [{}]",
                expected.join(", ")
            ),
            json!({
                "type": "MISMATCHED_EXTENSION", "blockedExtension": "",
                "expectedExtensions": expected, "suppliedExtension": supplied,
            }),
        ),
        ExtensionFault::NotAllowed(blocked) => (
            format!("Supplied file extension '{blocked}' is not in the allowed list of files"),
            json!({
                "type": "NOT_IN_THE_ALLOWED_LIST", "blockedExtension": blocked,
                "expectedExtensions": [], "suppliedExtension": "",
            }),
        ),
        // No sample of this one is published.
        ExtensionFault::Blocked(blocked) => (
            format!("Supplied file extension '{blocked}' is in the blocked list of files"),
            json!({
                "type": "IN_THE_BLOCKED_LIST", "blockedExtension": blocked,
                "expectedExtensions": [], "suppliedExtension": "",
            }),
        ),
    }
}
