//! Health endpoints that respond when the test says so.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use test_support::read_request;

/// The time after which a wait fails the test.
const WAIT_TIMEOUT: Duration = Duration::from_secs(20);

/// A server with one path for each service.
pub(crate) struct FakeServices {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    services: Mutex<HashMap<String, Service>>,
    changed: Condvar,
}

#[derive(Default)]
struct Service {
    requests: usize,
    disconnects: usize,
    /// Status and body.
    response: Option<(u16, String)>,
}

impl FakeServices {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, state) = (stream.unwrap(), Arc::clone(&shared));
                thread::spawn(move || state.serve(stream));
            }
        });
        Self { address, state }
    }

    /// Returns the URL of the health endpoint of a service.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// Lets a service respond to all requests, waiting or future.
    pub(crate) fn respond(&self, name: &str, status: u16, body: &str) {
        self.state
            .change(name, |service| service.response = Some((status, body.to_owned())));
    }

    /// Waits until a service has received a request.
    pub(crate) fn wait_for_request(&self, name: &str) {
        self.state
            .wait(name, |service| (service.requests > 0).then_some(()))
            .unwrap_or_else(|| panic!("{name} received no request"));
    }

    /// Waits until the client of a waiting request has closed its connection.
    pub(crate) fn wait_for_disconnect(&self, name: &str) {
        self.state
            .wait(name, |service| (service.disconnects > 0).then_some(()))
            .unwrap_or_else(|| panic!("the connection to {name} was not closed"));
    }
}

impl State {
    fn change(&self, name: &str, change: impl FnOnce(&mut Service)) {
        change(self.services.lock().unwrap().entry(name.to_owned()).or_default());
        self.changed.notify_all();
    }

    fn wait<T>(&self, name: &str, condition: impl Fn(&Service) -> Option<T>) -> Option<T> {
        let services = self.services.lock().unwrap();
        let found = |services: &HashMap<String, Service>| services.get(name).and_then(&condition);
        let waiting = |services: &mut HashMap<String, Service>| found(services).is_none();
        let (services, _) = self
            .changed
            .wait_timeout_while(services, WAIT_TIMEOUT, waiting)
            .unwrap();
        found(&services)
    }

    fn serve(self: &Arc<Self>, mut stream: TcpStream) {
        let request = String::from_utf8(read_request(&mut stream)).unwrap();
        let name = request.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
        self.change(&name, |service| service.requests += 1);
        let (mut reading, state, service) = (stream.try_clone().unwrap(), Arc::clone(self), name.clone());
        thread::spawn(move || {
            while matches!(reading.read(&mut [0; 64]), Ok(1..)) {}
            state.change(&service, |service| service.disconnects += 1);
        });
        let Some((status, body)) = self.wait(&name, |service| service.response.clone()) else {
            return;
        };
        let length = body.len();
        let response = format!("HTTP/1.1 {status} \r\ncontent-length: {length}\r\n\r\n{body}");
        let _ = stream.write_all(response.as_bytes());
    }
}
