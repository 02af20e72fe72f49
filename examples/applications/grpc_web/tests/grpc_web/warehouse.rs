//! A fake warehouse whose documents a test changes while the function runs.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use test_support::read_request;

/// How the warehouse responds to a request for an order.
#[derive(Clone)]
pub(crate) enum Reaction {
    Document(String),
    Status(u16),
    /// It closes the connection without a response.
    Close,
    /// It never responds.
    Hang,
}

#[derive(Default)]
struct State {
    reactions: HashMap<String, Reaction>,
    requests: Vec<String>,
}

pub(crate) struct Warehouse {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Warehouse {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(stream.unwrap(), &state));
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn set(&self, id: &str, reaction: Reaction) {
        self.state
            .lock()
            .unwrap()
            .reactions
            .insert(format!("/orders/{id}"), reaction);
    }

    pub(crate) fn set_order(&self, id: &str, revision: u64, stage: &str) {
        let document = format!(r#"{{"revision": {revision}, "stage": "{stage}", "place": "Graz"}}"#);
        self.set(id, Reaction::Document(document));
    }

    /// Returns the heads of all requests.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let request = read_request(&mut stream);
    let request = String::from_utf8(request).unwrap();
    let reaction = {
        let mut state = state.lock().unwrap();
        let path = request.split(' ').nth(1).unwrap();
        let reaction = state.reactions.get(path).cloned();
        state.requests.push(request);
        reaction
    };
    let (status, body) = match reaction.unwrap_or(Reaction::Status(404)) {
        Reaction::Document(document) => (200, document),
        Reaction::Status(status) => (status, String::new()),
        Reaction::Close => return,
        Reaction::Hang => loop {
            thread::park();
        },
    };
    let length = body.len();
    // A function whose call has ended closes the connection.
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Status\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
}
