//! Requests an object from S3 with the conditions of the caller's request, and builds the response.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, EXPIRES, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use lambda_stream::Error;
use lambda_stream::http::Body;

use crate::download::Download;
use crate::error;
use crate::trace_id::TraceId;

/// An object of the bucket that an invocation requests.
pub(crate) struct Object {
    pub(crate) client: Client,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) trace_id: TraceId,
}

/// Sets the conditions of the caller's request. `GetObject` and `HeadObject` have no common type.
macro_rules! with_conditions {
    ($operation:expr, $headers:expr) => {
        $operation
            .set_if_match(text($headers, &IF_MATCH))
            .set_if_none_match(text($headers, &IF_NONE_MATCH))
            .set_if_modified_since(date($headers, &IF_MODIFIED_SINCE))
            .set_if_unmodified_since(date($headers, &IF_UNMODIFIED_SINCE))
    };
}

/// Returns the headers that describe the object and its version. `GetObject` and `HeadObject` have no common type.
macro_rules! object_headers {
    ($output:expr) => {{
        let output = &$output;
        let last_modified = output
            .last_modified
            .and_then(|date| date.fmt(DateTimeFormat::HttpDate).ok());
        header_map([
            (ACCEPT_RANGES, Some("bytes")),
            (CACHE_CONTROL, output.cache_control()),
            (CONTENT_DISPOSITION, output.content_disposition()),
            (CONTENT_ENCODING, output.content_encoding()),
            (CONTENT_LANGUAGE, output.content_language()),
            (CONTENT_TYPE, output.content_type()),
            (ETAG, output.e_tag()),
            (EXPIRES, output.expires_string()),
            (LAST_MODIFIED, last_modified.as_deref()),
        ])
    }};
}

impl Object {
    /// Returns the response to a HEAD request.
    ///
    /// It has no `Content-Length`, because Lambda's streamed responses do not. `Content-Range` of a range has the length.
    pub(crate) async fn head(&self, headers: &HeaderMap) -> Result<Response<Body>, Error> {
        let head = self.client.head_object().bucket(&self.bucket).key(&self.key);
        let head = with_conditions!(head, headers).customize();
        match head.interceptor(self.trace_id.clone()).send().await {
            Ok(output) => Ok(response(StatusCode::OK, object_headers!(output), Body::empty())),
            Err(error) => error::response(&error, &self.key),
        }
    }

    /// Returns the response to a GET request.
    pub(crate) async fn get(self, headers: &HeaderMap) -> Result<Response<Body>, Error> {
        let get = with_conditions!(self.get_object(), headers);
        let range = text(headers, &RANGE).filter(|range| range.starts_with("bytes="));
        let output = match (range, text(headers, &IF_RANGE)) {
            (Some(range), None) => self.send(get.range(range)).await,
            // S3 does not support `If-Range`. `If-Match` selects the same version, but fails where `If-Range` requests the
            // whole object. Dates and weak tags do not identify a version.
            (Some(range), Some(tag)) if tag.starts_with('"') && !headers.contains_key(IF_MATCH) => {
                match self.send(get.clone().range(range).if_match(tag)).await {
                    Err(error) if error::status(&error) == Some(StatusCode::PRECONDITION_FAILED) => {
                        self.send(get).await
                    }
                    output => output,
                }
            }
            _ => self.send(get).await,
        };
        let output = match output {
            Ok(output) => output,
            Err(error) => return error::response(&error, &self.key),
        };
        let mut headers = object_headers!(output);
        headers.extend(header_map([(CONTENT_RANGE, output.content_range())]));
        let status = match headers.contains_key(CONTENT_RANGE) {
            true => StatusCode::PARTIAL_CONTENT,
            false => StatusCode::OK,
        };
        let body = Body::stream(Download::new(self, output).into_stream());
        Ok(response(status, headers, body))
    }

    pub(crate) fn get_object(&self) -> GetObjectFluentBuilder {
        self.client.get_object().bucket(&self.bucket).key(&self.key)
    }

    pub(crate) async fn send(&self, get: GetObjectFluentBuilder) -> Result<GetObjectOutput, SdkError<GetObjectError>> {
        get.customize().interceptor(self.trace_id.clone()).send().await
    }
}

fn response(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Returns a header of the request. One that is not text is ignored.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// Returns a date of the request. One that is invalid is ignored (RFC 9110, section 13.1.3).
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<DateTime> {
    DateTime::from_str(headers.get(name)?.to_str().ok()?, DateTimeFormat::HttpDate).ok()
}

/// Returns the headers that have a value. Values may contain UTF-8.
pub(crate) fn header_map<const N: usize>(headers: [(HeaderName, Option<&str>); N]) -> HeaderMap {
    let headers = headers.into_iter();
    headers
        .filter_map(|(name, value)| Some((name, HeaderValue::from_bytes(value?.as_bytes()).ok()?)))
        .collect()
}
