// The type of the state is generic, as a repository.
// group: signature
// marked: P: Prices
// verdict: yes, no (the macro does not see the type that `setup` returns), yes
use lambda_stream::{Error, Json, Payload};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order {
    product: String,
}

#[derive(Serialize)]
struct Receipt {
    total: u64,
}

trait Prices {
    fn price(&self, product: &str) -> u64;
}

struct List;

impl Prices for List {
    fn price(&self, product: &str) -> u64 {
        if product == "tea" { 5 } else { 0 }
    }
}

async fn setup() -> Result<List, Error> {
    Ok(List)
}

#[lambda_stream::main(init = setup)]
async fn checkout<P: Prices>(Payload(order): Payload<Order>, prices: &P) -> Json<Receipt> {
    let total = prices.price(&order.product);
    Json(Receipt { total })
}
