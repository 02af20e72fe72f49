// `impl IntoResponse` with the trait of this library, as with axum.
// group: return
// marked: impl IntoResponse
// verdict: yes, no (the message is about the trait of axum), no (the compiler also reports that the trait has a parameter)
use lambda_stream::{IntoResponse, Json, Payload};

#[lambda_stream::main]
async fn total(Payload(prices): Payload<Vec<u64>>) -> impl IntoResponse {
    Json(prices.iter().sum::<u64>())
}
