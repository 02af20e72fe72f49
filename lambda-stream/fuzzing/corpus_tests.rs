//! Runs the fuzz corpus as tests, so that its inputs, including the regressions, run without a fuzzer.

use std::fs;
use std::path::Path;

/// Runs `check` on every file in the corpus of `target`.
fn run_corpus(target: &str, check: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzzing/corpus")
        .join(target);
    let files = fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
    let mut count = 0;
    for file in files {
        let path = file.unwrap().path();
        println!("{}", path.display());
        check(&fs::read(path).unwrap());
        count += 1;
    }
    assert!(count > 0, "{} is empty", corpus.display());
}

#[test]
fn context() {
    run_corpus("context", super::context);
}

#[test]
fn prelude() {
    run_corpus("prelude", super::prelude);
}

#[test]
#[cfg(feature = "local")]
fn function_url() {
    run_corpus("function_url", super::function_url);
}

#[test]
fn runtime_api() {
    run_corpus("runtime_api", super::runtime_api);
}
