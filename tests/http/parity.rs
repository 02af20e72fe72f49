//! The same application gives the same answers, with `axum::serve` and from Lambda.

use std::collections::BTreeSet;

use crate::observed::Observed;
use crate::places::{FunctionUrl, LoadBalancer, Place, Port, RestApi};
use crate::requests::{Request, requests};

/// Compares every request that both places can have, and tells of all that differ.
#[track_caller]
fn compare<P: Place>(name: &str, place: &P, least: usize) {
    let reference = Port::axum_serve();
    let mut differences = String::new();
    let mut compared = 0;
    for request in requests() {
        let Some(found) = place.ask(&request) else { continue };
        let expected = reference.ask(&request).unwrap();
        check(&request, &expected);
        let is_echo = request.target.starts_with("/echo");
        let [expected, found] = [expected, found].map(|seen| seen.comparable(is_echo, P::FORMAT));
        if expected != found {
            differences += &difference(&request, &expected, &found);
        }
        compared += 1;
    }
    println!("{compared} requests compared: axum::serve and {name}");
    assert!(
        differences.is_empty(),
        "{name} differs from axum::serve:\n{differences}"
    );
    assert!(compared >= least, "only {compared} requests were compared");
}

/// Both could be wrong in the same way: the request must ask for what its name says.
#[track_caller]
fn check(request: &Request, seen: &Observed) {
    assert_eq!(
        seen.status, request.status,
        "{} from axum::serve: {seen:?}",
        request.name
    );
    for (name, value) in &request.answered_with {
        let values = seen.headers.get(*name).cloned().unwrap_or_default();
        let found = values.iter().any(|found| found.contains(value));
        assert!(found, "{}: {name} is {values:?}, without {value:?}", request.name);
    }
}

fn difference(request: &Request, expected: &Observed, found: &Observed) -> String {
    let Request {
        name, method, target, ..
    } = request;
    let mut lines = format!("- {name}: {method} {target}\n");
    let mut line = |what: &str, expected: &str, found: &str| {
        if expected != found {
            lines += &format!("    {what}:\n      expected {expected}\n      found    {found}\n");
        }
    };
    line("status", &expected.status.to_string(), &found.status.to_string());
    let headers: BTreeSet<_> = expected.headers.keys().chain(found.headers.keys()).collect();
    for header in headers {
        let value = |seen: &Observed| format!("{:?}", seen.headers.get(header));
        line(header, &value(expected), &value(found));
    }
    line("body", &shown(&expected.body), &shown(&found.body));
    lines
}

fn shown(body: &[u8]) -> String {
    const MOST: usize = 1000;
    match body.len() {
        length @ ..=MOST => format!("{length} bytes \"{}\"", body.escape_ascii()),
        length => format!("{length} bytes \"{}…\"", body[..MOST].escape_ascii()),
    }
}

#[test]
fn in_the_local_mode() {
    compare("the local mode", &Port::local(), 60);
}

#[test]
fn behind_a_function_url() {
    compare("a Function URL", &FunctionUrl::start(), 60);
}

#[test]
fn behind_a_rest_api() {
    compare("a REST API", &RestApi::start(), 60);
}

#[test]
fn behind_a_load_balancer() {
    compare("a load balancer", &LoadBalancer::start(), 60);
}
