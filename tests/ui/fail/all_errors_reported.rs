// Everything that is wrong is reported at once, the arguments and the function alike.
#[lambda_stream::main(state = setup, flavor = "fast", worker_threads = 0)]
#[tokio::main]
const fn handler<T>(_: T, _: impl Into<u8>, #[cfg(unix)] _: &str) {}
