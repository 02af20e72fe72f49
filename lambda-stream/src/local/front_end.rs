//! The HTTP front ends, which share one port: decides which of them a request is for.

use std::sync::Arc;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::net::TcpListener;

use super::function_url;
use super::lambda_api;
use super::rest_api;
use super::server::body::{ResponseBody, boxed};
use super::server::origin_check::{self, Exposure, OriginError};
use super::server::rejection::{ErrorResponse, drain_body};
use super::server::rejection_log::RejectionLog;
use super::server::{self, Peer, ServerKind};
use super::settings::{FrontEndSettings, Settings};
use super::shared::Shared;
use super::shutdown::ShutdownToken;
use super::viewer;

/// The front ends and what they share.
pub(crate) struct FrontEnd {
    pub(crate) listener: TcpListener,
    pub(crate) exposure: Exposure,
    pub(crate) shared: Shared,
}

/// Serves HTTP clients until the shutdown is requested.
pub(crate) async fn serve(front_end: FrontEnd, shutdown: ShutdownToken) {
    let FrontEnd {
        listener,
        exposure,
        shared,
    } = front_end;
    let handler = move |request: Request<Incoming>, peer| {
        let shared = shared.clone();
        async move {
            let (parts, body) = request.into_parts();
            let target = Target::of(parts.uri.path(), &shared.settings);
            match origin_check::check(&parts, exposure, target.allowed_origins(&shared.settings)) {
                Ok(()) => target.respond(Request::from_parts(parts, body), peer, shared).await,
                Err(error) => {
                    drain_body(body);
                    reject_origin(error, &shared.rejections).into_response().map(boxed)
                }
            }
        }
    };
    server::serve(listener, ServerKind::FrontEnd, handler, shutdown).await;
}

/// The front end that a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Viewer,
    LambdaApi,
    FunctionUrl,
    RestApi,
}

impl Target {
    fn of(path: &str, settings: &Settings) -> Self {
        if viewer::is_path(path) {
            return Self::Viewer;
        }
        if lambda_api::is_path(path) {
            return Self::LambdaApi;
        }
        match settings.front_end {
            FrontEndSettings::FunctionUrl { .. } => Self::FunctionUrl,
            FrontEndSettings::RestApi => Self::RestApi,
        }
    }

    /// Returns the origins of other websites whose pages may call the front end: those of the CORS configuration of the
    /// Function URL.
    fn allowed_origins(self, settings: &Settings) -> &[String] {
        match (self, &settings.front_end) {
            (Self::FunctionUrl, FrontEndSettings::FunctionUrl { cors: Some(cors), .. }) => &cors.allow_origins,
            _ => &[],
        }
    }

    async fn respond(self, request: Request<Incoming>, peer: Peer, shared: Shared) -> Response<ResponseBody> {
        match self {
            Self::Viewer => viewer::respond(request, peer, shared).await,
            Self::LambdaApi => lambda_api::respond(request, peer, shared).await,
            Self::FunctionUrl => function_url::respond(request, peer, shared).await,
            Self::RestApi => rest_api::respond(request, peer, shared).await,
        }
    }
}

fn reject_origin(error: OriginError, log: &Arc<RejectionLog>) -> ErrorResponse {
    match error {
        OriginError::Malformed(message) => ErrorResponse::new(StatusCode::BAD_REQUEST, "BadRequest", &message),
        OriginError::ForeignOrigin(message) => {
            // Browsers do not show the response to the page. The log shows the reason to the author of the page.
            let response = ErrorResponse::new(StatusCode::FORBIDDEN, "AccessDeniedException", &message);
            log.add(message);
            response
        }
    }
}
