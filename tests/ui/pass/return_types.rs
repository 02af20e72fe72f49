#![deny(warnings)]
#![allow(unused_imports)]

use futures::{Stream, StreamExt, stream};
use lambda_stream::{Error, Json, ResponseStream, ndjson, sse};
use std::{convert::Infallible, error::Error as StdError, io, process::ExitCode, time::Duration};

type HandlerResult = Result<(), Error>;

// unit
const _: () = {
    #[lambda_stream::main]
    async fn handler(stream: ResponseStream) -> () {
        drop(stream);
    }

    const _: fn() -> ExitCode = main;
};

// result
const _: () = {
    #[lambda_stream::main]
    async fn handler(stream: ResponseStream) -> Result<(), Error> {
        drop(stream);
        Ok(())
    }

    const _: fn() -> ExitCode = main;
};

// result_alias
const _: () = {
    #[lambda_stream::main]
    async fn handler(stream: ResponseStream) -> HandlerResult {
        drop(stream);
        Ok(())
    }

    const _: fn() -> ExitCode = main;
};

// io_error
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> io::Result<()> {
        Err(io::Error::other("closed"))
    }

    const _: fn() -> ExitCode = main;
};

// boxed_error
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> Result<(), Box<dyn StdError>> {
        Err("closed".into())
    }

    const _: fn() -> ExitCode = main;
};

// boxed_error_send_sync
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> Result<(), Box<dyn StdError + Send + Sync>> {
        Err("closed".into())
    }

    const _: fn() -> ExitCode = main;
};

// string_error
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> Result<(), String> {
        Err("closed".to_owned())
    }

    const _: fn() -> ExitCode = main;
};

// stream_of_strings
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> impl Stream<Item = String> {
        stream::iter(["hello".to_owned()])
    }

    const _: fn() -> ExitCode = main;
};

// stream_of_string_slices
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> impl Stream<Item = &'static str> + Send + use<> {
        stream::iter(["hello"])
    }

    const _: fn() -> ExitCode = main;
};

// stream_of_byte_vectors
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> stream::Iter<std::vec::IntoIter<Vec<u8>>> {
        stream::iter(vec![vec![1]])
    }

    const _: fn() -> ExitCode = main;
};

// stream_of_results
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> impl Stream<Item = Result<bytes::Bytes, io::Error>> {
        stream::iter([Ok(bytes::Bytes::new())])
    }

    const _: fn() -> ExitCode = main;
};

// stream_in_result
const _: () = {
    #[lambda_stream::main]
    async fn handler(event: String) -> Result<impl Stream<Item = Result<String, Infallible>>, Error> {
        Ok(stream::iter([Ok(event)]))
    }

    const _: fn() -> ExitCode = main;
};

// boxed_stream
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> Result<stream::BoxStream<'static, Result<Vec<u8>, Box<dyn StdError + Send + Sync>>>, String> {
        Ok(Box::pin(stream::iter([])))
    }

    const _: fn() -> ExitCode = main;
};

// json
const _: () = {
    #[lambda_stream::main]
    async fn handler(event: serde_json::Value) -> Json<serde_json::Value> {
        Json(event)
    }

    const _: fn() -> ExitCode = main;
};

// json_in_result
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> Result<Json<Vec<u8>>, Error> {
        Ok(Json(vec![1]))
    }

    const _: fn() -> ExitCode = main;
};

// sse_events
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> impl Stream<Item = sse::Event> {
        sse::keep_alive(stream::iter([sse::Event::data("hello")]), Duration::from_secs(15))
    }

    const _: fn() -> ExitCode = main;
};

// sse_results
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> Result<impl Stream<Item = Result<sse::Event, serde_json::Error>>, Error> {
        let events = stream::iter([1, 2]).map(|n| sse::Event::json(&n));
        Ok(sse::keep_alive(events, Duration::from_secs(15)))
    }

    const _: fn() -> ExitCode = main;
};

// ndjson_lines
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> impl Stream<Item = ndjson::Line<Vec<u8>>> {
        stream::iter([ndjson::Line(vec![1])])
    }

    const _: fn() -> ExitCode = main;
};

// ndjson_results
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> impl Stream<Item = Result<ndjson::Line<&'static str>, Box<dyn StdError + Send + Sync>>> {
        stream::iter([Ok(ndjson::Line("hello"))])
    }

    const _: fn() -> ExitCode = main;
};

// stream_borrows_state
const _: () = {
    async fn setup() -> Result<String, Infallible> {
        Ok(String::new())
    }

    #[lambda_stream::main(init = setup)]
    async fn handler(greeting: &'static String) -> impl Stream<Item = &'static str> {
        stream::iter([greeting.as_str()])
    }

    const _: fn() -> ExitCode = main;
};

fn main() {}
