//! The warehouse: an HTTP API with `GET /orders/{id}`. Its failures become statuses of gRPC with details.

use std::fmt;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use http_body_util::{BodyExt, Limited};
use lambda_stream::Error;
use reqwest::Url;
use serde::Deserialize;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::orders::{Order, Stage};

/// The longest document in bytes.
const MAX_LENGTH: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct Warehouse {
    client: reqwest::Client,
    url: Url,
}

/// The document of an order.
#[derive(Deserialize)]
struct Document {
    revision: u64,
    stage: String,
    #[serde(default)]
    place: String,
}

impl Warehouse {
    /// Reads `WAREHOUSE_URL`. A URL with `https` requires the feature `rustls` of `reqwest`.
    pub(crate) fn from_environment() -> Result<Self, Error> {
        let value = std::env::var("WAREHOUSE_URL").unwrap_or_default();
        let url = Url::parse(&value).ok().filter(|url| {
            let is_root = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
            url.scheme() == "http" && is_root && url.username().is_empty() && url.password().is_none()
        });
        let url = url.ok_or_else(|| {
            // The value is not part of the message, because it may contain a password.
            Error::new("invalid WAREHOUSE_URL: set it to `http`, a host and a port, such as http://10.0.0.1:8080")
        })?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(5))
            // Lambda freezes the process between invocations. A pooled connection may have been closed when it resumes.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, url })
    }

    /// Returns the current revision of an order. The warehouse decides whether the caller may see it.
    pub(crate) async fn order(&self, id: &str, authorization: Option<&HeaderValue>) -> Result<Order, Status> {
        let mut url = self.url.clone();
        url.set_path(&format!("orders/{id}"));
        let mut request = self.client.get(url);
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let response = request.send().await.map_err(|error| unavailable(root_cause(&error)))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Err(not_found(id)),
            StatusCode::UNAUTHORIZED => return Err(Status::unauthenticated("the authorization is missing or invalid")),
            StatusCode::FORBIDDEN => return Err(Status::permission_denied("the order belongs to another customer")),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Err(unavailable(status));
            }
            status => return Err(internal(status)),
        }
        let body = Limited::new(reqwest::Body::from(response), MAX_LENGTH).collect().await;
        let body = body.map_err(|error| match error.downcast::<reqwest::Error>() {
            Ok(error) => unavailable(root_cause(&*error)),
            Err(error) => internal(error),
        })?;
        let document: Document = serde_json::from_slice(&body.to_bytes()).map_err(internal)?;
        let stage = Stage::from_str_name(&format!("STAGE_{}", document.stage.to_uppercase()));
        Ok(Order {
            order_id: id.to_owned(),
            revision: document.revision,
            stage: stage.ok_or_else(|| internal("unknown stage"))?.into(),
            place: document.place,
        })
    }
}

fn not_found(id: &str) -> Status {
    let details = ErrorDetails::with_resource_info("orders.v1.Order", id, "", "the warehouse has no such order");
    Status::with_error_details(Code::NotFound, format!("order {id} does not exist"), details)
}

/// A failure that another attempt may not have. The cause is logged only, because it may contain addresses.
fn unavailable(cause: impl fmt::Display) -> Status {
    tracing::warn!(%cause, "the warehouse is unavailable");
    let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(2)));
    Status::with_error_details(Code::Unavailable, "the warehouse is unavailable", details)
}

/// A failure that another attempt would have too.
fn internal(cause: impl fmt::Display) -> Status {
    tracing::error!(%cause, "the response of the warehouse is invalid");
    Status::internal("the response of the warehouse is invalid")
}

/// Returns the innermost source of an error. The message of the error itself contains the address of the warehouse.
fn root_cause<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    error.source().map_or(error, root_cause)
}
