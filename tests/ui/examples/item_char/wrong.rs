// The stream yields characters.
// group: streams
// marked: char
// write: String
// verdict: yes, yes, yes
use futures::{Stream, stream};

#[lambda_stream::main]
async fn type_slowly() -> impl Stream<Item = char> {
    stream::iter("Hello".chars())
}
