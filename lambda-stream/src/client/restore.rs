//! The calls of a process that is copied by snapshot.

use reqwest::{Method, Request};

use super::{CallError, Client};
use crate::error::Error;

impl Client {
    /// Says that a snapshot may be taken, and waits until this process is restored from it.
    pub(crate) async fn restored(&self) -> Result<(), CallError> {
        let request = Request::new(Method::GET, self.url("/restore/next"));
        self.call("GET restore/next", request).await.map(drop)
    }

    /// Says that what follows the restoration failed. Waits no longer than [`FATAL_REPORT_TIMEOUT`](super::FATAL_REPORT_TIMEOUT).
    pub(crate) async fn report_restore(&self, error: &Error) -> Result<(), CallError> {
        self.report_fatal("POST restore/error", "/restore/error", error).await
    }
}
