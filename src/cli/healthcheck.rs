use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::arguments::Healthcheck;

const PATIENCE: Duration = Duration::from_secs(2);

/// Asks `/readyz`. Plain sockets, because a container's health check starts every few seconds and
/// should cost nothing.
pub fn run(healthcheck: &Healthcheck) -> Result<(), String> {
    let address = healthcheck.address();
    let answer = ask(address).map_err(|error| format!("no pod is ready at {address}: {error}"))?;
    match answer.split_whitespace().nth(1) {
        Some("200") => Ok(()),
        _ => {
            let line = answer.lines().next().unwrap_or("nothing");
            Err(format!("the pod at {address} is not ready: {line}"))
        }
    }
}

impl Healthcheck {
    /// Where the control port is reached on this machine.
    pub fn address(&self) -> SocketAddr {
        let host = match self.control_host {
            IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            host => host,
        };
        SocketAddr::new(host, self.control_port)
    }
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
