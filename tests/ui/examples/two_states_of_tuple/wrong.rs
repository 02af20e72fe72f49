// The state is a tuple, and the handler takes its two elements.
// group: state
// marked: &Database
// write: &(Database, Cache)
// marked: &Cache
// write: &(Database, Cache)
// verdict: yes, yes, yes
use lambda_stream::{Error, ResponseStream};

struct Database {
    table: &'static str,
}

struct Cache {
    entries: u64,
}

async fn setup() -> Result<(Database, Cache), Error> {
    Ok((Database { table: "orders" }, Cache { entries: 3 }))
}

#[lambda_stream::main(init = setup)]
async fn handler(database: &Database, cache: &Cache, mut stream: ResponseStream) -> Result<(), Error> {
    let text = format!("{} of table {}", cache.entries, database.table);
    stream.write(text).await?;
    Ok(())
}
