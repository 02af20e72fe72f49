//! The HTTP client of the export, over `reqwest`, which the library uses for the Runtime API too.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};

/// How much of a collector's response is read, in bytes. It consists of a few numbers and a message.
const MAX_RESPONSE_LENGTH: usize = 64 * 1024;

/// An HTTP client. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    /// Why the last request failed. The exporter reports only that it did.
    failure: Arc<Mutex<Option<String>>>,
}

impl Client {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            // A collector usually runs on the same machine.
            .no_proxy()
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            failure: Arc::default(),
        })
    }

    /// Returns why the last request failed.
    pub(super) fn take_failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set_failure(&self, failure: Option<String>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let mut response = self.http.execute(request.try_into()?).await?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_RESPONSE_LENGTH {
                return Err(format!("the response is longer than {MAX_RESPONSE_LENGTH} bytes").into());
            }
            body.extend_from_slice(&chunk);
        }
        let mut result = Response::new(body.freeze());
        *result.status_mut() = response.status();
        *result.headers_mut() = std::mem::take(response.headers_mut());
        Ok(result)
    }
}

impl HttpClient for Client {
    // The trait is declared with `async_trait`. This is the signature that it generates.
    fn send_bytes<'a, 'future>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'a: 'future,
        Self: 'future,
    {
        Box::pin(async move {
            let result = self.send(request).await;
            self.set_failure(result.as_ref().err().map(|error| describe(error.as_ref())));
            result
        })
    }
}

/// Describes an error with its sources.
fn describe(error: &dyn StdError) -> String {
    let mut description = error.to_string();
    for source in std::iter::successors(error.source(), |&error| error.source()) {
        description = format!("{description}: {source}");
    }
    description
}
