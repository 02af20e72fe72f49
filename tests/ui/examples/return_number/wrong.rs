// A handler returns a number.
// group: return
// marked: u64
// write: Json<u64>
// verdict: yes, yes, yes
use lambda_stream::Payload;

#[lambda_stream::main]
async fn total(Payload(prices): Payload<Vec<u64>>) -> u64 {
    prices.iter().sum()
}
