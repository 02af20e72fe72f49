// The type of the event is generic.
// group: signature
// marked: T: Into<u64> + DeserializeOwned
// verdict: yes, no (the concrete type is not known), yes
use lambda_stream::{Json, Payload};
use serde::{Serialize, de::DeserializeOwned};

#[derive(Serialize)]
struct Receipt {
    total: u64,
}

#[lambda_stream::main]
async fn checkout<T: Into<u64> + DeserializeOwned>(Payload(price): Payload<T>) -> Json<Receipt> {
    let total = price.into();
    Json(Receipt { total })
}
