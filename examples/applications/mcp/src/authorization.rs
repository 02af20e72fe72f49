//! Authorization by a bearer token (RFC 6750).

use std::fmt;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

/// The token that clients send. It is not displayed, so that it does not get into a log.
#[derive(Clone)]
pub(crate) struct Token(Arc<str>);

impl Token {
    /// Returns `None` if a caller could guess the token, or could not send it in a header.
    pub(crate) fn new(token: &str) -> Option<Self> {
        let is_valid = token.len() >= 16 && token.bytes().all(|byte| byte.is_ascii_graphic());
        is_valid.then(|| Self(token.into()))
    }

    /// Compares the tokens in a time that depends on their lengths only.
    fn matches(&self, token: &str) -> bool {
        self.0.as_bytes().ct_eq(token.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Responds with status 401 to a request without the token.
pub(crate) async fn require(State(token): State<Token>, request: Request, next: Next) -> Response {
    match bearer_token(&request) {
        Some(sent) if token.matches(sent) => next.run(request).await,
        Some(_) => {
            tracing::warn!("rejected a request with an invalid bearer token");
            unauthorized(r#"Bearer realm="mcp", error="invalid_token""#)
        }
        None => unauthorized(r#"Bearer realm="mcp""#),
    }
}

fn bearer_token(request: &Request) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

fn unauthorized(challenge: &'static str) -> Response {
    let message = "this server requires the header `authorization: Bearer TOKEN`\n";
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)], message).into_response()
}
