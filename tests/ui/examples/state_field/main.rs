// response: https://example.com
use lambda_stream::{Error, ResponseStream};

struct App {
    client: Client,
}

struct Client {
    endpoint: &'static str,
}

async fn setup() -> Result<App, Error> {
    let endpoint = "https://example.com";
    Ok(App {
        client: Client { endpoint },
    })
}

#[lambda_stream::main(init = setup)]
async fn handler(app: &App, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(app.client.endpoint).await?;
    Ok(())
}
