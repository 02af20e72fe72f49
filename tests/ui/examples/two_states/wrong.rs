// The handler takes two states, and `init` creates one.
// group: state
// marked: &Cache
// write: struct
// verdict: yes, yes, yes
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

#[lambda_stream::main(init = setup)]
async fn handler(database: &Database, cache: &Cache, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} of table {}", cache.entries, database.table);
    stream.write(text).await?;
    Ok(())
}
