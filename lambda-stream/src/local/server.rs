//! The HTTP/1.1 server that the Runtime API and the Function URL share.
//!
//! The server limits what clients can occupy: the number of connections, the size of request heads and bodies, and the
//! time that a client may take to send a request.

pub(crate) mod body;
pub(crate) mod connection;
mod connection_table;
mod head_error;
pub(crate) mod limits;
pub(crate) mod listener;
pub(crate) mod origin_check;
pub(crate) mod rejection;
pub(crate) mod rejection_log;
pub(crate) mod request_body;

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use http::{Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use self::connection::{ConnectionSocket, ConnectionState, PhaseTrackingBody};
use self::connection_table::ConnectionTable;
use self::limits::{ACCEPT_RETRY_DELAY, MAX_BUFFER_BYTES, MAX_CONNECTIONS, MAX_EVICTIONS, REQUEST_TIMEOUT};
use self::rejection::ErrorResponse;
use super::shutdown::ShutdownToken;

/// The client at the other end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) connection: Arc<ConnectionState>,
}

/// The purpose of a server, which decides how it treats slow clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerKind {
    /// Any program can connect. Request heads have a timeout, and clients get an error response if the server is full.
    FrontEnd,
    /// Only the function connects. A connection may be idle while a handler runs.
    RuntimeApi,
}

impl ServerKind {
    /// Returns the time in which a request head must arrive.
    fn head_timeout(self) -> Option<Duration> {
        match self {
            Self::FrontEnd => Some(REQUEST_TIMEOUT),
            Self::RuntimeApi => None,
        }
    }
}

/// Accepts connections and passes each request to `handler`, until the shutdown is requested.
pub(crate) async fn serve<H, F, B>(listener: TcpListener, kind: ServerKind, handler: H, mut shutdown: ShutdownToken)
where
    H: Fn(Request<Incoming>, Peer) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut connections = ConnectionTable::default();
    let mut accept_error_logged = false;
    loop {
        let accepted = match select(pin!(listener.accept()), pin!(shutdown.requested())).await {
            Either::Left((accepted, _)) => accepted,
            Either::Right(_) => return,
        };
        let (socket, address) = match accepted {
            Ok(accepted) => accepted,
            // No file descriptor is left, or the client has already disconnected. Neither stops the server.
            Err(error) => {
                // `accept` fails when the last file descriptor is in use, even if no client is waiting. The pause lets
                // the newest client send its request before its connection may be evicted.
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                if kind == ServerKind::FrontEnd && !connections.evict(MAX_EVICTIONS) && !accept_error_logged {
                    accept_error_logged = true;
                    log!(
                        WARN,
                        "failed to accept a connection: {error}; new connections wait until others close \
                         (`ulimit -n` raises the limit)"
                    );
                }
                continue;
            }
        };
        // With Nagle's algorithm, each small chunk after the first waits for the client's delayed ACK.
        let _ = socket.set_nodelay(true);
        if connections.is_full() && !connections.evict(1) && kind == ServerKind::FrontEnd {
            let rejection = ErrorResponse::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailableException",
                &format!("{MAX_CONNECTIONS} clients are already waiting for responses: retry when some have finished"),
            );
            tokio::spawn(rejection.write_to(socket));
            continue;
        }
        let connection = connections.add();
        let peer = Peer { address, connection };
        tokio::spawn(serve_connection(socket, peer, kind, handler.clone(), shutdown.clone()));
    }
}

/// Serves the requests of one connection in sequence.
async fn serve_connection<S, H, F, B>(socket: S, peer: Peer, kind: ServerKind, handler: H, mut shutdown: ShutdownToken)
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request<Incoming>, Peer) -> F,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let connection = Arc::clone(&peer.connection);
    let service = service_fn(|request| -> Pin<Box<dyn Future<Output = _> + Send>> {
        connection.set_head_received();
        let connection = Arc::clone(&connection);
        let response = handler(request, peer.clone());
        Box::pin(async move {
            let response = response.await;
            Ok::<_, Infallible>(response.map(|body| PhaseTrackingBody::new(body, connection)))
        })
    });
    let allows_half_close = kind == ServerKind::FrontEnd;
    let socket = ConnectionSocket::new(socket, Arc::clone(&connection), allows_half_close);
    let mut http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(kind.head_timeout())
        .max_buf_size(MAX_BUFFER_BYTES)
        .serve_connection(TokioIo::new(socket), service);
    let served = {
        let mut evicted = pin!(connection.evicted());
        let mut shutdown_requested = pin!(shutdown.requested());
        let mut is_shutting_down = false;
        poll_fn(|context| {
            if evicted.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            if !is_shutting_down && shutdown_requested.as_mut().poll(context).is_ready() {
                is_shutting_down = true;
                // hyper's graceful shutdown would wait for the first head, or for the rest of a partial one.
                if connection.closes_at_shutdown() {
                    return Poll::Ready(None);
                }
                Pin::new(&mut http).graceful_shutdown();
            }
            http.poll_without_shutdown(context).map(Some)
        })
        .await
    };
    let Some(served) = served else { return };
    let parts = http.into_parts();
    let (socket, hyper_responded) = parts.io.into_inner().into_inner();
    // The client sees a connection error itself, so it is not logged. Only an unreadable head gets a response.
    let Err(error) = served else { return };
    if let Some(rejection) = head_error::to_response(&error, hyper_responded, &parts.read_buf) {
        rejection.write_to(socket).await;
    }
}

#[cfg(test)]
mod tests;
