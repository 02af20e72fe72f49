//! The report: Markdown tables, with ratios to two of the implementations.
//!
//! A row is printed as soon as its measurements are complete. An implementation that failed has a row with the reason.

use std::fmt::Write as _;
use std::time::Duration;

use crate::concurrency::{self, ConcurrencyRow};
use crate::implementation::{BASELINE, BEFORE, LAMBDA_HTTP, LAMBDA_RUNTIME, WEB_ADAPTER};
use crate::rotation::Row;
use crate::samples::Samples;
use crate::{cold_start, responses, slow_reader, tokens};

/// The cell of a value that does not exist.
const NONE: &str = "–";

/// The column with the spread of the values whose median is in the column before.
const SPREAD: &str = "10 % to 90 %";

/// The two implementations with which the ratios of a table compare, and the headings of the ratios.
#[derive(Clone, Copy)]
struct References {
    names: [&'static str; 2],
    headings: [&'static str; 2],
}

const RUNTIME_AND_BASELINE: References = References {
    names: [LAMBDA_RUNTIME, BASELINE],
    headings: ["÷ (b)", "÷ (c)"],
};

const HTTP_AND_ADAPTER: References = References {
    names: [LAMBDA_HTTP, WEB_ADAPTER],
    headings: ["÷ (d)", "÷ (e)"],
};

/// A Markdown table below a heading.
struct Table {
    columns: usize,
}

impl Table {
    fn begin(heading: &str, note: &str, columns: &[&str]) -> Self {
        println!("\n### {heading}\n\n{note}\n");
        println!("| {} |", columns.join(" | "));
        println!("|{}", "---|".repeat(columns.len()));
        Self { columns: columns.len() }
    }

    /// Prints a row: the cells that name it, and either its values or why there are none.
    fn row(&self, mut cells: Vec<String>, values: Result<Vec<String>, &String>) {
        match values {
            Ok(values) => cells.extend(values),
            Err(reason) => cells.push(reason.replace('|', "/")),
        }
        cells.resize(self.columns, NONE.to_owned());
        println!("| {} |", cells.join(" | "));
    }
}

/// The report, and what its last table needs.
#[derive(Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
}

/// A median, for the comparison of two builds.
struct Figure {
    benchmark: String,
    name: String,
    quantity: &'static str,
    value: f64,
}

/// The tables of responses: times, which are printed row by row, and costs, which follow them.
pub(crate) struct ResponseTables {
    times: Table,
    heading: &'static str,
    references: References,
    /// The cells that name a row, and its costs.
    costs: Vec<(Vec<String>, Vec<String>)>,
}

/// Starts the tables of responses.
pub(crate) fn responses() -> ResponseTables {
    ResponseTables::begin("Responses", RUNTIME_AND_BASELINE)
}

/// Starts the tables of responses with buffers of different sizes.
pub(crate) fn buffers() -> ResponseTables {
    ResponseTables::begin("Sizes of the buffer", RUNTIME_AND_BASELINE)
}

/// Starts the tables of an axum application.
pub(crate) fn axum() -> ResponseTables {
    ResponseTables::begin("An axum application", HTTP_AND_ADAPTER)
}

impl ResponseTables {
    fn begin(heading: &'static str, references: References) -> Self {
        let [first, second] = references.headings;
        let times = Table::begin(
            heading,
            "Times are measured from the delivery of the event.",
            &[
                "response",
                "implementation",
                "count",
                "first byte, µs",
                SPREAD,
                "99 %",
                "total, µs",
                SPREAD,
                "99 %",
                first,
                second,
            ],
        );
        Self {
            times,
            heading,
            references,
            costs: Vec::new(),
        }
    }

