//! An HTTP handler that reads the path, the query and a JSON body.

use bytes::Bytes;
use http::{Request, Response};
use lambda_stream::{Context, Error};
use serde::Deserialize;

#[derive(Deserialize)]
struct Order {
    item: String,
    quantity: u32,
}

#[lambda_stream::main]
async fn handler(request: Request<Bytes>, context: Context) -> Result<Response<String>, Error> {
    let query = request.uri().query().unwrap_or_default();
    let mut query = form_urlencoded::parse(query.as_bytes());
    let currency = query.find(|(name, _)| name == "currency");
    let currency = currency.map_or("EUR".into(), |(_, value)| value);
    let Ok(order) = serde_json::from_slice::<Order>(request.body()) else {
        let response = Response::builder()
            .status(400)
            .body("an order is a JSON object with item and quantity".to_owned())?;
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
        .header("x-request-id", context.request_id())
        .body(text)?;
    Ok(response)
}
