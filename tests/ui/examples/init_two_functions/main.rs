// response: 3 of table orders
use lambda_stream::{Error, ResponseStream};

struct Database {
    table: &'static str,
}

struct Cache {
    entries: u64,
}

async fn connect() -> Result<Database, Error> {
    Ok(Database { table: "orders" })
}

async fn load_cache() -> Result<Cache, Error> {
    Ok(Cache { entries: 3 })
}

async fn setup() -> Result<(Database, Cache), Error> {
    Ok((connect().await?, load_cache().await?))
}

#[lambda_stream::main(init = setup)]
async fn handler((database, cache): &(Database, Cache), mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} of table {}", cache.entries, database.table);
    stream.write(text).await?;
    Ok(())
}
