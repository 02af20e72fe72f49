//! A compressed stream: JSON lines through a gzip encoder, flushed after each line so that the caller gets it immediately.
//!
//! ```sh
//! cargo run --bin gzip
//! curl -N --compressed http://127.0.0.1:9000
//! ```

use std::time::Duration;

use async_compression::tokio::write::GzipEncoder;
use bytes::Bytes;
use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, Request};
use lambda_stream::{Error, HttpPrelude, ResponseStream};
use tokio::io::{AsyncWrite, AsyncWriteExt};

#[lambda_stream::main]
async fn measurements(request: Request<Bytes>, mut stream: ResponseStream) -> Result<(), Error> {
    let prelude = HttpPrelude::new(200)
        .header("content-type", "application/x-ndjson")
        // Caches must store the compressed and the plain response separately (RFC 9110, section 12.5.5).
        .header("vary", "accept-encoding");
    let mut writer: Box<dyn AsyncWrite + Send + Unpin> = if accepts_gzip(request.headers()) {
        stream.send_prelude(prelude.header("content-encoding", "gzip")).await?;
        Box::new(GzipEncoder::new(stream))
    } else {
        stream.send_prelude(prelude).await?;
        Box::new(stream)
    };
    for minute in 0..10 {
        let celsius = 20.0 + f64::from(minute) / 4.0;
        let line = format!("{{\"minute\":{minute},\"celsius\":{celsius:.2}}}\n");
        writer.write_all(line.as_bytes()).await?;
        writer.flush().await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // Writes the end of the gzip data and ends the response.
    writer.shutdown().await?;
    Ok(())
}

/// Returns whether the client accepts gzip: `gzip` or `*` has a weight that is not zero (RFC 9110, section 12.5.3).
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let codings: Vec<(&str, bool)> = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let weight = weight.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=');
            (name.trim(), weight.parse().is_ok_and(|weight: f32| weight > 0.0))
        })
        .collect();
    let accepted = |coding: &str| {
        let mut codings = codings.iter();
        codings
            .find(|(name, _)| name.eq_ignore_ascii_case(coding))
            .map(|(_, accepted)| *accepted)
    };
    // `x-gzip` is an alias of `gzip` (RFC 9110, section 8.4.1.3).
    let accepted = accepted("gzip")
        .or_else(|| accepted("x-gzip"))
        .or_else(|| accepted("*"));
    accepted.unwrap_or(false)
}
