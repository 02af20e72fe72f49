//! Each form of a handler: its parameters, its return types, and `tower` services.

use std::future::{Ready, ready};
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context as TaskContext, Poll};

use ::http::{Request, Response as HttpResponse};
use bytes::Bytes;
use futures::stream::{self, Stream};
use lambda_stream::http::Body;
use lambda_stream::ndjson::Line;
use lambda_stream::sse::Event;
use lambda_stream::testing::{Delivery, Invocation, SseEvent};
use lambda_stream::{
    AnyResponse, Context, Error, Json, LambdaEvent, Payload, RawEvent, ResponseStream, StreamError, service_fn,
};
use serde_json::{Value, json};

use crate::error_type;

static COUNTER: AtomicU32 = AtomicU32::new(40);

#[tokio::test]
async fn all_parameters_of_one_handler() {
    async fn handler(
        counter: &AtomicU32,
        context: Context,
        RawEvent(event): RawEvent,
        mut stream: ResponseStream,
    ) -> Result<(), StreamError> {
        let count = counter.fetch_add(2, Ordering::Relaxed);
        stream
            .write(format!("{} {} {count}", context.request_id(), event.len()))
            .await
    }
    let invocation = Invocation::new([1, 2]).request_id("r").state(&COUNTER);
    invocation.run(handler).await.assert_body("r 5 40");
    assert_eq!(COUNTER.load(Ordering::Relaxed), 42);
}

