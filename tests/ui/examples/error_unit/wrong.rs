// The error says nothing.
// group: return
// marked: ()
// write: lambda_stream::Error
// verdict: yes, yes, yes
use lambda_stream::{Json, Payload};

#[lambda_stream::main]
async fn order(Payload(amount): Payload<u32>) -> Result<Json<u32>, ()> {
    10_u32.checked_sub(amount).map(Json).ok_or(())
}
