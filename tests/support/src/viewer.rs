//! What the viewer of local mode shows, for tests that wait until the service has done something.

use crate::HttpConnection;

/// Waits until the front ends of the service have read this many requests completely. The service handles or queues them.
///
/// # Panics
/// If the viewer does not send its events.
pub fn wait_for_invocations(url: &str, count: usize) {
    let mut viewer = HttpConnection::open(url);
    viewer.send("GET /_stream/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    assert_eq!(viewer.read_head().status, 200);
    let mut events = String::new();
    while events.matches(r#""e":"invoked""#).count() < count {
        let chunk = viewer.read_chunk().expect("an event stream without an end");
        events += std::str::from_utf8(&chunk).expect("UTF-8");
    }
}
