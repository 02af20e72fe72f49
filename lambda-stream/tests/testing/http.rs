//! HTTP responses for each source of requests: status, headers, cookies and body as the HTTP client gets them.

use futures::stream;
use http::Request;
use lambda_stream::testing::{Delivery, Invocation, Response};
use lambda_stream::{HttpPrelude, Json, ResponseStream, StreamError};

/// One invocation by each source that streams.
fn streaming_sources() -> [Invocation; 4] {
    let request = || Request::get("https://example.com/").body("").unwrap();
    [
        Invocation::function_url(request()),
        Invocation::http_api(request()),
        Invocation::http_api_v1(request()),
        Invocation::rest_api(request()),
    ]
}

fn alb_sources() -> [Invocation; 2] {
    let request = || Request::get("http://example.com/").body("").unwrap();
    [Invocation::alb(request()), Invocation::alb_multi_value(request())]
}

fn header_values<'a>(response: &'a Response, name: &str) -> Vec<&'a [u8]> {
    response
        .headers()
        .get_all(name)
        .iter()
        .map(|value| value.as_bytes())
        .collect()
}

#[tokio::test]
async fn prelude_is_decoded_for_each_source() {
    async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
        let prelude = HttpPrelude::new(404)
            .header("content-type", "text/html")
            .header("vary", "a")
            .header("vary", "b");
        stream.send_prelude(prelude.cookie("a=1").cookie("b=2; Secure")).await?;
        stream.write("not found").await
    }
    for invocation in streaming_sources() {
        let response = invocation.run(handler).await;
        assert_eq!(
            (response.status(), response.content_type()),
            (Some(404), Some("text/html"))
        );
        assert_eq!(response.cookies(), ["a=1", "b=2; Secure"]);
        assert_eq!(header_values(&response, "vary").join(&b", "[..]), b"a, b");
        assert_eq!(response.delivery(), Delivery::Streamed);
        response.assert_body("not found");
        assert_eq!(response.chunks().len(), 1);
    }
}

#[tokio::test]
async fn default_prelude_has_status_200() {
    for invocation in streaming_sources() {
        let response = invocation
            .run(async |mut stream: ResponseStream| stream.write([0; 9]).await)
            .await;
        assert_eq!(
            (response.status(), response.content_type()),
            (Some(200), Some("application/octet-stream"))
        );
        response.assert_body([0; 9]);
    }
}

#[tokio::test]
async fn json_has_status_200_for_each_source() {
    for invocation in streaming_sources().into_iter().chain(alb_sources()) {
        let response = invocation.run(async || Json([1, 2])).await;
        assert_eq!(
            (response.status(), response.content_type()),
            (Some(200), Some("application/json"))
        );
        response.assert_body("[1,2]");
    }
}

#[tokio::test]
async fn load_balancer_response_is_decoded() {
    for invocation in alb_sources() {
        let response = invocation.run(async || stream::iter([&b"text "[..], b"\xff"])).await;
        assert_eq!(response.delivery(), Delivery::Buffered);
        assert_eq!(response.status(), Some(200));
        response.assert_body(b"text \xff");
        assert_eq!(response.chunks().len(), 1, "a load balancer does not stream");
    }
}

#[tokio::test]
async fn load_balancer_cookies_are_decoded() {
    async fn handler() -> http::Response<String> {
        let response = http::Response::builder().status(302).header("location", "/");
        response.header("set-cookie", "a=1").body(String::new()).unwrap()
    }
    for invocation in alb_sources() {
        let response = invocation.run(handler).await;
        assert_eq!(
            (response.status(), &response.headers()["location"]),
            (Some(302), &"/".parse().unwrap())
        );
        assert_eq!(response.cookies(), ["a=1"]);
    }
}

#[tokio::test]
async fn document_written_for_load_balancer_is_decoded() {
    async fn handler(mut stream: ResponseStream) -> Result<(), StreamError> {
        stream.set_content_type("application/json")?;
        stream.write(r#"{"statusCode":201,"headers":{"a":"b"},"#).await?;
        stream.write(r#""body":"aGk=","isBase64Encoded":true}"#).await
    }
    for invocation in alb_sources() {
        let response = invocation.run(handler).await;
        assert_eq!(
            (response.delivery(), response.status()),
            (Delivery::Streamed, Some(201))
        );
        response.assert_body("hi");
    }
}

#[tokio::test]
async fn write_to_load_balancer_fails() {
    for invocation in alb_sources() {
        let response = invocation
            .run(async |mut stream: ResponseStream| stream.write("x").await)
            .await;
        assert_eq!(response.delivery(), Delivery::Reported);
        assert_eq!(response.status(), None);
        assert_eq!(crate::error_type(&response), "Function.StreamError");
    }
}

#[tokio::test]
async fn head_response_has_no_body() {
    let request = Request::head("/").body("").unwrap();
    let handler = async |mut stream: ResponseStream| stream.write("discarded").await;
    let response = Invocation::function_url(request).run(handler).await;
    assert_eq!(response.status(), Some(200));
    response.assert_body("");
}
