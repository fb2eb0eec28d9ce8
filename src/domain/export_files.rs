//! Content export: the files in which a pod hands out what was said on it, for archives.

use std::cmp::Ordering;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::register::{Register, Registered};
use super::seeded_rng::hex;
use super::{Refusal, Timestamp, World};

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFile {
    pub id: String,
    /// Unique on the pod.
    pub name: String,
    pub bytes: Bytes,
    pub content_type: String,
    pub uploaded: Timestamp,
    /// Names the key with which it is encrypted, and how.
    pub encryption: Option<(String, String)>,
    pub job_type: JobType,
    /// `ACTIANCE`, `SYMPHONY` or `EML`, in whatever letter case.
    pub format: String,
    /// From when on it has what was said.
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    /// The beginning of the day on which it was made.
    pub generated: Option<Timestamp>,
}

/// What had an export made.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum JobType {
    #[default]
    Adhoc,
    Scheduled,
    Curl,
}

/// All files in the order in which they came. Nothing of the public API makes any.
#[derive(Debug, Clone, Default)]
pub struct ExportFiles(Register<Arc<ExportFile>>);

/// Which files are asked for, and in which order.
#[derive(Debug, Clone, Default)]
pub struct ExportFileQuery {
    /// A part of the name; letter case does not count.
    pub name: Option<String>,
    pub uploaded_after: Option<Timestamp>,
    pub uploaded_before: Option<Timestamp>,
    pub job_type: Option<JobType>,
    pub format: Option<String>,
    pub start_after: Option<Timestamp>,
    pub end_before: Option<Timestamp>,
    pub generated: Option<Timestamp>,
    /// By default as they came.
    pub order: Option<ExportFileOrder>,
    pub descending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFileOrder {
    Name,
    Generated,
    Uploaded,
    Size,
    JobType,
    Format,
    Start,
    End,
}

impl ExportFile {
    pub const FORMATS: [&str; 3] = ["ACTIANCE", "SYMPHONY", "EML"];

    /// The beginning of a day that is written as `2025-05-12`.
    pub fn day(text: &str) -> Option<Timestamp> {
        let is_day = text.len() == 10 && text.bytes().all(|it| it.is_ascii_digit() || it == b'-');
        let moment = is_day.then(|| format!("{text}T00:00:00Z").parse().ok());
        moment.flatten()
    }

    /// The day of a moment, written so.
    pub fn date(at: Timestamp) -> String {
        at.iso()[..10].to_owned()
    }

    /// SHA-256 of its content, in hex.
    pub fn integrity_hash(&self) -> String {
        let mut text = String::new();
        hex(&mut text, ring::digest::digest(&ring::digest::SHA256, &self.bytes).as_ref());
        text
    }

    fn fits(&self, query: &ExportFileQuery) -> bool {
        let after = |bound: Option<Timestamp>, at: Option<Timestamp>| {
            bound.is_none_or(|bound| at.is_some_and(|at| at > bound))
        };
        let before = |bound: Option<Timestamp>, at: Option<Timestamp>| {
            bound.is_none_or(|bound| at.is_some_and(|at| at < bound))
        };
        let name = self.name.to_lowercase();
        query.name.as_ref().is_none_or(|part| name.contains(&part.to_lowercase()))
            && after(query.uploaded_after, Some(self.uploaded))
            && before(query.uploaded_before, Some(self.uploaded))
            && query.job_type.is_none_or(|job_type| self.job_type == job_type)
            && query.format.as_ref().is_none_or(|it| self.format.eq_ignore_ascii_case(it))
            && after(query.start_after, self.start)
            && before(query.end_before, self.end)
            && query.generated.is_none_or(|day| self.generated == Some(day))
    }

    fn compare(&self, other: &Self, order: ExportFileOrder) -> Ordering {
        match order {
            ExportFileOrder::Name => self.name.cmp(&other.name),
            ExportFileOrder::Generated => self.generated.cmp(&other.generated),
            ExportFileOrder::Uploaded => self.uploaded.cmp(&other.uploaded),
            ExportFileOrder::Size => self.bytes.len().cmp(&other.bytes.len()),
            ExportFileOrder::JobType => self.job_type.cmp(&other.job_type),
            ExportFileOrder::Format => self.format.to_uppercase().cmp(&other.format.to_uppercase()),
            ExportFileOrder::Start => self.start.cmp(&other.start),
            ExportFileOrder::End => self.end.cmp(&other.end),
        }
    }
}

impl Registered for Arc<ExportFile> {
    type Id = String;
    type Name = String;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

impl ExportFiles {
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ExportFile>> {
        self.0.iter()
    }

    pub fn by_id(&self, id: &str) -> Option<&Arc<ExportFile>> {
        self.0.by_id(id)
    }

    pub fn called(&self, name: &str) -> Option<&Arc<ExportFile>> {
        self.0.called(name)
    }

    /// Adds a file, or puts it in the place of the one that has its id.
    pub fn put(&mut self, file: ExportFile) {
        self.0.put(Arc::new(file));
    }
}

impl World {
    /// The files that a query is for, in the order that it wants.
    pub fn export_files(&self, query: &ExportFileQuery) -> Vec<&Arc<ExportFile>> {
        let mut found: Vec<_> = self.exports.iter().filter(|file| file.fits(query)).collect();
        if let Some(order) = query.order {
            found.sort_by(|one, other| one.compare(other, order));
        }
        if query.descending {
            found.reverse();
        }
        found
    }

    /// A file that a client names.
    ///
    /// # Errors
    /// There is none.
    pub fn export_file(&self, id: &str) -> Result<&Arc<ExportFile>, Refusal> {
        let file = self.exports.by_id(id);
        file.ok_or_else(|| Refusal::ExportFileUnknown { id: id.to_owned() })
    }
}
