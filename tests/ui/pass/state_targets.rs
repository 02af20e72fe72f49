#![deny(warnings)]

// A handler can take what the state dereferences to.

// content_of_arc
const _: () = {
    use std::sync::Arc;

    use lambda_stream::{Error, ResponseStream};

    struct Config {
        greeting: String,
    }

    async fn setup() -> Result<Arc<Config>, Error> {
        let greeting = "Hello".to_owned();
        Ok(Arc::new(Config { greeting }))
    }

    #[lambda_stream::main(init = setup)]
    async fn handler(config: &Config, mut stream: ResponseStream) -> Result<(), Error> {
        stream.write(&config.greeting).await?;
        Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

// content_of_arc_dyn
const _: () = {
    use std::sync::Arc;

    use lambda_stream::{Error, ResponseStream};

    trait Store: Send + Sync {
        fn count(&self) -> usize;
    }

    struct Memory(Vec<String>);

    impl Store for Memory {
        fn count(&self) -> usize {
            self.0.len()
        }
    }

    async fn setup() -> Result<Arc<dyn Store>, Error> {
        let names = ["table", "lamp"].map(str::to_owned);
        Ok(Arc::new(Memory(names.to_vec())))
    }

    #[lambda_stream::main(init = setup)]
    async fn handler(store: &dyn Store, mut stream: ResponseStream) -> Result<(), Error> {
        stream.write(format!("{} names", store.count())).await?;
        Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

// content_of_box_dyn
const _: () = {
    use lambda_stream::{Error, ResponseStream};

    trait Store: Send + Sync {
        fn count(&self) -> usize;
    }

    struct Memory(Vec<String>);

    impl Store for Memory {
        fn count(&self) -> usize {
            self.0.len()
        }
    }

    async fn setup() -> Result<Box<dyn Store>, Error> {
        let names = ["table", "lamp"].map(str::to_owned);
        Ok(Box::new(Memory(names.to_vec())))
    }

    #[lambda_stream::main(init = setup)]
    async fn handler(store: &dyn Store, mut stream: ResponseStream) -> Result<(), Error> {
        stream.write(format!("{} names", store.count())).await?;
        Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

// leaked_reference
const _: () = {
    use lambda_stream::{Error, ResponseStream};

    struct Config {
        greeting: String,
    }

    async fn setup() -> Result<&'static Config, Error> {
        let greeting = "Hello".to_owned();
        Ok(Box::leak(Box::new(Config { greeting })))
    }

    #[lambda_stream::main(init = setup)]
    async fn handler(config: &'static Config, mut stream: ResponseStream) -> Result<(), Error> {
        stream.write(&config.greeting).await?;
        Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

// slice
const _: () = {
    use lambda_stream::{Error, ResponseStream};

    async fn setup() -> Result<Vec<u64>, Error> {
        Ok(vec![1, 2, 4])
    }

    #[lambda_stream::main(init = setup)]
    async fn handler(index: usize, prices: &[u64], mut stream: ResponseStream) -> Result<(), Error> {
        let price = prices.get(index).copied().unwrap_or_default();
        stream.write(format!("{price} of {prices:?}")).await?;
        Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

// str
const _: () = {
    use lambda_stream::{Error, ResponseStream};

    async fn setup() -> Result<String, Error> {
        Ok("Hello".to_owned())
    }

    #[lambda_stream::main(init = setup)]
    async fn handler(greeting: &str, mut stream: ResponseStream) -> Result<(), Error> {
        stream.write(greeting).await?;
        Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
