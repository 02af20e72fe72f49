#![deny(warnings)]
#![allow(unused_imports)]

use lambda_stream::{Context, Error, RawEvent, ResponseStream};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::HashMap, process::ExitCode};

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
}

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    Ok(Config {
        greeting: String::new(),
    })
}

type Stream = ResponseStream;
type State<'a> = &'a Config;

// no_parameters
const _: () = {
    #[lambda_stream::main]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
};

// event
const _: () = {
    #[lambda_stream::main]
    async fn handler(prompt: Prompt) {
        drop(prompt.text);
    }

    const _: fn() -> ExitCode = main;
};

// event_json_value
const _: () = {
    #[lambda_stream::main]
    async fn handler(event: Value) {
        drop(event);
    }

    const _: fn() -> ExitCode = main;
};

// event_map
const _: () = {
    #[lambda_stream::main]
    async fn handler(event: HashMap<String, Option<Page<u8>>>) {
        drop(event);
    }

    const _: fn() -> ExitCode = main;
};

// event_unit
const _: () = {
    #[lambda_stream::main]
    async fn handler(_: ()) {}

    const _: fn() -> ExitCode = main;
};

// event_struct_pattern
const _: () = {
    #[lambda_stream::main]
    async fn handler(Prompt { text }: Prompt, RawEvent(bytes): RawEvent) {
        drop((text, bytes));
    }

    const _: fn() -> ExitCode = main;
};

// event_tuple_pattern
const _: () = {
    #[lambda_stream::main]
    async fn handler((mut first, ref second): (String, self::Prompt)) {
        first.push_str(&second.text);
    }

    const _: fn() -> ExitCode = main;
};

// raw_event
const _: () = {
    #[lambda_stream::main]
    async fn handler(event: RawEvent) {
        drop(event);
    }

    const _: fn() -> ExitCode = main;
};

// stream
const _: () = {
    #[lambda_stream::main]
    async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
        stream.write("hello").await?;
        Ok(())
    }

    const _: fn() -> ExitCode = main;
};

// stream_alias
const _: () = {
    #[lambda_stream::main]
    async fn handler(stream: Stream) {
        drop(stream);
    }

    const _: fn() -> ExitCode = main;
};

// context
const _: () = {
    #[lambda_stream::main]
    async fn handler(context: lambda_stream::Context) {
        drop(context);
    }

    const _: fn() -> ExitCode = main;
};

// state
const _: () = {
    #[lambda_stream::main(init = setup)]
    async fn handler(config: &Config) {
        let _ = &config.greeting;
    }

    const _: fn() -> ExitCode = main;
};

// state_with_named_lifetime
const _: () = {
    #[lambda_stream::main(init = setup)]
    async fn handler<'a, 'b>(config: &'a Config, _: Prompt)
    where
        'a: 'b,
    {
        let _: &'b str = &config.greeting;
    }

    const _: fn() -> ExitCode = main;
};

// state_static
const _: () = {
    #[lambda_stream::main(init = self::setup)]
    async fn handler(config: &'static Config) {
        let _ = &config.greeting;
    }

    const _: fn() -> ExitCode = main;
};

// state_alias
const _: () = {
    #[lambda_stream::main(init = setup)]
    async fn handler(config: State<'_>) {
        let _ = &config.greeting;
    }

    const _: fn() -> ExitCode = main;
};

// no_state
const _: () = {
    async fn effects() -> Result<(), Error> {
        Ok(())
    }

    #[lambda_stream::main(init = effects)]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
};

// all_parameters
const _: () = {
    #[lambda_stream::main(init = setup)]
    pub(crate) async fn handler(
        context: Context,
        stream: ResponseStream,
        config: &Config,
        prompt: Prompt,
        raw: RawEvent,
    ) -> Result<(), Error> {
        drop((context, stream, prompt, raw));
        let _ = &config.greeting;
        Ok(())
    }

    const _: fn() -> ExitCode = main;
};

fn main() {}
