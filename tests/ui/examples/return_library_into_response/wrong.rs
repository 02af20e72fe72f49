// `impl IntoResponse` with the trait of this library, as with axum.
// group: return
// marked: IntoResponse
// verdict: no (the compiler marks the trait, and the whole type must change), no (the compiler says to write `IntoResponse<M>`), yes
use lambda_stream::{IntoResponse, Json, Payload};

#[lambda_stream::main]
async fn total(Payload(prices): Payload<Vec<u64>>) -> impl IntoResponse {
    Json(prices.iter().sum::<u64>())
}
