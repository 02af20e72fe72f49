#![deny(warnings)]
#![allow(unused_imports)]

use lambda_stream::{Context, Error, Json, LambdaEvent, RawEvent, ResponseStream, Runtime, RuntimeError, service_fn};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{convert::Infallible, error::Error as StdError, process::ExitCode};

#[derive(Deserialize)]
struct Order {
    id: u64,
}

#[derive(Serialize)]
struct Receipt {
    id: u64,
}

type OrderEvent = LambdaEvent<Order>;

// lambda_event
const _: () = {
    #[lambda_stream::main]
    async fn handler(event: LambdaEvent<Order>) -> Json<u64> {
        Json(event.payload.id)
    }

    const _: fn() -> ExitCode = main;
};

// lambda_event_with_other_parameters
const _: () = {
    async fn setup() -> Result<String, Error> {
        Ok(String::new())
    }

    #[lambda_stream::main(init = setup)]
    async fn handler(
        LambdaEvent { payload, context }: OrderEvent,
        again: Context,
        value: Value,
        state: &String,
        mut stream: ResponseStream,
    ) -> Result<(), Error> {
        drop((payload, context, again, value));
        stream.write(state).await?;
        Ok(())
    }

    const _: fn() -> ExitCode = main;
};

mod without_attribute {
    use super::*;

    async fn handler(event: LambdaEvent<Order>, raw: RawEvent) {
        drop((event, raw));
    }

    #[allow(dead_code)]
    async fn run() -> Result<(), RuntimeError> {
        lambda_stream::run(handler).await
    }
}

mod service_functions {
    use super::*;

    async fn function(event: LambdaEvent<Order>) -> Result<Receipt, Error> {
        Ok(Receipt { id: event.payload.id })
    }

    async fn boxed_error(event: LambdaEvent<Value>) -> Result<Value, Box<dyn StdError + Send + Sync>> {
        Ok(event.payload)
    }

    async fn no_response(_: OrderEvent) -> Result<(), Infallible> {
        Ok(())
    }

    async fn setup() -> Result<u64, Error> {
        Ok(1)
    }

    #[allow(dead_code)]
    async fn run(client: String) -> Result<(), RuntimeError> {
        lambda_stream::run(service_fn(function)).await?;
        lambda_stream::run(service_fn(boxed_error)).await?;
        lambda_stream::run(service_fn(no_response)).await?;
        Runtime::new().init(setup).run(service_fn(function)).await?;
        // A closure that shares a client with its invocations, as the examples of `lambda_runtime` do.
        let client = &*client.leak();
        lambda_stream::run(service_fn(|event: LambdaEvent<Order>| async move {
            let _ = client;
            function(event).await
        }))
        .await?;
        lambda_stream::run(service_fn(async |event: LambdaEvent<Order>| function(event).await)).await
    }
}

fn main() {}
