//! Property test of the prelude: any status, headers and cookies are either encoded completely or rejected with the
//! reason.

use http::HeaderValue;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::fuzzing::prelude::PreludeInput;

/// Names with a special treatment, other valid names, and invalid names.
fn name() -> impl Strategy<Value = String> {
    const SPECIAL: &[&str] = &[
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
        8 => select(SPECIAL).prop_map(str::to_owned),
        4 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}",
        1 => any::<String>(),
    ]
}

/// Short values, long values, and invalid values.
fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => "[ -~\täß€😀\"\\\\]{0,40}".prop_map(String::into_bytes),
        2 => (0..9000usize).prop_map(|length| vec![b'"'; length]),
        2 => (0..17_000usize).prop_map(|length| vec![b'x'; length]),
        1 => any::<Vec<u8>>(),
    ]
}

fn input() -> impl Strategy<Value = PreludeInput> {
    let status = prop_oneof![8 => 100..600u16, 1 => any::<u16>()];
    let content_type = proptest::option::of("[ -~äß]{0,20}");
    (status, vec((name(), value()), 0..6), content_type).prop_map(|(status, headers, content_type)| PreludeInput {
        status,
        headers,
        content_type: content_type.map(|text| HeaderValue::from_str(&text).expect("a valid header value")),
    })
}

proptest! {
    // No regression file: the minimal failing case is printed, and can be copied into a unit test.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        // In milliseconds.
        max_shrink_time: 10_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn prelude_is_encoded_or_rejected(input in input()) {
        input.check();
    }
}