    /// Prints the rows of one kind of response.
    pub(crate) fn rows(&mut self, report: &mut Report, name: &str, rows: &[Row<responses::Measured>]) {
        let total = Ratios::of(self.references, rows, |measured| median(&measured.total));
        let processor = Ratios::of(self.references, rows, |measured| median(&measured.processor));
        for row in rows {
            let cells = vec![name.to_owned(), row.name.clone()];
            let values = row.outcome.as_ref().map(|measured| {
                let mut values = vec![thousands(measured.total.count() as u64)];
                values.extend(times(&measured.first_byte));
                values.extend(times(&measured.total));
                values.extend(total.to(median(&measured.total)));
                values
            });
            self.times.row(cells.clone(), values);
            let Ok(measured) = &row.outcome else {
                continue;
            };
            report.add(name, &row.name, "first byte, µs", median(&measured.first_byte));
            report.add(name, &row.name, "total, µs", median(&measured.total));
            report.add(name, &row.name, "CPU time, µs", median(&measured.processor));
            if measured.peak.is_none() {
                // The items alone have no process.
                continue;
            }
            let [middle, spread, _] = times(&measured.processor);
            let mut costs = vec![thousands(measured.processor.count() as u64), middle, spread];
            costs.extend(processor.to(median(&measured.processor)));
            costs.push(optional(measured.calls));
            costs.push(optional(measured.peak));
            self.costs.push((cells, costs));
        }
    }

    /// Prints the table of costs.
    pub(crate) fn end(self) {
        let [first, second] = self.references.headings;
        let table = Table::begin(
            &format!("{}: processor time and memory", self.heading),
            "CPU time is the mean of a turn. Memory in KiB.",
            &[
                "response",
                "implementation",
                "turns",
                "CPU time, µs",
                SPREAD,
                first,
                second,
                "system calls",
                "peak",
            ],
        );
        for (cells, costs) in self.costs {
            table.row(cells, Ok(costs));
        }
    }
}

impl Report {
    fn add(&mut self, benchmark: &str, name: &str, quantity: &'static str, value: f64) {
        self.figures.push(Figure {
            benchmark: benchmark.to_owned(),
            name: name.to_owned(),
            quantity,
            value,
        });
    }

    /// Prints the medians of this build and of another one, if another one was measured.
    pub(crate) fn both_builds(&self) {
        let mut table = None;
        for new in &self.figures {
            let name = format!("{}{BEFORE}", new.name);
            let is_same =
                |old: &&Figure| old.benchmark == new.benchmark && old.name == name && old.quantity == new.quantity;
            let Some(old) = self.figures.iter().find(is_same) else {
                continue;
            };
            let table = table.get_or_insert_with(|| {
                Table::begin(
                    "Both builds",
                    "Medians of the other build (before) and of this one (after), which took turns.",
                    &["row", "implementation", "quantity", "before", "after", "after ÷ before"],
                )
            });
            table.row(
                vec![new.benchmark.clone(), new.name.clone(), new.quantity.to_owned()],
                Ok(vec![number(old.value), number(new.value), ratio(new.value, old.value)]),
            );
        }
    }

    /// Prints the table of tokens.
    pub(crate) fn tokens(&mut self, name: &str, table: &TokenTable, rows: &[Row<tokens::Measured>]) {
        let percentile = |measured: &tokens::Measured| in_microseconds(measured.delays.percentile_99());
        let ratios = Ratios::of(table.references, rows, percentile);
        for row in rows {
            let values = row.outcome.as_ref().map(|measured| {
                self.add(name, &row.name, "delay, µs", median(&measured.delays));
                self.add(name, &row.name, "delay, 99 %, µs", percentile(measured));
                let mut values = vec![
                    thousands(measured.delays.count() as u64),
                    microseconds(measured.first_byte.median()),
                ];
                values.extend(times(&measured.delays));
                values.push(microseconds(measured.longest.median()));
                values.extend(ratios.to(percentile(measured)));
                values.push(thousands(measured.sharing as u64));
                values
            });
            table.table.row(vec![name.to_owned(), row.name.clone()], values);
        }
    }

    /// Prints the table of large events.
    pub(crate) fn large_events(&mut self, table: &LargeEventTable, name: &str, rows: &[Row<responses::Measured>]) {
        let time = Ratios::of(RUNTIME_AND_BASELINE, rows, |measured| median(&measured.first_byte));
        let peak = Ratios::of(RUNTIME_AND_BASELINE, rows, |measured| {
            measured.peak.map_or(f64::NAN, |peak| peak as f64)
        });
        for row in rows {
            let values = row.outcome.as_ref().map(|measured| {
                self.add(name, &row.name, "first byte, µs", median(&measured.first_byte));
                self.add(name, &row.name, "CPU time, µs", median(&measured.processor));
                let mut values = vec![thousands(measured.first_byte.count() as u64)];
                values.extend(times(&measured.first_byte));
                values.extend(time.to(median(&measured.first_byte)));
                values.push(microseconds(measured.processor.median()));
                values.push(optional(measured.idle));
                values.push(optional(measured.peak));
                values.extend(peak.to(measured.peak.map_or(f64::NAN, |peak| peak as f64)));
                values
            });
            table.0.row(vec![name.to_owned(), row.name.clone()], values);
        }
    }

