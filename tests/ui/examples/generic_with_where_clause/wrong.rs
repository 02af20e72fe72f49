// The type of the state is generic, with a `where` clause.
// group: signature
// marked: P
// write: remove the `where` clause
// verdict: yes, yes, yes
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
async fn checkout<P>(Payload(order): Payload<Order>, prices: &P) -> Json<Receipt>
where
    P: Prices,
{
    let total = prices.price(&order.product);
    Json(Receipt { total })
}
