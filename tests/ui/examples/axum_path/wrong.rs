// A parameter of the path is taken as axum's `Path`.
// group: parameters
// marked: Path<u32>
// write: lambda_stream::http::run
// verdict: yes, yes, yes
use axum::extract::Path;

#[lambda_stream::main]
async fn handler(Path(id): Path<u32>) -> http::Response<String> {
    http::Response::new(format!("order {id}"))
}
