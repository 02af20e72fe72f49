//! The connections to the Runtime API: the settings of the HTTP client, and when a connection is reused.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Request, Response, Version};

const USER_AGENT: &str = concat!("lambda-stream/", env!("CARGO_PKG_VERSION"));

/// A pool of connections. Clones share it.
#[derive(Clone)]
pub(super) struct Connections {
    pooled: reqwest::Client,
    /// Opens a connection for each request. Set after the first response of HTTP/1.0.
    unpooled: Arc<OnceLock<reqwest::Client>>,
}

impl Connections {
    /// Creates a pool that keeps up to `max_idle` idle connections.
    pub(super) fn new(max_idle: usize) -> Result<Self, reqwest::Error> {
        Ok(Self {
            pooled: build(max_idle)?,
            unpooled: Arc::default(),
        })
    }

    /// Sends a request and returns when the head of its response has arrived.
    ///
    /// After a response of HTTP/1.0, no connection is reused: hyper sends the next request on such a connection as
    /// HTTP/1.0 too, which has neither chunked bodies nor trailers.
    pub(super) async fn execute(&self, request: Request) -> Result<Response, reqwest::Error> {
        let client = self.unpooled.get().unwrap_or(&self.pooled);
        let response = client.execute(request).await?;
        if response.version() < Version::HTTP_11 && self.unpooled.get().is_none() {
            // Another event loop may have set it in the meantime.
            let _ = self.unpooled.set(build(0)?);
        }
        Ok(response)
    }
}

/// Builds an HTTP client that keeps up to `max_idle` idle connections.
fn build(max_idle: usize) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .no_proxy()
        // Without it the second small write of a response waits some 40 ms for the peer's delayed ACK.
        .tcp_nodelay(true)
        .pool_max_idle_per_host(max_idle)
        // No timeouts: the environment may be frozen for hours between two invocations, and a caller may stop reading
        // for any length of time.
        .pool_idle_timeout(None::<Duration>)
        .tcp_keepalive(None::<Duration>)
        .tcp_keepalive_interval(None::<Duration>)
        .tcp_keepalive_retries(None::<u32>)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(USER_AGENT);
    #[cfg(target_os = "linux")]
    let builder = builder.tcp_user_timeout(None::<Duration>);
    builder.build()
}
