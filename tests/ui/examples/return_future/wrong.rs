// A handler returns the future of another async function, without `.await`.
// group: return
// marked: impl Future<Output = Json<u32>>
// write: .await
// verdict: yes, yes, yes
use lambda_stream::{Json, Payload};

async fn square(number: u32) -> Json<u32> {
    Json(number * number)
}

#[lambda_stream::main]
async fn handler(Payload(number): Payload<u32>) -> impl Future<Output = Json<u32>> {
    square(number)
}
