use std::path::{Path, PathBuf};

use symphony_mock_pod::{Certificates, ListenerRole, Login, Sdk, SdkConfig};

use crate::arguments::SdkConfigFlags;

pub fn run(flags: SdkConfigFlags) -> Result<(), String> {
    crate::serve::set_up_progress();
    let names: Vec<_> = [Some(&flags.bot), flags.app.as_ref()].into_iter().flatten().collect();
    let certificates = match &flags.certs {
        Some(folder) => {
            let names: Vec<_> = names.iter().map(|name| (*name).clone()).collect();
            Certificates::open_at_once(folder, &names, &[])
        }
        None => Ok(Certificates::embedded()),
    };
    let certificates = certificates.map_err(|error| error.to_string())?;
    let known: Vec<_> =
        certificates.known_identities().iter().map(|known| known.name().to_owned()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name))
        && flags.login == Login::Rsa
    {
        return Err(format!(
            "no pod knows an RSA key of {unknown:?}: start the pod with --certs DIR and give the \
             same folder here, or ask the running pod for /_mock/sdk-config/{unknown}"
        ));
    }
    if flags.certs.is_none() {
        for unknown in names.iter().filter(|name| !known.contains(name)) {
            eprintln!(
                "the default pod has no service user and no app {unknown:?}, only {}: its pod needs a \
                 scenario (--scenario) that has one",
                known.join(", ")
            );
        }
    }
    let out = absolute(&flags.out)?;
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    if let Some(listen) = flags.listen.iter().find(|listen| listen.wanted_port() == 0) {
        return Err(format!(
            "--listen {}: the client must know the port, as in {}@8451; the pod's ready line has it",
            listen.role(),
            listen.role()
        ));
    }
    let hosts = flags.listen.iter().map(|listen| (listen.role(), listen.wanted_port()));
    let config = SdkConfig {
        host: flags.host,
        port: flags.port,
        hosts: hosts.filter(|(role, _)| *role != ListenerRole::All).collect(),
        load_balancing: flags.load_balancing,
        sticky: !flags.no_stickiness,
        context: flags.context,
        bot: flags.bot.clone(),
        app: flags.app.clone(),
        login: flags.login,
        folder: out.clone(),
        proxy: flags.proxy,
    };
    for sdk in Sdk::ALL {
        let is_named = flags.client.contains(&sdk);
        if !is_named && !flags.client.is_empty() {
            continue;
        }
        match config.text(sdk) {
            Ok(text) => write(&out, sdk.file_name(), text.as_bytes())?,
            Err(error) if is_named => return Err(error.to_string()),
            // Among all, one that cannot be told where the pod is has no file.
            Err(error) => eprintln!("{error}"),
        }
    }
    write(&out, "ca.pem", certificates.authority_pem().as_bytes())?;
    let truststore = certificates.truststore().map_err(|error| error.to_string())?;
    write(&out, "truststore.p12", &truststore)?;
    for name in names {
        let identity = certificates.identity(name).map_err(|error| error.to_string())?;
        identity.write_to(&out, name).map_err(|error| error.to_string())?;
    }
    eprintln!("written to {}", out.display());
    Ok(())
}

fn absolute(folder: &Path) -> Result<PathBuf, String> {
    std::path::absolute(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn write(folder: &Path, name: &str, content: &[u8]) -> Result<(), String> {
    let path = folder.join(name);
    std::fs::write(&path, content).map_err(|error| format!("{}: {error}", path.display()))
}
