#!/usr/bin/env python3
"""Measures how long the compiler takes for a function with the attribute, and for the same function with a `main` written
by hand. Prints a table for docs/performance.md.

    tests/bench/compile_time.py [--turns 20]
    tests/bench/compile_time.py --instructions

The functions are binaries of one package in target/compile-time, whose dependencies are built first. In each turn, each
function is changed and built once with `cargo check` and once with `cargo build`. The script is the wrapper of rustc in
these builds, and records the CPU time of the compiler and of the linker that it starts: user and system time, which other
processes influence less than the elapsed time.

With `--instructions`, each function is built once, and valgrind counts the instructions of the compiler, without those of
the linker. Two counts for the same code differ by less than 0.1 %. It takes minutes.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "target/compile-time"
LOG = "COMPILE_TIME_LOG"
COUNTED = "COMPILE_TIME_COUNTED"
EXPAND = "-Zunpretty=expanded"
VALGRIND = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]

MANIFEST = f"""
[package]
name = "compile-time"
edition = "2024"

[workspace]

[dependencies]
lambda-stream = {{ path = "{ROOT / 'lambda-stream'}" }}
serde = {{ version = "1", features = ["derive"] }}
tokio = {{ version = "1", default-features = false, features = ["macros", "rt"] }}
"""

FUNCTION = """
use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

ATTRIBUTE
async fn complete(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.set_content_type("text/plain; charset=utf-8")?;
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word} ")).await?;
    }
    stream.write("\\n").await?;
    Ok(())
}
"""

MAIN = """
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(lambda_stream::run(complete))?)
}
"""

TOKIO_MAIN = """
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_stream::RuntimeError> {
    lambda_stream::run(complete).await
}
"""

# The first is the reference.
NAMES = {
    "by_hand": "by hand: tokio's builder and `lambda_stream::run`",
    "tokio_main": "`#[tokio::main]` and `lambda_stream::run`",
    "expansion": "by hand: the code that the attribute generates",
    "attribute": "`#[lambda_stream::main]`",
}


def wrap(command):
    """Runs the compiler for Cargo, and records its CPU time or the number of its instructions."""
    # The open files of Cargo's jobserver do not get through all ways to start Python.
    for variable in ["CARGO_MAKEFLAGS", "MAKEFLAGS", "MFLAGS"]:
        os.environ.pop(variable, None)
    if COUNTED in os.environ and any(f"src/bin/{os.environ[COUNTED]}.rs" == argument for argument in command):
        counted = subprocess.run([*VALGRIND, *command], stderr=subprocess.PIPE, text=True)
        [instructions] = re.findall(r"I +refs: +([0-9,]+)", counted.stderr)
        record(command, int(instructions.replace(",", "")))
        # Cargo reads the messages of the compiler.
        print("\n".join(line for line in counted.stderr.splitlines() if line.startswith("{")), file=sys.stderr)
        return counted.returncode
    if EXPAND in command:
        # The option requires nightly Rust, or this variable.
        os.environ["RUSTC_BOOTSTRAP"] = "1"
    status = subprocess.run(command).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    record(command, used.ru_utime + used.ru_stime)
    return status


def record(command, value):
    with open(os.environ[LOG], "a") as log:
        print(json.dumps([command, value]), file=log)


def cargo(command, name, *options, count=False):
    """Builds a binary. Returns the output, and the seconds of CPU time or the instructions of the compiler."""
    log = PACKAGE / "log"
    log.unlink(missing_ok=True)
    # Incremental compilation keeps most of an unchanged function.
    environment = {**os.environ, "RUSTC_WRAPPER": __file__, LOG: str(log), "CARGO_INCREMENTAL": "0"}
    if count:
        environment[COUNTED] = name
    arguments = ["cargo", command, "--offline", "--quiet", "--target-dir", "target", "--bin", name, *options]
    built = subprocess.run(arguments, cwd=PACKAGE, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    runs = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return built.stdout, [value for rustc, value in runs if f"src/bin/{name}.rs" in rustc]


def source(name):
    return PACKAGE / f"src/bin/{name}.rs"


def generate():
    shutil.rmtree(PACKAGE / "src", ignore_errors=True)
    source("").parent.mkdir(parents=True)
    (PACKAGE / "Cargo.toml").write_text(MANIFEST)
    shutil.copy(ROOT / "Cargo.lock", PACKAGE)
    function = FUNCTION.replace("ATTRIBUTE\n", "")
    source("by_hand").write_text(function + MAIN)
    source("tokio_main").write_text(function + TOKIO_MAIN)
    source("attribute").write_text(FUNCTION.replace("ATTRIBUTE", "#[lambda_stream::main]"))
    # The generated `main` is the last item.
    expanded, _ = cargo("rustc", "attribute", "--", EXPAND)
    main = expanded[expanded.rindex("fn main()") :]
    source("expansion").write_text(function + "\n" + main)
    return main


def quantile(times, part):
    return statistics.quantiles(times, n=20)[round(part * 20) - 1]


def print_table(command, times):
    reference = times["by_hand"]
    for name, title in NAMES.items():
        values = times[name]
        ratio = statistics.median(values) / statistics.median(reference)
        # Two builds of the same turn: what slows the machine for a while affects both.
        pairs = statistics.median(value / other for value, other in zip(values, reference))
        cells = [
            f"`cargo {command}`",
            title,
            f"{statistics.median(values):.0f}",
            f"{quantile(values, 0.1):.0f} to {quantile(values, 0.9):.0f}",
            f"{ratio:.3f}",
            f"{pairs:.3f}",
        ]
        print("| " + " | ".join(cells) + " |")


def print_instructions(commands):
    print("| build | `main` | million instructions | ÷ by hand |")
    print("|---|---|---|---|")
    for command in commands:
        counts = {}
        for name, title in NAMES.items():
            # Builds the dependencies.
            cargo(command, name)
            source(name).touch()
            _, [counts[name]] = cargo(command, name, count=True)
            ratio = counts[name] / counts["by_hand"]
            print(f"| `cargo {command}` | {title} | {counts[name] / 1e6:,.0f} | {ratio:.3f} |", flush=True)


def main():
    if LOG in os.environ:
        return wrap(sys.argv[1:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--instructions", action="store_true")
    options = parser.parse_args()
    print(f"The generated `main`:\n\n{generate()}", file=sys.stderr)
    commands = ["check", "build"]
    if options.instructions:
        print_instructions(commands)
        return 0
    turns = options.turns
    times = {command: {name: [] for name in NAMES} for command in commands}
    names = list(NAMES)
    # The first turn builds the dependencies.
    for turn in range(turns + 1):
        # No function is always built after the same other one.
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            for command in commands:
                # A new modification time alone causes a build.
                source(name).touch()
                _, measured = cargo(command, name)
                if turn > 0:
                    [seconds] = measured
                    times[command][name].append(seconds * 1e3)
        print(f"turn {turn} of {turns}", file=sys.stderr, flush=True)
    print("| build | `main` | median, ms | 10 % to 90 % | ÷ by hand | ÷, of the same turn |")
    print("|---|---|---|---|---|---|")
    for command in commands:
        print_table(command, times[command])
    return 0


if __name__ == "__main__":
    sys.exit(main())
