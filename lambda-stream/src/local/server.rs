//! HTTP/1.1 on a socket: what the Runtime API and every front end have in common.
//!
//! Bounded in all that callers can make it hold: connections, heads, and the time that they may take.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{Either, select};
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::closing::Closing;
use super::connection::{Answering, Connection, Socket};
use crate::logging;

/// The largest piece that hyper reads at once, the most that it gathers before it writes, and the cap on a request's
/// head. Small, so that a slow caller soon holds back the function, as on Lambda.
const BUFFER: usize = 64 * 1024;

/// How many connections may be open at a time: half of the files that a process may open on most systems, so that the
/// function has the other half.
const CONNECTIONS: usize = 512;

/// How many connections give way where files run out all the same: the function needs some too.
const GIVE_WAY_AT_ONCE: usize = 8;

/// How long a request's head may take, and then its body; also how long a connection may stay open between two requests.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// How long a caller that has its answer is read from, so that it sees the answer and not a reset connection.
const LINGER: Duration = Duration::from_secs(5);

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) address: SocketAddr,
    pub(super) connection: Arc<Connection>,
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callers {
    /// Whoever finds the port. They are held to their time, and where files run out they give way.
    Anybody,
    /// The function itself, which is silent for as long as it works.
    Function,
}

impl Callers {
    /// How long a head may take.
    fn patience(self) -> Option<Duration> {
        match self {
            Self::Anybody => Some(PATIENCE),
            Self::Function => None,
        }
    }
}

/// Makes a listener one of `runtime`'s.
pub(super) fn adopt(runtime: &Runtime, listener: std::net::TcpListener) -> io::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    let _inside = runtime.enter();
    TcpListener::from_std(listener)
}

/// Answers every request on every connection with `handler`, until it is closed.
pub(super) async fn serve<H, F, B>(listener: TcpListener, callers: Callers, handler: H, mut closing: Closing)
where
    H: Fn(Request<Incoming>, Caller) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut connections = Connections::default();
    let mut is_said = false;
    loop {
        let accepted = match select(pin!(listener.accept()), pin!(closing.begun())).await {
            Either::Left((accepted, _)) => accepted,
            Either::Right(_) => return,
        };
        let (socket, address) = match accepted {
            Ok(accepted) => accepted,
            // Out of file descriptors, or a caller that is gone already: neither is the end of the server.
            Err(error) => {
                // Files run out as soon as the last is taken, whether somebody waits or not: who just came must have the
                // time to send a request before it is asked to give way.
                tokio::time::sleep(Duration::from_millis(20)).await;
                if callers == Callers::Anybody && !connections.make_room(GIVE_WAY_AT_ONCE) && !is_said {
                    is_said = true;
                    logging::line(format_args!(
                        "cannot accept more connections ({error}): they wait until others end; `ulimit -n` raises the limit"
                    ));
                }
                continue;
            }
        };
        // Without it every small chunk after the first waits for the caller's delayed acknowledgement.
        let _ = socket.set_nodelay(true);
        if connections.is_full() && !connections.make_room(1) && callers == Callers::Anybody {
            tokio::spawn(refuse(
                socket,
                StatusCode::SERVICE_UNAVAILABLE,
                "ServiceUnavailableException",
                format!("{CONNECTIONS} callers wait for answers already: try again when some have theirs"),
            ));
            continue;
        }
        let connection = connections.add();
        let caller = Caller { address, connection };
        tokio::spawn(converse(socket, caller, callers, handler.clone(), closing.clone()));
    }
}

/// The connections that are open, the oldest first. One that has ended is noticed when room is needed.
#[derive(Default)]
struct Connections(VecDeque<Arc<Connection>>);

impl Connections {
    fn add(&mut self) -> Arc<Connection> {
        let connection = Arc::<Connection>::default();
        self.0.push_back(Arc::clone(&connection));
        connection
    }

    fn is_full(&mut self) -> bool {
        if self.0.len() >= CONNECTIONS {
            self.forget_those_that_ended();
        }
        self.0.len() >= CONNECTIONS
    }

    /// Ends the oldest connections, at most so many, whose callers have not sent a whole request, if there are any.
    fn make_room(&mut self, most: usize) -> bool {
        self.forget_those_that_ended();
        let mut ended = 0;
        self.0.retain(|connection| {
            let gives_way = ended < most && connection.waits_for_caller();
            if gives_way {
                connection.ask_to_give_way();
                ended += 1;
            }
            !gives_way
        });
        ended > 0
    }

