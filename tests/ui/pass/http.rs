#![deny(warnings)]
#![allow(unused_imports)]

use bytes::Bytes;
use futures::stream;
use http::{Request, Response};
use http_body::Body;
use lambda_stream::{AnyResponse, Context, Error, Json, ResponseStream, http as lambda_http};
use std::{convert::Infallible, io, process::ExitCode};

type HttpRequest = Request<Bytes>;

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    Ok(Config {
        greeting: String::new(),
    })
}

// string_body
const _: () = {
    #[lambda_stream::main]
    async fn handler(request: Request<Bytes>) -> Response<String> {
        Response::new(request.uri().path().to_owned())
    }

    const _: fn() -> ExitCode = main;
};

// no_request
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> Response<String> {
        Response::new("hello".to_owned())
    }

    const _: fn() -> ExitCode = main;
};

// request_alias
const _: () = {
    #[lambda_stream::main]
    async fn handler(request: HttpRequest) -> http::Response<http_body_util::Full<Bytes>> {
        Response::new(request.into_body().into())
    }

    const _: fn() -> ExitCode = main;
};

// response_in_result
const _: () = {
    #[lambda_stream::main]
    async fn handler(request: Request<Bytes>) -> Result<Response<lambda_http::Body>, http::Error> {
        Response::builder().status(201).body(lambda_http::Body::from(request.into_body()))
    }

    const _: fn() -> ExitCode = main;
};

// streamed_body
const _: () = {
    #[lambda_stream::main]
    async fn handler(request: Request<Bytes>) -> Result<Response<impl Body<Data = Bytes, Error = Infallible> + use<>>, Error> {
        drop(request);
        let frames = stream::iter([Ok(http_body::Frame::data(Bytes::new()))]);
        Ok(Response::new(http_body_util::StreamBody::new(frames)))
    }

    const _: fn() -> ExitCode = main;
};

// empty_body
const _: () = {
    #[lambda_stream::main]
    async fn handler() -> Response<http_body_util::Empty<Bytes>> {
        Response::default()
    }

    const _: fn() -> ExitCode = main;
};

// request_and_response_stream
const _: () = {
    #[lambda_stream::main(init = setup)]
    async fn handler(
        config: &Config,
        request: Request<Bytes>,
        mut stream: ResponseStream,
        context: Context,
    ) -> Result<(), Error> {
        drop((request, context));
        stream.write(&config.greeting).await?;
        Ok(())
    }

    const _: fn() -> ExitCode = main;
};

// json_response
const _: () = {
    #[lambda_stream::main]
    async fn handler(request: Request<Bytes>) -> Json<bool> {
        Json(request.body().is_empty())
    }

    const _: fn() -> ExitCode = main;
};

// any_response
const _: () = {
    #[lambda_stream::main(init = setup)]
    async fn handler(request: Request<Bytes>, config: &'static Config) -> Result<AnyResponse, Error> {
        Ok(match request.uri().path() {
            "/json" => Json(1).into(),
            "/text" => Response::new("hello".to_owned()).into(),
            "/body" => Response::new(lambda_http::Body::empty()).into(),
            "/items" => AnyResponse::stream(stream::iter([config.greeting.as_str()])),
            _ => AnyResponse::stream(stream::iter([Err::<String, io::Error>(io::Error::other("closed"))])),
        })
    }

    const _: fn() -> ExitCode = main;
};

fn main() {}
