//! A connection that is closed before a SnapStart snapshot and opened after the restore.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use lambda_stream::{Error, Json, Runtime, RuntimeError};

#[derive(Default)]
struct Pool {
    connection: Mutex<Option<u32>>,
    connections: AtomicU32,
}

impl Pool {
    fn open(&self) -> Result<(), Error> {
        let number = self.connections.fetch_add(1, Ordering::Relaxed) + 1;
        *self.connection.lock().map_err(|_| Error::new("poisoned"))? = Some(number);
        Ok(())
    }
}

async fn connect() -> Result<Pool, Error> {
    let pool = Pool::default();
    pool.open()?;
    Ok(pool)
}

async fn close(pool: &Pool) -> Result<(), Error> {
    *pool.connection.lock().map_err(|_| Error::new("poisoned"))? = None;
    Ok(())
}

async fn reopen(pool: &Pool) -> Result<(), Error> {
    pool.open()
}

async fn handler(pool: &Pool) -> Result<Json<String>, Error> {
    let connection = pool.connection.lock().map_err(|_| Error::new("poisoned"))?;
    Ok(Json(format!("{connection:?}")))
}

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::logging::init();
    Runtime::new()
        .init(connect)
        .before_snapshot(close)
        .after_restore(reopen)
        .run(handler)
        .await
}