    fn forget_those_that_ended(&mut self) {
        // Nobody else has them any more.
        self.0.retain(|connection| Arc::strong_count(connection) > 1);
    }
}

/// Answers the requests that come over one connection, one after the other.
async fn converse<S, H, F, B>(socket: S, caller: Caller, callers: Callers, handler: H, mut closing: Closing)
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request<Incoming>, Caller) -> F,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let connection = Arc::clone(&caller.connection);
    let service = service_fn(|request| -> Pin<Box<dyn Future<Output = _> + Send>> {
        connection.has_head();
        let connection = Arc::clone(&connection);
        let response = handler(request, caller.clone());
        Box::pin(async move {
            let response = response.await;
            Ok::<_, Infallible>(response.map(|body| Answering::new(body, connection)))
        })
    });
    let socket = Socket::new(TokioIo::new(socket), Arc::clone(&connection));
    let mut http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(callers.patience())
        .max_buf_size(BUFFER)
        .serve_connection(socket, service);
    let ended = {
        let mut gives_way = pin!(connection.gives_way());
        let mut closing = pin!(closing.begun());
        let mut is_closing = false;
        poll_fn(|context| {
            if gives_way.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            if !is_closing && closing.as_mut().poll(context).is_ready() {
                is_closing = true;
                // hyper goes on waiting for a head that has begun, or for the first one.
                if connection.waits_for_caller() {
                    return Poll::Ready(None);
                }
                Pin::new(&mut http).graceful_shutdown();
            }
            http.poll_without_shutdown(context).map(Some)
        })
        .await
    };
    let Some(ended) = ended else { return };
    let parts = http.into_parts();
    let (socket, is_unanswered) = parts.io.into_inner();
    // A connection that breaks off is the business of its caller.
    let Err(error) = ended else { return };
    let has_begun = !parts.read_buf.is_empty();
    if let Some((status, error_type, message)) = refusal(&error, is_unanswered, has_begun) {
        refuse(socket.into_inner(), status, error_type, message).await;
    }
}

/// What to tell a caller whose request has no head that could be read, if it is still to be told.
fn refusal(error: &hyper::Error, is_unanswered: bool, has_begun: bool) -> Option<(StatusCode, &'static str, String)> {
    if error.is_timeout() {
        let seconds = PATIENCE.as_secs();
        let message = format!("the request's head was not whole after {seconds} seconds: send it faster");
        // Who is silent between two requests expects no answer.
        return has_begun.then_some((StatusCode::REQUEST_TIMEOUT, "RequestTimeout", message));
    }
    if error.is_parse_too_large() {
        let message =
            format!("the request's head is larger than {BUFFER} bytes, or has more than 100 headers: send less");
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return is_unanswered.then_some((status, "RequestHeaderFieldsTooLarge", message));
    }
    let message = format!("the request's head cannot be read ({error}): send HTTP/1.1, without TLS");
    // To the start of HTTP/2 hyper itself says nothing.
    (is_unanswered || error.is_parse_version_h2()).then_some((StatusCode::BAD_REQUEST, "BadRequest", message))
}

/// Answers a caller without having read, or understood, what it asks for.
async fn refuse(
    mut socket: impl AsyncRead + AsyncWrite + Unpin,
    status: StatusCode,
    error_type: &str,
    message: String,
) {
    let error = json!({ "errorType": error_type, "errorMessage": message }).to_string();
    let response = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-amzn-errortype: {error_type}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{error}",
        error.len()
    );
    let farewell = async {
        socket.write_all(response.as_bytes()).await?;
        socket.shutdown().await?;
        // A socket that is closed with something unread resets the connection.
        let mut unread = [0; 4096];
        while socket.read(&mut unread).await? > 0 {}
        io::Result::Ok(())
    };
    let _ = tokio::time::timeout(LINGER, farewell).await;
}

/// Goes on reading a request that is already answered, so that its sender sees the answer and not a reset connection.
pub(super) fn discard(mut body: Incoming) {
    let rest = async move { while let Some(Ok(_)) = body.frame().await {} };
    tokio::spawn(tokio::time::timeout(LINGER, rest));
}

#[cfg(test)]
mod tests;
