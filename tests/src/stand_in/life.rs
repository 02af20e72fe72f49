//! What a test says of a process's life besides its events: extensions, and snapshots.

use std::time::Duration;

use super::StandIn;
use crate::answer::{Answer, Kind};
use crate::call::Call;
use crate::event::{Outcome, Reception};
use crate::ledger::registered;
use crate::reply::Reply;
use crate::server;

impl StandIn {
    /// Waits until no `next` waits: until each has got its event, or was given up.
    #[track_caller]
    pub fn wait_until_no_next(&self) {
        self.ledger.wait_for_no_poll();
    }

    /// Refuses the registration of an extension from now on.
    pub fn refuse_registration(&self, status: u16, error_type: &str, message: &str) {
        let reply = Reply::refusal(status, error_type, message);
        self.ledger.receive_registration(Reception::at_the_end(reply));
    }

    /// Takes the registration of an extension, from now on, but only so long after it came.
    pub fn register_late(&self, delay: Duration) {
        let outcome = Outcome::AtTheEnd {
            reply: registered(),
            delay,
        };
        self.ledger.receive_registration(Reception {
            bytes_per_second: None,
            outcome,
        });
    }

    /// Waits until an extension is registered; gives what it said.
    #[track_caller]
    pub fn registration(&self) -> Answer {
        self.ledger.wait_for_post(Kind::Registration)
    }

    /// Waits until an extension waits for its first event. It never comes.
    #[track_caller]
    pub fn wait_for_extension(&self) {
        self.ledger.wait_until_held(&Call::ExtensionEvent);
    }

    /// Waits until the process may be copied: until its `restore/next` waits.
    #[track_caller]
    pub fn wait_for_snapshot(&self) {
        self.ledger.wait_until_held(&Call::RestoreNext);
    }

    /// Restores the process: waits for its `restore/next`, and answers it.
    #[track_caller]
    pub fn restore(&self) {
        self.restore_answers(200, "");
    }

    /// Waits for `restore/next`, and answers it with this.
    #[track_caller]
    pub fn restore_answers(&self, status: u16, body: &str) {
        self.wait_for_snapshot();
        server::hand_out(
            &self.ledger,
            self.ledger.release(&Call::RestoreNext, &Reply::new(status, body)),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    /// Sends a request without a body on a connection of its own.
    fn sent(lambda: &StandIn, line: &str, header: &str) -> TcpStream {
        let mut runtime = TcpStream::connect(lambda.address()).expect("a connection");
        runtime
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a bound");
        let request = format!("{line} HTTP/1.1\r\nHost: lambda\r\n{header}\r\n");
        runtime.write_all(request.as_bytes()).expect("written");
        runtime
    }

    /// The status line of the answer.
    fn answered(mut runtime: TcpStream) -> String {
        let mut bytes = [0; 12];
        runtime.read_exact(&mut bytes).expect("an answer");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    const REGISTER: &str = "POST /2020-01-01/extension/register";
    const EVENT: &str = "GET /2020-01-01/extension/event/next";
    const RESTORE: &str = "GET /2018-06-01/runtime/restore/next";
    const NEXT: &str = "GET /2018-06-01/runtime/invocation/next";

    #[test]
    fn a_process_is_restored_when_the_test_says_so() {
        let lambda = StandIn::start();
        let runtime = sent(&lambda, RESTORE, "");
        lambda.wait_for_snapshot();
        lambda.restore();
        assert_eq!(answered(runtime), "HTTP/1.1 200");
        assert_eq!(lambda.calls(), ["restore/next"]);
    }

    #[test]
    fn what_lambda_refuses_of_an_extension_is_a_fault() {
        for (line, header, fault) in [
            (REGISTER, "Content-Length: 0\r\n", "an extension without a name"),
            (EVENT, "", "an extension that is not registered"),
            (
                EVENT,
                "Lambda-Extension-Identifier: me\r\n",
                "an extension that is not registered",
            ),
        ] {
            let lambda = StandIn::start();
            let _runtime = sent(&lambda, line, header);
            let found = lambda.wait_for_fault();
            assert!(found.starts_with(fault), "{found}");
        }
    }

    #[test]
    fn a_start_up_after_the_first_next_is_a_fault() {
        for (line, header) in [
            (REGISTER, "Content-Length: 0\r\nLambda-Extension-Name: me\r\n"),
            (RESTORE, ""),
        ] {
            let lambda = StandIn::start();
            let _waiting = sent(&lambda, NEXT, "");
            lambda.wait_for_next();
            let _runtime = sent(&lambda, line, header);
            let found = lambda.wait_for_fault();
            assert!(found.contains("after the first `next`"), "{found}");
        }
    }
}
