//! Which URLs of customers may be called, and which addresses they may resolve to.
//!
//! A URL is checked when it is set, so that mistakes are reported at once. The address is checked when a connection is opened,
//! because a name may resolve to another one by then.

#[cfg(feature = "outbound")]
pub mod outbound;
mod private;

pub use private::{PrivateReceivers, PrivateReceiversError};

use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// What may be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Egress {
    /// `https` URLs at public addresses.
    #[default]
    Public,
    /// Those, and the private receivers that the operator allows. The list exists as long as the process.
    PublicAnd(&'static PrivateReceivers),
    /// Those, and this machine, also over plain `http`: for local use.
    PublicAndLoopback,
}

/// Why a URL may not be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// It is longer than [`Egress::URL_LIMIT`].
    #[error("must be at most {} characters long", Egress::URL_LIMIT)]
    TooLong,
    /// It is no URL.
    #[error("must be an absolute URL")]
    NoUrl,
    /// It is not encrypted.
    #[error("must be an https URL")]
    Scheme,
    /// It contains credentials, which would be sent to the receiver, and shown in lists.
    #[error("must not hold a user name or password")]
    Credentials,
    /// It has a fragment, which is never sent.
    #[error("must not have a fragment")]
    Fragment,
    /// It names an address that is not public.
    #[error("must not name this host, a private, link-local or otherwise special address")]
    Address,
}

/// IPv4 blocks that are not public: the IANA special-purpose registry (RFC 6890), multicast (RFC 5771), and class E.
const SPECIAL_V4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// The only IPv6 block of public addresses (RFC 4291). All others are refused: loopback, mapped IPv4, unique local, link-local,
/// multicast, the metadata service's `fd00:ec2::254`.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// Blocks inside it that are not public, or are tunnels: protocol assignments with Teredo, documentation, 6to4.
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0], 32),
    v6([0x2002, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0], 20),
];

/// NAT64's well-known prefix (RFC 6052): the IPv4 address in it decides.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], 96);

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c, d]: [u16; 4], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)
}

impl Egress {
    /// Longest URL, in characters.
    pub const URL_LIMIT: usize = 2048;

    /// Parses a URL that may be called, as far as that is known before its name is resolved. Forms of addresses that only browsers
    /// know (`2130706433`, `0x7f.1`, `017700000001`) are addresses here, too (WHATWG URL).
    pub fn parse(self, text: &str) -> Result<Url, UrlFault> {
        if text.chars().count() > Self::URL_LIMIT {
            return Err(UrlFault::TooLong);
        }
        let url = Url::parse(text).map_err(|_| UrlFault::NoUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if self == Self::PublicAndLoopback => {}
            _ => return Err(UrlFault::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlFault::Credentials);
        }
        if url.fragment().is_some() {
            return Err(UrlFault::Fragment);
        }
        let allowed = match url.host().ok_or(UrlFault::NoUrl)? {
            Host::Ipv4(ip) => self.allows(ip.into()),
            Host::Ipv6(ip) => self.allows(ip.into()),
            Host::Domain(name) => self == Self::PublicAndLoopback || !is_localhost(name),
        };
        if allowed { Ok(url) } else { Err(UrlFault::Address) }
    }

    /// Whether a URL may contain this address.
    pub fn allows(self, ip: IpAddr) -> bool {
        self.allows_for(None, ip)
    }

    /// Whether this address may be called for this host name.
    pub fn allows_at(self, host: &str, ip: IpAddr) -> bool {
        self.allows_for(Some(host), ip)
    }

