//! A database export: the rows of an SQLite table as CSV or newline-delimited JSON, read from the database while the
//! caller reads the response, with constant memory. A row that cannot be read fails the response.
//!
//! ```sh
//! cd examples/applications/report
//! sqlite3 /tmp/orders.db < sample.sql
//! DATABASE=/tmp/orders.db cargo run
//! curl -f http://127.0.0.1:9000 -o orders.csv
//! curl -f --compressed -H 'accept: application/x-ndjson' 'http://127.0.0.1:9000?customer=customer%207&min_cents=99000'
//! ```
//!
//! On Lambda, `DATABASE` is a file of the deployment package, such as `/var/task/orders.db`, or a file that `init`
//! downloads to `/tmp`. A database of the package must not be in WAL mode, in which SQLite writes next to the file.

mod export;
mod negotiation;
mod orders;

use bytes::Bytes;
use http::{Method, Request};
use lambda_stream::{Error, HttpPrelude, Payload, ResponseStream};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use self::export::Response;
use self::orders::{Database, Filter};

async fn database() -> Result<Database, Error> {
    Database::new(std::env::var_os("DATABASE").unwrap_or_default().into())
}

#[lambda_stream::main(init = database)]
async fn report(
    request: Request<Bytes>,
    Payload(filter): Payload<Filter>,
    mut stream: ResponseStream,
    database: &'static Database,
) -> Result<(), Error> {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let prelude = text(405).header("allow", "GET, HEAD");
        return refuse(stream, prelude, "this function supports GET and HEAD").await;
    }
    let Some(format) = negotiation::format(request.headers()) else {
        let message = "this report is available as text/csv and as application/x-ndjson";
        return refuse(stream, text(406), message).await;
    };
    let gzip = negotiation::accepts_gzip(request.headers());
    let mut prelude = HttpPrelude::new(200)
        .header("content-type", format.content_type())
        .header("content-disposition", format.content_disposition())
        // Caches must store each format separately (RFC 9110, section 12.5.5).
        .header("vary", "accept, accept-encoding");
    if gzip {
        prelude = prelude.header("content-encoding", "gzip");
    }
    if request.method() == Method::HEAD {
        return Ok(stream.send_prelude(prelude).await?);
    }
    let response = Response {
        stream,
        prelude,
        format,
        gzip,
    };
    // The runtime drops the handler, and thus the guard, at the deadline.
    let stop = CancellationToken::new();
    let _guard = stop.clone().drop_guard();
    // SQLite runs on a thread that may block. It waits whenever the buffer of the stream is full.
    let rows = spawn_blocking(move || {
        let connection = database.connect(stop)?;
        export::send(&connection, &filter, response)
    })
    .await??;
    tracing::info!(rows, ?format, gzip, "sent the report");
    Ok(())
}

fn text(status: u16) -> HttpPrelude {
    HttpPrelude::new(status).header("content-type", "text/plain; charset=utf-8")
}

async fn refuse(mut stream: ResponseStream, prelude: HttpPrelude, message: &str) -> Result<(), Error> {
    stream.send_prelude(prelude).await?;
    stream.write(format!("{message}\n")).await?;
    Ok(())
}
