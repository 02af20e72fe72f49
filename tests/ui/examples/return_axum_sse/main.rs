// event: 2
// response: data: step 1\n\ndata: step 2\n\n
use std::convert::Infallible;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn progress(Payload(steps): Payload<u32>) -> Response {
    Sse::new(stream::iter(1..=steps).map(|step| Ok::<_, Infallible>(Event::default().data(format!("step {step}")))))
        .into_response()
}
