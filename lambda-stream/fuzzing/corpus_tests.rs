//! The fuzzer's corpus, replayed: what was found once stays mended, and where there is no fuzzer its inputs still run.

use std::fs;
use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzzing/corpus")
        .join(target);
    let files = fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
    let mut count = 0;
    for file in files {
        let path = file.unwrap().path();
        println!("{}", path.display());
        run(&fs::read(path).unwrap());
        count += 1;
    }
    assert!(count > 0, "{} is empty", corpus.display());
}

#[test]
fn context() {
    replay("context", super::context);
}

#[test]
fn prelude() {
    replay("prelude", super::prelude);
}

#[test]
#[cfg(feature = "local")]
fn function_url() {
    replay("function_url", super::function_url);
}

#[test]
fn runtime_api() {
    replay("runtime_api", super::runtime_api);
}
