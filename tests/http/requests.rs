//! The requests that the application is asked, each for one thing that HTTP has.

/// A name that the local mode answers to: of others it takes none, lest they be another site's.
const HOST: &str = "localhost";

/// A front end in development.
const ORIGIN: &str = "http://localhost:5173";

/// One request, and what shows in its answer that it asks for what its name says.
pub(crate) struct Request {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) target: &'static str,
    headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
    /// Of the answer.
    pub(crate) status: u16,
    /// Headers of the answer, and what their values hold.
    pub(crate) answered_with: Vec<(&'static str, &'static str)>,
    /// Its body, or its answer's, is larger than what a load balancer takes.
    pub(crate) is_large: bool,
}

impl Request {
    pub(crate) fn new(name: &'static str, method: &'static str, target: &'static str) -> Self {
        Self {
            name,
            method,
            target,
            headers: Vec::new(),
            body: None,
            status: 200,
            answered_with: Vec::new(),
            is_large: false,
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

    fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    fn answered_with(mut self, name: &'static str, value: &'static str) -> Self {
        self.answered_with.push((name, value));
        self
    }

    fn large(mut self) -> Self {
        self.is_large = true;
        self
    }

    /// As they are sent, host and length included.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let mut headers = vec![("Host".to_owned(), HOST.to_owned())];
        headers.extend(self.headers.iter().cloned());
        if let Some(body) = &self.body {
            headers.push(("Content-Length".to_owned(), body.len().to_string()));
        }
        headers
    }

    /// The bytes of the request.
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
        answers(),
        static_files(),
        middleware(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn methods() -> Vec<Request> {
    vec![
        get("a GET", "/"),
        get("a GET, as it arrives", "/echo"),
        post("a POST without a body", "/echo"),
        Request::new("a PUT", "PUT", "/echo").body("text/plain", "put"),
        Request::new("a DELETE", "DELETE", "/echo"),
        Request::new("a DELETE with a body", "DELETE", "/echo").body("text/plain", "why"),
        Request::new("a PATCH", "PATCH", "/items/tea/price").body("application/json", r#"{"cents": 250}"#),
        Request::new("OPTIONS", "OPTIONS", "/echo"),
        Request::new("a method that nobody registered", "PURGE", "/echo"),
        Request::new("HEAD, of what has a length", "HEAD", "/items/tea"),
        Request::new("HEAD, of what has none", "HEAD", "/export/1"),
        Request::new("HEAD, of events", "HEAD", "/events?count=1000"),
        Request::new("HEAD, of what is not there", "HEAD", "/nothing").status(404),
        Request::new("HEAD, of a POST", "HEAD", "/login").status(405),
        Request::new("a method that the route has not", "DELETE", "/login")
            .status(405)
            .answered_with("allow", "POST"),
    ]
}

fn targets() -> Vec<Request> {
    vec![
        get("a path with an escape of one byte", "/items/green%20tea"),
        get("a path with escapes of UTF-8", "/items/t%C3%A9%E2%98%95"),
        get("a path of bare UTF-8", "/items/té☕"),
        get("a path with a slash that is none", "/echo/a%2Fb"),
        get("an escape in lower case", "/echo/%c3%bc"),
        get("a percent sign that escapes nothing", "/items/100%"),
        get("a path with slashes too many", "/echo//a//b/"),
        get("a path with dots", "/echo/a/./b/../c"),
        get(
            "a path with other characters",
            "/echo/a;b=c,d@e:f!g$h&i'j(k)l*m+n~o-p_q.r",
        ),
        get("a plus in a path", "/items/a+b"),
        get("keys of a query, repeated, in their order", "/echo?b=2&a=1&b=1&c=3&b=2"),
        get("empty values in a query", "/echo?a=&b&c=1&=d"),
        get("a plus and an escaped space in a query", "/echo?a=x+y&b=x%20y&c=x%2By"),
        get("escapes in a query", "/echo?%C3%A9=%E2%98%95&a%3Db=c%26d&e=%23"),
        get("brackets in a query", "/echo?a[]=1&a[]=2&b[c]=d"),
        get("a question mark in a query", "/echo?a=b?c&d=/e"),
        get("a query that is taken apart", "/search?q=caf%C3%A9+au+lait&page=2"),
        get("a query without what is needed", "/search?page=2").status(400),
        get("a query of the wrong form", "/search?q=a&page=two").status(400),
    ]
}

fn headers() -> Vec<Request> {
    vec![
        get("a header that comes three times", "/echo")
            .header("X-Tag", "one")
            .header("X-Tag", "two, three")
            .header("X-Tag", "four"),
        get("a header with an empty value", "/echo").header("X-Empty", ""),
        get("a header past ASCII", "/echo").header("X-City", "Zürich ☕"),
        get("many headers", "/echo")
            .header("Accept", "text/html, */*;q=0.8")
            .header("Accept-Language", "de-CH, de;q=0.9")
            .header("User-Agent", "tests/1.0 (none)")
            .header("X-Forwarded-For", "192.0.2.7, 192.0.2.8")
            .header("Authorization", "Bearer a.b-c_d=="),
        get("one cookie", "/me").header("Cookie", "name=ada"),
        get("several cookies", "/me").header("Cookie", "theme=dark; name=ada; lang=\"de\""),
        get("several cookies, as they arrive", "/echo").header("Cookie", "theme=dark; name=a=b; empty="),
        get("no cookie", "/me").status(401),
        get("a long header", "/echo").header("X-Long", &"0123456789".repeat(600)),
    ]
}

fn bodies() -> Vec<Request> {
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let large_text: String = (0..500_000).map(|line| format!("{line:0>9}\n")).collect();
    vec![
        post("text up and down", "/mirror").body("text/plain; charset=utf-8", "naïve ☕\r\n\0end"),
        post("bytes up and down", "/mirror").body("application/octet-stream", bytes.clone()),
        post("bytes, as they arrive", "/echo").body("image/png", bytes),
        post("text that says that it is base64", "/mirror").body("text/plain", "aGVsbG8="),
        post("a body without a byte", "/mirror").body("text/plain", ""),
        post("a body without a content type", "/mirror").header("X-A", "b"),
        Request::new("JSON up and down", "PUT", "/items/tea")
            .body("application/json", r#"{"name": "tea", "cents": 320}"#)
            .status(201)
            .answered_with("location", "/items/tea"),
        Request::new("JSON that the handler refuses", "PUT", "/items/tea")
            .body("application/json", r#"{"name": "coffee", "cents": 320}"#)
            .status(409),
        Request::new("JSON of another form", "PUT", "/items/tea")
            .body("application/json", r#"{"name": "tea"}"#)
            .status(422),
        Request::new("JSON that is none", "PUT", "/items/tea")
            .body("application/json", "{")
            .status(400),
        Request::new("JSON that does not say so", "PUT", "/items/tea")
            .body("text/plain", "{}")
            .status(415),
        post("a form, and several cookies in answer", "/login")
            .body("application/x-www-form-urlencoded", "name=ada&unused=%26")
            .status(303)
            .answered_with("set-cookie", "Expires=Wed, 21 Oct 2099"),
        post("five megabytes of text up", "/echo")
            .body("text/plain", large_text)
            .large(),
        post("a megabyte and a half of text up", "/mirror")
            .body("text/plain", "12345678 ünd\n".repeat(110_000))
            .large(),
        post("a megabyte and a half of bytes up", "/mirror")
            .body("video/mp4", [0, 159, 146, 150].repeat(400_000))
            .large(),
    ]
}

fn answers() -> Vec<Request> {
    vec![
        get("a fallback", "/nothing/here").status(404),
        get("a redirect for ever", "/old")
            .status(308)
            .answered_with("location", "/items/new"),
        Request::new("no content", "DELETE", "/items/tea/stock").status(204),
        get("an entity tag", "/article").answered_with("etag", "version-7"),
        get("an entity tag that is known", "/article")
            .header("If-None-Match", "\"version-7\"")
            .status(304)
            .answered_with("etag", "version-7"),
        get("an entity tag of another version", "/article").header("If-None-Match", "\"version-6\""),
        get("server-sent events", "/events?count=5&milliseconds=2").answered_with("content-type", "text/event-stream"),
        get("no event at all", "/events?count=0"),
        get("eight megabytes down", "/export/8").large(),
        get("a streamed body with a length", "/exact").answered_with("content-length", "5"),
        get("headers that come twice, empty, and past ASCII", "/languages").answered_with("content-language", "tlh"),
        get("an error of the caller", "/status/418").status(418),
        get("an error of the server", "/status/503")
            .status(503)
            .answered_with("retry-after", "7"),
        get("an error of a status that has no name", "/status/599").status(599),
        get("a status without a body", "/status/204").status(204),
        get("a path of the wrong form", "/status/ok").status(400),
        post("a POST that is an error", "/status/500")
            .body("text/plain", "x")
            .status(500),
    ]
}

fn static_files() -> Vec<Request> {
    let style = |name| get(name, "/static/style.css");
    vec![
        style("a file").answered_with("content-type", "text/css"),
        get("a file of bytes", "/static/dot.gif").answered_with("content-type", "image/gif"),
        get("a folder", "/static/guide/").answered_with("content-type", "text/html"),
        get("a folder without its slash", "/static/guide").status(307),
        get("a file that is not there", "/static/none.css").status(404),
        get("a way out of the folder", "/static/../Cargo.toml").status(404),
        get("an escaped way out of the folder", "/static/%2e%2e/Cargo.toml").status(404),
        style("a file that has not changed")
            .header("If-Modified-Since", "Wed, 21 Oct 2099 07:28:00 GMT")
            .status(304),
        style("a file that has changed").header("If-Modified-Since", "Wed, 21 Oct 1998 07:28:00 GMT"),
        style("a file that must not have changed")
            .header("If-Unmodified-Since", "Wed, 21 Oct 1998 07:28:00 GMT")
            .status(412),
        style("a part of a file")
            .header("Range", "bytes=5-9")
            .status(206)
            .answered_with("content-range", "bytes 5-9/"),
        style("the end of a file").header("Range", "bytes=-4").status(206),
        style("a part past the end of a file")
            .header("Range", "bytes=100000-")
            .status(416)
            .answered_with("content-range", "bytes */"),
        Request::new("HEAD, of a file", "HEAD", "/static/index.html").answered_with("content-type", "text/html"),
        Request::new("HEAD, of a part of a file", "HEAD", "/static/index.html")
            .header("Range", "bytes=0-9")
            .status(206),
        Request::new("a POST to a file", "POST", "/static/index.html").status(405),
    ]
}

fn middleware() -> Vec<Request> {
    vec![
        get("text, compressed", "/article")
            .header("Accept-Encoding", "gzip")
            .answered_with("content-encoding", "gzip"),
        get("a file, compressed", "/static/index.html")
            .header("Accept-Encoding", "br;q=1.0, gzip;q=0.8, *;q=0.1")
            .answered_with("content-encoding", "gzip"),
        get("a stream, compressed", "/export/1")
            .header("Accept-Encoding", "gzip, deflate")
            .answered_with("content-encoding", "gzip"),
        Request::new("HEAD, of what would be compressed", "HEAD", "/article").header("Accept-Encoding", "gzip"),
        get("what is not compressed", "/events?count=50").header("Accept-Encoding", "gzip"),
        Request::new("a preflight", "OPTIONS", "/items/tea/price")
            .header("Origin", ORIGIN)
            .header("Access-Control-Request-Method", "PATCH")
            .header("Access-Control-Request-Headers", "content-type")
            .answered_with("access-control-allow-methods", "PATCH"),
        get("another origin", "/")
            .header("Origin", ORIGIN)
            .answered_with("access-control-allow-origin", ORIGIN),
        get("a time-out", "/upstream").status(504),
        get("a header that a layer sets", "/").answered_with("x-content-type-options", "nosniff"),
    ]
}
