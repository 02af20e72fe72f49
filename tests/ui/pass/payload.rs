#![deny(warnings)]
#![allow(unused_imports)]

use bytes::Bytes;
use http::Request;
use lambda_stream::{Context, Error, Json, Payload, RawEvent, ResponseStream};
use serde::Deserialize;
use std::{collections::HashMap, process::ExitCode};

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

struct Config;

type Input = Payload<Prompt>;

async fn setup() -> Result<Config, Error> {
    Ok(Config)
}

// value
const _: () = {
    #[lambda_stream::main]
    async fn handler(payload: Payload<Prompt>) {
        drop(payload.0.text);
    }

    const _: fn() -> ExitCode = main;
};

// pattern
const _: () = {
    #[lambda_stream::main]
    async fn handler(Payload(Prompt { text }): Payload<Prompt>) -> Json<String> {
        Json(text)
    }

    const _: fn() -> ExitCode = main;
};

// alias
const _: () = {
    #[lambda_stream::main]
    async fn handler(Payload(mut prompt): Input, mut stream: ResponseStream) -> Result<(), Error> {
        prompt.text.push('\n');
        stream.write(prompt.text).await?;
        Ok(())
    }

    const _: fn() -> ExitCode = main;
};

// map
const _: () = {
    #[lambda_stream::main]
    async fn handler(Payload(fields): lambda_stream::Payload<HashMap<String, Option<u8>>>) {
        drop(fields);
    }

    const _: fn() -> ExitCode = main;
};

// all_parameters
const _: () = {
    #[lambda_stream::main(init = setup)]
    async fn handler(
        context: Context,
        Payload(prompt): Payload<Prompt>,
        raw: RawEvent,
        request: Request<Bytes>,
        stream: ResponseStream,
        config: &Config,
    ) {
        let _ = config;
        drop((context, prompt.text, raw, request, stream));
    }

    const _: fn() -> ExitCode = main;
};

fn main() {}