    /// Prints the rows of one kind of event.
    pub(crate) fn concurrency(&mut self, table: &ConcurrencyTable, name: &str, rows: &[ConcurrencyRow]) {
        for (concurrency, row) in rows {
            let same_number = || {
                let same = rows.iter().filter(|(other, _)| other == concurrency);
                same.filter_map(|(_, row)| Some((row.name.as_str(), rate(row.outcome.as_ref().ok()?))))
            };
            let ratios = Ratios::among(RUNTIME_AND_BASELINE, same_number());
            let one = rows
                .iter()
                .find(|(other, other_row)| *other == 1 && other_row.name == row.name)
                .and_then(|(_, row)| Some(rate(row.outcome.as_ref().ok()?)));
            let values = row.outcome.as_ref().map(|samples| {
                let per_second = rate(samples);
                let quantity = match concurrency {
                    1 => "invocations per second, 1 at a time",
                    8 => "invocations per second, 8 concurrent",
                    _ => "invocations per second, 64 concurrent",
                };
                self.add(name, &row.name, quantity, per_second);
                // The fastest turns have the shortest times.
                let [fast, slow] = samples.spread().map(per_second_of);
                let mut values = vec![
                    thousands(samples.count() as u64),
                    thousands(per_second.round() as u64),
                    format!(
                        "{} to {}",
                        thousands(slow.round() as u64),
                        thousands(fast.round() as u64)
                    ),
                    ratio(per_second, one.unwrap_or(f64::NAN)),
                ];
                values.extend(ratios.to(per_second));
                values
            });
            let cells = vec![name.to_owned(), row.name.clone(), concurrency.to_string()];
            table.0.row(cells, values);
        }
    }

