#[lambda_stream::main]
async fn handler() -> impl futures::Stream<Item = u32> {
    futures::stream::iter([1, 2])
}
