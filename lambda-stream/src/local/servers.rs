//! The Runtime API and the runtime of the servers, which the session and the service have in common.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::broker::Broker;
use super::error::LocalError;
use super::runtime_api::{self, Endpoint};
use super::server::listener;

/// A Runtime API that serves, and the tokio runtime of its server.
pub(crate) struct Servers {
    pub(crate) runtime: Runtime,
    pub(crate) broker: Arc<Broker>,
    pub(crate) endpoint: Endpoint,
}

/// Binds the Runtime API to a free loopback port. It is served when the runtime runs.
pub(crate) fn bind(broker: Arc<Broker>) -> Result<Servers, LocalError> {
    let start = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let endpoint = Endpoint::new(listener.local_addr()?);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = listener::register(&runtime, listener)?;
        runtime.spawn(runtime_api::serve(listener, endpoint.clone(), Arc::clone(&broker)));
        io::Result::Ok((runtime, endpoint))
    };
    let (runtime, endpoint) = start().map_err(LocalError::Start)?;
    Ok(Servers {
        runtime,
        broker,
        endpoint,
    })
}

/// Runs the future, and all tasks of the runtime, on a new thread.
pub(crate) fn block_on_thread(runtime: Runtime, future: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new()
        .name("lambda-local".to_owned())
        .spawn(move || runtime.block_on(future))?;
    Ok(())
}
