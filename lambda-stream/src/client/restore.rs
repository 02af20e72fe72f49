//! The requests of SnapStart: wait to be restored, and report that the restoration failed.

use reqwest::{Method, Request};

use super::{CallError, Client};
use crate::error::Error;

impl Client {
    /// Tells Lambda that it can take the snapshot, and returns when this process is restored from it.
    pub(crate) async fn wait_for_restore(&self) -> Result<(), CallError> {
        let request = Request::new(Method::GET, self.url(&["restore", "next"]));
        self.send_checked("GET restore/next", request).await
    }

    /// Reports that the restoration failed. Waits at most [`FATAL_REPORT_TIMEOUT`](super::FATAL_REPORT_TIMEOUT) for the
    /// response.
    pub(crate) async fn report_restore_error(&self, error: &Error) -> Result<(), CallError> {
        self.report_fatal("POST restore/error", ["restore", "error"], error)
            .await
    }
}
