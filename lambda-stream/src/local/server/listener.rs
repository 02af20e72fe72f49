//! Binds the listener of the front ends.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;

use tokio::runtime::Runtime;

use super::super::error::LocalError;
use super::super::settings::Port;

/// The ports to try in order if the command line names no port.
const DEFAULT_PORTS: RangeInclusive<u16> = 9000..=9099;

/// A bound listener.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) listener: TcpListener,
    /// An address of the listener that a client on this machine can connect to.
    pub(crate) address: SocketAddr,
    /// The default port, if it was in use and the listener has another port therefore.
    pub(crate) port_in_use: Option<u16>,
}

/// Binds the listener of the front ends.
pub(crate) fn bind(host: IpAddr, port: Port) -> Result<Bound, LocalError> {
    let bind = |port| {
        TcpListener::bind((host, port)).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => LocalError::PortInUse(port),
            _ => LocalError::Bind((host, port).into(), error),
        })
    };
    let (listener, port_in_use) = match port {
        Port::Exactly(port) => (bind(port)?, None),
        Port::Default => bind_first_free(DEFAULT_PORTS, bind)?,
    };
    let address = listener.local_addr().map_err(LocalError::Start)?;
    Ok(Bound {
        listener,
        address: SocketAddr::new(local_address(address.ip()), address.port()),
        port_in_use,
    })
}

/// Registers a listener with the reactor of `runtime`.
pub(crate) fn register(runtime: &Runtime, listener: TcpListener) -> io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    let _guard = runtime.enter();
    tokio::net::TcpListener::from_std(listener)
}

/// Returns an address that a client on this machine can connect to: loopback instead of the unspecified address.
fn local_address(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

/// Binds the first free port of `ports`. Also returns the first port of the range if it is in use.
fn bind_first_free<L>(
    ports: RangeInclusive<u16>,
    bind: impl Fn(u16) -> Result<L, LocalError>,
) -> Result<(L, Option<u16>), LocalError> {
    let first = *ports.start();
    for port in ports.clone() {
        match bind(port) {
            Ok(listener) if port == first => return Ok((listener, None)),
            Ok(listener) => return Ok((listener, Some(first))),
            Err(LocalError::PortInUse(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Err(LocalError::DefaultPortsInUse(ports))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_default_port_in_use_binds_next_port() {
        let bind = |port| match port {
            7000 | 7001 => Err(LocalError::PortInUse(port)),
            port => Ok(port),
        };
        assert_eq!(bind_first_free(7000..=7009, bind).unwrap(), (7002, Some(7000)));
        assert_eq!(bind_first_free(7002..=7009, bind).unwrap(), (7002, None));
        let error = bind_first_free(7000..=7001, bind).unwrap_err();
        assert!(matches!(error, LocalError::DefaultPortsInUse(_)));
    }
}
