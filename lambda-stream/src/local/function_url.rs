//! The Function URL front end: any path, any method, one invocation a request, answered as it streams.

use std::sync::Arc;
use std::time::SystemTime;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::net::TcpListener;

use super::answer::{self, ResponseBody};
use super::broker::Broker;
use super::event;
use super::identifiers::RequestId;
use super::server::{self, Caller};

/// Lambda's cap on a request's body, in bytes.
const REQUEST_CAP: usize = 6 * 1024 * 1024;

/// Serves callers, without end.
pub(super) async fn serve(listener: TcpListener, broker: Arc<Broker>) {
    let handler = move |request, caller| invoke(request, caller, Arc::clone(&broker));
    server::serve(listener, handler).await;
}

async fn invoke(request: Request<Incoming>, caller: Caller, broker: Arc<Broker>) -> Response<ResponseBody> {
    let time = SystemTime::now();
    let (parts, mut body) = request.into_parts();
    let body = match Limited::new(&mut body, REQUEST_CAP).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            server::discard(body);
            return unreadable(&*error);
        }
    };
    let id = RequestId::unique();
    let event = event::event(&parts, &body, &id, caller.address, time);
    let answer = broker.invoke(id, event).answer().await;
    answer::response(answer, caller.cut).await
}

fn unreadable(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Response<ResponseBody> {
    if error.is::<LengthLimitError>() {
        let message = format!("the request's body is larger than {REQUEST_CAP} bytes, the most that Lambda takes");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        answer::error_response(status, "RequestEntityTooLargeException", &message)
    } else {
        let message = format!("the request's body cannot be read: {error}");
        answer::error_response(StatusCode::BAD_REQUEST, "BadRequest", &message)
    }
}
