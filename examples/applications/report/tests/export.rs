//! `report`: complete exports in each format, and none that looks complete after an error.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failing test panics, and the figures are printed"
)]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use rusqlite::Connection;
use serde_json::{Value, json};
use test_support::{
    BodyEnd, ConnectionFault, Event, HttpEvent, MockRuntimeApi, Process, Response, ResponseKind, TemporaryDirectory,
    serve,
};

const SCHEMA: &str =
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, created TEXT, customer TEXT, cents INTEGER, note TEXT);";
const NDJSON: &str = "application/x-ndjson";

/// A database in a temporary directory.
struct Database(TemporaryDirectory);

impl Database {
    /// Creates a database with these statements.
    fn new(statements: &str) -> Self {
        let database = Self(TemporaryDirectory::new("report"));
        database.execute(statements);
        database
    }

    /// Creates a database with this number of orders.
    fn with_orders(count: u32) -> Self {
        Self::new(&format!(
            "{SCHEMA}
            WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
            INSERT INTO orders
            SELECT n, date('2025-01-01', n || ' days'), 'customer ' || (n % 10), n * 7919 % 100000, hex(randomblob(20))
            FROM numbers;"
        ))
    }

    fn execute(&self, statements: &str) {
        Connection::open(self.path())
            .unwrap()
            .execute_batch(statements)
            .unwrap();
    }

    fn path(&self) -> PathBuf {
        self.0.file("orders.db")
    }

    fn command(&self) -> Command {
        let mut command = Process::command(env!("CARGO_BIN_EXE_report"));
        command.env("DATABASE", self.path());
        command
    }

    fn start(&self) -> (MockRuntimeApi, Process) {
        let lambda = MockRuntimeApi::start();
        let function = Process::spawn_function_with(self.command(), &lambda);
        (lambda, function)
    }

