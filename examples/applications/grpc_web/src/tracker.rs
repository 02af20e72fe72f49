//! The methods of the service.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use http::HeaderValue;
use lambda_stream::Error;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::orders::order_tracker_server::OrderTracker;
use crate::orders::{GetOrderRequest, Order, Stage, TrackOrderRequest};
use crate::warehouse::Warehouse;

#[derive(Debug)]
pub(crate) struct Tracker {
    warehouse: Arc<Warehouse>,
    poll_interval: Duration,
}

impl Tracker {
    /// Reads `WAREHOUSE_URL`, and `POLL_INTERVAL_MS`, the time between two requests of a call to the warehouse (1000).
    pub(crate) fn from_environment() -> Result<Self, Error> {
        let interval = std::env::var("POLL_INTERVAL_MS").unwrap_or("1000".into());
        let interval = interval.parse().ok().filter(|interval| (1..=60_000).contains(interval));
        let invalid = || Error::new("invalid POLL_INTERVAL_MS: set it to a number of milliseconds from 1 to 60000");
        Ok(Self {
            warehouse: Arc::new(Warehouse::from_environment()?),
            poll_interval: Duration::from_millis(interval.ok_or_else(invalid)?),
        })
    }
}

#[tonic::async_trait]
impl OrderTracker for Tracker {
    async fn get_order(&self, request: Request<GetOrderRequest>) -> Result<Response<Order>, Status> {
        let authorization = authorization(request.metadata());
        let GetOrderRequest { order_id } = request.into_inner();
        check(&order_id)?;
        let order = self.warehouse.order(&order_id, authorization.as_ref()).await?;
        Ok(Response::new(order))
    }

    type TrackOrderStream = BoxStream<'static, Result<Order, Status>>;

    async fn track_order(
        &self,
        request: Request<TrackOrderRequest>,
    ) -> Result<Response<Self::TrackOrderStream>, Status> {
        let authorization = authorization(request.metadata());
        let TrackOrderRequest {
            order_id,
            after_revision,
        } = request.into_inner();
        check(&order_id)?;
        let mut poll = interval(self.poll_interval);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let changes = Changes {
            warehouse: Arc::clone(&self.warehouse),
            order_id,
            authorization,
            revision: after_revision,
            is_over: false,
            poll,
        };
        // The body of the response polls the stream, so the next request is sent only when the caller has room for its
        // result.
        Ok(Response::new(stream::try_unfold(changes, Changes::next).boxed()))
    }
}

/// The changes of an order.
struct Changes {
    warehouse: Arc<Warehouse>,
    order_id: String,
    authorization: Option<HeaderValue>,
    /// The last revision that the caller has.
    revision: u64,
    is_over: bool,
    poll: Interval,
}

impl Changes {
    /// Waits for the next change. An error ends the call after the messages that are already sent.
    async fn next(mut self) -> Result<Option<(Order, Self)>, Status> {
        while !self.is_over {
            self.poll.tick().await;
            let order = self
                .warehouse
                .order(&self.order_id, self.authorization.as_ref())
                .await?;
            self.is_over = matches!(order.stage(), Stage::Delivered | Stage::Cancelled);
            if order.revision > self.revision {
                self.revision = order.revision;
                return Ok(Some((order, self)));
            }
        }
        Ok(None)
    }
}

/// Returns the authorization of the caller, for the warehouse.
fn authorization(metadata: &MetadataMap) -> Option<HeaderValue> {
    metadata.as_ref().get(http::header::AUTHORIZATION).cloned()
}

/// Accepts an id only if it is one segment of a path.
fn check(order_id: &str) -> Result<(), Status> {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=64).contains(&order_id.len()) && order_id.bytes().all(is_valid) {
        return Ok(());
    }
    let description = "must have 1 to 64 letters, digits or hyphens";
    let details = ErrorDetails::with_bad_request_violation("order_id", description);
    let message = format!("order_id {description}");
    Err(Status::with_error_details(Code::InvalidArgument, message, details))
}
