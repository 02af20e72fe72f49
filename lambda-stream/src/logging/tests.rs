//! The lines that a subscriber with the layer writes.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use serde_json::{Value, json};
use tracing::field::Empty;
use tracing::{Dispatch, Subscriber, dispatcher, error, error_span, info, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::layer::LogLayer;
use super::levels::Levels;
use super::settings::{Format, Settings};
use crate::error::StackTrace;
use crate::stderr::MAX_LINE_LENGTH;

const TERMINAL: Format = Format::Terminal { colors: false };

/// Runs `code` with a subscriber in this format, and returns the lines that it writes.
fn lines(format: Format, code: impl FnOnce()) -> Vec<String> {
    lines_with(format, "trace", None, code)
}

fn lines_with(format: Format, targets: &str, warning: Option<&str>, code: impl FnOnce()) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let settings = Settings {
        format,
        levels: Levels::new(targets.parse::<Targets>().unwrap()),
        warning: warning.map(str::to_owned),
    };
    let levels = settings.levels.clone();
    let layer = LogLayer::new(settings, move |line| sink.lock().unwrap().push(line));
    let dispatch = Dispatch::new(Registry::default().with(levels).with(layer));
    dispatcher::with_default(&dispatch, code);
    lines.lock().unwrap().clone()
}

/// Returns the only line, parsed and without its timestamp.
fn json_line(code: impl FnOnce()) -> Value {
    let lines = lines(Format::Json, code);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let mut value: Value = serde_json::from_str(&lines[0]).unwrap();
    let timestamp = value.as_object_mut().unwrap().remove("timestamp").unwrap();
    let timestamp = timestamp.as_str().unwrap();
    assert!(timestamp.len() == 24 && timestamp.ends_with('Z'), "{timestamp}");
    value
}

/// Returns the only line of text, without its timestamp.
fn text_line(format: Format, code: impl FnOnce()) -> String {
    let lines = lines(format, code);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let (timestamp, rest) = lines[0].split_once(' ').unwrap();
    assert!(timestamp.ends_with('Z'), "{timestamp}");
    rest.to_owned()
}

/// Runs `code` in a span like that of an invocation.
fn in_invocation(code: impl FnOnce()) {
    let span = error_span!(
        target: "lambda_stream",
        "invocation",
        request_id = %"8476a536",
        tenant_id = Empty,
        trace_id = "Root=1-5759e988",
        cold_start = true,
        function_arn = "arn:aws:lambda",
    );
    span.record("tenant_id", "blue");
    span.in_scope(code);
}

#[derive(Debug)]
struct Outer(std::num::ParseIntError);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("line 3 is not a number")
    }
}

