#!/usr/bin/env python3
"""Measures what each setting of `[profile.release]` gains: builds the example `hello` without features in a package of its
own, with several profiles, and prints a table for docs/deployment.md.

    tests/deploy/release_profile.py

Needs an x86-64 machine with valgrind, and for the size on arm64 `rustup target add aarch64-unknown-linux-gnu` and
`pip install cargo-zigbuild ziglang`. The builds, in target/release-profile, take about a minute each on two idle cores;
`--jobs` limits how many compilers run at a time.

The instructions are those in user space, counted by callgrind, so other load of the machine does not change them. The
cold start is the time from the creation of the process to its first `GET …/next`, as in docs/performance.md.
"""

import argparse
import http.server
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "target/release-profile"
ARM64 = "aarch64-unknown-linux-gnu"
# The GLIBC version of the runtime provided.al2023.
GLIBC = "2.34"

MANIFEST = f"""\
[package]
name = "hello"
version = "0.1.0"
edition = "2024"

[dependencies]
lambda-stream = {{ path = "{ROOT / "lambda-stream"}", default-features = false }}
serde = {{ version = "1", features = ["derive"] }}
tokio = {{ version = "1", features = ["time"] }}

[workspace]
"""

# Only the linker strips, so this needs no build of the dependencies.
STRIP = "strip=true"
WORKSPACE = [STRIP, "lto=true", "codegen-units=1"]

# Name of a row, and the settings that differ from cargo's defaults.
PROFILES = [
    ("cargo's defaults", []),
    ("`strip = true`", [STRIP]),
    ("`strip = true`, `lto = \"thin\"`", [STRIP, "lto='thin'"]),
    ("**recommended**", WORKSPACE),
    ("… with `opt-level = 2`", [*WORKSPACE, "opt-level=2"]),
    ("… with `opt-level = \"s\"`", [*WORKSPACE, "opt-level='s'"]),
    ("… with `opt-level = \"z\"`", [*WORKSPACE, "opt-level='z'"]),
    ("… with `panic = \"abort\"`", [*WORKSPACE, "panic='abort'"]),
]

RESPONSES = 4


def create_package():
    """Creates the package: `hello` alone, with the versions that the workspace has locked."""
    package = TARGET / "package"
    (package / "src").mkdir(parents=True, exist_ok=True)
    (package / "Cargo.toml").write_text(MANIFEST)
    shutil.copy(ROOT / "examples/src/bin/hello.rs", package / "src/main.rs")
    shutil.copy(ROOT / "Cargo.lock", package / "Cargo.lock")
    return package


def build(package, settings, target, jobs):
    """Returns the binary with these settings, for the target or without one for this machine."""
    cargo = ["cargo-zigbuild"] if target else ["cargo"]
    selection = ["--target", f"{target}.{GLIBC}"] if target else []
    options = [o for s in settings if s != STRIP for o in ("--config", f"profile.release.{s}")]
    rustc = ["--", "-C", "strip=symbols"] if STRIP in settings else []
    subprocess.run([*cargo, "rustc", "--release", "--quiet", "--target-dir", TARGET, *selection, *jobs, *options, *rustc],
                   cwd=package, check=True)
    binary = TARGET / "-".join(["hello", target or "x86_64", *(s.replace("'", "") for s in settings)])
    shutil.copy(TARGET / target / "release/hello", binary)
    print(f"built: {binary.name}", file=sys.stderr, flush=True)
    return binary


def lambda_environment(port):
    return {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}", "PATH": os.environ["PATH"]}


def cold_start(binary):
    """Returns the microseconds from the creation of the process to its first request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        environment = lambda_environment(server.getsockname()[1])
        started = time.perf_counter()
        process = subprocess.Popen([binary], env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        connection, _ = server.accept()
        with connection:
            assert connection.recv(4096).startswith(b"GET /2018-06-01/runtime/invocation/next")
            elapsed = time.perf_counter() - started
            process.kill()
            process.wait()
    return elapsed * 1e6


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    """A mock Runtime API for one process. It sends an event for each permit, and releases `idle` at each `next` before."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    permits = idle = None

    def do_GET(self):
        self.idle.release()
        self.permits.acquire()
        event = b'{"name":"Ada"}'
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 60) * 1000)))
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        body = b""
        while (size := int(self.rfile.readline(), 16)) != 0:
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        assert body == b"Hello, Ada, this is a stream.\n", body
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def instructions(binary):
    """Returns the instructions up to the first request, and those of a response."""

    class Api(RuntimeApi):
        permits, idle = threading.Semaphore(0), threading.Semaphore(0)

    def dump():
        """Returns the instructions since the last dump, once the process waits for an event."""
        assert Api.idle.acquire(timeout=60), f"{binary} sends no request"
        time.sleep(0.3)
        subprocess.run(["callgrind_control", "--dump", str(process.pid)], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=True)
        newest = max(pathlib.Path(directory).glob("counts.*"), key=lambda file: int(file.suffix[1:]))
        return next(int(line.split()[1]) for line in newest.read_text().splitlines() if line.startswith("totals:"))

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as directory:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/counts", binary]
        process = subprocess.Popen(command, env=lambda_environment(server.server_port), stdin=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        start = dump()
        # The first response is not counted: it makes what is kept for the next ones.
        Api.permits.release()
        dump()
        for count in range(RESPONSES):
            Api.permits.release()
            if count + 1 < RESPONSES:
                assert Api.idle.acquire(timeout=60), f"{binary} sends no request"
        responses = dump()
        process.kill()
        process.wait()
    server.shutdown()
    return start, responses / RESPONSES


def kib(size):
    return f"{size / 1024:,.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=200, help="cold starts of each program (default: 200)")
    parser.add_argument("--jobs", type=int, help="compilers at a time, as for cargo")
    options = parser.parse_args()
    jobs = ["--jobs", str(options.jobs)] if options.jobs else []
    package = create_package()
    binaries = [[build(package, settings, target, jobs) for _, settings in PROFILES] for target in ("", ARM64)]
    built = [(name, *pair) for (name, _), *pair in zip(PROFILES, *binaries)]
    times = {name: [] for name, *_ in built}
    for _ in range(options.turns):
        for name, binary, _ in built:
            times[name].append(cold_start(binary))

    print("| profile | binary, KiB | compressed, KiB | arm64: binary, KiB | compressed, KiB | instructions to the first `next` "
          "| instructions per response | cold start, µs |")
    print("|---|---|---|---|---|---|---|---|")
    for name, binary, arm64 in built:
        sizes = [size for file in (binary, arm64)
                 for size in (file.stat().st_size, len(zlib.compress(file.read_bytes(), 9)))]
        start, response = instructions(binary)
        print(f"| {name} | {' | '.join(map(kib, sizes))} | {start:,.0f} | {response:,.0f} "
              f"| {statistics.median(times[name]):,.0f} |", flush=True)


if __name__ == "__main__":
    main()
