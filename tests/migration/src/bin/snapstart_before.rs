//! A connection that is closed before a SnapStart snapshot and opened after the restore, with `lambda_runtime`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use lambda_runtime::{BoxFuture, Error, LambdaEvent, Runtime, SnapStartResource, service_fn};
use serde_json::Value;

#[derive(Default)]
struct Pool {
    connection: Mutex<Option<u32>>,
    connections: AtomicU32,
}

impl Pool {
    fn open(&self) -> Result<(), Error> {
        let number = self.connections.fetch_add(1, Ordering::Relaxed) + 1;
        *self.connection.lock().map_err(|_| "poisoned")? = Some(number);
        Ok(())
    }
}

impl SnapStartResource for Pool {
    fn before_snapshot(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            *self.connection.lock().map_err(|_| "poisoned")? = None;
            Ok(())
        })
    }

    fn after_restore(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move { self.open() })
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let pool = Arc::new(Pool::default());
    pool.open()?;
    let service = service_fn(|event| handler(event, Arc::clone(&pool)));
    Runtime::new(service)
        .register_snapstart_resource(pool.clone())
        .run()
        .await
}

async fn handler(_event: LambdaEvent<Value>, pool: Arc<Pool>) -> Result<String, Error> {
    let connection = pool.connection.lock().map_err(|_| "poisoned")?;
    Ok(format!("{connection:?}"))
}
