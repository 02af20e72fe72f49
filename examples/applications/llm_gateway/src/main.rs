//! A gateway to language models: callers use it as an OpenAI API, and it forwards each request to the upstream of the
//! requested model. Completions are streamed: a token reaches the caller when the upstream sends it.
//!
//! Start an upstream, for example Ollama with `ollama pull llama3.2`, and in the directory of this example the gateway:
//!
//! ```sh
//! export GATEWAY_TOKENS=secret
//! export GATEWAY_MODELS='{"llama3.2": {"base_url": "http://127.0.0.1:11434/v1"}}'
//! cargo run
//! ```
//!
//! ```sh
//! curl -N http://127.0.0.1:9000/v1/chat/completions -H 'Authorization: Bearer secret' \
//!   -d '{"model": "llama3.2", "stream": true, "messages": [{"role": "user", "content": "Why is the sky blue?"}]}'
//! ```
//!
//! Clients of OpenAI need two settings: `OpenAI(base_url="http://127.0.0.1:9000/v1", api_key="secret")`. `config.rs`
//! describes the variables.
//!
//! | the upstream | the caller gets |
//! |---|---|
//! | fails before its first event | a status, and an error object of the OpenAI API |
//! | fails after its first event | an event with an error object, then the end of the connection, and no `[DONE]` |
//! | sends no event for 15 s | status 200 and a comment, so that no proxy closes the connection |
//! | is not done one second before the function's timeout | the error of a timeout |
//!
//! One line of the log has the tokens and times of each completion.
//!
//! The connection to the upstream is closed when the completion ends, when it fails, at the timeout, and when Lambda closes
//! the response. Lambda does not do that when the caller disconnects: the function then runs on until the completion ends.
//! Set its timeout to the longest completion that you want to pay for.
//!
//! The Function URL needs the auth type `NONE`: the header `Authorization` has the caller's token, which the gateway checks.

mod completion;
mod config;
mod failure;
mod record;
mod relay;
mod request;
mod upstream;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Method, Request, StatusCode};
use lambda_stream::{AnyResponse, Context, Error, Json};
use serde_json::json;
use subtle::ConstantTimeEq;

use crate::config::Config;
use crate::failure::Failure;
use crate::request::ChatRequest;
use crate::upstream::Client;

struct Gateway {
    config: Config,
    client: Client,
}

async fn start() -> Result<Gateway, Error> {
    Ok(Gateway {
        config: Config::from_environment()?,
        client: Client::new()?,
    })
}

#[lambda_stream::main(init = start)]
async fn gateway(request: Request<Bytes>, context: Context, gateway: &'static Gateway) -> AnyResponse {
    match gateway.respond(&request, &context).await {
        Ok(response) => response,
        Err(failure) => {
            failure.log();
            failure.into_response()
        }
    }
}

impl Gateway {
    async fn respond(&'static self, request: &Request<Bytes>, context: &Context) -> Result<AnyResponse, Failure> {
        self.authorize(request)?;
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/v1/chat/completions") => {
                completion::respond(self, ChatRequest::parse(request.body())?, context).await
            }
            (&Method::GET, "/v1/models") => {
                let models = self.config.models();
                let models =
                    models.map(|id| json!({"id": id, "object": "model", "created": 0, "owned_by": "llm_gateway"}));
                Ok(Json(json!({"object": "list", "data": models.collect::<Vec<_>>()})).into())
            }
            (method, path) => Err(Failure::new(
                StatusCode::NOT_FOUND,
                "unknown_url",
                format!("there is no {method} {path}: use POST /v1/chat/completions or GET /v1/models"),
            )),
        }
    }

    fn authorize(&self, request: &Request<Bytes>) -> Result<(), Failure> {
        let header = request.headers().get(AUTHORIZATION);
        let token = header.and_then(|header| header.as_bytes().strip_prefix(b"Bearer "));
        // The time of the comparison does not depend on how many characters are right.
        let is_valid = |token: &[u8]| {
            self.config
                .tokens
                .iter()
                .any(|valid| valid.as_bytes().ct_eq(token).into())
        };
        match token.is_some_and(is_valid) {
            true => Ok(()),
            false => Err(Failure::new(
                StatusCode::UNAUTHORIZED,
                "invalid_api_key",
                "the token is missing or invalid: send the header `Authorization: Bearer TOKEN`",
            )),
        }
    }
}
