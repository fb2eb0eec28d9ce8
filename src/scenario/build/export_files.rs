//! How the files of a document's content exports are made.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Builder, Built};
use crate::domain::{DocumentId, ExportFile};
use crate::scenario::document::{ExportFileSeed, Scenario};
use crate::scenario::{contradiction, export};

impl Builder<'_> {
    pub(super) fn add_export_files(&mut self, scenario: &Scenario) {
        for (n, seed) in scenario.content_exports.iter().enumerate() {
            let added = self.add_export_file(n, seed);
            self.note(added);
        }
    }

    fn add_export_file(&mut self, n: usize, seed: &ExportFileSeed) -> Built<()> {
        const SECTION: &str = "contentExports";
        let at = format!("{SECTION}[{n}]");
        let known = self.world.exports.called(&seed.name).cloned();
        let file = match known {
            Some(known) if self.change.is_some() => {
                let mut current = export::export_file(&known);
                // A document that gives the content in the one way means it in place of the other.
                if seed.text.is_some() || seed.base64.is_some() {
                    (current.text, current.base64) = (None, None);
                }
                let changed = self.changed(SECTION, Some(n), current)?;
                ExportFile { id: known.id.clone(), ..self.export_file(&at, &changed)? }
            }
            Some(_) => {
                let problem = format!("there is a file {:?} already", seed.name);
                return Err(contradiction(format!("{at}.name"), problem));
            }
            None => self.export_file(&at, seed)?,
        };
        let other = self.world.exports.by_id(&file.id).filter(|it| it.name != file.name);
        if other.is_some() {
            let problem = format!("there is a file of the id {:?} already", file.id);
            return Err(contradiction(format!("{at}.id"), problem));
        }
        self.world.exports.put(file);
        Ok(())
    }

    fn export_file(&mut self, at: &str, seed: &ExportFileSeed) -> Built<ExportFile> {
        let wrong = |field: &str, problem: String| contradiction(format!("{at}.{field}"), problem);
        if seed.name.trim().is_empty() {
            return Err(wrong("name", "is empty".into()));
        }
        let bytes = match (&seed.text, &seed.base64) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(base64)) => {
                let problem = |_| wrong("base64", "is not base64".into());
                STANDARD.decode(base64).map_err(problem)?
            }
            _ => {
                let problem = "a file has a text or is given in base64, one of them".into();
                return Err(contradiction(at.to_owned(), problem));
            }
        };
        let content_type = seed.content_type.clone().unwrap_or_else(|| {
            let is_encrypted = seed.name.to_lowercase().ends_with(".pgp");
            let default = if is_encrypted { "pgp-encrypted" } else { "octet-stream" };
            format!("application/{default}")
        });
        if !content_type.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(wrong("contentType", format!("{content_type:?} is no media type")));
        }
        if !ExportFile::FORMATS.iter().any(|known| known.eq_ignore_ascii_case(&seed.file_format)) {
            let problem =
                format!("{:?} is none of {}", seed.file_format, ExportFile::FORMATS.join(", "));
            return Err(wrong("fileFormat", problem));
        }
        let encryption = match (&seed.encryption_key, &seed.encryption) {
            (None, None) => None,
            (Some(key), alg) => {
                let alg = alg.clone().unwrap_or_else(|| "AES256-GCM".to_owned());
                Some((key.clone(), alg))
            }
            (None, Some(_)) => {
                return Err(wrong("encryption", "there is no encryptionKey".into()));
            }
        };
        let uploaded = seed.uploaded.map_or(self.now, |uploaded| uploaded.resolve(self.now));
        let generated = match &seed.generated {
            None => ExportFile::day(&ExportFile::date(uploaded)),
            Some(day) => {
                let problem = || format!("{day:?} is no day like 2025-05-12");
                Some(ExportFile::day(day).ok_or_else(|| wrong("generated", problem()))?)
            }
        };
        let id = seed.id.clone();
        Ok(ExportFile {
            id: id.unwrap_or_else(|| DocumentId::new(uploaded, &mut self.world.rng).to_string()),
            name: seed.name.clone(),
            bytes: bytes.into(),
            content_type,
            uploaded,
            encryption,
            job_type: seed.job_type,
            format: seed.file_format.clone(),
            start: seed.start.map(|start| start.resolve(self.now)),
            end: seed.end.map(|end| end.resolve(self.now)),
            generated,
        })
    }
}
