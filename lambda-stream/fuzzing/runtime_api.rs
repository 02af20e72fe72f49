//! What the Runtime API answers, byte for byte, over a socket.

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

/// How long a call may take that is answered at once, to the end of its connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers each call with these bytes, and closes the connection.
pub fn runtime_api(input: &[u8]) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("the port's number");
    let is_over = Arc::new(AtomicBool::new(false));
    let answering = thread::spawn({
        let (input, is_over) = (input.to_vec(), Arc::clone(&is_over));
        move || {
            for socket in listener.incoming() {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                // The client may have gone, which is its right.
                let _ = socket.and_then(|socket| answer(socket, &input));
            }
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let calls = async { timeout(PATIENCE, calls(&address.to_string())).await };
    let calls = runtime.expect("a runtime").block_on(calls);
    calls.expect("a call that was answered ends");
    is_over.store(true, Ordering::Relaxed);
    // Wakes the thread that accepts.
    drop(TcpStream::connect(address));
    answering.join().expect("a thread that answers");
}

fn answer(mut socket: TcpStream, input: &[u8]) -> io::Result<()> {
    let mut request = [0; 4096];
    let _ = socket.read(&mut request)?;
    socket.write_all(input)
}

async fn calls(address: &str) {
    let client = Client::new(address, 1).expect("a client");
    let arrived = match client.next().await {
        Ok(Some(arriving)) => arriving.event().await,
        Ok(None) => return,
        Err(error) => Err(error),
    };
    let arrived = match arrived {
        Ok(arrived) => arrived,
        Err(error) => {
            assert!(error.to_string().starts_with("GET invocation/next") || error.to_string().contains("malformed"));
            return;
        }
    };
    assert!(!arrived.context.request_id().is_empty());
    // However odd the event is, its response begins.
    let (writer, control) = pipe(1, ResponseHead::new(EventInfo::from_event(&arrived.event)));
    drop(writer);
    control.end();
    let _ = control.beginning().await;
    let _ = client
        .report(&InvocationRef::of(&arrived.context), &Error::new("no luck"))
        .await;
}
