//! The example `axum_app` sends the same responses from Lambda and local mode as with `axum::serve`.

use std::collections::BTreeSet;

use crate::observed::ObservedResponse;
use crate::requests::{Request, requests};
use crate::servers::{Alb, FunctionUrl, HttpServer, RestApi, Server};

/// Sends each request to `axum::serve` and to `server`, and panics with all differences. `minimum` is the number of requests
/// that `server` must support.
#[track_caller]
fn assert_parity<S: Server>(name: &str, server: &S, minimum: usize) {
    let reference = HttpServer::axum_serve();
    let mut differences = String::new();
    let mut compared = 0;
    for request in requests() {
        let Some(actual) = server.send(&request) else { continue };
        let expected = reference.send(&request).unwrap();
        assert_expected(&request, &expected);
        let is_echo = request.target.starts_with("/echo");
        let [expected, actual] = [expected, actual].map(|response| response.comparable(is_echo, S::FIDELITY));
        if expected != actual {
            differences += &difference(&request, &expected, &actual);
        }
        compared += 1;
    }
    println!("{compared} requests compared: axum::serve and {name}");
    assert!(
        differences.is_empty(),
        "{name} differs from axum::serve:\n{differences}"
    );
    assert!(compared >= minimum, "only {compared} requests were compared");
}

/// Asserts that the response of `axum::serve` is the expected one. Otherwise both servers could fail in the same way.
#[track_caller]
fn assert_expected(request: &Request, response: &ObservedResponse) {
    assert_eq!(
        response.status, request.expected_status,
        "{} from axum::serve: {response:?}",
        request.name
    );
    for (name, part) in &request.expected_headers {
        let values = response.headers.get(*name).cloned().unwrap_or_default();
        let is_found = values.iter().any(|value| value.contains(part));
        assert!(is_found, "{}: {name} is {values:?}, without {part:?}", request.name);
    }
}

fn difference(request: &Request, expected: &ObservedResponse, actual: &ObservedResponse) -> String {
    let Request {
        name, method, target, ..
    } = request;
    let mut lines = format!("- {name}: {method} {target}\n");
    let mut compare = |part: &str, expected: &str, actual: &str| {
        if expected != actual {
            lines += &format!("    {part}:\n      expected {expected}\n      actual   {actual}\n");
        }
    };
    compare("status", &expected.status.to_string(), &actual.status.to_string());
    let headers: BTreeSet<_> = expected.headers.keys().chain(actual.headers.keys()).collect();
    for header in headers {
        let values = |response: &ObservedResponse| format!("{:?}", response.headers.get(header));
        compare(header, &values(expected), &values(actual));
    }
    compare("body", &quote(&expected.body), &quote(&actual.body));
    lines
}

fn quote(body: &[u8]) -> String {
    const LIMIT: usize = 1000;
    match body.len() {
        length @ ..=LIMIT => format!("{length} bytes \"{}\"", body.escape_ascii()),
        length => format!("{length} bytes \"{}…\"", body[..LIMIT].escape_ascii()),
    }
}

#[test]
fn local_mode_matches_axum_serve() {
    assert_parity("local mode", &HttpServer::local_mode(), 60);
}

#[test]
fn function_url_matches_axum_serve() {
    assert_parity("a Function URL", &FunctionUrl::start(), 60);
}

#[test]
fn rest_api_matches_axum_serve() {
    assert_parity("a REST API", &RestApi::start(), 60);
}

#[test]
fn alb_matches_axum_serve() {
    assert_parity("an ALB", &Alb::start(), 60);
}
