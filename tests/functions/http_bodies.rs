//! A function whose request says, as JSON in its body, what the response and its body do:
//! `{"status": 200, "headers": [["a", "b"]], "frames": ["one", "two"], "then": "fail"}`.
#![allow(clippy::panic, reason = "it may be asked to")]

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
    /// A header whose value is this byte.
    header_of_byte: Option<u8>,
    /// An error in place of the response.
    refuse: Option<String>,
    /// An address. Each frame, and what comes after them, waits for a byte from there.
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
    if let Some(why) = script.refuse {
        return Err(Error::new(why).with_type("Function.Refused"));
    }
    let mut response = Response::builder().status(script.status);
    for (name, value) in &script.headers {
        response = response.header(name, value);
    }
    if let Some(byte) = script.header_of_byte {
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
            (Some(text), left) => {
                then = left;
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
