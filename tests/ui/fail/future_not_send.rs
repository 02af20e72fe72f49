use std::rc::Rc;

#[lambda_stream::main]
async fn handler() {
    let shared = Rc::new(1);
    std::future::ready(()).await;
    drop(shared);
}
