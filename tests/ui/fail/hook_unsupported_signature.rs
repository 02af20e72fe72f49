use lambda_stream::{Error, Runtime};

async fn setup() -> Result<u64, Error> {
    Ok(1)
}

async fn other_state_type(_: &String) {}

async fn two_parameters(_: &u64, _: &u64) {}

fn not_async(_: &u64) {}

async fn returns_value(_: &u64) -> u8 {
    1
}

fn main() {
    let _ = Runtime::new().init(setup).on_shutdown(other_state_type);
    let _ = Runtime::new().init(setup).before_snapshot(two_parameters);
    let _ = Runtime::new().init(setup).after_restore(not_async);
    let _ = Runtime::new().init(setup).on_shutdown(returns_value);
}
