//! Writes the rows of the query to the response.

use std::io::{self, BufWriter, Write};

use async_compression::tokio::write::GzipEncoder;
use lambda_stream::{Error, HttpPrelude, ResponseStream};
use rusqlite::Connection;
use tokio::io::AsyncWrite;
use tokio::runtime::Handle;
use tokio_util::io::SyncIoBridge;

use crate::negotiation::Format;
use crate::orders::{Filter, Order, QUERY};

/// How many bytes of rows are collected before they are compressed or sent.
const CHUNK: usize = 32 * 1024;

/// A response that has not started.
pub(crate) struct Response {
    pub(crate) stream: ResponseStream,
    pub(crate) prelude: HttpPrelude,
    pub(crate) format: Format,
    pub(crate) gzip: bool,
}

/// Runs the query and sends its rows. Returns their number.
///
/// Blocks the thread while SQLite looks for rows, and while the buffer of the stream is full: the next row is read only
/// when the caller has read the ones before.
///
/// An error at the first row is returned before the response starts, so the caller gets an error in place of a response.
/// After a later one the response is not completed: it ends with the error, and gzip data lacks its end.
pub(crate) fn send(connection: &Connection, filter: &Filter, response: Response) -> Result<u64, Error> {
    let mut statement = connection.prepare(QUERY)?;
    let mut rows = statement.query_and_then(filter.parameters(), Order::from_row)?;
    let mut next = rows.next().transpose()?;
    let mut writer = response.start()?;
    let mut count = 0;
    while let Some(order) = next {
        writer.write(&order)?;
        count += 1;
        next = rows
            .next()
            .transpose()
            .map_err(|error| Error::new(format!("failed to read the order after {}: {error}", order.id)))?;
    }
    writer.finish()?;
    Ok(count)
}

impl Response {
    fn start(mut self) -> Result<Writer, Error> {
        Handle::current().block_on(self.stream.send_prelude(self.prelude))?;
        let stream: Box<dyn AsyncWrite + Send + Unpin> = match self.gzip {
            true => Box::new(GzipEncoder::new(self.stream)),
            false => Box::new(self.stream),
        };
        let output = SyncIoBridge::new(stream);
        Ok(match self.format {
            Format::Csv => {
                let mut builder = csv::WriterBuilder::new();
                let builder = builder.buffer_capacity(CHUNK).has_headers(false);
                let mut writer = builder.from_writer(output);
                writer.write_record(Order::COLUMNS)?;
                Writer::Csv(Box::new(writer))
            }
            Format::Ndjson => Writer::Ndjson(BufWriter::with_capacity(CHUNK, output)),
        })
    }
}

/// The response or a gzip encoder in front of it, as a blocking writer.
type Output = SyncIoBridge<Box<dyn AsyncWrite + Send + Unpin>>;

enum Writer {
    Csv(Box<csv::Writer<Output>>),
    Ndjson(BufWriter<Output>),
}

impl Writer {
    fn write(&mut self, order: &Order) -> Result<(), Error> {
        match self {
            Self::Csv(writer) => writer.serialize(order)?,
            Self::Ndjson(writer) => {
                serde_json::to_writer(&mut *writer, order)?;
                writer.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Writes the end of the gzip data, and ends the response.
    fn finish(self) -> io::Result<()> {
        let mut output = match self {
            Self::Csv(writer) => writer.into_inner().map_err(|error| error.into_error())?,
            Self::Ndjson(writer) => writer.into_inner()?,
        };
        output.shutdown()
    }
}
