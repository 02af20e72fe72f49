// The hook takes the state by value.
// group: run
// marked: flush
// write: &Metrics
// verdict: yes, yes, yes
use lambda_stream::{Error, Json, Runtime, RuntimeError};

struct Metrics {
    endpoint: String,
}

async fn setup() -> Result<Metrics, Error> {
    Ok(Metrics {
        endpoint: "metrics".to_owned(),
    })
}

async fn flush(metrics: Metrics) {
    eprintln!("flushed to {}", metrics.endpoint);
}

async fn handler(metrics: &Metrics) -> Json<&str> {
    Json(&metrics.endpoint)
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    Runtime::new().init(setup).on_shutdown(flush).run(handler).await
}
