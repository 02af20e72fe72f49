//! Objects of an S3 bucket over HTTP: streamed with bounded memory, with ranges (`Range`, `If-Range`) and conditional
//! requests (`If-None-Match`, `If-Match` and the dates). A broken connection to S3 is continued with a range request.
//!
//! Each request to S3 carries the trace id of its invocation, which Lambda's recursive loop detection and X-Ray require.
//!
//! Without AWS, `moto_server` of PyPI takes the place of S3:
//!
//! ```sh
//! pip install 'moto[s3,server]'
//! moto_server -p 5000 &
//! curl -X PUT http://127.0.0.1:5000/my-bucket
//! curl -T README.md http://127.0.0.1:5000/my-bucket/public/README.md
//!
//! cd examples/applications/s3
//! export AWS_ENDPOINT_URL=http://127.0.0.1:5000 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
//! BUCKET=my-bucket PREFIX=public/ cargo run
//! ```
//!
//! ```sh
//! curl -i http://127.0.0.1:9000/README.md -r 0-99
//! ```
//!
//! | variable | value |
//! |---|---|
//! | `BUCKET` | the name of the bucket |
//! | `PREFIX` | optional: the start of all keys that are served, such as `public/`. It is not part of the URL. |
//! | `STALL_TIMEOUT_SECONDS` | optional: after how many seconds without a byte a request to S3 is repeated (10) |
//!
//! The role of the function requires `s3:GetObject` for `arn:aws:s3:::my-bucket/public/*`. Lambda ends a streamed response
//! after 200 MB; a caller gets the rest of a larger object with a range.

mod download;
mod error;
mod key;
mod object;
mod trace_id;

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::StalledStreamProtectionConfig;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use bytes::Bytes;
use http::header::ALLOW;
use http::{Method, Request, Response, StatusCode};
use lambda_stream::http::Body;
use lambda_stream::{Context, Error};

use self::error::text;
use self::object::Object;
use self::trace_id::TraceId;

struct Bucket {
    client: Client,
    name: String,
    prefix: String,
}

async fn connect() -> Result<Bucket, Error> {
    let name = variable("BUCKET");
    if name.is_empty() {
        return Err(Error::new("BUCKET is not set: set it to the name of a bucket"));
    }
    let prefix = variable("PREFIX");
    if !prefix.is_empty() && !prefix.ends_with('/') {
        return Err(Error::new(format!(
            "invalid PREFIX {prefix:?}: it must end with a slash, such as {prefix}/"
        )));
    }
    let stall_timeout = match variable("STALL_TIMEOUT_SECONDS").as_str() {
        "" => Duration::from_secs(10),
        text => match text.parse() {
            Ok(seconds @ 1..) => Duration::from_secs(seconds),
            _ => {
                return Err(Error::new(format!(
                    "invalid STALL_TIMEOUT_SECONDS {text:?}: set it to a number of seconds, such as 10"
                )));
            }
        },
    };
    // The default HTTP client of the SDK uses aws-lc instead of ring. See `Cargo.toml`.
    let http_client = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https();
    // The time to the head of a response. The SDK repeats a request that exceeds it.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .read_timeout(stall_timeout);
    // The time between two chunks of a body, if the caller is ready for the next one.
    let stalled = StalledStreamProtectionConfig::enabled().grace_period(stall_timeout);
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client)
        .timeout_config(timeouts.build())
        .stalled_stream_protection(stalled.build())
        .load()
        .await;
    if config.region().is_none() {
        return Err(Error::new("no AWS region: set AWS_REGION to the region of the bucket"));
    }
    Ok(Bucket {
        client: Client::new(&config),
        name,
        prefix,
    })
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

#[lambda_stream::main(init = connect)]
async fn s3(request: Request<Bytes>, context: Context, bucket: &Bucket) -> Result<Response<Body>, Error> {
    let Some(key) = key::for_path(&bucket.prefix, request.uri().path()) else {
        return text(StatusCode::NOT_FOUND, "there is no such object\n");
    };
    let object = Object {
        client: bucket.client.clone(),
        bucket: bucket.name.clone(),
        key,
        trace_id: TraceId::of(&context),
    };
    match *request.method() {
        Method::GET => object.get(request.headers()).await,
        Method::HEAD => object.head(request.headers()).await,
        _ => Ok(Response::builder()
            .status(StatusCode::METHOD_NOT_ALLOWED)
            .header(ALLOW, "GET, HEAD")
            .body(Body::empty())?),
    }
}
