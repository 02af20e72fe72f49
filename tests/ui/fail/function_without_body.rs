trait Handle {
    #[lambda_stream::main]
    async fn handle(&self);
}

fn main() {}
