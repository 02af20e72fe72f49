#!/usr/bin/env python3
"""The example `chat` in a real browser: whether tokens reach the page as they are written, and whether an answer whose
connection breaks goes on without loss or repetition.

    cargo build --bin chat && tests/browser/chat.py target/debug/chat [--screenshots DIRECTORY]

Needs Chromium (or Chrome) on PATH, or in CHROMIUM, and nothing but Python's standard library: the browser is driven
through the DevTools protocol, over a pipe. Exits with 0 when all is well, 1 when it is not, and 77 when there is no browser.
"""

import argparse
import base64
import json
import os
import pathlib
import queue
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 60
QUESTION = "How does a stream of words reach a browser?"

# Runs in the page before its own script: notes what each EventSource gets, and when.
WATCH = """
  window.seen = { tokens: [], opens: [], errors: [], done: [] };
  window.EventSource = class extends EventSource {
    constructor(url) {
      super(url);
      const note = (list, more) => seen[list].push({ at: performance.now(), ...more });
      this.addEventListener("message", ({ data, lastEventId }) => note("tokens", { data, id: lastEventId }));
      this.addEventListener("open", () => note("opens"));
      this.addEventListener("error", () => note("errors", { state: this.readyState }));
      this.addEventListener("done", () => note("done"));
    }
  };
"""


class Failed(Exception):
    pass


def check(holds, what):
    print(("ok    " if holds else "NOT   ") + what, flush=True)
    if not holds:
        raise Failed(what)


