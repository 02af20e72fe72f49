//! Fuzz target: a request to the Function URL of the local mode.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lambda_stream::fuzzing::function_url(input));
