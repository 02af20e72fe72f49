//! The attribute [`#[lambda_stream::main]`](macro@main) of the crate `lambda-stream`, which re-exports it: depend on that.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod args;
mod expand;
mod handler_fn;

use proc_macro::TokenStream;

/// Makes a Lambda function of an async function: writes the `main` that answers every invocation by calling it.
///
/// ```no_run
/// use lambda_stream::{Error, ResponseStream};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Prompt {
///     text: String,
/// }
///
/// #[lambda_stream::main]
/// async fn handler(prompt: Prompt, mut stream: ResponseStream) -> Result<(), Error> {
///     for word in prompt.text.split_whitespace() {
///         stream.write(word).await?;
///     }
///     Ok(())
/// }
/// ```
///
/// The function stays as it is, so it can be called and tested. Only one that is itself named `main` moves into the
/// generated `main`. The crate needs no dependency on an asynchronous runtime for it. By hand, the same is:
///
/// ```no_run
/// # use lambda_stream::{Error, ResponseStream, RuntimeError};
/// # async fn handler(_: String, _: ResponseStream) -> Result<(), Error> { Ok(()) }
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), RuntimeError> {
///     lambda_stream::run(handler).await
/// }
/// ```
///
/// # Parameters
/// In any order, at most one of each. The forms are told apart by the types themselves, not by how these are written,
/// so aliases work.
///
/// | parameter | is |
/// |---|---|
/// | any [`Deserialize`] type that borrows nothing | the event, from its JSON |
/// | [`RawEvent`] | the bytes of the event, as they came |
/// | `http::Request<Bytes>` | the HTTP request that the event stands for (feature `http`) |
/// | [`ResponseStream`] | the answer, to be written |
/// | [`Context`] | the request's id, its deadline, and what else is known of the invocation |
/// | `&S` | the state that `init` made |
///
/// # Return types
/// | form | answers |
/// |---|---|
/// | `()` | with what was written to the [`ResponseStream`] |
/// | `impl Stream<Item = B>`, `impl Stream<Item = Result<B, E>>` | with its items, as they come; `B` turns into `Bytes` |
/// | `http::Response<B>` | with status, headers, and the body `B` as it comes (feature `http`) |
/// | [`Json<T>`][Json] | with one document, which is not streamed |
/// | [`AnyResponse`] | with any of the last three, as the invocation asks |
/// | `Result<_, E>` of any of these | with that, or with the error |
///
/// `E` is any [`std::error::Error`], a `Box<dyn Error>`, a `String` or [`lambda_stream::Error`]. The future and the
/// stream are [`Send`].
///
/// # Arguments
/// Each can be left out.
///
/// ## `init = setup`
/// The path of an `async fn() -> Result<S, E>` that runs once, before the first event is asked for. What it makes lives
/// as long as the process, and the handler takes it as `&S`. When it fails, Lambda is told so and the process ends.
///
/// ```no_run
/// use lambda_stream::{Error, Json};
///
/// struct Config {
///     greeting: String,
/// }
///
/// async fn setup() -> Result<Config, Error> {
///     let greeting = std::env::var("GREETING")?;
///     Ok(Config { greeting })
/// }
///
/// #[lambda_stream::main(init = setup)]
/// async fn handler(name: String, config: &Config) -> Json<String> {
///     Json(format!("{}, {name}!", config.greeting))
/// }
/// ```
/// By hand:
/// ```no_run
/// # use lambda_stream::{Error, Json, Runtime, RuntimeError};
/// # struct Config;
/// # async fn setup() -> Result<Config, Error> { Ok(Config) }
/// # async fn handler(name: String, _: &Config) -> Json<String> { Json(name) }
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), RuntimeError> {
///     Runtime::new().init(setup).run(handler).await
/// }
/// ```
///
/// ## `flavor = "current_thread"`, `flavor = "multi_thread"`
/// How many threads the asynchronous runtime has: one, or a pool. Without it there is one, as a function has no more
/// than one processor below 1,769 MB, unless Lambda says by `AWS_LAMBDA_MAX_CONCURRENCY` that it sends more than one
/// invocation at a time.
///
/// ## `worker_threads = 4`
/// How many threads the pool has, from 1 on; stands beside `flavor = "multi_thread"` only. Without it there are as many
/// as the machine has processors.
///
/// ```no_run
/// # use lambda_stream::ResponseStream;
/// #[lambda_stream::main(flavor = "multi_thread", worker_threads = 4)]
/// async fn handler(stream: ResponseStream) {
///     drop(stream);
/// }
/// ```
/// By hand:
/// ```no_run
/// # use lambda_stream::{ResponseStream, RuntimeError};
/// # async fn handler(stream: ResponseStream) { drop(stream); }
/// #[tokio::main(flavor = "multi_thread", worker_threads = 4)]
/// async fn main() -> Result<(), RuntimeError> {
///     lambda_stream::run(handler).await
/// }
/// ```
///
/// ## `deadline_margin = "500ms"`, `deadline_margin = "off"`
/// How long before its deadline a handler that is still running is given up, in whole `ms` or `s`, so that its caller is
/// told the error `Function.Timeout` and does not see a response that is cut off. 200 ms without it, and of very little
/// time no more than half. `"off"` gives no handler up.
///
/// ```no_run
/// # use lambda_stream::ResponseStream;
/// #[lambda_stream::main(deadline_margin = "2s")]
/// async fn handler(stream: ResponseStream) {
///     drop(stream);
/// }
/// ```
/// By hand:
/// ```no_run
/// # use lambda_stream::{ResponseStream, Runtime, RuntimeError};
/// # async fn handler(stream: ResponseStream) { drop(stream); }
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), RuntimeError> {
///     let margin = std::time::Duration::from_secs(2);
///     Runtime::new().deadline_margin(Some(margin)).run(handler).await
/// }
/// ```
///
/// ## `crate = my_facade::lambda_stream`
/// Where the library is, for crates that know it by another path than `::lambda_stream`.
///
/// ```no_run
/// mod my_facade {
///     pub use lambda_stream;
/// }
///
/// #[my_facade::lambda_stream::main(crate = my_facade::lambda_stream)]
/// async fn handler() {}
/// ```
///
/// # Errors
/// Whatever is wrong with the arguments or the function is reported at once, each fault where it is; a parameter or an
/// answer of no form, at its type.
///
/// ```compile_fail
/// // `String` cannot be what a handler returns.
/// #[lambda_stream::main]
/// async fn handler(name: String) -> String {
///     name
/// }
/// ```
///
/// [`Deserialize`]: https://docs.rs/serde/latest/serde/trait.Deserialize.html
/// [`RawEvent`]: https://docs.rs/lambda-stream/latest/lambda_stream/struct.RawEvent.html
/// [`ResponseStream`]: https://docs.rs/lambda-stream/latest/lambda_stream/struct.ResponseStream.html
/// [`Context`]: https://docs.rs/lambda-stream/latest/lambda_stream/struct.Context.html
/// [`lambda_stream::Error`]: https://docs.rs/lambda-stream/latest/lambda_stream/struct.Error.html
/// [Json]: https://docs.rs/lambda-stream/latest/lambda_stream/struct.Json.html
/// [`AnyResponse`]: https://docs.rs/lambda-stream/latest/lambda_stream/struct.AnyResponse.html
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, function: TokenStream) -> TokenStream {
    expand::main(arguments.into(), function.into()).into()
}
