//! Fuzz target: the responses of the Runtime API.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lambda_stream::fuzzing::runtime_api(input));
