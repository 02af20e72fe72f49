//! The part of the mock for start-up and shutdown: extensions and SnapStart.

use std::time::Duration;

use super::MockRuntimeApi;
use super::api_response::{ApiResponse, Reaction};
use super::call::Call;
use super::connection;
use super::event::{ReactionTime, ReceptionScript};
use super::response::{Response, ResponseKind};
use super::state::registration_accepted;

impl MockRuntimeApi {
    /// Waits until no `next` waits: each has received its event or been abandoned.
    #[track_caller]
    pub fn wait_for_no_next(&self) {
        self.state.wait_for_no_poll();
    }

    /// Rejects the registration of an extension.
    pub fn reject_registration(&self, status: u16, error_type: &str, message: &str) {
        let response = ApiResponse::rejection(status, error_type, message);
        self.state.script_registration(ReceptionScript::respond(response));
    }

    /// Accepts the registration of an extension after a delay.
    pub fn delay_registration(&self, delay: Duration) {
        let reaction = Reaction::Respond(registration_accepted());
        self.state.script_registration(ReceptionScript {
            reaction: ReactionTime::Complete { reaction, delay },
            ..ReceptionScript::respond(registration_accepted())
        });
    }

    /// Waits for the registration of an extension and returns its request.
    #[track_caller]
    pub fn wait_for_registration(&self) -> Response {
        self.state.wait_for_post(ResponseKind::Registration)
    }

    /// Waits until an extension waits for its first event. The mock never sends one.
    #[track_caller]
    pub fn wait_for_extension(&self) {
        self.state.wait_until_held(&Call::ExtensionEvent);
    }

    /// Waits until the process waits in `restore/next`, so that Lambda could take its snapshot.
    #[track_caller]
    pub fn wait_for_snapshot(&self) {
        self.state.wait_until_held(&Call::RestoreNext);
    }

    /// Waits for `restore/next` and responds to it with 200.
    #[track_caller]
    pub fn restore(&self) {
        self.respond_to_restore(200, "");
    }

    /// Waits for `restore/next` and responds to it.
    #[track_caller]
    pub fn respond_to_restore(&self, status: u16, body: &str) {
        self.wait_for_snapshot();
        let response = ApiResponse::new(status, body);
        let deliveries = self.state.release(&Call::RestoreNext, &response);
        connection::deliver(&self.state, deliveries);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    /// Sends a request without a body on a new connection.
    fn send(lambda: &MockRuntimeApi, line: &str, header: &str) -> TcpStream {
        let mut runtime = crate::connect(&lambda.address());
        let request = format!("{line} HTTP/1.1\r\nHost: lambda\r\n{header}\r\n");
        runtime.write_all(request.as_bytes()).expect("a writable socket");
        runtime
    }

    /// Reads the version and the status of the response.
    fn read_status(mut runtime: TcpStream) -> String {
        let mut bytes = [0; 12];
        runtime.read_exact(&mut bytes).expect("a response");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    const REGISTER: &str = "POST /2020-01-01/extension/register";
    const EVENT: &str = "GET /2020-01-01/extension/event/next";
    const RESTORE: &str = "GET /2018-06-01/runtime/restore/next";
    const NEXT: &str = "GET /2018-06-01/runtime/invocation/next";

    #[test]
    fn restore_next_waits_for_restore() {
        let lambda = MockRuntimeApi::start();
        let runtime = send(&lambda, RESTORE, "");
        lambda.wait_for_snapshot();
        lambda.restore();
        assert_eq!(read_status(runtime), "HTTP/1.1 200");
        assert_eq!(lambda.calls(), ["restore/next"]);
    }

    #[test]
    fn invalid_extension_call_is_a_violation() {
        for (line, header, expected) in [
            (REGISTER, "Content-Length: 0\r\n", "an extension without a name"),
            (EVENT, "", "an extension that is not registered"),
            (
                EVENT,
                "Lambda-Extension-Identifier: me\r\n",
                "an extension that is not registered",
            ),
        ] {
            let lambda = MockRuntimeApi::start();
            let _runtime = send(&lambda, line, header);
            let violation = lambda.wait_for_violation();
            assert!(violation.starts_with(expected), "{violation}");
        }
    }

    #[test]
    fn startup_call_after_first_next_is_a_violation() {
        for (line, header) in [
            (REGISTER, "Content-Length: 0\r\nLambda-Extension-Name: me\r\n"),
            (RESTORE, ""),
        ] {
            let lambda = MockRuntimeApi::start();
            let _waiting = send(&lambda, NEXT, "");
            lambda.wait_for_next();
            let _runtime = send(&lambda, line, header);
            let violation = lambda.wait_for_violation();
            assert!(violation.contains("after the first `next`"), "{violation}");
        }
    }
}