    /// Compares an export with the table, by Python's own readers of both. Returns the number of rows.
    #[track_caller]
    fn compare(&self, format: &str, export: &str) -> String {
        let mut python = Command::new("python3");
        python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/compare.py"));
        python.arg(self.path()).arg(format);
        let file = self.0.file("export");
        fs::write(&file, export).unwrap();
        let output = python.stdin(fs::File::open(&file).unwrap()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn get(target: &str) -> HttpEvent {
    Event::function_url("GET", target)
}

fn body(response: &Response) -> &[u8] {
    let (prelude, body) = response.prelude();
    assert_eq!(prelude["statusCode"], 200, "{}", String::from_utf8_lossy(body));
    body
}

fn text(response: &Response) -> &str {
    std::str::from_utf8(body(response)).unwrap()
}

/// Decodes a complete gzip file.
fn gunzip(bytes: &[u8]) -> std::io::Result<String> {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).map(|_| text)
}

/// Waits until the function has closed the database, which it keeps open during a query.
#[track_caller]
fn wait_until_closed(function: &Process, database: &Path) {
    let descriptors = format!("/proc/{}/fd", function.id());
    let is_open = || {
        let links = fs::read_dir(&descriptors).unwrap().flatten();
        let mut targets = links.filter_map(|link| fs::read_link(link.path()).ok());
        targets.any(|target| target == database)
    };
    let end = Instant::now() + Duration::from_secs(20);
    while is_open() {
        assert!(Instant::now() < end, "the query is still running");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn sample_data_is_exported_as_csv_and_ndjson() {
    let database = Database::new(include_str!("../sample.sql"));
    let (_function, url) = serve(database.command());
    let curl = |arguments: &[&str]| {
        let output = Process::command("curl")
            .args(["-sSfi", "--noproxy", "*", &url])
            .args(arguments)
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    };
    let (head, csv) = curl(&[]);
    assert!(
        head.contains("content-type: text/csv; charset=utf-8; header=present"),
        "{head}"
    );
    assert!(
        head.contains("content-disposition: attachment; filename=\"orders.csv\""),
        "{head}"
    );
    assert!(!head.contains("content-encoding"), "{head}");
    assert_eq!(database.compare("csv", &csv), "100000 equal rows\n");

    let (head, lines) = curl(&["-H", "accept: application/x-ndjson"]);
    assert!(head.contains("content-type: application/x-ndjson"), "{head}");
    assert_eq!(database.compare("ndjson", &lines), "100000 equal rows\n");

    for accept in ["*/*", NDJSON] {
        let plain = curl(&["-H", &format!("accept: {accept}")]).1;
        let (head, decoded) = curl(&["--compressed", "-H", &format!("accept: {accept}")]);
        assert!(head.contains("content-encoding: gzip"), "{head}");
        assert!(head.contains("vary: accept, accept-encoding"), "{head}");
        assert!(decoded == plain);
    }
}

#[test]
fn values_are_quoted_for_each_format() {
    let database = Database::new(&format!(
        "{SCHEMA} INSERT INTO orders VALUES (1, '2025-01-01', 'Grüße, \"Welt\"', -5, 'two' || char(10) || 'lines'),
        (2, '', ' ', 9223372036854775807, NULL)"
    ));
    let (lambda, _function) = database.start();
    let response = lambda.invoke(get("/"));
    assert_eq!(
        text(&response),
        "id,created,customer,cents,note\n1,2025-01-01,\"Grüße, \"\"Welt\"\"\",-5,\"two\nlines\"\n2,, ,9223372036854775807,\n"
    );
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
    let response = lambda.invoke(get("/").header("Accept", NDJSON));
    let lines = [
        json!({"id": 1, "created": "2025-01-01", "customer": "Grüße, \"Welt\"", "cents": -5, "note": "two\nlines"}),
        json!({"id": 2, "created": "", "customer": " ", "cents": i64::MAX, "note": null}),
    ];
    let received: Vec<Value> = text(&response)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(received, lines);
}

#[test]
fn filters_are_sql_parameters() {
    let database = Database::with_orders(1000);
    let injection = "x' OR '1'='1";
    database.execute(&format!(
        "UPDATE orders SET customer = '{}' WHERE id = 500",
        injection.replace('\'', "''")
    ));
    let (lambda, _function) = database.start();
    let ids = |query: &str| -> Vec<u32> {
        let response = lambda.invoke(get(&format!("/?{query}")));
        let rows = text(&response).lines().skip(1);
        rows.map(|row| row.split(',').next().unwrap().parse().unwrap())
            .collect()
    };
    assert_eq!(ids("").len(), 1000);
    assert_eq!(ids("customer=customer%203").len(), 100);
    assert_eq!(ids("customer=x%27+OR+%271%27%3D%271"), [500]);
    assert_eq!(ids("customer=x%27%3B+DROP+TABLE+orders%3B--"), [0; 0]);
    assert_eq!(ids("customer="), [0; 0]);
    assert_eq!(ids("since=2026-09-26").len(), 1000 - 633 + 1);
    let found = ids("min_cents=90000&customer=customer%203");
    let expected = (1..=1000).filter(|id| id * 7919 % 100_000 >= 90_000 && id % 10 == 3);
    assert_eq!(found, expected.collect::<Vec<_>>());
    assert!(!found.is_empty());
}

#[test]
fn invalid_requests_get_status_and_message() {
    let database = Database::with_orders(10);
    let (lambda, function) = database.start();
    for (event, status, message) in [
        (get("/?min_cents=many"), 400, "min_cents: invalid digit found in string"),
        (
            get("/?customr=1"),
            400,
            "unknown field `customr`, expected one of `customer`, `since`, `min_cents`",
        ),
        (
            get("/").header("Accept", "text/html"),
            406,
            "available as text/csv and as application/x-ndjson",
        ),
        (
            get("/").header("Accept", "*/*;q=0"),
            406,
            "available as text/csv and as application/x-ndjson",
        ),
        (
            Event::function_url("DELETE", "/"),
            405,
            "this function supports GET and HEAD",
        ),
    ] {
        let response = lambda.invoke(event);
        let (prelude, body) = response.prelude();
        let body = String::from_utf8_lossy(body);
        assert_eq!(prelude["statusCode"], status, "{body}");
        assert!(body.contains(message), "{body}");
    }
    let response = lambda.invoke(Event::function_url("HEAD", "/").header("Accept-Encoding", "gzip"));
    let (prelude, body) = response.prelude();
    assert_eq!((&prelude["statusCode"], body.len()), (&json!(200), 0));
    assert_eq!(prelude["headers"]["content-encoding"], "gzip");
    assert!(!function.stderr().contains("sent the report"));
}

#[test]
fn accept_headers_select_format_and_coding() {
    let database = Database::with_orders(10);
    let (lambda, _function) = database.start();
    for (accept, coding, content_type, is_gzip) in [
        ("text/csv;q=0.5, application/x-ndjson", "br", NDJSON, false),
        (
            "text/csv, application/x-ndjson;q=0.9",
            "br, gzip;q=0.1",
            "text/csv; charset=utf-8; header=present",
            true,
        ),
        (
            "text/*, application/x-ndjson;q=0.9",
            "gzip;q=0",
            "text/csv; charset=utf-8; header=present",
            false,
        ),
    ] {
        let response = lambda.invoke(get("/").header("Accept", accept).header("Accept-Encoding", coding));
        let headers = &response.prelude().0["headers"];
        assert_eq!(headers["content-type"], content_type);
        assert_eq!(headers["vary"], "accept, accept-encoding");
        assert_eq!(
            headers["content-encoding"],
            if is_gzip { json!("gzip") } else { Value::Null }
        );
        assert_eq!(gunzip(body(&response)).is_ok(), is_gzip);
    }
}

#[test]
fn empty_result_is_complete() {
    let database = Database::new(SCHEMA);
    let (lambda, _function) = database.start();
    assert_eq!(text(&lambda.invoke(get("/"))), "id,created,customer,cents,note\n");
    assert_eq!(text(&lambda.invoke(get("/").header("Accept", NDJSON))), "");
    let response = lambda.invoke(get("/").header("Accept-Encoding", "gzip"));
    assert_eq!(gunzip(body(&response)).unwrap(), "id,created,customer,cents,note\n");
}

#[test]
fn row_of_wrong_type_is_mid_stream_error() {
    let database = Database::with_orders(50_000);
    database.execute("UPDATE orders SET cents = 'free' WHERE id = 30001");
    let (lambda, _function) = database.start();
    for accept in ["text/csv", NDJSON] {
        let event = get("/").header("Accept", accept);
        let response = lambda.invoke(event.clone());
        assert_eq!(response.kind(), ResponseKind::Response);
        // All rows before it are sent, and nothing else.
        let rows = text(&response).lines().filter(|line| !line.starts_with("id,"));
        assert_eq!(rows.count(), 30_000);
        let message = "failed to read the order after 30000: Invalid column type Text at index: 3, name: cents";
        assert_eq!(response.error().message, message);

        let response = lambda.invoke(event.header("Accept-Encoding", "gzip"));
        assert_eq!(response.error().message, message);
        assert!(body(&response).len() > 100_000);
        let error = gunzip(body(&response)).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof, "{error}");
    }
}

#[test]
fn curl_and_gzip_report_export_that_breaks_off() {
    let database = Database::with_orders(50_000);
    database.execute("UPDATE orders SET cents = 'free' WHERE id = 30001");
    let (_function, url) = serve(database.command());
    let file = database.0.file("orders.csv.gz");
    let mut curl = Process::command("curl");
    curl.args(["-sSf", "--noproxy", "*", "-H", "accept-encoding: gzip", "-o"])
        .arg(&file)
        .arg(&url);
    // The transfer ended before its end.
    assert_eq!(Process::spawn(curl).exit_code(), Some(18));
    let gzip = Command::new("gzip").arg("-t").arg(&file).output().unwrap();
    assert!(!gzip.status.success());
    assert!(
        String::from_utf8_lossy(&gzip.stderr).contains("unexpected end of file"),
        "{gzip:?}"
    );
}

#[test]
fn error_at_first_row_is_returned_in_place_of_response() {
    let database = Database::with_orders(10);
    database.execute("UPDATE orders SET cents = 'free' WHERE id = 1");
    let (lambda, _function) = database.start();
    let response = lambda.invoke(get("/").header("Accept-Encoding", "gzip"));
    assert_eq!(response.kind(), ResponseKind::Error);
    assert_eq!(
        response.error().message,
        "Invalid column type Text at index: 3, name: cents"
    );
}

#[test]
fn damaged_database_is_mid_stream_error() {
    let database = Database::with_orders(50_000);
    let mut bytes = fs::read(database.path()).unwrap();
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page..page + 4096].fill(0xFF);
    fs::write(database.path(), bytes).unwrap();
    let (lambda, _function) = database.start();
    let response = lambda.invoke(get("/").header("Accept-Encoding", "gzip"));
    let message = response.error().message;
    assert!(message.starts_with("failed to read the order after "), "{message}");
    assert!(message.ends_with("database disk image is malformed"), "{message}");
    assert!(body(&response).len() > 100_000);
    gunzip(body(&response)).unwrap_err();
}

/// A view that looks for its first row for ever.
const ENDLESS: &str = "
    CREATE VIEW orders AS
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)
    SELECT n AS id, '' AS created, '' AS customer, 0 AS cents, '' AS note FROM numbers WHERE n < 0;";

#[test]
#[cfg(target_os = "linux")]
fn deadline_stops_query_without_rows() {
    let database = Database::new(ENDLESS);
    let (lambda, function) = database.start();
    let response = lambda.invoke(get("/").event().deadline_in(Duration::from_secs(2)));
    assert_eq!(response.kind(), ResponseKind::Error);
    assert_eq!(response.error().error_type, "Function.Timeout");
    wait_until_closed(&function, &database.path());
    // The function handles the next request.
    let response = lambda.invoke(get("/").header("Accept", "text/html"));
    assert_eq!(response.prelude().0["statusCode"], 406);
}

#[test]
#[cfg(target_os = "linux")]
fn deadline_stops_unread_export() {
    let database = Database::with_orders(300_000);
    let (lambda, function) = database.start();
    let event = get("/")
        .event()
        .deadline_in(Duration::from_secs(2))
        .read_slowly(100_000);
    let pending = lambda.queue(event);
    pending.first_bytes();
    wait_until_closed(&function, &database.path());
    drop(pending);
    assert!(!function.stderr().contains("sent the report"));
}

/// A view with 100,000 rows, each of which takes SQLite a millisecond or more.
const SLOW: &str = "
    CREATE TABLE ids (id INTEGER PRIMARY KEY);
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
    INSERT INTO ids SELECT n FROM numbers;
    CREATE VIEW orders AS
    SELECT
        id, '' AS created, '' AS customer,
        (
            WITH RECURSIVE numbers (n) AS (SELECT ids.id UNION ALL SELECT n + 1 FROM numbers LIMIT 10000)
            SELECT count(*) FROM numbers
        ) AS cents,
        hex(zeroblob(500)) AS note
    FROM ids;";

#[test]
#[cfg(target_os = "linux")]
fn lost_connection_stops_query() {
    let database = Database::new(SLOW);
    let (lambda, function) = database.start();
    let event = get("/")
        .event()
        .deadline_in(Duration::from_secs(300))
        .fault_after_body_bytes(100_000, ConnectionFault::closed());
    let response = lambda.invoke(event);
    assert_eq!(response.body_end(), BodyEnd::Truncated);
    // The query would take minutes.
    lambda.wait_for_next();
    wait_until_closed(&function, &database.path());
    assert!(!function.stderr().contains("sent the report"));
}

/// Exports a million rows to a slow reader, and prints the figures.
#[track_caller]
fn assert_million_rows_have_bounded_memory(accept: &str, coding: &str, bytes_per_second: u32) {
    let database = Database::with_orders(1_000_000);
    let (lambda, function) = database.start();
    let event = get("/")
        .header("Accept", accept)
        .header("Accept-Encoding", coding)
        .event();
    let event = event
        .deadline_in(Duration::from_secs(300))
        .read_slowly(bytes_per_second);
    let start = Instant::now();
    let pending = lambda.queue(event);
    for megabytes in (5..=35).step_by(5) {
        pending.wait_for_length(megabytes * 1_000_000);
    }
    let response = pending.wait();
    let time = start.elapsed();
    let peak = function.resources().peak_memory().unwrap();
    let length = body(&response).len();
    println!("{accept} {coding}: {length} bytes in {time:.1?}, peak {peak} KiB");
    let text = match coding {
        "gzip" => gunzip(body(&response)).unwrap(),
        _ => text(&response).to_owned(),
    };
    assert_eq!(text.lines().filter(|line| !line.starts_with("id,")).count(), 1_000_000);
    assert_eq!(response.body_end(), BodyEnd::LastChunk);
    assert!(peak < 32 * 1024, "{peak} KiB");
}

#[test]
#[cfg(target_os = "linux")]
fn million_rows_of_csv_have_bounded_memory() {
    assert_million_rows_have_bounded_memory("text/csv", "identity", 40_000_000);
}

#[test]
#[cfg(target_os = "linux")]
fn million_rows_of_compressed_ndjson_have_bounded_memory() {
    assert_million_rows_have_bounded_memory(NDJSON, "gzip", 40_000_000);
}

#[test]
fn invalid_database_fails_init_with_reason() {
    let empty = Database::new("CREATE TABLE other (id)");
    let missing = empty.0.file("missing");
    for (path, reason) in [
        (PathBuf::new(), "no such table: orders"),
        (missing.clone(), "unable to open database file"),
        (PathBuf::from("/etc/passwd"), "file is not a database"),
        (empty.path(), "no such table: orders"),
    ] {
        let lambda = MockRuntimeApi::start();
        let mut command = empty.command();
        command.env("DATABASE", &path);
        let function = Process::spawn_function_with(command, &lambda);
        let message = lambda.wait_for_init_error().error().message;
        assert!(
            message.starts_with(&format!("invalid DATABASE {path:?}: ")),
            "{message}"
        );
        assert!(message.contains(reason), "{message}");
        assert!(
            message.ends_with(": set it to an SQLite database with the table `orders`"),
            "{message}"
        );
        assert_eq!(function.exit_code(), Some(1));
    }
    assert!(!missing.exists(), "the database is opened read-only");
}

#[test]
fn database_is_not_changed() {
    let database = Database::with_orders(10);
    let before = fs::read(database.path()).unwrap();
    let (lambda, _function) = database.start();
    text(&lambda.invoke(get("/")));
    assert!(fs::read(database.path()).unwrap() == before);
    let directory = fs::read_dir(database.0.path()).unwrap();
    assert_eq!(directory.count(), 1, "SQLite created a file");
}
