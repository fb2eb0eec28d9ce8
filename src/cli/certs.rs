use symphony_mock_pod::Certificates;

use crate::arguments::Certs;

pub fn run(certs: Certs) -> Result<(), String> {
    crate::serve::set_up_progress();
    let names: Vec<_> = certs.user.iter().chain(&certs.app).cloned().collect();
    let write = || {
        if names.is_empty() && certs.dns.is_empty() && certs.bad.is_empty() {
            return Certificates::embedded()?.write_to(&certs.out);
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
    Ok(())
}
