//! The auth type `AWS_IAM`.

use std::net::SocketAddr;

use super::super::super::settings::{AuthType, Cors, InvokeMode, Settings};
use super::super::super::test_client::{RuntimeApiClient, read_to_end, send, start};
use super::cors::{REQUEST_METHOD, cors, send_from};
use super::{assert_has_lines, function_url};

const SIGNATURE: &str = "fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024";

fn start_with_iam(cors: Option<Cors>) -> (RuntimeApiClient, SocketAddr) {
    start(Settings {
        front_end: function_url(InvokeMode::ResponseStream, AuthType::AwsIam, cors),
        ..Settings::default()
    })
}

#[test]
fn signed_request_has_its_caller_in_the_event() {
    let (function, url) = start_with_iam(None);
    let caller = send(
        url,
        format!(
            "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: AWS4-HMAC-SHA256 \
             Credential=AKIDEXAMPLE/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature={SIGNATURE}\r\n\r\n"
        )
        .as_bytes(),
    );
    let response = function.poll();
    let (head, event) = response.split_once("\r\n\r\n").unwrap();
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    let context = &event["requestContext"];
    assert_eq!(context["authentication"], serde_json::Value::Null);
    assert_eq!(context["accountId"], "000000000000");
    let iam = &context["authorizer"]["iam"];
    assert_eq!(iam["accessKey"], "AKIDEXAMPLE");
    assert_eq!(iam["userArn"], "arn:aws:iam::000000000000:user/local");
    let id = head.split_once("lambda-runtime-aws-request-id: ").unwrap().1;
    let id = id.lines().next().unwrap();
    function.post(&format!("invocation/{id}/response"), "", "1");
    assert!(read_to_end(caller).starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
fn request_without_signature_gets_403() {
    let (function, url) = start_with_iam(Some(cors(&["https://app.example"])));
    std::thread::spawn(move || function.poll());
    for headers in [
        "",
        "authorization: Bearer abc\r\n",
        "authorization: AWS4-HMAC-SHA256 Credential=a\r\n",
        "authorization: AWS4-HMAC-SHA256 \r\ncontent-length: 3\r\n",
    ] {
        let response = read_to_end(send_from(url, "POST", "/", "https://app.example", headers));
        assert!(response.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{response}");
        assert_has_lines(
            &response,
            &[
                "x-amzn-errortype: AccessDeniedException",
                "access-control-allow-origin: https://app.example",
            ],
        );
        assert!(response.ends_with("\r\n\r\n{\"Message\":\"Forbidden\"}"), "{response}");
    }
    // Browsers do not sign preflight requests.
    let preflight = read_to_end(send_from(url, "OPTIONS", "/", "https://app.example", REQUEST_METHOD));
    assert!(preflight.starts_with("HTTP/1.1 200 OK\r\n"), "{preflight}");
}