impl StdError for Outer {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

fn outer() -> Outer {
    Outer("x".parse::<u8>().unwrap_err())
}

#[test]
fn json_line_has_lambda_names_and_ids_of_the_invocation() {
    let line = json_line(|| in_invocation(|| info!(target: "my_crate", letters = 3, "hello {}", "you")));
    assert_eq!(
        line,
        json!({
            "level": "INFO",
            "message": "hello you",
            "requestId": "8476a536",
            "xRayTraceId": "Root=1-5759e988",
            "tenantId": "blue",
            "target": "my_crate",
            "letters": 3,
        })
    );
}

#[test]
fn json_starts_with_timestamp_level_and_message() {
    let lines = lines(Format::Json, || info!("hello"));
    let keys: Vec<_> = lines[0].split('"').skip(1).step_by(2).collect();
    assert_eq!((keys[0], keys[2], keys[4]), ("timestamp", "level", "message"));
}

#[test]
fn json_values_keep_their_type() {
    let line = json_line(|| {
        info!(
            target: "t",
            int = -1, big = u64::MAX, float = 1.5, yes = true, text = "a", shown = %"b", debugged = ?Some(1),
            nan = f64::NAN, infinite = f64::NEG_INFINITY, wide = 1_i128, wider = u128::MAX, r#type = "c",
        );
    });
    assert_eq!(
        line,
        json!({
            "level": "INFO", "target": "t", "int": -1, "big": u64::MAX, "float": 1.5, "yes": true, "text": "a",
            "shown": "b", "debugged": "Some(1)", "nan": "NaN", "infinite": "-inf", "wide": 1,
            "wider": u128::MAX.to_string(), "type": "c",
        })
    );
}

#[test]
fn json_has_fields_of_spans_and_the_inner_value_of_two() {
    let line = json_line(|| {
        info_span!("outer", a = 1, b = 1, c = Empty).in_scope(|| {
            let inner = info_span!("inner", b = 2, d = 2);
            tracing::Span::current().record("c", 3);
            inner.in_scope(|| info!(target: "t", d = 4, "x"));
        });
    });
    assert_eq!(
        line,
        json!({"level": "INFO", "message": "x", "target": "t", "a": 1, "b": 2, "c": 3, "d": 4})
    );
}

#[test]
fn reserved_names_get_an_underscore() {
    let line = json_line(|| {
        info_span!("span", message = "span", level = 5).in_scope(|| {
            info!(
                target: "t",
                timestamp = 1, requestId = 2, xRayTraceId = 3, tenantId = 4, target = 5, truncated = 6, error_type = 7,
                "x"
            );
        });
    });
    assert_eq!(
        line,
        json!({
            "level": "INFO", "message": "x", "target": "t", "message_": "span", "level_": 5, "timestamp_": 1,
            "requestId_": 2, "xRayTraceId_": 3, "tenantId_": 4, "target_": 5, "truncated_": 6, "error_type": 7,
        })
    );
}

#[test]
fn library_error_has_names_of_lambda() {
    let stack_trace = ["a \"quoted\"\nline".to_owned(), "b".to_owned()];
    let line = json_line(|| {
        error!(
            target: "lambda_stream",
            error_type = "Function.Panic", error_message = "boom", stack_trace = ?StackTrace(&stack_trace),
            "invocation failed"
        );
    });
    assert_eq!(
        line,
        json!({
            "level": "ERROR", "message": "invocation failed", "target": "lambda_stream",
            "errorType": "Function.Panic", "errorMessage": "boom", "stackTrace": ["a \"quoted\"\nline", "b"],
        })
    );
    assert_eq!(
        format!("{:?}", StackTrace(&stack_trace)),
        r#"["a \"quoted\"\nline", "b"]"#
    );
}

#[test]
fn error_has_message_and_sources() {
    let outer = outer();
    let line = json_line(|| error!(target: "t", error = &outer as &dyn StdError, "failed"));
    assert_eq!(line["error"], "line 3 is not a number");
    assert_eq!(line["error.sources"], json!(["invalid digit found in string"]));
}

#[test]
fn error_that_is_its_own_source_ends() {
    #[derive(Debug)]
    struct Endless;
    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("again")
        }
    }
    impl StdError for Endless {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(self)
        }
    }
    let line = json_line(|| error!(error = &Endless as &dyn StdError));
    assert_eq!(line["error.sources"].as_array().unwrap().len(), 100);
}

