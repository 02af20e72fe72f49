//! A function that returns an `http::Response` with a scripted body. The body of the request is the script:
//! `{"status": 200, "headers": [["a", "b"]], "frames": ["one", "two"], "then": "fail"}`.
#![allow(clippy::panic, reason = "the script can request a panic")]

use std::fmt;

use bytes::Bytes;
use futures::{Stream, stream};
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::StreamBody;
use lambda_stream::Error;
use serde::Deserialize;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

#[derive(Deserialize)]
struct Script {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Adds a header whose value is this byte.
    header_byte: Option<u8>,
    /// Returns an error with this message instead of the response.
    error: Option<String>,
    /// The address of a gate. Before each frame, and before what follows the frames, the body reads a byte from it.
    gate: Option<String>,
    #[serde(default)]
    frames: Vec<String>,
    #[serde(default)]
    then: Then,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Then {
    #[default]
    End,
    Fail,
    Panic,
    Trailers,
}

fn ok() -> u16 {
    200
}

#[derive(Debug)]
struct OutOfFrames;

impl fmt::Display for OutOfFrames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there are no more frames")
    }
}

impl std::error::Error for OutOfFrames {}

#[lambda_stream::main]
async fn http_bodies(
    request: Request<Bytes>,
) -> Result<Response<impl Body<Data = Bytes, Error = OutOfFrames> + Send + 'static>, Error> {
    let script: Script = serde_json::from_slice(request.body())?;
    if let Some(message) = script.error {
        return Err(Error::new(message).with_type("Function.Refused"));
    }
    let mut response = Response::builder().status(script.status);
    for (name, value) in &script.headers {
        response = response.header(name, value);
    }
    if let Some(byte) = script.header_byte {
        response = response.header("x-byte", HeaderValue::from_bytes(&[byte])?);
    }
    let frames = frames(script.frames, script.gate, script.then);
    Ok(response.body(StreamBody::new(Box::pin(frames)))?)
}

fn frames(
    frames: Vec<String>,
    gate: Option<String>,
    then: Then,
) -> impl Stream<Item = Result<Frame<Bytes>, OutOfFrames>> + Send {
    let start = (frames.into_iter(), gate, None::<TcpStream>, Some(then));
    stream::try_unfold(start, |(mut frames, gate, mut connection, mut then)| async move {
        if let (Some(address), None) = (&gate, &connection) {
            connection = TcpStream::connect(address).await.ok();
        }
        if let Some(connection) = &mut connection {
            connection.read_u8().await.map_err(|_| OutOfFrames)?;
        }
        let frame = match (frames.next(), then.take()) {
            (Some(text), rest) => {
                then = rest;
                Frame::data(Bytes::from(text))
            }
            (None, Some(Then::Trailers)) => {
                let trailer = (HeaderName::from_static("x-sum"), HeaderValue::from_static("7"));
                Frame::trailers(HeaderMap::from_iter([trailer]))
            }
            (None, Some(Then::Fail)) => return Err(OutOfFrames),
            (None, Some(Then::Panic)) => panic!("no frame was left"),
            (None, Some(Then::End) | None) => return Ok(None),
        };
        Ok(Some((frame, (frames, gate, connection, then))))
    })
}
