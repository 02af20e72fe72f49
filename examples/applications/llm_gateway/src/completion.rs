//! A completion: from the request of the caller to the end of the response.

use std::future::ready;
use std::time::Duration;

use futures::future::TryFutureExt as _;
use futures::stream::{self, Stream, StreamExt as _};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use lambda_stream::sse::{self, Event};
use lambda_stream::{AnyResponse, Context, http::Body};
use tokio::time::{Instant, timeout};

use crate::Gateway;
use crate::config::Route;
use crate::failure::Failure;
use crate::record::Record;
use crate::relay::{Relay, parse};
use crate::request::ChatRequest;
use crate::upstream::{self, until};

/// The time that is left for the error message when the function's timeout is near. The runtime needs the last 200 ms.
const MARGIN: Duration = Duration::from_secs(1);

/// A request on its way to an upstream.
struct Completion {
    gateway: &'static Gateway,
    route: &'static Route,
    /// The body for the upstream.
    body: Vec<u8>,
    deadline: Option<Instant>,
    record: Record,
}

/// Sends a request to the upstream and returns the response.
pub(crate) async fn respond(
    gateway: &'static Gateway,
    request: ChatRequest,
    context: &Context,
) -> Result<AnyResponse, Failure> {
    let Some((route, model)) = gateway.config.route(&request.model) else {
        let message = format!("the model `{}` does not exist", request.model);
        return Err(Failure::new(StatusCode::NOT_FOUND, "model_not_found", message));
    };
    let (stream, include_usage) = (request.stream, request.include_usage);
    let completion = Completion {
        gateway,
        route,
        deadline: context
            .remaining()
            .map(|left| Instant::now() + left - MARGIN.min(left / 2)),
        record: Record::new(&request.model, route.host()),
        body: request.into_body(&model, route.include_usage)?,
    };
    match stream {
        true => completion.stream(include_usage).await,
        false => completion.collect().await,
    }
}

impl Completion {
    /// Responds when the upstream has responded.
    async fn collect(self) -> Result<AnyResponse, Failure> {
        let mut record = self.record;
        let document = until(self.deadline, async {
            let client = &self.gateway.client;
            let document = upstream::document(client.send(self.route, self.body, "application/json").await?).await?;
            record.set_usage(parse(&document)?.usage);
            record.add_chunk();
            Ok(document)
        });
        let document = document.await;
        match document.is_ok() {
            true => record.set_complete(),
            false => record.set_failed(),
        }
        let mut response = Response::new(Body::from(document?));
        let content_type = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        Ok(response.into())
    }

    /// Responds with the first event of the upstream. A failure until then has a status. If there is no event for a while,
    /// responds with a comment, and a later failure is an event.
    async fn stream(self, include_usage: bool) -> Result<AnyResponse, Failure> {
        let keep_alive = self.gateway.config.keep_alive;
        let mut opening = Box::pin(self.open(include_usage));
        let events = match timeout(keep_alive, &mut opening).await {
            Ok(events) => events?.boxed(),
            Err(_) => {
                let comment = stream::once(ready(Ok(Event::comment(""))));
                comment.chain(opening.try_flatten_stream()).boxed()
            }
        };
        let items = events.flat_map(|event| {
            stream::iter(match event {
                Ok(event) => vec![Ok(event)],
                Err(failure) => {
                    failure.log();
                    vec![Ok(failure.event()), Err(failure.into_error())]
                }
            })
        });
        Ok(AnyResponse::stream(sse::keep_alive(items, keep_alive)))
    }

    /// Sends the request, waits for the first event, and returns all events for the caller.
    async fn open(self, include_usage: bool) -> Result<impl Stream<Item = Result<Event, Failure>> + Send, Failure> {
        let mut record = self.record;
        let body = self.gateway.client.send(self.route, self.body, "text/event-stream");
        let body = until(self.deadline, body).await;
        let body = body.inspect_err(|_| record.set_failed())?;
        let mut relay = Relay::new(body, include_usage, self.deadline, record);
        let first = relay.next().await?;
        let rest = stream::try_unfold(relay, async |mut relay| {
            Ok(relay.next().await?.map(|event| (event, relay)))
        });
        Ok(stream::iter(first.map(Ok)).chain(rest))
    }
}
