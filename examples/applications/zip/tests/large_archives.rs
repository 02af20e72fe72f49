//! Archives beyond the limits of the format without Zip64: 65,535 files and 4 GiB. They take minutes, so they are run by
//! hand: `cargo test -p lambda-stream-example-zip --test large_archives`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failing test panics, and the figures are printed"
)]

mod files;

use std::fs;
use std::time::{Duration, Instant};

use test_support::serve;

use crate::files::{Files, assert_valid, get, run, stdout};

/// The fields of the format without Zip64 end at 65,535 files.
#[test]
fn archive_of_66000_files_is_valid() {
    let files = Files::new();
    for directory in 0..66 {
        let directory = files.path(&format!("{directory:02}/file"));
        for file in 0..1000 {
            fs::write(directory.with_file_name(file.to_string()), "x").unwrap();
        }
    }
    let (lambda, function) = files.start();
    let start = Instant::now();
    let response = lambda.invoke(get("/").event().deadline_in(Duration::from_secs(300)));
    let time = start.elapsed();
    let peak = function.resources().peak_memory();
    println!("66,000 files in {time:.1?}, peak {peak:?} KiB");
    let names = assert_valid(&files.archive(response.prelude().1));
    assert_eq!(names.lines().count(), 66_066);
}

///
#[test]
fn file_of_more_than_4_gib_is_valid() {
    let files = Files::new();
    files.put_zeros("large", 5 << 30);
    files.put("small", "after it");
    let (_function, url) = serve({
        let mut command = files.command();
        command.args(["--timeout", "600"]);
        command
    });
    let archive = files.0.file("archive.zip");
    stdout(&run("curl", &["-sSf", "--noproxy", "*", &url, "-o"], &archive));
    assert_eq!(assert_valid(&archive), "large\nsmall\n");
    let sizes = "import sys, zipfile\n\
                 print([entry.file_size for entry in zipfile.ZipFile(sys.argv[1]).infolist()])";
    let python = run("python3", &["-c", sizes], &archive);
    assert_eq!(stdout(&python), format!("[{}, 8]\n", 5_u64 << 30));
}
