//! The requests that the parity tests send. Each covers one feature of HTTP.

/// A host that local mode accepts. It rejects names that can belong to another site.
const HOST: &str = "localhost";

/// The origin of a frontend development server.
const ORIGIN: &str = "http://localhost:5173";

/// A request, and the part of its response that shows that the request covers the feature in its name.
pub(crate) struct Request {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) target: &'static str,
    headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) expected_status: u16,
    /// Names of response headers, and a part of the value of each.
    pub(crate) expected_headers: Vec<(&'static str, &'static str)>,
    /// Whether the body of the request or of the response is larger than an ALB supports.
    pub(crate) exceeds_alb_limit: bool,
}

impl Request {
    pub(crate) fn new(name: &'static str, method: &'static str, target: &'static str) -> Self {
        Self {
            name,
            method,
            target,
            headers: Vec::new(),
            body: None,
            expected_status: 200,
            expected_headers: Vec::new(),
            exceeds_alb_limit: false,
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("Content-Type", content_type)
    }

    fn expect_status(mut self, status: u16) -> Self {
        self.expected_status = status;
        self
    }

    fn expect_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.expected_headers.push((name, value));
        self
    }

    fn exceeds_alb_limit(mut self) -> Self {
        self.exceeds_alb_limit = true;
        self
    }

    /// Returns the headers as sent, with `Host` and `Content-Length`.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let mut headers = vec![("Host".to_owned(), HOST.to_owned())];
        headers.extend(self.headers.iter().cloned());
        if let Some(body) = &self.body {
            headers.push(("Content-Length".to_owned(), body.len().to_string()));
        }
        headers
    }

    /// Returns the bytes of the request.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in self.headers() {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        bytes
    }
}

fn get(name: &'static str, target: &'static str) -> Request {
    Request::new(name, "GET", target)
}

fn post(name: &'static str, target: &'static str) -> Request {
    Request::new(name, "POST", target)
}

