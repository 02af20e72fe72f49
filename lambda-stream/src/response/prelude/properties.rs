//! Any status, headers and cookies: all of them arrive, or a clear error says why not.

use http::HeaderValue;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::fuzzing::prelude::PreludeInput;

/// Names that mean something, names of any token characters, and what is no name.
fn name() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "Content-Type",
        "content-length",
        "Content-Length",
        "Transfer-Encoding",
        "CONNECTION",
        "set-cookie",
        "Set-Cookie",
        "Vary",
        "vary",
        "X-A",
    ];
    prop_oneof![
        8 => select(KNOWN).prop_map(str::to_owned),
        4 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}",
        1 => any::<String>(),
    ]
}

/// Text, long text, and what cannot stand in a header.
fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => "[ -~\täß€😀\"\\\\]{0,40}".prop_map(String::into_bytes),
        2 => (0..9000usize).prop_map(|length| vec![b'"'; length]),
        2 => (0..17_000usize).prop_map(|length| vec![b'x'; length]),
        1 => any::<Vec<u8>>(),
    ]
}

fn given() -> impl Strategy<Value = PreludeInput> {
    let status = prop_oneof![8 => 100..600u16, 1 => any::<u16>()];
    let content_type = proptest::option::of("[ -~äß]{0,20}");
    (status, vec((name(), value()), 0..6), content_type).prop_map(|(status, headers, content_type)| PreludeInput {
        status,
        headers,
        content_type: content_type.map(|text| HeaderValue::from_str(&text).expect("text")),
    })
}

proptest! {
    // What fails is printed in its smallest form, to be written down as a test of its own: no file of seeds.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        // In milliseconds.
        max_shrink_time: 10_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_prelude_arrives_whole_or_is_refused(given in given()) {
        given.check();
    }
}
