//! Cross-origin resource sharing (CORS) of a Function URL, which the URL handles itself.
//!
//! As on Lambda, the URL responds to preflight requests without an invocation, and adds headers to all other responses.
//! The headers of the function itself stay, so that they can be duplicates.
//!
//! These headers only tell a browser what a page may do. Which pages of other websites may call the function at all is
//! decided before, by the origin check.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use http_body_util::Full;

use super::super::settings::Cors;

/// All origins, methods or headers.
const ANY: &str = "*";

/// Returns whether the request is a preflight request: a browser asks whether a page may send another request.
pub(super) fn is_preflight(request: &Parts) -> bool {
    request.method == Method::OPTIONS
        && request.headers.contains_key(ORIGIN)
        && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Returns the response to a preflight request. If the configuration does not allow the origin, it has no CORS headers.
pub(super) fn respond_to_preflight(cors: &Cors, request: &HeaderMap) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    if let Some(origin) = allowed_origin(cors, request) {
        let headers = response.headers_mut();
        insert_origin(headers, origin, cors);
        insert_list(headers, ACCESS_CONTROL_ALLOW_METHODS, &cors.allow_methods);
        insert_list(headers, ACCESS_CONTROL_ALLOW_HEADERS, &cors.allow_headers);
        if let Some(max_age) = cors.max_age {
            headers.insert(ACCESS_CONTROL_MAX_AGE, max_age.into());
        }
    }
    response
}

/// Adds the CORS headers to the response to a request with these headers.
pub(super) fn add_headers(cors: &Cors, request: &HeaderMap, response: &mut HeaderMap) {
    let Some(origin) = allowed_origin(cors, request) else {
        return;
    };
    let mut added = HeaderMap::new();
    insert_origin(&mut added, origin, cors);
    insert_list(&mut added, ACCESS_CONTROL_EXPOSE_HEADERS, &cors.expose_headers);
    if response.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        log_duplicates();
    }
    for (name, value) in &added {
        response.append(name, value.clone());
    }
}

/// Returns the value of `Access-Control-Allow-Origin`, or `None` if the request has no origin or one that is not allowed.
fn allowed_origin(cors: &Cors, request: &HeaderMap) -> Option<HeaderValue> {
    let origin = request.get(ORIGIN)?;
    if cors.allow_origins.iter().any(|allowed| allowed == ANY) {
        // Browsers reject `*` for a request with credentials.
        return Some(match cors.allow_credentials {
            true => origin.clone(),
            false => HeaderValue::from_static(ANY),
        });
    }
    let is_allowed = |allowed: &String| allowed.as_bytes().eq_ignore_ascii_case(origin.as_bytes());
    cors.allow_origins.iter().any(is_allowed).then(|| origin.clone())
}

