//! The database, the query and its rows.

use std::path::PathBuf;

use lambda_stream::Error;
use rusqlite::{Connection, OpenFlags, Row};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// Rows in the order of the primary key are read without sorting. A sort would read all of them first.
pub(crate) const QUERY: &str = "
    SELECT id, created, customer, cents, note FROM orders
    WHERE (?1 IS NULL OR customer = ?1) AND (?2 IS NULL OR created >= ?2) AND (?3 IS NULL OR cents >= ?3)
    ORDER BY id";

/// After this many instructions of SQLite's virtual machine, about a millisecond, a query checks whether it must stop.
const CHECK_INTERVAL: i32 = 100_000;

/// The filter of a request: its query string. Each value becomes a parameter of the SQL query.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    customer: Option<String>,
    since: Option<String>,
    min_cents: Option<i64>,
}

impl Filter {
    /// Returns the parameters of [`QUERY`].
    pub(crate) fn parameters(&self) -> impl rusqlite::Params + '_ {
        (&self.customer, &self.since, self.min_cents)
    }
}

#[derive(Serialize)]
pub(crate) struct Order {
    pub(crate) id: i64,
    created: String,
    customer: String,
    cents: i64,
    note: Option<String>,
}

impl Order {
    pub(crate) const COLUMNS: [&str; 5] = ["id", "created", "customer", "cents", "note"];

    /// Reads a row. SQLite's columns hold values of any type, so each value is checked.
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            created: row.get(1)?,
            customer: row.get(2)?,
            cents: row.get(3)?,
            note: row.get(4)?,
        })
    }
}

/// The path of the database. Each invocation opens a new connection, which takes less than a millisecond.
pub(crate) struct Database(PathBuf);

impl Database {
    /// Checks that the database has the columns of the query.
    pub(crate) fn new(path: PathBuf) -> Result<Self, Error> {
        let database = Self(path);
        let checked = database
            .open()
            .and_then(|connection| connection.prepare(QUERY).map(drop));
        match checked {
            Ok(()) => Ok(database),
            Err(error) => Err(Error::new(format!(
                "invalid DATABASE {:?}: {error}: set it to an SQLite database with the table `orders`",
                database.0
            ))),
        }
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(&self.0, flags)
    }

    /// Opens a connection whose queries fail after `stop` is cancelled, also while they look for their next row.
    pub(crate) fn connect(&self, stop: CancellationToken) -> rusqlite::Result<Connection> {
        let mut connection = self.open()?;
        connection.progress_handler(CHECK_INTERVAL, Some(move || stop.is_cancelled()))?;
        Ok(connection)
    }
}