pub(crate) fn requests() -> Vec<Request> {
    [
        methods(),
        targets(),
        headers(),
        bodies(),
        responses(),
        static_files(),
        middleware(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn methods() -> Vec<Request> {
    vec![
        get("GET", "/"),
        get("GET, echoed", "/echo"),
        post("POST without a body", "/echo"),
        Request::new("PUT", "PUT", "/echo").body("text/plain", "put"),
        Request::new("DELETE", "DELETE", "/echo"),
        Request::new("DELETE with a body", "DELETE", "/echo").body("text/plain", "why"),
        Request::new("PATCH", "PATCH", "/items/tea/price").body("application/json", r#"{"cents": 250}"#),
        Request::new("OPTIONS", "OPTIONS", "/echo"),
        Request::new("unregistered method", "PURGE", "/echo"),
        Request::new("HEAD of a response with a length", "HEAD", "/items/tea"),
        Request::new("HEAD of a response without a length", "HEAD", "/export/1"),
        Request::new("HEAD of server-sent events", "HEAD", "/events?count=1000"),
        Request::new("HEAD of an unknown path", "HEAD", "/nothing").expect_status(404),
        Request::new("HEAD of a POST route", "HEAD", "/login").expect_status(405),
        Request::new("method that the route does not support", "DELETE", "/login")
            .expect_status(405)
            .expect_header("allow", "POST"),
    ]
}

fn targets() -> Vec<Request> {
    vec![
        get("path with an escaped ASCII character", "/items/green%20tea"),
        get("path with escaped UTF-8", "/items/t%C3%A9%E2%98%95"),
        get("path with unescaped UTF-8", "/items/té☕"),
        get("path with an escaped slash", "/echo/a%2Fb"),
        get("escape in lower case", "/echo/%c3%bc"),
        get("percent sign without an escape", "/items/100%"),
        get("path with repeated slashes", "/echo//a//b/"),
        get("path with dot segments", "/echo/a/./b/../c"),
        get("path with punctuation", "/echo/a;b=c,d@e:f!g$h&i'j(k)l*m+n~o-p_q.r"),
        get("plus sign in a path", "/items/a+b"),
        get("repeated and ordered query keys", "/echo?b=2&a=1&b=1&c=3&b=2"),
        get("empty query values", "/echo?a=&b&c=1&=d"),
        get("plus sign and escaped space in a query", "/echo?a=x+y&b=x%20y&c=x%2By"),
        get("escapes in a query", "/echo?%C3%A9=%E2%98%95&a%3Db=c%26d&e=%23"),
        get("brackets in a query", "/echo?a[]=1&a[]=2&b[c]=d"),
        get("question mark in a query", "/echo?a=b?c&d=/e"),
        get("deserialized query", "/search?q=caf%C3%A9+au+lait&page=2"),
        get("query without a required key", "/search?page=2").expect_status(400),
        get("query with a value of the wrong type", "/search?q=a&page=two").expect_status(400),
    ]
}

fn headers() -> Vec<Request> {
    vec![
        get("header that occurs three times", "/echo")
            .header("X-Tag", "one")
            .header("X-Tag", "two, three")
            .header("X-Tag", "four"),
        get("header with an empty value", "/echo").header("X-Empty", ""),
        get("header that is not ASCII", "/echo").header("X-City", "Zürich ☕"),
        get("many headers", "/echo")
            .header("Accept", "text/html, */*;q=0.8")
            .header("Accept-Language", "de-CH, de;q=0.9")
            .header("User-Agent", "tests/1.0 (none)")
            .header("X-Forwarded-For", "192.0.2.7, 192.0.2.8")
            .header("Authorization", "Bearer a.b-c_d=="),
        get("one cookie", "/me").header("Cookie", "name=ada"),
        get("several cookies", "/me").header("Cookie", "theme=dark; name=ada; lang=\"de\""),
        get("several cookies, echoed", "/echo").header("Cookie", "theme=dark; name=a=b; empty="),
        get("no cookie", "/me").expect_status(401),
        get("long header", "/echo").header("X-Long", &"0123456789".repeat(600)),
    ]
}

fn bodies() -> Vec<Request> {
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let large_text: String = (0..500_000).map(|line| format!("{line:0>9}\n")).collect();
    vec![
        post("text body, mirrored", "/mirror").body("text/plain; charset=utf-8", "naïve ☕\r\n\0end"),
        post("binary body, mirrored", "/mirror").body("application/octet-stream", bytes.clone()),
        post("binary body, echoed", "/echo").body("image/png", bytes),
        post("text body that looks like base64", "/mirror").body("text/plain", "aGVsbG8="),
        post("empty body with a content type", "/mirror").body("text/plain", ""),
        post("no body and no content type", "/mirror").header("X-A", "b"),
        Request::new("JSON body", "PUT", "/items/tea")
            .body("application/json", r#"{"name": "tea", "cents": 320}"#)
            .expect_status(201)
            .expect_header("location", "/items/tea"),
        Request::new("JSON body that the handler rejects", "PUT", "/items/tea")
            .body("application/json", r#"{"name": "coffee", "cents": 320}"#)
            .expect_status(409),
        Request::new("JSON body without a required field", "PUT", "/items/tea")
            .body("application/json", r#"{"name": "tea"}"#)
            .expect_status(422),
        Request::new("malformed JSON body", "PUT", "/items/tea")
            .body("application/json", "{")
            .expect_status(400),
        Request::new("JSON body with another content type", "PUT", "/items/tea")
            .body("text/plain", "{}")
            .expect_status(415),
        post("form, and a response with several cookies", "/login")
            .body("application/x-www-form-urlencoded", "name=ada&unused=%26")
            .expect_status(303)
            .expect_header("set-cookie", "Expires=Wed, 21 Oct 2099"),
        post("text body of 5 MB, echoed", "/echo")
            .body("text/plain", large_text)
            .exceeds_alb_limit(),
        post("text body of 1.5 MB, mirrored", "/mirror")
            .body("text/plain", "12345678 ünd\n".repeat(110_000))
            .exceeds_alb_limit(),
        post("binary body of 1.6 MB, mirrored", "/mirror")
            .body("video/mp4", [0, 159, 146, 150].repeat(400_000))
            .exceeds_alb_limit(),
    ]
}

fn responses() -> Vec<Request> {
    vec![
        get("fallback route", "/nothing/here").expect_status(404),
        get("permanent redirect", "/old")
            .expect_status(308)
            .expect_header("location", "/items/new"),
        Request::new("status 204 from a handler", "DELETE", "/items/tea/stock").expect_status(204),
        get("entity tag", "/article").expect_header("etag", "version-7"),
        get("matching entity tag", "/article")
            .header("If-None-Match", "\"version-7\"")
            .expect_status(304)
            .expect_header("etag", "version-7"),
        get("entity tag of another version", "/article").header("If-None-Match", "\"version-6\""),
        get("server-sent events", "/events?count=5&milliseconds=2").expect_header("content-type", "text/event-stream"),
        get("server-sent events without an event", "/events?count=0"),
        get("response body of 8 MB", "/export/8").exceeds_alb_limit(),
        get("streamed body with a length", "/exact").expect_header("content-length", "5"),
        get("response headers that are repeated, empty, or not ASCII", "/languages")
            .expect_header("content-language", "tlh"),
        get("client error", "/status/418").expect_status(418),
        get("server error", "/status/503")
            .expect_status(503)
            .expect_header("retry-after", "7"),
        get("unregistered status", "/status/599").expect_status(599),
        get("status without a body", "/status/204").expect_status(204),
        get("path parameter of the wrong type", "/status/ok").expect_status(400),
        post("POST with a server error", "/status/500")
            .body("text/plain", "x")
            .expect_status(500),
    ]
}

fn static_files() -> Vec<Request> {
    let style = |name| get(name, "/static/style.css");
    vec![
        style("file").expect_header("content-type", "text/css"),
        get("binary file", "/static/dot.gif").expect_header("content-type", "image/gif"),
        get("directory", "/static/guide/").expect_header("content-type", "text/html"),
        get("directory without the trailing slash", "/static/guide").expect_status(307),
        get("missing file", "/static/none.css").expect_status(404),
        get("path that leaves the directory", "/static/../Cargo.toml").expect_status(404),
        get("escaped path that leaves the directory", "/static/%2e%2e/Cargo.toml").expect_status(404),
        style("If-Modified-Since, not modified")
            .header("If-Modified-Since", "Wed, 21 Oct 2099 07:28:00 GMT")
            .expect_status(304),
        style("If-Modified-Since, modified").header("If-Modified-Since", "Wed, 21 Oct 1998 07:28:00 GMT"),
        style("If-Unmodified-Since, modified")
            .header("If-Unmodified-Since", "Wed, 21 Oct 1998 07:28:00 GMT")
            .expect_status(412),
        style("range of a file")
            .header("Range", "bytes=5-9")
            .expect_status(206)
            .expect_header("content-range", "bytes 5-9/"),
        style("suffix range of a file")
            .header("Range", "bytes=-4")
            .expect_status(206),
        style("range after the end of a file")
            .header("Range", "bytes=100000-")
            .expect_status(416)
            .expect_header("content-range", "bytes */"),
        Request::new("HEAD of a file", "HEAD", "/static/index.html").expect_header("content-type", "text/html"),
        Request::new("HEAD of a range of a file", "HEAD", "/static/index.html")
            .header("Range", "bytes=0-9")
            .expect_status(206),
        Request::new("POST to a file", "POST", "/static/index.html").expect_status(405),
    ]
}

fn middleware() -> Vec<Request> {
    vec![
        get("compressed text", "/article")
            .header("Accept-Encoding", "gzip")
            .expect_header("content-encoding", "gzip"),
        get("compressed file", "/static/index.html")
            .header("Accept-Encoding", "br;q=1.0, gzip;q=0.8, *;q=0.1")
            .expect_header("content-encoding", "gzip"),
        get("compressed stream", "/export/1")
            .header("Accept-Encoding", "gzip, deflate")
            .expect_header("content-encoding", "gzip"),
        Request::new("HEAD of a compressed response", "HEAD", "/article").header("Accept-Encoding", "gzip"),
        get("response type that is not compressed", "/events?count=50").header("Accept-Encoding", "gzip"),
        Request::new("CORS preflight request", "OPTIONS", "/items/tea/price")
            .header("Origin", ORIGIN)
            .header("Access-Control-Request-Method", "PATCH")
            .header("Access-Control-Request-Headers", "content-type")
            .expect_header("access-control-allow-methods", "PATCH"),
        get("request of another origin", "/")
            .header("Origin", ORIGIN)
            .expect_header("access-control-allow-origin", ORIGIN),
        get("timeout", "/upstream").expect_status(504),
        get("header set by a middleware layer", "/").expect_header("x-content-type-options", "nosniff"),
    ]
}
