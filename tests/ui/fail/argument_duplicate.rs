use lambda_stream::Error;

async fn setup() -> Result<u8, Error> {
    Ok(1)
}

#[lambda_stream::main(init = setup, flavor = "current_thread", init = setup)]
async fn handler() {}
