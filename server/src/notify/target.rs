//! Which addresses a webhook may have: `https`, on the open internet. A program inside the network, which an administrator
//! could reach through this service and not otherwise, is spoken to only where the configuration allows it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;

/// The longest URL, in bytes.
const URL_BYTES_MAX: usize = 300;

/// Why an address is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TargetError {
    #[error(
        "is not an https URL without user, password and fragment; http is taken on a loopback address alone, and only \
         where the configuration allows private addresses"
    )]
    NotHttps,
    #[error("leads to a private address, which `webhooks_to_private_addresses` does not allow")]
    Private,
    #[error("has a host that cannot be found")]
    Unknown,
}

/// Reads an address as it is given; a host that is written as a number is checked at once.
pub(crate) fn parse(text: &str, private_too: bool) -> Result<Url, TargetError> {
    let url = Url::parse(text).map_err(|_| TargetError::NotHttps)?;
    let plain = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let address = literal(&url);
    let scheme = match (url.scheme(), address) {
        ("https", _) => url.has_host(),
        ("http", Some(address)) => private_too && address.is_loopback(),
        _ => false,
    };
    if !plain || !scheme || text.len() > URL_BYTES_MAX {
        return Err(TargetError::NotHttps);
    }
    match address {
        Some(address) if !private_too && !is_public(address) => Err(TargetError::Private),
        _ => Ok(url),
    }
}

/// The addresses that a host has now; refused if one of them is private. What is found is what is connected to: asking
/// again might give another answer.
pub(super) async fn resolve(url: &Url, private_too: bool) -> Result<Vec<SocketAddr>, TargetError> {
    let port = url.port_or_known_default().unwrap_or(443);
    let found: Vec<SocketAddr> = if let Some(address) = literal(url) {
        vec![SocketAddr::new(address, port)]
    } else {
        let host = url.host_str().unwrap_or_default();
        let found = tokio::net::lookup_host((host, port)).await;
        found.map_err(|_| TargetError::Unknown)?.collect()
    };
    if found.is_empty() {
        return Err(TargetError::Unknown);
    }
    if private_too || found.iter().all(|found| is_public(found.ip())) {
        Ok(found)
    } else {
        Err(TargetError::Private)
    }
}

fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let address = host.trim_start_matches('[').trim_end_matches(']');
    address.parse().ok()
}

/// Whether an address is reached over the open internet (IANA's registries of special-purpose addresses, RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b))
        || a >= 224)
}

/// Global unicast alone, without what carries an IPv4 address inside and without documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    (0x2000..0x4000).contains(&a)
        && a != 0x2002
        && !(a == 0x2001 && (b < 0x0200 || b == 0x0db8))
        && !(a == 0x3fff && b < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_internet_is_reached_unless_the_configuration_says_otherwise() {
        for host in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fd00::1]",
            "[fe80::1]",
            "[::ffff:10.0.0.1]",
            "[64:ff9b::a00:1]",
            "[2002:a00:1::]",
            "[2001:db8::1]",
            "0x7f000001",
            "2130706433",
        ] {
            let text = format!("https://{host}/hook");
            assert_eq!(parse(&text, false), Err(TargetError::Private), "{host}");
            assert!(parse(&text, true).is_ok(), "{host}");
        }
        for host in ["hook.example.org", "93.184.216.34", "[2606:2800:220:1::1]"] {
            assert!(
                parse(&format!("https://{host}/hook"), false).is_ok(),
                "{host}"
            );
        }
    }

    #[test]
    fn nothing_is_sent_in_the_open() {
        for text in [
            "http://hook.example.org/",
            "http://10.0.0.1/",
            "ftp://hook.example.org/",
            "https://user:geheim@hook.example.org/",
            "https://hook.example.org/#part",
            "hook.example.org",
        ] {
            assert_eq!(parse(text, true), Err(TargetError::NotHttps), "{text}");
        }
        assert!(parse("http://127.0.0.1:9000/hook", true).is_ok());
        assert!(parse("http://127.0.0.1:9000/hook", false).is_err());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_when_it_is_used() {
        let url = parse("https://localhost/hook", false).unwrap();
        assert_eq!(resolve(&url, false).await, Err(TargetError::Private));
    }
}
