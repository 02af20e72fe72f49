use lambda_stream::Payload;

#[lambda_stream::main]
async fn handler(Payload(name): Payload<String>, Payload(count): Payload<u32>) {
    drop((name, count));
}
