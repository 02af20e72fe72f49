// The future of a write is dropped. The lint `unused_must_use` finds it.
// group: send
// marked: stream.write("Hello")
// write: .await
// verdict: yes, no (the result of `.await` is unused as well), yes
#![deny(unused_must_use)]

use lambda_stream::ResponseStream;

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) {
    stream.write("Hello");
}
