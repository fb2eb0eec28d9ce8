//! Who may not use the control port although he reaches it: web pages.
//!
//! A browser on the developer's machine reaches the port, and runs what any page on the web tells it
//! to. It sends simple requests to any address without asking (Fetch, "CORS protocol"), and lets a
//! page read the answers of whatever address the page's own host name resolves to, which its owner
//! may change (DNS rebinding). Against the first stand the headers in which browsers say where a
//! request comes from (`Origin`, RFC 6454; `Sec-Fetch-Site`, Fetch Metadata), which no page can
//! forge; against the second stands the `Host`, which is the page's.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};

use axum::http::uri::Authority;
use axum::http::{HeaderName, Request, header};

use super::ControlRefusal;

/// The names under which the port is reached, besides those that no page on the web can have.
#[derive(Debug, Clone, Default)]
pub struct ControlNames(BTreeSet<String>);

/// Where a browser says that a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Domains in which nobody can register a name that the public DNS resolves: special uses (RFC 6761,
/// RFC 6762, RFC 8375), what ICANN reserved for private networks (`internal`: the container
/// engines' `host.docker.internal` and `host.containers.internal`, names inside of clouds), and
/// `svc`, which is no top-level domain but the middle of Kubernetes' names of services.
const PRIVATE: [&str; 7] =
    ["localhost", "local", "internal", "home.arpa", "test", "example", "svc"];

impl ControlNames {
    /// With these names in addition; `*` stands for all there are.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        Self(names.into_iter().map(|name| plain(name.as_ref())).collect())
    }

    /// Whether a request may be what a web page of another origin wants.
    ///
    /// # Errors
    /// It may. The refusal says why, and what to do where it is not.
    pub fn check<B>(&self, request: &Request<B>) -> Result<(), ControlRefusal> {
        let headers = request.headers();
        let values = |name: &HeaderName| {
            let values = headers.get_all(name).iter();
            values.map(|value| value.to_str().unwrap_or("?").to_owned()).collect::<Vec<_>>()
        };
        let mut hosts = values(&header::HOST);
        hosts.extend(request.uri().authority().map(|it| it.as_str().to_owned()));
        if let Some(foreign) = hosts.iter().find(|host| !self.is_own(host)) {
            return Err(ControlRefusal::forbidden(format!(
                "the Host {foreign:?} is none under which this control port is known: it takes IP \
                 addresses, localhost, names without a dot and those of private domains ({}); start \
                 the pod with --control-name (MOCK_POD_CONTROL_NAME) for further names, or with a \
                 token (--control-token) and show it",
                PRIVATE.join(", ")
            )));
        }
        // `none` is somebody who typed the address. Another port of this machine is the same site.
        let is_foreign = |site: &String| !matches!(site.as_str(), "same-origin" | "none");
        if let Some(site) = values(&FETCH_SITE).into_iter().find(is_foreign) {
            return Err(page(&format!("Sec-Fetch-Site is {site:?}")));
        }
        let is_own = |origin: &String| {
            let authority = ["http://", "https://"].iter().find_map(|it| origin.strip_prefix(it));
            authority.is_some_and(|it| hosts.iter().any(|host| host.eq_ignore_ascii_case(it)))
        };
        match values(&header::ORIGIN).into_iter().find(|origin| !is_own(origin)) {
            Some(origin) => Err(page(&format!("its Origin is {origin:?}"))),
            None => Ok(()),
        }
    }

    fn is_own(&self, host: &str) -> bool {
        if self.0.contains("*") {
            return true;
        }
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let name = plain(authority.host());
        let is_address = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => name.parse::<IpAddr>().is_ok(),
        };
        // A name of one label is that of a container, a service or a machine of the own network:
        // ICANN lets no top-level domain have an address.
        let is_private = |name: &str| {
            !name.contains('.')
                || PRIVATE.iter().any(|domain| {
                    name.strip_suffix(domain).is_some_and(|it| it.is_empty() || it.ends_with('.'))
                })
        };
        !name.is_empty() && (is_address || is_private(&name) || self.0.contains(&name))
    }
}

/// A name without what makes no difference: letter case, and the dot of the root.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn page(how: &str) -> ControlRefusal {
    ControlRefusal::forbidden(format!(
        "the request comes from a web page of another origin ({how}), and those do not rule the \
         pod; a page that should shows the token of --control-token, through a server of its own"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_own(names: &[&str], host: &str) -> bool {
        ControlNames::new(names).is_own(host)
    }

    #[test]
    fn hosts_that_no_page_can_have_are_the_pods() {
        for host in [
            "127.0.0.1:8080",
            "10.1.2.3",
            "[::1]:8080",
            "[fe80::1]",
            "localhost",
            "LocalHost:1",
            "localhost.",
            "a.b.localhost:8080",
            "mock-pod:8080",
            "registry__mock-pod",
            "host.docker.internal:8080",
            "mock-pod.ci.svc.cluster.local",
            "mock-pod.ci.svc",
        ] {
            assert!(is_own(&[], host), "{host}");
        }
        for host in [
            "",
            ":8080",
            "evil.com",
            "127.0.0.1.evil.com:8080",
            "localhost.evil.com",
            "evillocalhost.com",
            "notlocal.net",
            "127.0.0.1@evil.com",
            "xlocal.d",
            "[::1",
            "a b.local.com",
        ] {
            assert!(!is_own(&["build.company.com"], host), "{host}");
        }
        assert!(is_own(&["Build.Company.com"], "build.company.COM.:8080"));
        assert!(is_own(&["*"], "evil.com"));
    }
}