fn insert_origin(headers: &mut HeaderMap, origin: HeaderValue, cors: &Cors) {
    if origin != ANY {
        // The response to another origin is different, so a cache must not mix them up.
        headers.insert(VARY, HeaderValue::from_static("Origin"));
    }
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if cors.allow_credentials {
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

fn insert_list(headers: &mut HeaderMap, name: HeaderName, values: &[String]) {
    // A value that a header cannot have is omitted.
    if let (false, Ok(value)) = (values.is_empty(), HeaderValue::from_str(&values.join(","))) {
        headers.insert(name, value);
    }
}

/// Explains duplicate headers, once.
fn log_duplicates() {
    static IS_LOGGED: AtomicBool = AtomicBool::new(false);
    if !IS_LOGGED.swap(true, Ordering::Relaxed) {
        log!(
            WARN,
            "the function sends CORS headers, and so does the Function URL because of --cors: browsers reject a response with \
             two `Access-Control-Allow-Origin` headers, here and on AWS. Configure CORS in one place"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn cors(origins: &[&str], allow_credentials: bool) -> Cors {
        Cors {
            allow_origins: strings(origins),
            allow_methods: strings(&["GET", "PUT"]),
            allow_headers: strings(&["content-type", "x-a"]),
            expose_headers: strings(&["x-b", "x-c"]),
            allow_credentials,
            max_age: Some(60),
        }
    }

    fn from(origin: &str) -> HeaderMap {
        HeaderMap::from_iter([(ORIGIN, HeaderValue::from_str(origin).unwrap())])
    }

    /// Returns the headers in the form `name: value`, sorted.
    fn lines(headers: &HeaderMap) -> Vec<String> {
        let lines = headers.iter();
        let mut lines: Vec<_> = lines
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort_unstable();
        lines
    }

    fn preflight(cors: &Cors, origin: &str) -> Vec<String> {
        lines(respond_to_preflight(cors, &from(origin)).headers())
    }

    #[test]
    fn preflight_has_the_configured_values() {
        let allowed = preflight(
            &cors(&["http://a.example", "http://b.example:81"], true),
            "http://b.example:81",
        );
        let expected = [
            "access-control-allow-credentials: true",
            "access-control-allow-headers: content-type,x-a",
            "access-control-allow-methods: GET,PUT",
            "access-control-allow-origin: http://b.example:81",
            "access-control-max-age: 60",
            "vary: Origin",
        ];
        assert_eq!(allowed, expected);
        let minimal = Cors {
            allow_origins: strings(&["http://a.example"]),
            ..Cors::default()
        };
        let expected = ["access-control-allow-origin: http://a.example", "vary: Origin"];
        assert_eq!(preflight(&minimal, "http://a.example"), expected);
    }

    #[test]
    fn other_origin_gets_no_headers() {
        let cors = cors(&["http://a.example", "https://b.example:81"], false);
        for origin in [
            "https://a.example",
            "http://a.example:80",
            "http://a.example.evil.example",
            "http://sub.a.example",
            "http://a.exampl",
            "https://b.example",
            "null",
            "*",
            "",
        ] {
            assert_eq!(preflight(&cors, origin), [""; 0], "{origin}");
            let mut response = HeaderMap::new();
            add_headers(&cors, &from(origin), &mut response);
            assert_eq!(lines(&response), [""; 0], "{origin}");
        }
    }

    #[test]
    fn any_origin_is_a_wildcard_without_credentials() {
        let headers = |allow_credentials| {
            let mut response = HeaderMap::new();
            add_headers(
                &cors(&["*"], allow_credentials),
                &from("http://localhost:1"),
                &mut response,
            );
            lines(&response)
        };
        let expose = "access-control-expose-headers: x-b,x-c";
        assert_eq!(headers(false), ["access-control-allow-origin: *", expose]);
        assert_eq!(
            headers(true),
            [
                "access-control-allow-credentials: true",
                "access-control-allow-origin: http://localhost:1",
                expose,
                "vary: Origin"
            ]
        );
    }

    #[test]
    fn headers_of_function_stay() {
        let mut response = HeaderMap::new();
        response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response.insert(VARY, HeaderValue::from_static("Accept"));
        add_headers(
            &cors(&["http://a.example"], false),
            &from("http://a.example"),
            &mut response,
        );
        let values = |name| response.get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(values(ACCESS_CONTROL_ALLOW_ORIGIN), ["*", "http://a.example"]);
        assert_eq!(values(VARY), ["Accept", "Origin"]);
    }

    #[test]
    fn only_complete_preflight_is_a_preflight() {
        let is_preflight = |method: &str, headers: &[&str]| {
            let request = http::Request::builder().method(method);
            let request = headers.iter().fold(request, |request, name| request.header(*name, "a"));
            super::is_preflight(&request.body(()).unwrap().into_parts().0)
        };
        let both = ["origin", "access-control-request-method"];
        assert!(is_preflight("OPTIONS", &both));
        assert!(!is_preflight("GET", &both));
        assert!(!is_preflight("OPTIONS", &both[..1]));
        assert!(!is_preflight("OPTIONS", &both[1..]));
    }
}
