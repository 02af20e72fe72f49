//! The responses to errors of S3. The caller learns nothing about the bucket: the reason is in the log.

use std::error::Error as StdError;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use http::header::{CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use lambda_stream::Error;
use lambda_stream::http::Body;

use crate::object::header_map;

/// Returns the status of S3's response, if there is one.
pub(crate) fn status<E>(error: &SdkError<E>) -> Option<StatusCode> {
    StatusCode::from_u16(error.raw_response()?.status().as_u16()).ok()
}

/// Returns the response to an error of `GetObject` or `HeadObject`. Responses to `HeadObject` have no error code.
pub(crate) fn response<E>(error: &SdkError<E>, key: &str) -> Result<Response<Body>, Error>
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let status = status(error).map(|status| status.as_u16());
    match (status, error.code()) {
        (Some(304), _) => not_modified(error.raw_response()),
        (Some(412), _) => text(StatusCode::PRECONDITION_FAILED, "the object has another version\n"),
        (Some(416), _) => range_not_satisfiable(error.raw_response()),
        (Some(404), Some("NoSuchKey" | "NotFound") | None) => not_found(),
        (Some(403), Some("AccessDenied") | None) => {
            // S3 sends 403 for an object that does not exist, too, unless the role has `s3:ListBucket`.
            tracing::warn!(
                key,
                "S3 denied access: the object does not exist, or the role may not read it"
            );
            not_found()
        }
        (Some(429 | 503), _) => {
            tracing::warn!(key, error = %DisplayErrorContext(error), "S3 is overloaded");
            let mut response = text(StatusCode::SERVICE_UNAVAILABLE, "the storage is overloaded\n")?;
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("1"));
            Ok(response)
        }
        _ => {
            tracing::error!(key, error = %DisplayErrorContext(error), "the request to S3 failed");
            match is_timeout(error) {
                true => text(StatusCode::GATEWAY_TIMEOUT, "the storage did not respond in time\n"),
                false => text(StatusCode::BAD_GATEWAY, "the storage failed\n"),
            }
        }
    }
}

fn not_found() -> Result<Response<Body>, Error> {
    text(StatusCode::NOT_FOUND, "there is no such object\n")
}

/// Returns a response with the headers that status 304 requires (RFC 9110, section 15.4.5).
fn not_modified(raw: Option<&HttpResponse>) -> Result<Response<Body>, Error> {
    let mut response = Response::builder()
        .status(StatusCode::NOT_MODIFIED)
        .body(Body::empty())?;
    let header = |name: &str| raw.and_then(|raw| raw.headers().get(name));
    *response.headers_mut() = header_map([
        (CACHE_CONTROL, header("cache-control")),
        (ETAG, header("etag")),
        (EXPIRES, header("expires")),
        (LAST_MODIFIED, header("last-modified")),
    ]);
    Ok(response)
}

/// Returns a response with the length of the object, which S3 reports in the XML of the error.
fn range_not_satisfiable(raw: Option<&HttpResponse>) -> Result<Response<Body>, Error> {
    let xml = raw.and_then(|raw| std::str::from_utf8(raw.body().bytes()?).ok());
    let length = xml.and_then(|xml| {
        let (_, rest) = xml.split_once("<ActualObjectSize>")?;
        rest.split_once("</")?.0.parse::<u64>().ok()
    });
    let mut response = text(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "the range is after the end of the object\n",
    )?;
    let content_range = length.map(|length| format!("bytes */{length}"));
    let headers = header_map([(CONTENT_RANGE, content_range.as_deref())]);
    response.headers_mut().extend(headers);
    Ok(response)
}

fn is_timeout<E>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_timeout(),
        _ => false,
    }
}

/// Returns a response with a text.
pub(crate) fn text(status: StatusCode, text: &'static str) -> Result<Response<Body>, Error> {
    Ok(Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "text/plain; charset=utf-8")
        .body(text.into())?)
}
