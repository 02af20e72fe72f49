//! Checks encoded events with a parser that follows the HTML standard step by step.

use super::*;

/// The state of a browser's `EventSource` after it has parsed a stream.
#[derive(Debug, Default, PartialEq, Eq)]
struct EventSource {
    dispatched: Vec<Dispatched>,
    last_event_id: String,
    retry: Option<u128>,
    comments: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Dispatched {
    name: String,
    data: String,
    id: String,
}

/// Parses a stream (section 9.2.6).
fn parse(stream: &[u8]) -> EventSource {
    let text = String::from_utf8(stream.to_vec()).expect("UTF-8");
    let mut source = EventSource::default();
    let (mut data, mut name, mut id) = (String::new(), String::new(), String::new());
    for line in complete_lines(text.strip_prefix('\u{feff}').unwrap_or(&text)) {
        if line.is_empty() {
            source.last_event_id.clone_from(&id);
            if !data.is_empty() {
                let name = if name.is_empty() { "message" } else { &name };
                source.dispatched.push(Dispatched {
                    name: name.to_owned(),
                    data: data.strip_suffix('\n').unwrap_or(&data).to_owned(),
                    id: id.clone(),
                });
            }
            data.clear();
            name.clear();
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => source.comments.push(value.to_owned()),
            "event" => name = value.to_owned(),
            "data" => data = data + value + "\n",
            "id" if !value.contains('\0') => id = value.to_owned(),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => source.retry = value.parse().ok(),
            _ => panic!("the browser ignores {line:?}"),
        }
    }
    source
}

/// Splits a text into lines (section 9.2.5). Text after the last line break is not a line.
fn complete_lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                lines.push(String::new());
            }
            '\n' => lines.push(String::new()),
            _ => lines.last_mut().unwrap().push(character),
        }
    }
    lines.pop();
    lines
}

fn encode(event: Event) -> String {
    String::from_utf8(event.encode().unwrap().into()).unwrap()
}

/// Returns why the event cannot be sent.
fn invalid_reason(event: Event) -> String {
    match event.encode() {
        Err(StreamError::Invalid(reason)) => reason,
        result => panic!("{result:?}"),
    }
}

/// Edge cases without line breaks. The one with NUL is not a valid id.
const EDGE_CASES: [&str; 15] = [
    "",
    " ",
    "  two spaces",
    "trailing ",
    ":",
    "data: x",
    "retry: 1",
    "[DONE]",
    "\u{feff}a byte order mark",
    "a\0b",
    "\t\u{b}\u{c}",
    "no line break: \u{85} \u{2028} \u{2029}",
    "\\n",
    "ü𝄞",
    "{\"a\": 1}",
];

/// The edge cases alone, and combined with line breaks.
fn multi_line_texts() -> Vec<String> {
    let line_breaks = [
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "\r\r",
        "\n\r",
        "\r\n\r\n",
        "\r\r\n",
        "\n\nevent: evil\ndata: injected\n\n",
    ];
    let mut texts: Vec<String> = EDGE_CASES.map(str::to_owned).to_vec();
    for line_break in line_breaks {
        for line in EDGE_CASES {
            texts.extend([
                format!("{line}{line_break}"),
                format!("{line_break}{line}"),
                format!("{line}{line_break}{line}{line_break}x"),
            ]);
        }
    }
    texts
}

