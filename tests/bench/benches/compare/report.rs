//! The report: Markdown tables, with ratios to `lambda_runtime` (b) and to the bare socket (c).

use std::fmt::Write as _;
use std::time::Duration;

use crate::samples::Samples;
use crate::{cold_start, concurrency, implementation, responses, slow_reader, tokens};

/// A Markdown table below a heading, printed row by row.
pub(crate) struct Table {
    columns: usize,
}

impl Table {
    pub(crate) fn begin(heading: &str, note: &str, columns: &[&str]) -> Self {
        println!("\n## {heading}\n\n{note}\n");
        println!("| {} |", columns.join(" | "));
        println!("|{}", "---|".repeat(columns.len()));
        Self { columns: columns.len() }
    }

    pub(crate) fn row(&self, cells: &[String]) {
        assert_eq!(cells.len(), self.columns, "wrong number of cells: {cells:?}");
        println!("| {} |", cells.join(" | "));
    }
}

/// Starts the table of responses, with a group of rows for each kind.
pub(crate) fn responses() -> Table {
    Table::begin(
        "Responses",
        "Times count from the delivery of the event. CPU time and its 99 % are statistics of the means of turns.",
        &[
            "response",
            "implementation",
            "count",
            "first byte, µs",
            "99 %",
            "total, µs",
            "99 %",
            "÷ (b)",
            "÷ (c)",
            "CPU time, µs",
            "99 %",
            "÷ (b)",
            "÷ (c)",
            "system calls",
            "peak, KiB",
        ],
    )
}

/// Prints the rows of one kind of response.
pub(crate) fn response_rows(table: &Table, name: &str, all: &[responses::Measured]) {
    let total = Ratios::of(all, |measured| {
        (measured.implementation.name, measured.total.median().as_secs_f64())
    });
    let processor = Ratios::of(all, |measured| {
        (measured.implementation.name, measured.processor.median().as_secs_f64())
    });
    for measured in all {
        let [total_to_runtime, total_to_baseline] = total.to(measured.total.median().as_secs_f64());
        let [processor_to_runtime, processor_to_baseline] = processor.to(measured.processor.median().as_secs_f64());
        table.row(&[
            name.to_owned(),
            measured.implementation.name.to_owned(),
            thousands(measured.total.count() as u64),
            microseconds(measured.first_byte.median()),
            microseconds(measured.first_byte.percentile_99()),
            microseconds(measured.total.median()),
            microseconds(measured.total.percentile_99()),
            total_to_runtime,
            total_to_baseline,
            microseconds(measured.processor.median()),
            microseconds(measured.processor.percentile_99()),
            processor_to_runtime,
            processor_to_baseline,
            measured.calls.map_or_else(|| "–".to_owned(), thousands),
            thousands(measured.peak),
        ]);
    }
}

/// Starts the table of tokens, with a group of rows for each kind.
pub(crate) fn tokens() -> Table {
    Table::begin(
        "Tokens",
        "The delay is the time from the write of a token to its arrival. The longest delay is a median over responses. The ratios \
         compare the 99 %.",
        &[
            "response",
            "implementation",
            "count",
            "delay, µs",
            "99 %",
            "longest of a response",
            "÷ (b)",
            "÷ (c)",
            "tokens that shared a chunk",
        ],
    )
}

/// Prints the rows of one kind of token.
pub(crate) fn token_rows(table: &Table, name: &str, all: &[tokens::Measured]) {
    let ratios = Ratios::of(all, |measured| {
        (
            measured.implementation.name,
            measured.delays.percentile_99().as_secs_f64(),
        )
    });
    for measured in all {
        let [to_runtime, to_baseline] = ratios.to(measured.delays.percentile_99().as_secs_f64());
        table.row(&[
            name.to_owned(),
            measured.implementation.name.to_owned(),
            thousands(measured.delays.count() as u64),
            microseconds(measured.delays.median()),
            microseconds(measured.delays.percentile_99()),
            microseconds(measured.longest.median()),
            to_runtime,
            to_baseline,
            thousands(measured.sharing as u64),
        ]);
    }
}