#[test]
fn display_that_returns_an_error_is_no_panic() {
    struct Broken;
    impl fmt::Display for Broken {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    assert_eq!(json_line(|| info!(value = %Broken, "x"))["value"], "");
}

#[test]
fn value_that_logs_while_it_is_formatted_writes_both_lines() {
    struct Logs;
    impl fmt::Display for Logs {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            info_span!("inner").in_scope(|| info!("nested"));
            f.write_str("value")
        }
    }
    let lines = lines(Format::Json, || {
        info_span!("outer", value = %Logs).in_scope(|| info!("x"))
    });
    assert!(lines.last().unwrap().contains(r#""value":"value""#), "{lines:?}");
}

#[test]
fn text_line_has_request_id_and_fields() {
    let event = || {
        in_invocation(|| info!(target: "my_crate", letters = 3, name = "two words", empty = "", "hello"));
    };
    let expected = r#" INFO 8476a536 my_crate: hello letters=3 name="two words" empty="""#;
    assert_eq!(text_line(Format::Text, event), expected);
    assert_eq!(text_line(TERMINAL, event), expected);
    assert_eq!(text_line(Format::Text, || error!(target: "t", "x")), "ERROR t: x");
}

#[test]
fn date_is_only_in_text_that_is_not_for_a_terminal() {
    let timestamp = |format| lines(format, || info!("x"))[0].split(' ').next().unwrap().len();
    assert_eq!(timestamp(Format::Text), "2026-01-02T03:04:05.678Z".len());
    assert_eq!(timestamp(TERMINAL), "03:04:05.678Z".len());
}

#[test]
fn control_characters_are_escaped_in_text() {
    let forged = "x\n2026-01-02T03:04:05.678Z ERROR other: forged\r\x1b[31m\u{85}";
    let event = || {
        info_span!("span", a = forged)
            .in_scope(|| info!(b = %forged, c = ?tracing::field::display(forged), "{forged}"));
    };
    let lines = lines(Format::Text, event);
    assert_eq!(lines.len(), 1);
    assert!(!lines[0].contains(char::is_control), "{:?}", lines[0]);
    assert!(lines[0].contains(r"x\n2026"), "{}", lines[0]);
}

#[test]
fn terminal_keeps_and_indents_line_breaks_of_a_message() {
    let line = text_line(
        TERMINAL,
        || info!(target: "t", a = "1\n2", "one\r\n\x1b[31mtwo\n\nthree"),
    );
    assert_eq!(line, " INFO t: one\n    \\u{1b}[31mtwo\n    \n    three a=\"1\\n2\"");
}

#[test]
fn backtrace_follows_the_line_on_a_terminal() {
    let log = || error!(target: "t", backtrace = "0: one\n1: two\x1b", a = 1, "panicked");
    assert_eq!(
        text_line(TERMINAL, log),
        "ERROR t: panicked a=1\n    0: one\n    1: two\\u{1b}"
    );
    assert_eq!(
        text_line(Format::Text, log),
        r#"ERROR t: panicked backtrace="0: one\n1: two\u001b" a=1"#
    );
}

#[test]
fn colors_are_used_only_if_enabled() {
    let has_escape = |format| lines(format, || error!("x"))[0].contains('\x1b');
    assert!(has_escape(Format::Terminal { colors: true }));
    assert!(!has_escape(TERMINAL) && !has_escape(Format::Text) && !has_escape(Format::Json));
}

#[test]
fn levels_disable_events_but_not_the_request_id() {
    let lines = lines_with(Format::Json, "my_crate=warn", None, || {
        in_invocation(|| {
            info!(target: "my_crate", "hidden");
            error!(target: "other", "hidden");
            error!(target: "my_crate", "shown");
            error!(target: "lambda_stream", "shown");
        });
    });
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in lines {
        assert!(
            line.contains("shown") && line.contains(r#""requestId":"8476a536""#),
            "{line}"
        );
    }
}

/// Returns a layer with a separate filter, which writes the targets of the filter in front of each line.
fn filtered_layer<S>(targets: &str, lines: &Arc<Mutex<Vec<String>>>) -> impl Layer<S> + Send + Sync + 'static
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let (targets, sink) = (targets.to_owned(), Arc::clone(lines));
    let levels = Levels::new(targets.parse::<Targets>().unwrap());
    let settings = Settings {
        format: Format::Text,
        levels: levels.clone(),
        warning: None,
    };
    LogLayer::new(settings, move |line| {
        sink.lock().unwrap().push(format!("{targets} {line}"))
    })
    .with_filter(levels)
}

#[test]
fn disabled_library_still_gives_the_request_id() {
    let lines = lines_with(Format::Json, "my_crate=warn,lambda_stream=off", None, || {
        in_invocation(|| {
            error!(target: "lambda_stream", "hidden");
            error!(target: "my_crate", "shown");
        });
    });
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(r#""requestId":"8476a536""#), "{lines:?}");
}

#[test]
fn levels_of_one_layer_do_not_apply_to_others() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let subscriber = Registry::default()
        .with(filtered_layer("warn", &lines))
        .with(filtered_layer("info", &lines));
    dispatcher::with_default(&Dispatch::new(subscriber), || in_invocation(|| info!("x")));
    let lines = lines.lock().unwrap();
    assert!(lines.len() == 1 && lines[0].starts_with("info "), "{lines:?}");
    assert!(lines[0].contains(" 8476a536 "), "{lines:?}");
}

#[test]
fn warning_is_written_once_before_the_first_event() {
    let lines = lines_with(Format::Json, "info", Some("ignored X"), || {
        info!("one");
        info!("two");
    });
    assert_eq!(lines.len(), 3, "{lines:?}");
    let warning: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(
        (&warning["level"], &warning["message"]),
        (&json!("WARN"), &json!("ignored X"))
    );
}

#[test]
fn long_json_line_is_truncated_and_marked() {
    let long = "é\"\u{1}".repeat(100_000);
    let many: Vec<String> = (0..10_000).map(|n| format!("{n} {long:.20}")).collect();
    let events: [&dyn Fn(); 4] = [
        &|| info!("{long}"),
        &|| info!(a = long, b = long, c = long, number = 7, "message"),
        &|| error!(target: "lambda_stream", error_message = long, stack_trace = ?StackTrace(&many), "failed"),
        &|| info!(error = ?many, "message"),
    ];
    for event in events {
        let lines = lines(Format::Json, || in_invocation(event));
        assert_eq!(lines.len(), 1);
        assert!(lines[0].len() <= MAX_LINE_LENGTH, "{}", lines[0].len());
        assert!(lines[0].len() > 1_000, "{}", lines[0].len());
        let value: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(
            (&value["truncated"], &value["requestId"]),
            (&json!(true), &json!("8476a536"))
        );
    }
    let line = json_line(|| info!("{}", "x".repeat(MAX_LINE_LENGTH - 200)));
    assert_eq!(line.get("truncated"), None);
}

proptest! {
    #[test]
    fn any_strings_are_one_line_of_valid_json(
        message in any::<String>(), a in any::<String>(), b in any::<String>(), id in any::<String>(), repeat in 1usize..2000
    ) {
        let b = b.repeat(repeat);
        let lines = lines(Format::Json, || {
            let invocation = error_span!(target: "lambda_stream", "invocation", request_id = id);
            invocation.in_scope(|| {
                info_span!("span", b = %b).in_scope(|| info!(a, "{message}"));
            });
        });
        prop_assert_eq!(lines.len(), 1);
        prop_assert!(lines[0].len() <= MAX_LINE_LENGTH && !lines[0].contains(['\n', '\r']));
        let value: Value = serde_json::from_str(&lines[0]).unwrap();
        prop_assert_eq!(&value["requestId"], &json!(id));
        prop_assert_eq!(&value["a"], &json!(a));
        prop_assert_eq!(&value["message"], &json!(message));
        if value.get("truncated").is_none() {
            prop_assert_eq!(&value["b"], &json!(b));
        }
    }

    #[test]
    fn any_strings_are_one_line_of_text_without_control_characters(
        message in any::<String>(), a in any::<String>(), id in any::<String>()
    ) {
        let lines = lines(Format::Text, || {
            let invocation = error_span!(target: "lambda_stream", "invocation", request_id = id);
            invocation.in_scope(|| info!(a, "{message}"));
        });
        prop_assert_eq!(lines.len(), 1);
        prop_assert!(!lines[0].contains(char::is_control));
    }
}
