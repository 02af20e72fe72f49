//! Fuzz target: the prelude of a handler.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lambda_stream::fuzzing::prelude(input));