/// Prints the table of the slow reader.
pub(crate) fn slow_reader(all: &[slow_reader::Measured]) {
    let table = Table::begin(
        "Slow reader",
        &format!(
            "{}. Memory is in KiB. Idle memory is read after some small responses.",
            slow_reader::NAME
        ),
        &[
            "implementation",
            "idle",
            "peak",
            "peak over idle",
            "total, s",
            "CPU time, ms",
        ],
    );
    for measured in all {
        table.row(&[
            measured.implementation.name.to_owned(),
            thousands(measured.idle),
            thousands(measured.peak),
            thousands(measured.peak.saturating_sub(measured.idle)),
            format!("{:.1}", measured.total.as_secs_f64()),
            thousands(measured.processor.as_millis() as u64),
        ]);
    }
}

/// Starts the table of concurrent invocations, with a group of rows for each kind of event.
pub(crate) fn concurrency() -> Table {
    Table::begin(
        "Concurrent invocations",
        "Invocations per second, as medians of turns: one at a time, and with `AWS_LAMBDA_MAX_CONCURRENCY=8`. The last two \
         ratios compare the latter.",
        &[
            "events",
            "implementation",
            "one at a time",
            "8 concurrent",
            "8 ÷ 1",
            "÷ (b)",
            "÷ (c)",
        ],
    )
}

/// Prints the rows of one kind of event.
pub(crate) fn concurrency_rows(table: &Table, name: &str, all: &[concurrency::Measured]) {
    let ratios = Ratios::of(all, |measured| {
        (measured.implementation.name, rate(&measured.concurrent))
    });
    for measured in all {
        let (single, concurrent) = (rate(&measured.single), rate(&measured.concurrent));
        let [to_runtime, to_baseline] = ratios.to(concurrent);
        table.row(&[
            name.to_owned(),
            measured.implementation.name.to_owned(),
            thousands(single.round() as u64),
            thousands(concurrent.round() as u64),
            format!("{:.2}", concurrent / single),
            to_runtime,
            to_baseline,
        ]);
    }
}

/// Returns the invocations per second.
fn rate(samples: &Samples) -> f64 {
    1.0 / samples.median().as_secs_f64()
}

/// Prints the table of cold starts.
pub(crate) fn cold_start(all: &[cold_start::Measured]) {
    let table = Table::begin(
        "Cold start and size",
        "The start is the time from the creation of the process to its first `next`. Idle memory is read then. The binary is the \
         stripped release binary.",
        &[
            "implementation",
            "count",
            "start, µs",
            "99 %",
            "÷ (b)",
            "÷ (c)",
            "idle, KiB",
            "binary, KiB",
        ],
    );
    let ratios = Ratios::of(all, |measured| {
        (measured.implementation.name, measured.start.median().as_secs_f64())
    });
    for measured in all {
        let [to_runtime, to_baseline] = ratios.to(measured.start.median().as_secs_f64());
        table.row(&[
            measured.implementation.name.to_owned(),
            thousands(measured.start.count() as u64),
            microseconds(measured.start.median()),
            microseconds(measured.start.percentile_99()),
            to_runtime,
            to_baseline,
            thousands(measured.idle),
            thousands(measured.size),
        ]);
    }
}

/// Formats a time, with one decimal below 100 µs.
fn microseconds(time: Duration) -> String {
    let microseconds = time.as_nanos() as f64 / 1000.0;
    if microseconds < 100.0 {
        format!("{microseconds:.1}")
    } else {
        thousands(microseconds.round() as u64)
    }
}

/// The figures of `lambda_runtime` and of the baseline.
struct Ratios([Option<f64>; 2]);

impl Ratios {
    fn of<T>(all: &[T], figure: fn(&T) -> (&'static str, f64)) -> Self {
        let by = |name: &str| {
            all.iter()
                .map(figure)
                .find(|(found, _)| *found == name)
                .map(|(_, value)| value)
        };
        Self([by(implementation::LAMBDA_RUNTIME), by(implementation::BASELINE)])
    }

    /// Formats the ratios of a value to these figures.
    fn to(&self, value: f64) -> [String; 2] {
        self.0.map(|other| match value / other.unwrap_or(f64::NAN) {
            ratio if ratio.is_nan() => "–".to_owned(),
            ratio if ratio < 0.1 => format!("1/{:.0}", 1.0 / ratio),
            ratio => format!("{ratio:.2}"),
        })
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
