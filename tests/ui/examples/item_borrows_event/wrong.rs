// The items borrow the event, which the handler owns and drops when it returns.
// group: streams
// marked: stream::iter(words)
// verdict: yes, no (the compiler does not say to collect the items first), yes
use futures::{Stream, stream};
use lambda_stream::Payload;

#[lambda_stream::main]
async fn words(Payload(prompt): Payload<String>) -> impl Stream<Item = String> {
    let words = prompt.split(' ').map(str::to_owned);
    stream::iter(words)
}
