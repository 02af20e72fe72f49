//! Binds the listener of the Function URL and describes the address to the user.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;

use tokio::runtime::Runtime;

use super::super::error::LocalError;
use super::super::settings::Port;
use super::origin_check::Exposure;

/// The ports to try in order if the command line names no port.
const DEFAULT_PORTS: RangeInclusive<u16> = 9000..=9099;

/// Binds the listener. Returns it with the startup message, which contains the URL and warns about network access.
pub(crate) fn bind(host: IpAddr, port: Port) -> Result<(TcpListener, String), LocalError> {
    let bind = |port| {
        TcpListener::bind((host, port)).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => LocalError::PortInUse(port),
            _ => LocalError::Bind((host, port).into(), error),
        })
    };
    let (listener, note) = match port {
        Port::Exactly(port) => (bind(port)?, String::new()),
        Port::Default => bind_first_free(DEFAULT_PORTS, bind)?,
    };
    let address = listener.local_addr().map_err(LocalError::Start)?;
    let url = SocketAddr::new(local_address(address.ip()), address.port());
    let mut announcement = format!("{note}serving at http://{url}, try:\ncurl -N http://{url}/");
    if Exposure::of(host) == Exposure::Network {
        announcement += &format!(
            "\nwarning: because of --host {host}, anyone who can reach this machine over the network can invoke the \
             function"
        );
    }
    Ok((listener, announcement))
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

/// Binds the first free port of `ports`. The returned note is empty if that is the first port of the range.
fn bind_first_free<L>(
    ports: RangeInclusive<u16>,
    bind: impl Fn(u16) -> Result<L, LocalError>,
) -> Result<(L, String), LocalError> {
    let first = *ports.start();
    for port in ports.clone() {
        match bind(port) {
            Ok(listener) if port == first => return Ok((listener, String::new())),
            Ok(listener) => return Ok((listener, format!("port {first} is in use, "))),
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
        assert_eq!(
            bind_first_free(7000..=7009, bind).unwrap(),
            (7002, "port 7000 is in use, ".to_owned())
        );
        assert_eq!(bind_first_free(7002..=7009, bind).unwrap(), (7002, String::new()));
        let error = bind_first_free(7000..=7001, bind).unwrap_err();
        assert!(matches!(error, LocalError::DefaultPortsInUse(_)));
    }
}
