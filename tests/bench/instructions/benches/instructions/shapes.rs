//! What is counted: a program, two loads, and the number of units in which the loads differ.

use lambda_stream_instructions::CHUNK;

/// One count.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) program: &'static str,
    pub(crate) kind: Kind,
    pub(crate) low: Load,
    pub(crate) high: Load,
}

/// The event and the response of a program.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Chunks as they are.
    Bytes,
    /// Each chunk as a server-sent event.
    ServerSentEvents,
    /// The body of an HTTP request.
    Http,
}

/// How many invocations a process handles, and how many chunks each response has.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) invocations: usize,
    pub(crate) chunks: usize,
}

impl Load {
    const fn new(invocations: usize, chunks: usize) -> Self {
        Self { invocations, chunks }
    }
}

/// Start and end of the process, and warm-up, are the same in both loads of a shape.
pub(crate) const SHAPES: [Shape; 5] = [
    Shape {
        name: "invocation, one write of 16 B",
        program: env!("CARGO_BIN_EXE_count_writes"),
        kind: Kind::Bytes,
        low: Load::new(50, 1),
        high: Load::new(450, 1),
    },
    Shape {
        name: "write of 16 B",
        program: env!("CARGO_BIN_EXE_count_writes"),
        kind: Kind::Bytes,
        low: Load::new(10, 1_000),
        high: Load::new(10, 21_000),
    },
    Shape {
        name: "item of 16 B of a returned stream",
        program: env!("CARGO_BIN_EXE_count_items"),
        kind: Kind::Bytes,
        low: Load::new(10, 1_000),
        high: Load::new(10, 21_000),
    },
    Shape {
        name: "server-sent event of a returned stream",
        program: env!("CARGO_BIN_EXE_count_events"),
        kind: Kind::ServerSentEvents,
        low: Load::new(10, 1_000),
        high: Load::new(10, 21_000),
    },
    Shape {
        name: "invocation, HTTP request and response",
        program: env!("CARGO_BIN_EXE_count_http"),
        kind: Kind::Http,
        low: Load::new(50, 1),
        high: Load::new(450, 1),
    },
];

impl Shape {
    /// The number of units by which `high` exceeds `low`: invocations, or chunks.
    pub(crate) fn units(&self) -> usize {
        match self.high.invocations - self.low.invocations {
            0 => self.high.invocations * (self.high.chunks - self.low.chunks),
            invocations => invocations,
        }
    }
}

impl Kind {
    /// Returns the event for a response of this number of chunks.
    pub(crate) fn event(self, chunks: usize) -> String {
        let request = format!("{{\"chunks\":{chunks}}}");
        match self {
            Self::Bytes | Self::ServerSentEvents => request,
            Self::Http => function_url_event(&request),
        }
    }

    /// Returns the body of the response. That of HTTP follows a prelude.
    pub(crate) fn body(self, chunks: usize) -> String {
        match self {
            Self::Bytes => CHUNK.repeat(chunks),
            Self::ServerSentEvents => format!("data: {CHUNK}\n\n").repeat(chunks),
            Self::Http => format!("{{\"chunks\":{chunks}}}"),
        }
    }
}

/// Returns the event of a POST to a Function URL, in payload format 2.0.
fn function_url_event(body: &str) -> String {
    let body = body.replace('"', "\\\"");
    format!(
        r#"{{"version":"2.0","routeKey":"$default","rawPath":"/chunks","rawQueryString":"a=1&b=2",
"cookies":["session=0123456789abcdef"],"headers":{{"content-type":"application/json","content-length":"12",
"host":"0123456789.lambda-url.eu-central-1.on.aws","accept":"*/*","user-agent":"curl/8.14.1",
"x-forwarded-for":"192.0.2.1","x-forwarded-port":"443","x-forwarded-proto":"https",
"x-amzn-trace-id":"Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"}},"queryStringParameters":{{"a":"1","b":"2"}},
"requestContext":{{"accountId":"anonymous","apiId":"0123456789","domainName":"0123456789.lambda-url.eu-central-1.on.aws",
"domainPrefix":"0123456789","http":{{"method":"POST","path":"/chunks","protocol":"HTTP/1.1","sourceIp":"192.0.2.1",
"userAgent":"curl/8.14.1"}},"requestId":"8476a536-e9f4-11e8-9739-2dfe598c3fcd","routeKey":"$default","stage":"$default",
"time":"12/Mar/2020:19:03:58 +0000","timeEpoch":1583348638390}},"body":"{body}","isBase64Encoded":false}}"#
    )
}
