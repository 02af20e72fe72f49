//! Runs the client against a Runtime API that sends arbitrary bytes over a socket.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio::time::timeout;

use crate::Error;
use crate::client::{Client, InvocationRef};
use crate::event::EventInfo;
use crate::response::ResponseHead;
use crate::stream::pipe;

/// The timeout for all calls together. The server responds immediately and closes the connection.
const CALLS_TIMEOUT: Duration = Duration::from_secs(20);

/// Responds to every request with `input` and closes the connection. Checks that the client completes its calls.
pub fn runtime_api(input: &[u8]) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("the listener's address");
    let stop = Arc::new(AtomicBool::new(false));
    let server = thread::spawn({
        let (input, stop) = (input.to_vec(), Arc::clone(&stop));
        move || {
            for socket in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                // The client may close the connection early, so an error is ignored.
                let _ = socket.and_then(|socket| respond(socket, &input));
            }
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let calls = async { timeout(CALLS_TIMEOUT, call_all(&address.to_string())).await };
    let calls = runtime.expect("a tokio runtime").block_on(calls);
    calls.expect("a call did not complete within `CALLS_TIMEOUT`");
    stop.store(true, Ordering::Relaxed);
    // A connection unblocks the server's `accept`.
    drop(TcpStream::connect(address));
    server.join().expect("the server's thread");
}

fn respond(mut socket: TcpStream, response: &[u8]) -> io::Result<()> {
    let mut request = [0; 4096];
    let _ = socket.read(&mut request)?;
    socket.write_all(response)
}

async fn call_all(address: &str) {
    let client = Client::new(address, 1).expect("a client");
    let next = match client.next().await {
        Ok(Some(pending)) => pending.event().await,
        Ok(None) => return,
        Err(error) => Err(error),
    };
    let next = match next {
        Ok(next) => next,
        Err(error) => {
            assert!(error.to_string().starts_with("GET invocation/next") || error.to_string().contains("malformed"));
            return;
        }
    };
    assert!(!next.context.request_id().is_empty());
    // A response can be started for any event.
    let (writer, control) = pipe(1, ResponseHead::new(EventInfo::from_event(&next.event)));
    drop(writer);
    control.end();
    let _ = control.response_start().await;
    let _ = client
        .report(&InvocationRef::of(&next.context), &Error::new("test error"))
        .await;
}
