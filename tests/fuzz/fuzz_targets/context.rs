//! Fuzz target: the headers of an event.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lambda_stream::fuzzing::context(input));
