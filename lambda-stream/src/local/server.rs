//! HTTP/1.1 on a loopback socket: what the Runtime API and every front end have in common.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::closing::Closing;
use super::cut::{Cut, CutSocket};

/// The largest piece that hyper reads at once, the most that it gathers before it writes, and the cap on a request's
/// head. Small, so that a slow caller soon holds back the function, as on Lambda.
const BUFFER: usize = 64 * 1024;

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) address: SocketAddr,
    pub(super) cut: Cut,
}

/// Makes a listener one of `runtime`'s.
pub(super) fn adopt(runtime: &Runtime, listener: std::net::TcpListener) -> io::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    let _inside = runtime.enter();
    TcpListener::from_std(listener)
}

/// Answers every request on every connection with `handler`, until it is closed.
pub(super) async fn serve<H, F, B>(listener: TcpListener, handler: H, mut closing: Closing)
where
    H: Fn(Request<Incoming>, Caller) -> F + Clone + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    loop {
        let accepted = match select(pin!(listener.accept()), pin!(closing.begun())).await {
            Either::Left((accepted, _)) => accepted,
            Either::Right(_) => return,
        };
        let Ok((socket, address)) = accepted else {
            // Out of file descriptors, or a caller that is gone already: neither is the end of the server.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        // Without it every small chunk after the first waits for the caller's delayed acknowledgement.
        let _ = socket.set_nodelay(true);
        let caller = Caller {
            address,
            cut: Cut::default(),
        };
        let socket = CutSocket::new(TokioIo::new(socket), caller.cut.clone());
        let handler = handler.clone();
        let service = service_fn(move |request| {
            let response = handler(request, caller.clone());
            async move { Ok::<_, Infallible>(response.await) }
        });
        let mut closing = closing.clone();
        tokio::spawn(async move {
            let mut connection = pin!(
                http1::Builder::new()
                    .max_buf_size(BUFFER)
                    .serve_connection(socket, service)
            );
            // A connection that breaks off is the business of its caller.
            if let Either::Right(_) = select(connection.as_mut(), pin!(closing.begun())).await {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        });
    }
}

/// Reads a request that is already answered to its end, so that its sender sees the answer and not a reset connection.
pub(super) fn discard(mut body: Incoming) {
    tokio::spawn(async move { while let Some(Ok(_)) = body.frame().await {} });
}