    /// Prints the table of cold starts.
    pub(crate) fn cold_start(&mut self, rows: &[Row<cold_start::Measured>]) {
        let table = Table::begin(
            "Cold start and size",
            "Time from the creation of the process to its first `next`, memory at that moment, and size of the stripped \
             release binary.",
            &[
                "implementation",
                "count",
                "start, µs",
                SPREAD,
                "99 %",
                "÷ (b)",
                "÷ (c)",
                "idle, KiB",
                "binary, KiB",
            ],
        );
        let ratios = Ratios::of(RUNTIME_AND_BASELINE, rows, |measured| median(&measured.start));
        for row in rows {
            let values = row.outcome.as_ref().map(|measured| {
                let mut values = vec![thousands(measured.start.count() as u64)];
                values.extend(times(&measured.start));
                values.extend(ratios.to(median(&measured.start)));
                values.push(thousands(measured.idle));
                values.push(thousands(measured.size));
                values
            });
            table.row(vec![row.name.clone()], values);
        }
    }
}

/// The table of tokens of all implementations or of those of the axum application.
pub(crate) struct TokenTable {
    table: Table,
    references: References,
}

impl TokenTable {
    pub(crate) fn begin(is_axum: bool) -> Self {
        let (heading, references) = match is_axum {
            true => ("An axum application: tokens", HTTP_AND_ADAPTER),
            false => ("Tokens", RUNTIME_AND_BASELINE),
        };
        let [first, second] = references.headings;
        let table = Table::begin(
            heading,
            "Time to the first byte of a response, delay from the write of a token to its arrival, and the median of the \
             longest delay of each response. The ratios are those of the 99 %.",
            &[
                "response",
                "implementation",
                "count",
                "first byte, µs",
                "delay, µs",
                SPREAD,
                "99 %",
                "longest of a response",
                first,
                second,
                "tokens that shared a chunk",
            ],
        );
        Self { table, references }
    }
}

/// The table of large events.
pub(crate) struct LargeEventTable(Table);

impl LargeEventTable {
    pub(crate) fn begin() -> Self {
        Self(Table::begin(
            "Large events",
            "Time from the delivery of the event to the first byte of the response. Memory in KiB: before the first event, and \
             the peak.",
            &[
                "event",
                "implementation",
                "count",
                "first byte, µs",
                SPREAD,
                "99 %",
                "÷ (b)",
                "÷ (c)",
                "CPU time, µs",
                "idle",
                "peak",
                "peak ÷ (b)",
                "peak ÷ (c)",
            ],
        ))
    }
}

/// The table of concurrent invocations.
pub(crate) struct ConcurrencyTable(Table);

impl ConcurrencyTable {
    pub(crate) fn begin() -> Self {
        let [one, some, many] = concurrency::CONCURRENCIES;
        Self(Table::begin(
            "Concurrent invocations",
            &format!(
                "Invocations per second with `AWS_LAMBDA_MAX_CONCURRENCY` of {one}, {some} and {many}: median and spread of \
                 turns. (b) and (c) have the same concurrency."
            ),
            &[
                "events",
                "implementation",
                "concurrency",
                "turns",
                "per second",
                SPREAD,
                "÷ one at a time",
                "÷ (b)",
                "÷ (c)",
            ],
        ))
    }
}

/// Prints the table of the slow reader.
pub(crate) fn slow_reader(rows: &[Row<slow_reader::Measured>]) {
    let table = Table::begin(
        "A slow reader",
        "One response of 200 MB to a reader of 10 MB/s. Memory in KiB; idle is measured after some small responses.",
        &[
            "implementation",
            "idle",
            "peak",
            "peak over idle",
            "total, s",
            "CPU time, ms",
        ],
    );
    for row in rows {
        let values = row.outcome.as_ref().map(|measured| {
            vec![
                thousands(measured.idle),
                thousands(measured.peak),
                thousands(measured.peak.saturating_sub(measured.idle)),
                format!("{:.1}", measured.total.as_secs_f64()),
                thousands(measured.processor.as_millis() as u64),
            ]
        });
        table.row(vec![row.name.clone()], values);
    }
}

/// Formats the median, the spread and the 99th percentile.
fn times(samples: &Samples) -> [String; 3] {
    if samples.count() == 0 {
        return [NONE; 3].map(str::to_owned);
    }
    let [low, high] = samples.spread().map(microseconds);
    [
        microseconds(samples.median()),
        format!("{low} to {high}"),
        microseconds(samples.percentile_99()),
    ]
}

/// Returns the median in microseconds, or NaN without samples.
fn median(samples: &Samples) -> f64 {
    match samples.count() {
        0 => f64::NAN,
        _ => in_microseconds(samples.median()),
    }
}

fn in_microseconds(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1000.0
}

/// Returns the invocations per second.
fn rate(samples: &Samples) -> f64 {
    per_second_of(samples.median())
}

fn per_second_of(time: Duration) -> f64 {
    1.0 / time.as_secs_f64()
}

fn optional(value: Option<u64>) -> String {
    value.map_or_else(|| NONE.to_owned(), thousands)
}

/// Formats a time in microseconds.
fn microseconds(time: Duration) -> String {
    number(in_microseconds(time))
}

/// Formats a number, with one decimal below 100.
fn number(number: f64) -> String {
    if number.is_nan() {
        NONE.to_owned()
    } else if number < 100.0 {
        format!("{number:.1}")
    } else {
        thousands(number.round() as u64)
    }
}

/// Formats a ratio: 1/20, 0.50 or 2.00.
fn ratio(value: f64, other: f64) -> String {
    match value / other {
        ratio if ratio.is_nan() => NONE.to_owned(),
        ratio if ratio < 0.1 => format!("1/{:.0}", 1.0 / ratio),
        ratio => format!("{ratio:.2}"),
    }
}

/// The figures of two implementations.
struct Ratios([f64; 2]);

impl Ratios {
    fn of<M>(references: References, rows: &[Row<M>], figure: impl Fn(&M) -> f64) -> Self {
        let figures = rows
            .iter()
            .filter_map(|row| Some((row.name.as_str(), figure(row.outcome.as_ref().ok()?))));
        Self::among(references, figures)
    }

    fn among<'a>(references: References, figures: impl Iterator<Item = (&'a str, f64)>) -> Self {
        let figures: Vec<_> = figures.collect();
        Self(references.names.map(|name| {
            let found = figures.iter().find(|(found, _)| *found == name);
            found.map_or(f64::NAN, |(_, figure)| *figure)
        }))
    }

    /// Formats the ratios of a value to these figures.
    fn to(&self, value: f64) -> [String; 2] {
        self.0.map(|other| ratio(value, other))
    }
}

/// Formats a number with thousands separators.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        let _ = write!(text, "{digit}");
    }
    text
}
