// A closure in the returned stream holds an `Rc`.
// group: send
// marked: impl Stream<Item = String>
// verdict: yes, no (the compiler names the `Rc` and the closure, and cannot know the replacement), yes
use std::rc::Rc;

use futures::{Stream, StreamExt, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn greet(Payload(names): Payload<Vec<String>>) -> impl Stream<Item = String> {
    let greeting: Rc<str> = Rc::from("Hello");
    stream::iter(names).map(move |name| format!("{greeting}, {name}!\n"))
}