    fn allows_for(self, host: Option<&str>, ip: IpAddr) -> bool {
        let allowed = match self {
            Self::Public => false,
            Self::PublicAnd(receivers) => receivers.allows(host, ip),
            Self::PublicAndLoopback => ip.to_canonical().is_loopback(),
        };
        allowed
            || match ip {
                IpAddr::V4(ip) => is_public_v4(ip),
                IpAddr::V6(ip) => is_public_v6(ip),
            }
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|block| block.contains(&ip))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if NAT64.contains(&ip) {
        let [.., a, b, c, d] = ip.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    GLOBAL_V6.contains(&ip) && !SPECIAL_V6.iter().any(|block| block.contains(&ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_called() {
        let allows = |text: &str| Egress::Public.allows(text.parse().unwrap());
        for public in ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "64:ff9b::8.8.8.8", "172.32.0.1"] {
            assert!(allows(public), "{public}");
        }
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "169.254.170.2",
            "172.31.255.255",
            "192.168.0.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!allows(special), "{special}");
        }
        let local = |text: &str| Egress::PublicAndLoopback.allows(text.parse().unwrap());
        assert!(local("127.0.0.1") && local("::1") && local("::ffff:127.0.0.1"));
        assert!(!local("169.254.169.254") && !local("10.0.0.1"));
    }

    #[test]
    fn an_operator_can_allow_blocks_and_hosts_and_nothing_of_this_machine() {
        let list = "10.1.0.0/16, fd12:3456::/32,Hooks.Internal.example.,  ";
        let egress = Egress::PublicAnd(Box::leak(Box::new(PrivateReceivers::parse(list).unwrap())));
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        for (host, address, allowed) in [
            ("any.example", "10.1.2.3", true),
            ("any.example", "fd12:3456::1", true),
            ("any.example", "10.2.0.1", false),
            ("any.example", "8.8.8.8", true),
            ("hooks.internal.example", "10.2.0.1", true),
            ("HOOKS.internal.example.", "192.168.1.1", true),
            ("a.hooks.internal.example", "10.2.0.1", false),
            // Whoever answers for the name cannot lead us to ourselves or to the metadata service.
            ("hooks.internal.example", "127.0.0.1", false),
            ("hooks.internal.example", "169.254.169.254", false),
            ("hooks.internal.example", "fd00:ec2::254", false),
            ("hooks.internal.example", "::ffff:10.1.2.3", false),
            ("hooks.internal.example", "fe80::1", false),
            ("hooks.internal.example", "0.0.0.0", false),
        ] {
            assert_eq!(egress.allows_at(host, ip(address)), allowed, "{host} {address}");
        }
        assert!(egress.parse("https://10.1.2.3/hook").is_ok());
        assert_eq!(egress.parse("https://10.2.2.3/hook"), Err(UrlFault::Address));
        assert_eq!(egress.parse("http://10.1.2.3/hook"), Err(UrlFault::Scheme));
        let none = Egress::PublicAnd(Box::leak(Box::new(PrivateReceivers::parse("").unwrap())));
        assert!(!none.allows_at("any.example", ip("10.1.2.3")));
    }

    #[test]
    fn urls_in_disguise_are_seen_through() {
        let parse = |text: &str| Egress::Public.parse(text).map(|url| url.to_string());
        assert_eq!(parse("https://hooks.example.com/a?b=c").unwrap(), "https://hooks.example.com/a?b=c");
        for (text, fault) in [
            ("http://hooks.example.com/", UrlFault::Scheme),
            ("ftp://hooks.example.com/", UrlFault::Scheme),
            ("javascript:alert(1)", UrlFault::Scheme),
            ("hooks.example.com", UrlFault::NoUrl),
            ("https://", UrlFault::NoUrl),
            ("https://user:secret@hooks.example.com/", UrlFault::Credentials),
            ("https://hooks.example.com/#x", UrlFault::Fragment),
            ("https://127.0.0.1/", UrlFault::Address),
            ("https://2130706433/", UrlFault::Address),
            ("https://0x7f.1/", UrlFault::Address),
            ("https://017700000001/", UrlFault::Address),
            ("https://127.1/", UrlFault::Address),
            ("https://[::1]/", UrlFault::Address),
            ("https://[::ffff:169.254.169.254]/", UrlFault::Address),
            ("https://[::ffff:a9fe:a9fe]/", UrlFault::Address),
            ("https://169.254.169.254/latest/meta-data", UrlFault::Address),
            ("https://①②⑦.⓪.⓪.①/", UrlFault::Address),
            ("https://localhost/", UrlFault::Address),
            ("https://a.LOCALHOST./", UrlFault::Address),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
        assert_eq!(parse(&format!("https://example.com/{}", "x".repeat(2048))), Err(UrlFault::TooLong));
        assert!(Egress::PublicAndLoopback.parse("http://127.0.0.1:8080/hook").is_ok());
        assert!(Egress::PublicAndLoopback.parse("http://localhost:8080/hook").is_ok());
    }
}
