//! How the files in a folder of certificates and keys are named and written.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::CertificateError;

/// A username as a file name: anything but the characters that are safe everywhere is written as
/// `%` and two hex digits, so that no username leads out of the folder. The first character of a name
/// is escaped too where its files would otherwise collide with those of the pod or another user.
pub fn file_name(name: &str) -> String {
    const OF_THE_POD: [&str; 4] = ["ca", "pod", "server", "truststore"];
    const OF_ANOTHER: [&str; 3] = ["-combined", "-rsa", "-rsa.pub"];
    let taken = name.starts_with('.')
        || OF_THE_POD.contains(&name)
        || OF_ANOTHER.iter().any(|suffix| name.ends_with(suffix));
    let mut file = String::with_capacity(name.len());
    for (n, byte) in name.bytes().enumerate() {
        match byte {
            _ if taken && n == 0 => drop(write!(file, "%{byte:02X}")),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'@' | b'+' => {
                file.push(char::from(byte));
            }
            _ => drop(write!(file, "%{byte:02X}")),
        }
    }
    file
}

const NOT_TEXT: &str = "is not text, and so not PEM: convert it (of PKCS#12: openssl pkcs12 -nodes \
                        -in FILE; of DER: openssl x509 or openssl pkey -inform der -in FILE), or \
                        remove it, and it is made anew";

pub(super) fn read(folder: &Path, name: &str) -> Result<Option<String>, CertificateError> {
    let Some(bytes) = read_bytes(folder, name)? else {
        return Ok(None);
    };
    String::from_utf8(bytes).map(Some).map_err(|_| unusable(&folder.join(name), NOT_TEXT))
}

pub(super) fn read_bytes(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, CertificateError> {
    let path = folder.join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error(&path, error)),
    }
}

pub(super) fn remove(folder: &Path, name: &str) -> Result<(), CertificateError> {
    let path = folder.join(name);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file_error(&path, error)),
        _ => Ok(()),
    }
}

/// Writes whole or not at all: a full disk or a killed process leaves no half file behind.
///
/// The files are readable by everybody. They identify nobody outside tests, and a folder shared
/// with a container is read by another user than the one who wrote it.
pub(super) fn write(folder: &Path, name: &str, content: &[u8]) -> Result<(), CertificateError> {
    let path = folder.join(name);
    let draft = folder.join(format!(".{name}.{}", std::process::id()));
    let written = std::fs::write(&draft, content).and_then(|()| std::fs::rename(&draft, &path));
    written.map_err(|error| {
        drop(std::fs::remove_file(&draft));
        file_error(&path, error)
    })
}

pub(super) fn file_error(path: &Path, error: io::Error) -> CertificateError {
    CertificateError::File { path: path.into(), error }
}

pub(super) fn unusable(path: &Path, problem: impl ToString) -> CertificateError {
    CertificateError::Unusable { path: path.into(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_username_leads_out_of_the_folder() {
        assert_eq!(file_name("bot"), "bot");
        assert_eq!(file_name("john.doe@bank"), "john.doe@bank");
        assert_eq!(file_name("../../etc/x"), "%2E.%2F..%2Fetc%2Fx");
        assert_eq!(file_name("Zoë b"), "Zo%C3%AB%20b");
    }

    #[test]
    fn no_username_takes_the_files_of_something_else() {
        assert_eq!(file_name("ca"), "%63a");
        assert_eq!(file_name("bot-rsa"), "%62ot-rsa");
        assert_eq!(file_name("rsa-bot"), "rsa-bot");
    }
}