#[tokio::test]
async fn context_has_what_was_set() {
    async fn handler(context: Context) -> Json<Value> {
        Json(json!({
            "arn": context.invoked_function_arn(), "trace": context.trace_id(), "tenant": context.tenant_id(),
            "client": context.client_context(), "identity": context.identity(), "id": context.request_id(),
        }))
    }
    let response = Invocation::new(())
        .function_arn("arn:aws:lambda:eu-west-1:1:function:orders:live")
        .trace_id("Root=1-5759e988-bd862e3fe1be46a994272793")
        .tenant_id("blue")
        .client_context(json!({"client": {"app_title": "ü"}}))
        .identity(json!({"cognitoIdentityId": "c"}))
        .request_id("17")
        .run(handler)
        .await;
    let expected = json!({
        "arn": "arn:aws:lambda:eu-west-1:1:function:orders:live",
        "trace": "Root=1-5759e988-bd862e3fe1be46a994272793",
        "tenant": "blue",
        "client": {"client": {"app_title": "ü"}},
        "identity": {"cognitoIdentityId": "c"},
        "id": "17",
    });
    assert_eq!(response.json::<Value>(), expected);
    let defaults = Invocation::new(()).run(handler).await.json::<Value>();
    let expected = json!({
        "arn": "arn:aws:lambda:us-east-1:123456789012:function:test", "trace": null, "tenant": null, "client": null,
        "identity": null, "id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    });
    assert_eq!(defaults, expected);
}

#[tokio::test]
async fn returned_stream_is_one_chunk_per_item() {
    async fn handler(Payload(words): Payload<Vec<String>>) -> impl Stream<Item = String> {
        stream::iter(words)
    }
    let response = Invocation::new(["one", "two", "three"]).run(handler).await;
    let chunks: Vec<_> = response.chunks().iter().map(|chunk| chunk.bytes().clone()).collect();
    assert_eq!(chunks, ["one", "two", "three"]);
}

#[tokio::test]
async fn returned_stream_of_results_fails_in_trailers() {
    async fn handler() -> Result<impl Stream<Item = Result<&'static str, Error>>, Error> {
        Ok(stream::iter([Ok("one"), Err(Error::new("then"))]))
    }
    let response = Invocation::new(()).run(handler).await;
    assert_eq!(response.body(), "one");
    assert_eq!(response.delivery(), Delivery::Streamed);
    assert_eq!(response.error().unwrap().to_string(), "then");
}

#[tokio::test]
async fn events_and_lines_are_parsed_back() {
    let events = async || {
        stream::iter([
            Event::data("a\nb").event("x").id("1"),
            Event::comment("c"),
            Event::data("d"),
        ])
    };
    let response = Invocation::new(()).run(events).await;
    assert_eq!(response.content_type(), Some("text/event-stream"));
    let first = SseEvent {
        event: Some("x".to_owned()),
        data: "a\nb".to_owned(),
        id: Some("1".to_owned()),
        retry: None,
    };
    let second = SseEvent {
        data: "d".to_owned(),
        ..SseEvent::default()
    };
    assert_eq!(response.sse_events(), [first, second]);

    let lines = async || stream::iter([Line(json!({"n": 1})), Line(json!("two\n"))]);
    let response = Invocation::new(()).run(lines).await;
    assert_eq!(response.ndjson::<Value>(), [json!({"n": 1}), json!("two\n")]);
}

#[tokio::test]
async fn json_is_buffered() {
    let response = Invocation::new(()).run(async || Json(json!({"a": 1}))).await;
    assert_eq!(response.delivery(), Delivery::Buffered);
    assert_eq!(
        (response.status(), response.content_type()),
        (None, Some("application/json"))
    );
    assert_eq!(response.json::<Value>(), json!({"a": 1}));
}

#[tokio::test]
async fn any_response_is_chosen_per_invocation() {
    async fn handler(streamed: bool) -> AnyResponse {
        match streamed {
            true => AnyResponse::stream(stream::iter(["a", "b"])),
            false => Json("c").into(),
        }
    }
    let response = Invocation::new(true).run(handler).await;
    assert_eq!((response.delivery(), response.chunks().len()), (Delivery::Streamed, 2));
    let response = Invocation::new(false).run(handler).await;
    assert_eq!((response.delivery(), response.text()), (Delivery::Buffered, "\"c\""));
}

#[tokio::test]
async fn wrong_event_is_reported() {
    async fn handler(_: u32, _: ResponseStream) {}
    let response = Invocation::new("x").run(handler).await;
    assert_eq!(error_type(&response), "Function.InvalidEvent");
    let response = Invocation::from_bytes("{").run(handler).await;
    assert_eq!(error_type(&response), "Function.InvalidEvent");
}

#[tokio::test]
async fn handlers_of_lambda_runtime() {
    async fn handler(event: LambdaEvent<u32>) -> Result<Value, Error> {
        Ok(json!({"doubled": 2 * event.payload, "id": event.context.request_id()}))
    }
    let response = Invocation::new(4).request_id("r").run(service_fn(handler)).await;
    assert_eq!(response.json::<Value>(), json!({"doubled": 8, "id": "r"}));
    let direct = async |event: LambdaEvent<u32>| Json(event.payload);
    Invocation::new(4).run(direct).await.assert_body("4");
}

#[tokio::test]
async fn http_request_and_response() {
    async fn handler(request: Request<Bytes>) -> HttpResponse<String> {
        let body = format!("{} {} {:?}", request.method(), request.uri().path(), request.body());
        HttpResponse::builder()
            .status(201)
            .header("x-a", "b")
            .body(body)
            .unwrap()
    }
    let request = Request::put("https://example.com/a%20b").header("content-type", "text/plain");
    let response = Invocation::function_url(request.body("ü").unwrap()).run(handler).await;
    assert_eq!(
        (response.status(), &response.headers()["x-a"]),
        (Some(201), &"b".parse().unwrap())
    );
    response.assert_body(format!("PUT /a%20b {:?}", Bytes::from("ü")));
}

/// A service that responds with the path, and fails for `/fail`.
#[derive(Clone)]
struct EchoPath;

impl tower_service::Service<Request<Body>> for EchoPath {
    type Response = HttpResponse<String>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        ready(match request.uri().path() {
            "/fail" => Err("no such route".into()),
            path => Ok(HttpResponse::new(path.to_owned())),
        })
    }
}

#[tokio::test]
async fn tower_service_is_a_handler() {
    let get = |path: &str| Request::get(path).body("").unwrap();
    let response = Invocation::rest_api(get("/a"))
        .run(lambda_stream::http::service(EchoPath))
        .await;
    assert_eq!(response.status(), Some(200));
    response.assert_body("/a");
    let response = Invocation::http_api(get("/fail"))
        .run(lambda_stream::http::service(EchoPath))
        .await;
    assert_eq!(response.error().unwrap().to_string(), "no such route");
}
