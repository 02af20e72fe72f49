// response: 3 of table orders
use lambda_stream::{Error, ResponseStream};

struct Database {
    table: &'static str,
}

struct Cache {
    entries: u64,
}

async fn setup() -> Result<Database, Error> {
    Ok(Database { table: "orders" })
}

async fn setup_cache() -> Result<Cache, Error> {
    Ok(Cache { entries: 3 })
}

struct State {
    database: Database,
    cache: Cache,
}

async fn setup_all() -> Result<State, Error> {
    Ok(State {
        database: setup().await?,
        cache: setup_cache().await?,
    })
}

#[lambda_stream::main(init = setup_all)]
async fn handler(state: &State, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} of table {}", state.cache.entries, state.database.table);
    stream.write(text).await?;
    Ok(())
}
