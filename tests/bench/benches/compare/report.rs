//! The report: Markdown tables, with ratios to the peer (b) and to the floor (c).

use std::fmt::Write as _;
use std::time::Duration;

use crate::statistic::Seen;
use crate::{answers, at_once, cold_start, contestant, slow, tokens};

/// A Markdown table under a heading, printed row by row.
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
        assert_eq!(
            cells.len(),
            self.columns,
            "a row that does not fit its table: {cells:?}"
        );
        println!("| {} |", cells.join(" | "));
    }
}

/// The table of answers: a group of rows each.
pub(crate) fn answers() -> Table {
    Table::begin(
        "Answers",
        "Times from the event's delivery. Processor time and its 99 % are of means of turns.",
        &[
            "answer",
            "by",
            "count",
            "first byte, µs",
            "99 %",
            "total, µs",
            "99 %",
            "÷ (b)",
            "÷ (c)",
            "processor, µs",
            "99 %",
            "÷ (b)",
            "÷ (c)",
            "system calls",
            "peak, KiB",
        ],
    )
}

/// The rows of one answer.
pub(crate) fn answer(table: &Table, name: &str, all: &[answers::Measured]) {
    let total = Ratios::of(all, |measured| {
        (measured.contestant.name, measured.total.median().as_secs_f64())
    });
    let processor = Ratios::of(all, |measured| {
        (measured.contestant.name, measured.processor.median().as_secs_f64())
    });
    for measured in all {
        let [total_of_peer, total_of_floor] = total.to(measured.total.median().as_secs_f64());
        let [processor_of_peer, processor_of_floor] = processor.to(measured.processor.median().as_secs_f64());
        table.row(&[
            name.to_owned(),
            measured.contestant.name.to_owned(),
            thousands(measured.total.count() as u64),
            microseconds(measured.first_byte.median()),
            microseconds(measured.first_byte.percentile_99()),
            microseconds(measured.total.median()),
            microseconds(measured.total.percentile_99()),
            total_of_peer,
            total_of_floor,
            microseconds(measured.processor.median()),
            microseconds(measured.processor.percentile_99()),
            processor_of_peer,
            processor_of_floor,
            measured.calls.map_or_else(|| "–".to_owned(), thousands),
            thousands(measured.peak),
        ]);
    }
}

/// The table of tokens: a group of rows for each way to pause.
pub(crate) fn tokens() -> Table {
    Table::begin(
        "Tokens",
        "From a token's write to its arrival; the longest delay of each answer, in the median. The ratios are of the 99 %.",
        &[
            "answer",
            "by",
            "count",
            "delay, µs",
            "99 %",
            "longest of an answer",
            "÷ (b)",
            "÷ (c)",
            "shared a chunk",
        ],
    )
}

/// The rows of one way to pause.
pub(crate) fn token(table: &Table, name: &str, all: &[tokens::Measured]) {
    let ratios = Ratios::of(all, |measured| {
        (measured.contestant.name, measured.delays.percentile_99().as_secs_f64())
    });
    for measured in all {
        let [to_peer, to_floor] = ratios.to(measured.delays.percentile_99().as_secs_f64());
        table.row(&[
            name.to_owned(),
            measured.contestant.name.to_owned(),
            thousands(measured.delays.count() as u64),
            microseconds(measured.delays.median()),
            microseconds(measured.delays.percentile_99()),
            microseconds(measured.longest.median()),
            to_peer,
            to_floor,
            thousands(measured.sharing as u64),
        ]);
    }
}

/// The table of the slow reader.
pub(crate) fn slow(all: &[slow::Measured]) {
    let table = Table::begin(
        "A slow reader",
        &format!("{}. Memory in KiB; idle is after some small answers.", slow::NAME),
        &["by", "idle", "peak", "peak over idle", "total, s", "processor, ms"],
    );
    for measured in all {
        table.row(&[
            measured.contestant.name.to_owned(),
            thousands(measured.idle),
            thousands(measured.peak),
            thousands(measured.peak.saturating_sub(measured.idle)),
            format!("{:.1}", measured.total.as_secs_f64()),
            thousands(measured.processor.as_millis() as u64),
        ]);
    }
}

/// The table of invocations at once: a group of rows for each kind of event.
pub(crate) fn at_once() -> Table {
    Table::begin(
        "Several invocations at once",
        "Invocations a second, medians of turns: one at a time, and with `AWS_LAMBDA_MAX_CONCURRENCY=8`. The last two \
         ratios are of 8 at once.",
        &["events", "by", "one at a time", "8 at once", "8 ÷ 1", "÷ (b)", "÷ (c)"],
    )
}

/// The rows of one kind of event.
pub(crate) fn events(table: &Table, name: &str, all: &[at_once::Measured]) {
    let ratios = Ratios::of(all, |measured| (measured.contestant.name, rate(&measured.at_once)));
    for measured in all {
        let (single, at_once) = (rate(&measured.single), rate(&measured.at_once));
        let [to_peer, to_floor] = ratios.to(at_once);
        table.row(&[
            name.to_owned(),
            measured.contestant.name.to_owned(),
            thousands(single.round() as u64),
            thousands(at_once.round() as u64),
            format!("{:.2}", at_once / single),
            to_peer,
            to_floor,
        ]);
    }
}

/// Invocations a second.
fn rate(seen: &Seen) -> f64 {
    1.0 / seen.median().as_secs_f64()
}

/// The table of starts.
pub(crate) fn cold_start(all: &[cold_start::Measured]) {
    let table = Table::begin(
        "Cold start and size",
        "From the process's creation to its first `next`; memory then; the stripped release binary.",
        &[
            "by",
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
        (measured.contestant.name, measured.start.median().as_secs_f64())
    });
    for measured in all {
        let [to_peer, to_floor] = ratios.to(measured.start.median().as_secs_f64());
        table.row(&[
            measured.contestant.name.to_owned(),
            thousands(measured.start.count() as u64),
            microseconds(measured.start.median()),
            microseconds(measured.start.percentile_99()),
            to_peer,
            to_floor,
            thousands(measured.idle),
            thousands(measured.size),
        ]);
    }
}

/// A time, with a decimal where it is short.
fn microseconds(time: Duration) -> String {
    let microseconds = time.as_nanos() as f64 / 1000.0;
    if microseconds < 100.0 {
        format!("{microseconds:.1}")
    } else {
        thousands(microseconds.round() as u64)
    }
}

/// What a figure is compared with: the peer's, and the floor's.
struct Ratios([Option<f64>; 2]);

impl Ratios {
    fn of<T>(all: &[T], figure: fn(&T) -> (&'static str, f64)) -> Self {
        let by = |name: &str| {
            all.iter()
                .map(figure)
                .find(|(found, _)| *found == name)
                .map(|(_, value)| value)
        };
        Self([by(contestant::PEER), by(contestant::FLOOR)])
    }

    /// How many times theirs it is, to three digits that count.
    fn to(&self, value: f64) -> [String; 2] {
        self.0.map(|other| match value / other.unwrap_or(f64::NAN) {
            ratio if ratio.is_nan() => "–".to_owned(),
            ratio if ratio < 0.1 => format!("1/{:.0}", 1.0 / ratio),
            ratio => format!("{ratio:.2}"),
        })
    }
}

/// A number, with commas.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        let _ = write!(text, "{digit}");
    }
    text
}
