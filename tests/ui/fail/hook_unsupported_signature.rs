use lambda_stream::{Error, Runtime};

async fn setup() -> Result<u64, Error> {
    Ok(1)
}

async fn of_another_state(_: &String) {}

async fn of_two(_: &u64, _: &u64) {}

fn not_async(_: &u64) {}

async fn with_a_result(_: &u64) -> u8 {
    1
}

fn main() {
    let _ = Runtime::new().init(setup).on_shutdown(of_another_state);
    let _ = Runtime::new().init(setup).before_snapshot(of_two);
    let _ = Runtime::new().init(setup).after_restore(not_async);
    let _ = Runtime::new().init(setup).on_shutdown(with_a_result);
}
