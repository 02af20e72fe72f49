// The attribute reports the errors of its arguments and of the function together.
#[lambda_stream::main(state = setup, flavor = "fast", worker_threads = 0)]
#[tokio::main]
const fn handler<T>(_: T, _: impl Into<u8>, #[cfg(unix)] _: &str) {}
