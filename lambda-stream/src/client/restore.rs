//! The calls of a process that is copied by snapshot.

use reqwest::{Body, Method, Request};

use super::{CallError, Client, JSON, describing};
use crate::error::Error;

impl Client {
    /// Says that a snapshot may be taken, and waits until this process is restored from it.
    pub(crate) async fn restored(&self) -> Result<(), CallError> {
        let request = Request::new(Method::GET, self.url("/restore/next"));
        self.call("GET restore/next", request).await.map(drop)
    }

    /// Says that what follows the restoration failed.
    pub(crate) async fn report_restore(&self, error: &Error) -> Result<(), CallError> {
        let request = describing(self.post("/restore/error", JSON, Body::default()), error);
        self.taken("POST restore/error", request).await
    }
}
