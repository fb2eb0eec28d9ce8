//! A folder of certificates and keys. One process at a time may fill it, under a lock, and the files
//! that are made appear all together or not at all.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::CertificateError;
use super::file_names::{file_error, read, read_bytes, remove, write};

/// A folder that is read, and filled where something is missing in it.
pub(super) struct Folder<'a> {
    path: &'a Path,
    /// What is made, before it appears; none where nothing may be made.
    draft: Option<Draft>,
}

/// The files that are made, in a folder of their own until all are there.
struct Draft {
    path: PathBuf,
    /// In the order in which they are to appear.
    names: RefCell<Vec<String>>,
    /// Held until the draft is gone.
    _lock: File,
}

const DRAFT: &str = ".draft";
const LOCK: &str = ".lock";

impl<'a> Folder<'a> {
    /// The folder as it is. Making a file in it is an error.
    pub fn complete(path: &'a Path) -> Self {
        Self { path, draft: None }
    }

    /// The folder to be filled. Waits until no other process fills it.
    pub fn to_fill(path: &'a Path) -> Result<Self, CertificateError> {
        let lock = path.join(LOCK);
        let open = File::options().create(true).truncate(false).write(true).open(&lock);
        let locked = open.and_then(|file| file.lock().map(|()| file));
        let lock = locked.map_err(|error| file_error(&lock, error))?;
        let draft = path.join(DRAFT);
        // We hold the lock, so a draft that is there was left by a process that was killed.
        match std::fs::remove_dir_all(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(file_error(&draft, error));
            }
            _ => {}
        }
        std::fs::create_dir(&draft).map_err(|error| file_error(&draft, error))?;
        let draft = Draft { path: draft, names: RefCell::default(), _lock: lock };
        Ok(Self { path, draft: Some(draft) })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub fn read(&self, name: &str) -> Result<Option<String>, CertificateError> {
        read(self.path, name)
    }

    pub fn read_bytes(&self, name: &str) -> Result<Option<Vec<u8>>, CertificateError> {
        read_bytes(self.path, name)
    }

    /// Whether something may be made; an error that names what is missing where it may not.
    pub fn may_make(&self, name: &str) -> Result<(), CertificateError> {
        match &self.draft {
            Some(_) => Ok(()),
            None => Err(file_error(&self.path(name), io::ErrorKind::NotFound.into())),
        }
    }

    /// Makes a file. It appears with all others, in their order.
    pub fn make(&self, name: &str, content: &[u8]) -> Result<(), CertificateError> {
        self.may_make(name)?;
        if let Some(draft) = &self.draft {
            write(&draft.path, name, content)?;
            draft.names.borrow_mut().push(name.to_owned());
        }
        Ok(())
    }

    /// Moves the files that were made into the folder.
    ///
    /// Files that are to be replaced are removed first. If the process is killed in the middle, files
    /// are missing, but none are there that do not belong together.
    pub fn publish(self) -> Result<(), CertificateError> {
        let Some(draft) = &self.draft else {
            return Ok(());
        };
        let names = draft.names.borrow();
        names.iter().try_for_each(|name| remove(self.path, name))?;
        names.iter().try_for_each(|name| {
            let path = self.path(name);
            std::fs::rename(draft.path.join(name), &path).map_err(|error| file_error(&path, error))
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.path));
    }
}
