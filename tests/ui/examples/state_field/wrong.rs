// The handler takes a field of the state.
// group: state
// marked: &Client
// write: &App
// verdict: yes, yes, yes
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
async fn handler(client: &Client, mut stream: ResponseStream) -> Result<(), Error> {
    stream.write(client.endpoint).await?;
    Ok(())
}
