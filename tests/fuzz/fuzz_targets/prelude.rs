//! What a handler puts into a prelude.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lambda_stream::fuzzing::prelude(input));
