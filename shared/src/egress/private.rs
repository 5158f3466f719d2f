//! Private receivers that an operator allows.

use super::{is_localhost, v4, v6};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::IpAddr;
use url::Host;

/// Private receivers that the operator of a deployment allows: blocks of addresses, and host names. They are called over `https`, like
/// all others.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PrivateReceivers {
    blocks: Vec<IpNet>,
    hosts: Vec<String>,
}

/// Why a list of private receivers is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrivateReceiversError {
    /// A part of it is neither a block nor a host name.
    #[error("`{0}` is neither a block of addresses such as 10.1.0.0/16 nor a host name")]
    Unreadable(String),
    /// An entry contains addresses that must never be called: this machine, link-local ones with the metadata service, multicast.
    #[error(
        "`{0}` holds addresses that are never called: loopback, link-local, unspecified or multicast ones"
    )]
    Never(String),
    /// There are too many.
    #[error("more than {} entries", PrivateReceivers::LIMIT)]
    TooMany,
}

/// Blocks that no operator can allow: this machine, link-local addresses (AWS's metadata service at 169.254.169.254 and
/// `fd00:ec2::254`), and addresses without a host.
const NEVER_V4: [Ipv4Net; 4] =
    [v4([0, 0, 0, 0], 8), v4([127, 0, 0, 0], 8), v4([169, 254, 0, 0], 16), v4([224, 0, 0, 0], 3)];
const NEVER_V6: [Ipv6Net; 5] = [
    // Unspecified, loopback, and IPv4 in disguise.
    v6([0, 0, 0, 0], 64),
    v6([0x64, 0xff9b, 0, 0], 32),
    v6([0xfd00, 0xec2, 0, 0], 32),
    v6([0xfe80, 0, 0, 0], 10),
    v6([0xff00, 0, 0, 0], 8),
];

impl PrivateReceivers {
    /// How many entries a list can have.
    pub const LIMIT: usize = 100;

    /// Parses a comma-separated list. An empty one allows none.
    pub fn parse(text: &str) -> Result<Self, PrivateReceiversError> {
        let mut list = Self::default();
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        for (index, entry) in entries.enumerate() {
            if index >= Self::LIMIT {
                return Err(PrivateReceiversError::TooMany);
            }
            let unreadable = || PrivateReceiversError::Unreadable(entry.chars().take(253).collect());
            if entry.contains('/') {
                let block: IpNet = entry.parse().map_err(|_| unreadable())?;
                if overlaps_never(block) {
                    return Err(PrivateReceiversError::Never(entry.to_owned()));
                }
                list.blocks.push(block.trunc());
            } else {
                // As in a URL: in lower case, and as Punycode.
                match Host::parse(entry).map_err(|_| unreadable())? {
                    Host::Domain(name) if !is_localhost(&name) => list.hosts.push(bare(&name)),
                    _ => return Err(unreadable()),
                }
            }
        }
        Ok(list)
    }

    /// Whether the address may be called where a URL names this host.
    pub(super) fn allows(&self, host: Option<&str>, ip: IpAddr) -> bool {
        if is_never(ip) {
            return false;
        }
        let is_named = host.is_some_and(|host| self.hosts.contains(&bare(host)));
        is_named || self.blocks.iter().any(|block| block.contains(&ip))
    }
}

/// A host name without a final dot.
fn bare(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn is_never(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => NEVER_V4.iter().any(|block| block.contains(&ip)),
        IpAddr::V6(ip) => NEVER_V6.iter().any(|block| block.contains(&ip)),
    }
}

fn overlaps_never(block: IpNet) -> bool {
    let overlap = |one: IpNet, other: IpNet| one.contains(&other) || other.contains(&one);
    let v4 = NEVER_V4.iter().any(|never| overlap(block, IpNet::V4(*never)));
    v4 || NEVER_V6.iter().any(|never| overlap(block, IpNet::V6(*never)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_operator_can_allow_is_refused_by_name() {
        use PrivateReceiversError::{Never, TooMany, Unreadable};
        for never in [
            "127.0.0.0/8",
            "127.0.0.1/32",
            "0.0.0.0/0",
            "169.254.169.254/32",
            "224.0.0.1/32",
            "::/0",
            "::1/128",
        ] {
            assert_eq!(PrivateReceivers::parse(never), Err(Never(never.into())));
        }
        for bad in ["10.0.0.0/33", "10.0.0.1", "[fd12::1]", "localhost", "a.localhost", "a b", "https://x/"] {
            assert_eq!(PrivateReceivers::parse(&format!("ok.example,{bad}")), Err(Unreadable(bad.into())));
        }
        assert_eq!(PrivateReceivers::parse(&"a.example,".repeat(101)), Err(TooMany));
    }
}
