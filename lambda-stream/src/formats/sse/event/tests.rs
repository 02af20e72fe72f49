//! Events against a reader that goes by the standard, step by step.

use super::*;

/// What a browser has made of a stream so far.
#[derive(Debug, Default, PartialEq, Eq)]
struct Browser {
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

/// Section 9.2.6 of the HTML standard.
fn read(stream: &[u8]) -> Browser {
    let text = String::from_utf8(stream.to_vec()).expect("UTF-8");
    let mut browser = Browser::default();
    let (mut data, mut name, mut id) = (String::new(), String::new(), String::new());
    for line in ended_lines(text.strip_prefix('\u{feff}').unwrap_or(&text)) {
        if line.is_empty() {
            browser.last_event_id.clone_from(&id);
            if !data.is_empty() {
                let name = if name.is_empty() { "message" } else { &name };
                browser.dispatched.push(Dispatched {
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
            "" => browser.comments.push(value.to_owned()),
            "event" => name = value.to_owned(),
            "data" => data = data + value + "\n",
            "id" if !value.contains('\0') => id = value.to_owned(),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => browser.retry = value.parse().ok(),
            _ => panic!("a browser ignores {line:?}"),
        }
    }
    browser
}

/// Section 9.2.5: what is behind the last end of a line is none.
fn ended_lines(text: &str) -> Vec<String> {
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

fn text(event: Event) -> String {
    String::from_utf8(event.encode().unwrap().into()).unwrap()
}

fn fault(event: Event) -> String {
    event.encode().unwrap_err().to_string()
}

/// In one line; as an id, one of them is refused.
const AWKWARD: [&str; 15] = [
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
    "not an end: \u{85} \u{2028} \u{2029}",
    "\\n",
    "ü𝄞",
    "{\"a\": 1}",
];

/// Parts of texts of several lines: every awkward line, and the ends between them.
fn awkward_texts() -> Vec<String> {
    let ends = [
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
    let mut texts: Vec<String> = AWKWARD.map(str::to_owned).to_vec();
    for end in ends {
        for line in AWKWARD {
            texts.extend([
                format!("{line}{end}"),
                format!("{end}{line}"),
                format!("{line}{end}{line}{end}x"),
            ]);
        }
    }
    texts
}

#[test]
fn the_bytes_of_each_form() {
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
        assert_eq!(text(event), bytes);
    }
}

#[test]
fn every_text_arrives_as_it_was_but_for_the_ends_of_its_lines() {
    let texts = awkward_texts();
    assert!(texts.len() > 400, "{}", texts.len());
    for data in texts {
        for name in AWKWARD {
            let browser = read(&Event::data(&data).event(name).id("7").encode().unwrap());
            let dispatched = Dispatched {
                name: if name.is_empty() { "message" } else { name }.to_owned(),
                data: data.replace("\r\n", "\n").replace('\r', "\n"),
                id: "7".to_owned(),
            };
            assert_eq!(browser.dispatched, [dispatched]);
            assert_eq!((browser.retry, browser.comments.len()), (None, 0), "{data:?}");
        }
    }
}

#[test]
fn ids_arrive_and_stay() {
    for id in AWKWARD.into_iter().filter(|id| !id.contains('\0')) {
        let stream = text(Event::data("a").id(id)) + &text(Event::data("b"));
        let browser = read(stream.as_bytes());
        assert_eq!(browser.last_event_id, id);
        assert_eq!(browser.dispatched[1].id, id);
    }
}

#[test]
fn comments_are_no_events() {
    for comment in awkward_texts() {
        let browser = read(&Event::comment(&comment).encode().unwrap());
        assert_eq!(
            browser.comments.join("\n"),
            comment.replace("\r\n", "\n").replace('\r', "\n")
        );
        assert_eq!(
            browser,
            Browser {
                comments: browser.comments.clone(),
                ..Browser::default()
            }
        );
    }
}

#[test]
fn what_has_no_data_is_dispatched_only_where_it_has_a_type() {
    let read = |event: Event| read(&event.encode().unwrap());
    assert_eq!(read(Event::new()), Browser::default());
    let silent = read(Event::new().id("7").retry(Duration::from_secs(3)));
    assert_eq!(
        (silent.dispatched.len(), silent.last_event_id.as_str(), silent.retry),
        (0, "7", Some(3_000))
    );
    let named = read(Event::new().event("end").id("7"));
    assert_eq!(
        (named.dispatched[0].name.as_str(), named.dispatched[0].data.as_str()),
        ("end", "")
    );
    assert_eq!(read(Event::data("")).dispatched.len(), 1);
}

#[test]
fn the_longest_wait_is_a_number() {
    assert_eq!(
        read(&Event::new().retry(Duration::MAX).encode().unwrap()).retry,
        Some(Duration::MAX.as_millis())
    );
    assert_eq!(
        read(&Event::new().retry(Duration::ZERO).encode().unwrap()).retry,
        Some(0)
    );
}

#[test]
fn what_would_get_into_the_framing_is_refused() {
    for end in ["\n", "\r", "\r\n", "a\ndata: b", "\n\n"] {
        let line_end = |fault: String| assert!(fault.contains("has a line end at byte"), "{fault}");
        line_end(fault(Event::data("x").event(end)));
        line_end(fault(Event::data("x").id(end)));
    }
    assert_eq!(
        fault(Event::data("x").id("ab\0")),
        "this cannot be sent: the id of an event has a NUL at byte 2, and a browser ignores such an id"
    );
    // The first of several, whatever comes after it.
    let several = Event::new().event("über\r").id("\0").id("good");
    assert_eq!(
        fault(several),
        "this cannot be sent: the field `event` of an event has a line end at byte 5, and must be one line"
    );
}

#[test]
fn what_cannot_be_json_is_said_at_once() {
    let map = std::collections::BTreeMap::from([((1, 2), 3)]);
    assert_eq!(Event::json(&map).unwrap_err().to_string(), "key must be a string");
}
