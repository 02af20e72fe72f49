use lambda_stream::LambdaEvent;

struct Order;

#[lambda_stream::main]
async fn handler(event: LambdaEvent<Order>) {
    let _ = event;
}
