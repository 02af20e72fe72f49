// An async function returns a boxed future, as a handler of a trait object does.
// group: return
// marked: Pin<Box<dyn Future<Output = Json<u32>> + Send>>
// write: .await
// verdict: yes, yes, yes
use std::pin::Pin;

use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn square(Payload(number): Payload<u32>) -> Pin<Box<dyn Future<Output = Json<u32>> + Send>> {
    Box::pin(async move { Json(number * number) })
}
