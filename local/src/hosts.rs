//! Which names the local server answers to. A page of another site can have its own name lead to this machine (DNS rebinding):
//! its requests then carry that name in `Host`, and are of the same origin to the browser.

use lambda_http::http::uri::Authority;
use lambda_http::http::{HeaderMap, StatusCode, Uri, header};
use std::net::{IpAddr, SocketAddr};

/// Where a server listens, and under which other names it is reached on purpose.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    address: SocketAddr,
    names: Vec<String>,
}

impl Hosts {
    /// `names` are `host` or `host:port`, in any case; without a port they hold for each.
    pub(crate) fn new(address: SocketAddr, names: &[String]) -> Self {
        Self { address, names: names.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// Refuses a request for another host (421, RFC 9110, 15.5.20), or for no host (400, RFC 9112, 3.2).
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), StatusCode> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok()).filter(|_| hosts.next().is_none());
        // A Host has no user (RFC 9110, 7.2).
        let host = host.filter(|host| !host.contains('@'));
        let host: Authority = host.and_then(|host| host.parse().ok()).ok_or(StatusCode::BAD_REQUEST)?;
        let in_target = uri.authority().is_none_or(|authority| self.is_ours(authority));
        if in_target && self.is_ours(&host) { Ok(()) } else { Err(StatusCode::MISDIRECTED_REQUEST) }
    }

    fn is_ours(&self, authority: &Authority) -> bool {
        let host = authority.host().to_ascii_lowercase();
        let port = authority.port_u16().unwrap_or(80);
        if self.names.iter().any(|name| *name == host || *name == format!("{host}:{port}")) {
            return true;
        }
        let ours = self.address.ip().to_canonical();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_here = match bare.parse::<IpAddr>() {
            // A page can have its name lead here, but no address be its name.
            Ok(address) => {
                let address = address.to_canonical();
                address == ours || ours.is_unspecified() || (ours.is_loopback() && address.is_loopback())
            }
            Err(_) => host == "localhost" && (ours.is_loopback() || ours.is_unspecified()),
        };
        is_here && port == self.address.port()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(listening: &str, names: &[&str], host: &str) -> Result<(), StatusCode> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut headers = HeaderMap::new();
        for host in host.split_terminator('|') {
            headers.append(header::HOST, host.parse().unwrap());
        }
        Hosts::new(listening.parse().unwrap(), &names).check(&Uri::from_static("/inbox"), &headers)
    }

    #[test]
    fn a_loopback_server_answers_to_its_own_names() {
        for host in ["127.0.0.1:8787", "localhost:8787", "LOCALHOST:8787", "[::1]:8787", "127.0.0.2:8787"] {
            assert_eq!(answers("127.0.0.1:8787", &[], host), Ok(()), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8787",
            "localhost",
            "127.0.0.1",
            "127.0.0.1:8788",
            "localhost.evil.example:8787",
            "192.168.1.5:8787",
            "localhost.:8787",
        ] {
            assert_eq!(answers("127.0.0.1:8787", &[], host), Err(StatusCode::MISDIRECTED_REQUEST), "{host}");
        }
        for host in
            ["", "127.0.0.1:8787|127.0.0.1:8787", "a b", "127.0.0.1:8787|evil.example", "x@127.0.0.1:8787"]
        {
            assert_eq!(answers("127.0.0.1:8787", &[], host), Err(StatusCode::BAD_REQUEST), "{host}");
        }
    }

    #[test]
    fn a_public_server_answers_to_its_addresses_and_to_allowed_names() {
        assert_eq!(answers("0.0.0.0:80", &[], "192.168.1.5"), Ok(()));
        assert_eq!(answers("0.0.0.0:80", &[], "desk.lan"), Err(StatusCode::MISDIRECTED_REQUEST));
        assert_eq!(answers("0.0.0.0:80", &["Desk.lan"], "desk.LAN"), Ok(()));
        assert_eq!(answers("192.168.1.5:80", &[], "127.0.0.1"), Err(StatusCode::MISDIRECTED_REQUEST));
        assert_eq!(answers("127.0.0.1:8787", &["localhost:9000"], "localhost:9000"), Ok(()));
        assert_eq!(
            answers("127.0.0.1:8787", &["localhost:9000"], "localhost:9001"),
            Err(StatusCode::MISDIRECTED_REQUEST)
        );
    }

    #[test]
    fn the_target_names_no_other_host() {
        let hosts = Hosts::new("127.0.0.1:80".parse().unwrap(), &[]);
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "127.0.0.1".parse().unwrap());
        assert_eq!(hosts.check(&Uri::from_static("http://127.0.0.1/inbox"), &headers), Ok(()));
        let elsewhere = hosts.check(&Uri::from_static("http://evil.example/inbox"), &headers);
        assert_eq!(elsewhere, Err(StatusCode::MISDIRECTED_REQUEST));
    }
}
