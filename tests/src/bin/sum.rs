//! A function with a buffered response: the sum of a list of numbers.

use lambda_stream::Json;

#[lambda_stream::main(flavor = "multi_thread", worker_threads = 2, logging = false)]
async fn sum(numbers: Vec<u64>) -> Result<Json<u64>, String> {
    let sum = numbers.iter().try_fold(0_u64, |sum, number| sum.checked_add(*number));
    sum.map(Json).ok_or_else(|| "the sum is too large".to_owned())
}
