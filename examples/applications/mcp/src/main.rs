//! An MCP server: tools, resources and a prompt for an assistant of the engineer who is on call.
//!
//! In the directory of this example:
//!
//! ```sh
//! python3 -m http.server 8000 &
//! export MCP_TOKEN=a-token-for-local-tests
//! export SERVICES=files=http://127.0.0.1:8000/,orders=http://127.0.0.1:8001/health
//! cargo run
//! ```
//!
//! Call a tool with `curl`. The progress notifications arrive while the tool runs:
//!
//! ```sh
//! curl -N http://127.0.0.1:9000/mcp \
//!     -H 'authorization: Bearer a-token-for-local-tests' \
//!     -H 'content-type: application/json' \
//!     -H 'accept: application/json, text/event-stream' \
//!     -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"check_services","_meta":{"progressToken":1}}}'
//! ```
//!
//! An MCP client needs the URL, `http://127.0.0.1:9000/mcp`, the transport "streamable HTTP", and the header
//! `authorization`. There are no sessions: each request is complete in itself, so that any execution environment can
//! serve it.
//!
//! | variable | value |
//! |---|---|
//! | `MCP_TOKEN` | the bearer token that clients send, at least 16 characters |
//! | `SERVICES` | the services that the tools check, as `name=URL`, separated by commas |
//! | `ALLOWED_HOSTS` | accepted values of the header `Host`, separated by commas; by default those of this machine |
//! | `RUST_LOG` | `info,rmcp=warn` leaves out the three lines that `rmcp` logs for each request |
//!
//! On Lambda, use a Function URL with `InvokeMode: RESPONSE_STREAM` and `AuthType: NONE`: with `AWS_IAM`, the header
//! `authorization` would have to be a signature of AWS. Set `ALLOWED_HOSTS` to the host of the Function URL, such as
//! `abc123.lambda-url.eu-central-1.on.aws`, or of your own domain. The host of a Function URL is known after the first
//! deployment. Until then, or where a template cannot refer to the URL, set `*`, which accepts any host. The check
//! prevents DNS rebinding, in which the host name of a web page resolves to a server on a private network. A Function
//! URL is public, and Lambda selects the function by the host.
//!
//! Lambda does not tell a function that its caller has disconnected. The notification `notifications/cancelled` is a
//! separate request, which may reach another execution environment. A tool therefore runs to its end: a service has 10
//! seconds to respond, and the tool returns what it has one second before the function's timeout. If Lambda rejects the
//! response, the tool stops when it sends the next progress notification.

mod authorization;
mod call;
mod configuration;
mod runbooks;
mod server;
mod services;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use lambda_stream::{Error, Runtime, RuntimeError, http, logging};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::configuration::{AllowedHosts, Configuration};
use crate::server::Server;
use crate::services::Services;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    logging::init();
    let init = async || Configuration::from_environment().and_then(application);
    Runtime::new().init(init).run(http::state_service()).await
}

fn application(configuration: Configuration) -> Result<Router, Error> {
    let server = Server::new(Services::new(configuration.services)?);
    let options = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        // Web pages are not clients of this server: a request with an `Origin` header is rejected.
        .enforce_origin_validation();
    let options = match configuration.allowed_hosts {
        AllowedHosts::Loopback => options,
        AllowedHosts::Any => options.disable_allowed_hosts(),
        AllowedHosts::List(hosts) => options.with_allowed_hosts(hosts),
    };
    let service = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(NeverSessionManager::default()),
        options,
    );
    let authorization = middleware::from_fn_with_state(configuration.token, authorization::require);
    Ok(Router::new().route_service("/mcp", service).layer(authorization))
}
