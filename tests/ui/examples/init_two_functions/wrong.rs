// `init` is a list of two functions.
// group: state
// marked: (connect, load_cache)
// write: init = setup
// verdict: yes, yes, yes
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

#[lambda_stream::main(init = (connect, load_cache))]
async fn handler((database, cache): &(Database, Cache), mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} of table {}", cache.entries, database.table);
    stream.write(text).await?;
    Ok(())
}
