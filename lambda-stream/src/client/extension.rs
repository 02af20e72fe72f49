//! The requests of the Lambda Extensions API that an extension without events needs.

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use reqwest::{Body, Method, Request};

use super::{CallError, Client};
use crate::protocol::{EXTENSION_IDENTIFIER, EXTENSION_NAME, JSON};

/// A registered extension.
pub(crate) struct Extension {
    identifier: HeaderValue,
}

impl Client {
    /// Registers an extension that subscribes to no events.
    pub(crate) async fn register_extension(&self) -> Result<Extension, CallError> {
        const CALL: &str = "POST extension/register";
        let mut request = self.extension_request(Method::POST, &["register"]);
        let headers = request.headers_mut();
        headers.insert(EXTENSION_NAME, HeaderValue::from_static("lambda-stream"));
        headers.insert(CONTENT_TYPE, JSON);
        *request.body_mut() = Some(Body::from(Bytes::from_static(b"{\"events\":[]}")));
        let mut headers = self.send(CALL, request).await?;
        let identifier = headers.remove(EXTENSION_IDENTIFIER);
        let identifier = identifier
            .ok_or_else(|| CallError::malformed(CALL, "the header Lambda-Extension-Identifier is missing"))?;
        Ok(Extension { identifier })
    }

    /// Waits for an event of the extension.
    pub(crate) async fn wait_for_extension_event(&self, extension: &Extension) -> Result<(), CallError> {
        let mut request = self.extension_request(Method::GET, &["event", "next"]);
        request
            .headers_mut()
            .insert(EXTENSION_IDENTIFIER, extension.identifier.clone());
        self.send_checked("GET extension/event/next", request).await
    }

    /// Creates a request to the Extensions API, which the Runtime API's server serves below the same base path.
    fn extension_request(&self, method: Method, path: &[&str]) -> Request {
        Request::new(method, super::join(&self.base, "2020-01-01/extension", path))
    }
}
