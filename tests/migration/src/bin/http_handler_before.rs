//! An HTTP handler that reads the path, the query and a JSON body, with `lambda_http`.

use lambda_http::{Body, Error, Request, RequestExt, RequestPayloadExt, Response, run, service_fn};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    item: String,
    quantity: u32,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_http::tracing::init_default_subscriber();
    run(service_fn(handler)).await
}

async fn handler(request: Request) -> Result<Response<Body>, Error> {
    let query = request.query_string_parameters();
    let currency = query.first("currency").unwrap_or("EUR");
    let Ok(Some(order)) = request.json::<Order>() else {
        let response = Response::builder()
            .status(400)
            .body("an order is a JSON object with item and quantity".into())?;
        return Ok(response);
    };
    let text = format!(
        "{}: {} x {} in {currency}",
        request.uri().path(),
        order.quantity,
        order.item
    );
    let response = Response::builder()
        .status(201)
        .header("content-type", "text/plain")
        .header("x-request-id", request.lambda_context().request_id)
        .body(text.into())?;
    Ok(response)
}