#[test]
fn event_encodes_to_expected_bytes() {
    let cases = [
        (Event::data("a"), "data: a\n\n"),
        (Event::data("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n"),
        (Event::data(""), "data:\n\n"),
        (Event::data(" a"), "data:  a\n\n"),
        (
            Event::data("a").event("tick").id("7"),
            "data: a\nevent: tick\nid: 7\n\n",
        ),
        (Event::json(&[1, 2]).unwrap(), "data: [1,2]\n\n"),
        (Event::json("a\nb").unwrap(), "data: \"a\\nb\"\n\n"),
        (Event::comment(""), ":\n\n"),
        (Event::comment("a\nb"), ": a\n: b\n\n"),
        (Event::new().retry(Duration::from_micros(2_999_999)), "retry: 2999\n\n"),
        (Event::new().event("end"), "event: end\ndata:\n\n"),
        (Event::new().id(""), "id:\n\n"),
        (Event::new(), "\n"),
    ];
    for (event, bytes) in cases {
        assert_eq!(encode(event), bytes);
    }
}

#[test]
fn data_and_type_are_received_with_lf_line_breaks() {
    let texts = multi_line_texts();
    assert!(texts.len() > 400, "{}", texts.len());
    for data in texts {
        for name in EDGE_CASES {
            let source = parse(&Event::data(&data).event(name).id("7").encode().unwrap());
            let dispatched = Dispatched {
                name: if name.is_empty() { "message" } else { name }.to_owned(),
                data: data.replace("\r\n", "\n").replace('\r', "\n"),
                id: "7".to_owned(),
            };
            assert_eq!(source.dispatched, [dispatched]);
            assert_eq!((source.retry, source.comments.len()), (None, 0), "{data:?}");
        }
    }
}

#[test]
fn id_is_received_and_kept_for_later_events() {
    for id in EDGE_CASES.into_iter().filter(|id| !id.contains('\0')) {
        let stream = encode(Event::data("a").id(id)) + &encode(Event::data("b"));
        let source = parse(stream.as_bytes());
        assert_eq!(source.last_event_id, id);
        assert_eq!(source.dispatched[1].id, id);
    }
}

#[test]
fn comment_is_not_dispatched() {
    for comment in multi_line_texts() {
        let source = parse(&Event::comment(&comment).encode().unwrap());
        assert_eq!(
            source.comments.join("\n"),
            comment.replace("\r\n", "\n").replace('\r', "\n")
        );
        assert_eq!(
            source,
            EventSource {
                comments: source.comments.clone(),
                ..EventSource::default()
            }
        );
    }
}

#[test]
fn event_without_data_is_dispatched_only_with_type() {
    let parse = |event: Event| parse(&event.encode().unwrap());
    assert_eq!(parse(Event::new()), EventSource::default());
    let without_type = parse(Event::new().id("7").retry(Duration::from_secs(3)));
    assert_eq!(
        (
            without_type.dispatched.len(),
            without_type.last_event_id.as_str(),
            without_type.retry
        ),
        (0, "7", Some(3_000))
    );
    let with_type = parse(Event::new().event("end").id("7"));
    assert_eq!(
        (
            with_type.dispatched[0].name.as_str(),
            with_type.dispatched[0].data.as_str()
        ),
        ("end", "")
    );
    assert_eq!(parse(Event::data("")).dispatched.len(), 1);
}

#[test]
fn longest_and_shortest_retry_are_numbers() {
    assert_eq!(
        parse(&Event::new().retry(Duration::MAX).encode().unwrap()).retry,
        Some(Duration::MAX.as_millis())
    );
    assert_eq!(
        parse(&Event::new().retry(Duration::ZERO).encode().unwrap()).retry,
        Some(0)
    );
}

#[test]
fn line_break_in_type_or_nul_in_id_is_rejected() {
    for text in ["\n", "\r", "\r\n", "a\ndata: b", "\n\n"] {
        let assert_line_break = |reason: String| assert!(reason.contains("contains a line break at byte"), "{reason}");
        assert_line_break(invalid_reason(Event::data("x").event(text)));
        assert_line_break(invalid_reason(Event::data("x").id(text)));
    }
    assert_eq!(
        invalid_reason(Event::data("x").id("ab\0")),
        "the id of a server-sent event contains NUL at byte 2; browsers ignore such an id"
    );
    // The first of several reasons is reported.
    let several = Event::new().event("über\r").id("\0").id("good");
    assert_eq!(
        invalid_reason(several),
        "the field `event` of a server-sent event contains a line break at byte 5; it must be a single line"
    );
}

#[test]
fn unserializable_value_is_an_error_at_creation() {
    let map = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert_eq!(Event::json(&map).unwrap_err().to_string(), "key must be a string");
}
