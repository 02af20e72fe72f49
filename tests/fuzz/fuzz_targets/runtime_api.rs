//! What the Runtime API answers.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lambda_stream::fuzzing::runtime_api(input));
