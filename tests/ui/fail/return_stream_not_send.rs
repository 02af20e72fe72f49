use std::rc::Rc;

#[lambda_stream::main]
async fn handler() -> impl futures::Stream<Item = String> {
    let shared = Rc::new(());
    futures::stream::repeat_with(move || format!("{shared:?}"))
}