class Chat:
    """The example, on a port of its own."""

    def __init__(self, program):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.process = subprocess.Popen(
            [program, "--port", "0"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
        )
        said = self.process.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        if not address:
            raise Failed(f"the example said {said!r}")
        self.port = int(address[1])
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def close(self):
        self.process.kill()
        self.process.wait()


class Cutter:
    """Stands between browser and example, notes requests, and can break a connection in the midst of an event."""

    def __init__(self, port):
        self.to = port
        self.requests = []
        # Cuts the connection on which an answer has this in it, right behind it.
        self.cut_behind = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            browser, _ = self.listener.accept()
            threading.Thread(target=self.carry, args=(browser,), daemon=True).start()

    def carry(self, browser):
        example = socket.create_connection(("127.0.0.1", self.to))
        for one in (browser, example):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answered = b""
        with browser, example:
            while True:
                readable, _, _ = select.select([browser, example], [], [])
                if browser in readable:
                    asked = browser.recv(65536)
                    if not asked:
                        return
                    self.requests.append(asked.decode("latin-1"))
                    answered = b""
                    example.sendall(asked)
                if example in readable:
                    part = example.recv(65536)
                    if not part:
                        return
                    before, answered = len(answered), answered + part
                    if self.cut_behind and self.cut_behind in answered:
                        end = answered.index(self.cut_behind) + len(self.cut_behind)
                        browser.sendall(answered[before:end])
                        self.cut_behind = None
                        return
                    browser.sendall(part)


class Browser:
    """A headless Chromium, spoken to over --remote-debugging-pipe: JSON with a NUL after each message."""

    def __init__(self, program, profile):
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()

        def as_3_and_4():
            # Not in place: either may be 3 or 4 itself.
            reading, writing = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        arguments = [
            "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-first-run",
            "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--no-proxy-server", "--hide-scrollbars",
        ]
        if os.geteuid() == 0:
            # Chromium's sandbox refuses to be set up by root. All that it opens here is our own page.
            arguments.append("--no-sandbox")
        self.process = subprocess.Popen(
            [program, *arguments, "about:blank"], preexec_fn=as_3_and_4, close_fds=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.out = ours_out
        self.answers = queue.Queue()
        self.number = 0
        threading.Thread(target=self.read, args=(ours_in,), daemon=True).start()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)

    session = None

    def read(self, pipe):
        with os.fdopen(pipe, "rb") as pipe:
            rest = b""
            while part := pipe.read1(65536):
                *messages, rest = (rest + part).split(b"\0")
                for message in map(json.loads, messages):
                    if "id" in message:
                        self.answers.put(message)
        self.answers.put(None)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while answer := self.answers.get(timeout=PATIENCE):
            if answer["id"] == self.number:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error']}")
                return answer["result"]
        raise Failed("the browser ended")

    def js(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise Failed(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_for(self, expression):
        end = time.monotonic() + PATIENCE
        while not self.js(expression):
            if time.monotonic() > end:
                raise Failed(f"never: {expression}; {self.js('JSON.stringify(seen)')}")
            time.sleep(0.02)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def look(self, width, height, dark):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, path):
        image = self.call("Page.captureScreenshot", format="png")["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(image))

    def ask(self, question):
        self.js(f"document.querySelector('input').value = {json.dumps(question)}; document.querySelector('button').click()")

    def close(self):
        try:
            self.call("Browser.close")
        except (Failed, OSError, queue.Empty):
            self.process.kill()
        self.process.wait()


def ids(seen):
    return [int(token["id"]) for token in seen["tokens"]]


def reads_as(browser, seen):
    """Whether the page shows just the tokens that came."""
    return browser.js("[...document.querySelectorAll('.answer')].at(-1).textContent") == "".join(
        token["data"] for token in seen["tokens"]
    )


def tokens_arrive_as_they_are_written(browser, cutter, screenshot):
    browser.look(900, 720, dark=False)
    browser.open(f"http://127.0.0.1:{cutter.port}/")
    browser.ask(QUESTION)
    browser.wait_for("seen.tokens.length >= 25")
    check(not browser.js("seen.done.length"), "tokens are in the page while the function goes on")
    screenshot("while-it-streams")
    browser.wait_for("seen.done.length")
    seen = browser.js("seen")
    count = len(seen["tokens"])
    check(ids(seen) == list(range(1, count + 1)), f"all of {count} tokens, each once, in order")
    check(reads_as(browser, seen), "the page shows them")
    times = [token["at"] for token in seen["tokens"]]
    gaps = sorted(after - before for before, after in zip(times, times[1:]))
    apart = sum(gap > 20 for gap in gaps)
    print(f"      first after {times[0] - seen['opens'][0]['at']:.0f} ms, then {gaps[0]:.0f} to {gaps[-1]:.0f} ms apart, "
          f"{gaps[len(gaps) // 2]:.0f} ms in the middle")
    check(apart > len(gaps) / 2, f"{apart} of {len(gaps)} came apart from the one before, not in one burst")
    time.sleep(1.5)
    asked = [request for request in cutter.requests if request.startswith("GET /tokens")]
    check(len(asked) == 1 and not seen["errors"], "after the end the browser does not ask again")
    screenshot("light")
    return count


def a_broken_connection_goes_on(browser, cutter, count, screenshot):
    cutter.requests.clear()
    browser.look(420, 800, dark=True)
    browser.open(f"http://127.0.0.1:{cutter.port}/")
    # In the midst of event 12: its data has come, the empty line that ends it has not.
    cutter.cut_behind = b"\nid: 12\n"
    browser.ask(QUESTION)
    browser.wait_for("seen.errors.length")
    check("Coming back" in browser.js("document.querySelector('#status').textContent"), "the page says so meanwhile")
    screenshot("broken-off")
    browser.wait_for("seen.done.length")
    seen = browser.js("seen")
    asked = [request for request in cutter.requests if request.startswith("GET /tokens")]
    last = [re.search(r"(?i)^last-event-id: *(.*?)\r?$", request, re.M) for request in asked]
    check([found and found[1] for found in last] == [None, "11"], "the browser came back once, with Last-Event-ID: 11")
    check(len(seen["opens"]) == 2 and len(seen["errors"]) == 1, "the same EventSource was lost and opened again")
    check(ids(seen) == list(range(1, count + 1)), f"all of {count} tokens, each once, in order")
    check(reads_as(browser, seen), "the page shows them")
    check(browser.js("document.querySelector('#status').textContent") == "", "and no trouble any more")
    screenshot("dark")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chat", help="the example's binary")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="DIRECTORY", help="where PNG files are to go")
    arguments = parser.parse_args()
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    program = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if not program:
        print("no Chromium on PATH: the browser check is left out")
        return 77

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        chat = Chat(arguments.chat)
        browser = None
        try:
            cutter = Cutter(chat.port)
            browser = Browser(program, profile)

            def screenshot(name):
                if arguments.screenshots:
                    arguments.screenshots.mkdir(parents=True, exist_ok=True)
                    browser.screenshot(arguments.screenshots / f"{name}.png")

            count = tokens_arrive_as_they_are_written(browser, cutter, screenshot)
            a_broken_connection_goes_on(browser, cutter, count, screenshot)
        except (Failed, queue.Empty) as failure:
            print(f"failed: {failure!r}", file=sys.stderr)
            return 1
        finally:
            if browser:
                browser.close()
            chat.close()
    print("all well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
