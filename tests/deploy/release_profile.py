#!/usr/bin/env python3
"""Measures what each setting of `[profile.release]` gains: builds the example `hello` for Lambda with the profile of the
workspace and with each setting changed, and prints a table for docs/deployment.md.

    tests/deploy/release_profile.py

The cold start is the time from the creation of the process to its first `GET …/next`, as in docs/performance.md. The
builds, in target/release-profile, take a minute each on two idle cores.
"""

import argparse
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import time
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "target/release-profile"
BUILD = ["cargo", "rustc", "--release", "--locked", "--quiet", "--target-dir", str(TARGET), "-p", "lambda-stream-examples",
         "--bin", "hello", "--no-default-features", "--features", "logging"]

# Only the linker strips, so this needs no build of the dependencies.
STRIP = "strip=false"

# Name of a row, and the settings that differ from the workspace.
PROFILES = [
    ("as in `Cargo.toml`", []),
    ("`strip` left out", [STRIP]),
    ("`panic = \"abort\"`", ["panic='abort'"]),
    ("`codegen-units` left out (16)", ["codegen-units=16"]),
    ("`lto = \"thin\"`", ["lto='thin'"]),
    ("`lto` left out (within crates)", ["lto=false"]),
    ("`opt-level = \"s\"`", ["opt-level='s'"]),
    ("`opt-level = \"z\"`", ["opt-level='z'"]),
]


def build(settings):
    """Returns the binary with these settings, and the seconds of CPU time that the build took."""
    before = os.times()
    options = [o for s in settings if s != STRIP for o in ("--config", f"profile.release.{s}")]
    rustc = ["--", "-C", "strip=none"] if STRIP in settings else []
    subprocess.run([*BUILD, *options, *rustc], cwd=ROOT, check=True)
    after = os.times()
    binary = TARGET / ("hello-" + "-".join(s.replace("'", "") for s in settings))
    shutil.copy(TARGET / "release/hello", binary)
    print(f"built: {settings}", file=sys.stderr, flush=True)
    return binary, after.children_user + after.children_system - before.children_user - before.children_system


def cold_start(binary):
    """Returns the microseconds from the creation of the process to its first request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        environment = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.getsockname()[1]}"}
        started = time.perf_counter()
        process = subprocess.Popen([binary], env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        connection, _ = server.accept()
        with connection:
            assert connection.recv(4096).startswith(b"GET /2018-06-01/runtime/invocation/next")
            elapsed = time.perf_counter() - started
            process.kill()
            process.wait()
    return elapsed * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=200)
    turns = parser.parse_args().turns
    built = [(name, settings, *build(settings)) for name, settings in PROFILES]
    times = {name: [] for name, *_ in built}
    for _ in range(turns):
        for name, _, binary, _ in built:
            times[name].append(cold_start(binary))

    print("| profile | binary, KiB | compressed, KiB | cold start, µs | 90 % | CPU time of the build, s |")
    print("|---|---|---|---|---|---|")
    for name, settings, binary, seconds in built:
        data = binary.read_bytes()
        deciles = statistics.quantiles(times[name], n=10)
        print(f"| {name} | {len(data) / 1024:,.0f} | {len(zlib.compress(data, 9)) / 1024:,.0f} "
              f"| {statistics.median(times[name]):,.0f} | {deciles[8]:,.0f} | {'–' if STRIP in settings else f'{seconds:.0f}'} |")


if __name__ == "__main__":
    main()
