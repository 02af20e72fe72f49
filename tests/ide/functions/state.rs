//! `init` and the state.

use lambda_stream::{Context, Error, ResponseStream};

struct Greeter {
    greeting: String,
}

impl Greeter {
    fn greet(&self, name: &str) -> String {
        format!("{}, {name}!", self.greeting)
    }
}

async fn setup() -> Result<Greeter, Error> {
    let greeting = "Hello".to_owned();
    Ok(Greeter { greeting })
}

#[lambda_stream::main(init = setup, deadline_margin = "500ms")]
async fn greet(greeter: &Greeter, name: String, context: Context, mut stream: ResponseStream) -> Result<(), Error> {
    let greeting = greeter.greet(&name);
    stream.write(greeting).await?;
    stream.write(context.request_id().to_owned()).await?;
    Ok(())
}
