//! What a test says of a process's life besides its events: extensions, and snapshots.

use super::StandIn;
use crate::answer::{Answer, Kind};
use crate::call::Call;
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
        self.ledger.answer_registration(reply);
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
        server::hand_out(self.ledger.release(&Call::RestoreNext, &Reply::new(status, body)));
    }
}
