struct Greeter;

impl Greeter {
    #[lambda_stream::main]
    async fn greet(&self, name: String) -> String {
        name
    }
}

fn main() {}
