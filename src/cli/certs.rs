use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use symphony_mock_pod::Certificates;

use crate::arguments::Certs;

pub fn run(certs: Certs) -> Result<(), String> {
    crate::serve::set_up_progress();
    let names: Vec<_> = certs.user.iter().chain(&certs.app).cloned().collect();
    if names.is_empty() && !certs.bad.is_empty() {
        return Err("--bad is for those whom --user and --app name, and nobody is named".into());
    }
    let before = files(&certs.out);
    let write = || {
        if names.is_empty() && certs.dns.is_empty() && certs.bad.is_empty() {
            return Certificates::embedded().write_to(&certs.out);
        }
        let made = Certificates::open(&certs.out, &names, &certs.dns, certs.key)?;
        for name in &names {
            for defect in &certs.bad {
                let identity = made.issue_defective(name, *defect)?;
                identity.write_to(&certs.out, &format!("{name}-{defect}"))?;
            }
        }
        Ok(())
    };
    write().map_err(|error: symphony_mock_pod::CertificateError| error.to_string())?;
    eprintln!("written to {}", certs.out.display());
    // On stdout, for whoever goes on with them.
    for name in files(&certs.out).difference(&before) {
        println!("{}", certs.out.join(name).display());
    }
    Ok(())
}

/// The names of the files that are there.
fn files(folder: &Path) -> BTreeSet<OsString> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).filter(|name| name != ".lock").collect()
}
