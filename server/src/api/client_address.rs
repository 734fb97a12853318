//! Which address a request comes from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::{extract::Request, http::HeaderMap};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// The address that a request is counted for: that of the connection, or the one that a proxy names if its word is
/// taken. Everybody else could write whatever they like.
pub(super) fn of(request: &Request, proxies: &[IpAddr]) -> IpAddr {
    let peer = request.extensions().get::<Peer>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| {
        peer.0.to_canonical()
    });
    let address = if proxies.contains(&peer) {
        last_hop(request.headers()).unwrap_or(peer)
    } else {
        peer
    };
    network_of(address)
}

/// The last entry: the proxy itself wrote it. Those before it came with the request.
fn last_hop(headers: &HeaderMap) -> Option<IpAddr> {
    let value = headers.get_all(FORWARDED_FOR).iter().next_back()?;
    let entry = value.to_str().ok()?.rsplit(',').next()?.trim();
    let address = entry.parse().ok();
    let with_port = || {
        entry
            .parse()
            .ok()
            .map(|entry: std::net::SocketAddr| entry.ip())
    };
    address
        .or_else(with_port)
        .map(|address: IpAddr| address.to_canonical())
}

/// Whose address counts as one: a household or an office has a whole /64 of IPv6.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
            address.to_bits() & !u128::from(u64::MAX),
        )),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn address(peer: &str, forwarded: &[&str], proxies: &[&str]) -> String {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(Peer(peer.parse().unwrap()));
        for value in forwarded {
            let value = value.parse().unwrap();
            request.headers_mut().append(FORWARDED_FOR, value);
        }
        let proxies: Vec<IpAddr> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
        of(&request, &proxies).to_string()
    }

    #[test]
    fn only_a_proxy_of_ours_says_where_a_request_comes_from() {
        let proxy = ["10.0.0.1"];
        assert_eq!(address("192.0.2.7", &["198.51.100.9"], &proxy), "192.0.2.7");
        assert_eq!(address("10.0.0.1", &["198.51.100.9"], &[]), "10.0.0.1");
        assert_eq!(
            address("10.0.0.1", &["198.51.100.9"], &proxy),
            "198.51.100.9"
        );
        assert_eq!(
            address("::ffff:10.0.0.1", &["198.51.100.9"], &proxy),
            "198.51.100.9"
        );
        assert_eq!(
            address("10.0.0.1", &["1.1.1.1, 198.51.100.9:4711"], &proxy),
            "198.51.100.9"
        );
        assert_eq!(
            address("10.0.0.1", &["1.1.1.1", "198.51.100.9"], &proxy),
            "198.51.100.9"
        );
        for unreadable in ["", "unknown", "1.1.1.1, "] {
            assert_eq!(address("10.0.0.1", &[unreadable], &proxy), "10.0.0.1");
        }
        assert_eq!(address("10.0.0.1", &[], &proxy), "10.0.0.1");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        assert_eq!(address("2001:db8:1:2:3:4:5:6", &[], &[]), "2001:db8:1:2::");
    }
}
