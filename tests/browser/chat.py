#!/usr/bin/env python3
"""Tests the example `chat` in a real browser: tokens appear in the page when the function writes them, and a response
whose connection is lost continues without a missing or repeated token.

    cargo build --bin chat && tests/browser/chat.py target/debug/chat [--screenshots DIRECTORY]

Requires Chromium or Chrome, on PATH or named by the variable CHROMIUM, and Python's standard library only. The script
controls the browser with the DevTools protocol over a pipe. Exit status: 0 if all checks pass, 1 if one fails, 77 if
there is no browser.
"""

import argparse
import json
import pathlib
import queue
import re
import select
import socket
import sys
import tempfile
import threading
import time

# Leaves no `__pycache__` in the checkout.
sys.dont_write_bytecode = True
from devtools import SKIPPED, Browser, CheckFailed, Function, check, find_browser

MESSAGE = "How does a stream of words reach a browser?"

# Runs in the page before its own script: records what each EventSource receives, and when.
RECORDER = """
  window.observed = { tokens: [], opens: [], errors: [], done: [] };
  window.EventSource = class extends EventSource {
    constructor(url) {
      super(url);
      const record = (list, details) => observed[list].push({ at: performance.now(), ...details });
      this.addEventListener("message", ({ data, lastEventId }) => record("tokens", { data, id: lastEventId }));
      this.addEventListener("open", () => record("opens"));
      this.addEventListener("error", () => record("errors", { state: this.readyState }));
      this.addEventListener("done", () => record("done"));
    }
  };
"""


class Proxy:
    """A TCP proxy between the browser and the example. It records requests and can close a connection within an event."""

    def __init__(self, port):
        self.target_port = port
        self.requests = []
        # If set: closes the connection after the first response bytes that contain this.
        self.close_after = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            browser, _ = self.listener.accept()
            threading.Thread(target=self.forward, args=(browser,), daemon=True).start()

    def forward(self, browser):
        example = socket.create_connection(("127.0.0.1", self.target_port))
        for connection in (browser, example):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        response = b""
        with browser, example:
            while True:
                readable, _, _ = select.select([browser, example], [], [])
                if browser in readable:
                    request = browser.recv(65536)
                    if not request:
                        return
                    self.requests.append(request.decode("latin-1"))
                    response = b""
                    example.sendall(request)
                if example in readable:
                    part = example.recv(65536)
                    if not part:
                        return
                    forwarded, response = len(response), response + part
                    if self.close_after and self.close_after in response:
                        end = response.index(self.close_after) + len(self.close_after)
                        browser.sendall(response[forwarded:end])
                        self.close_after = None
                        return
                    browser.sendall(part)


def send(browser, message):
    browser.js(f"document.querySelector('input').value = {json.dumps(message)}; document.querySelector('button').click()")


def ids(observed):
    return [int(token["id"]) for token in observed["tokens"]]


def shows_tokens(browser, observed):
    """Returns whether the text of the last response in the page is exactly the received tokens."""
    return browser.js("[...document.querySelectorAll('.response')].at(-1).textContent") == "".join(
        token["data"] for token in observed["tokens"]
    )


def check_tokens_appear_when_written(browser, proxy, screenshot):
    browser.set_viewport(900, 720, dark=False)
    browser.open(f"http://127.0.0.1:{proxy.port}/")
    send(browser, MESSAGE)
    browser.wait_for("observed.tokens.length >= 25")
    check(not browser.js("observed.done.length"), "the page shows tokens before the function has finished")
    screenshot("streaming")
    browser.wait_for("observed.done.length")
    observed = browser.js("observed")
    count = len(observed["tokens"])
    check(ids(observed) == list(range(1, count + 1)), f"the page received all {count} tokens once, in order")
    check(shows_tokens(browser, observed), "the page shows the received tokens")
    times = [token["at"] for token in observed["tokens"]]
    gaps = sorted(after - before for before, after in zip(times, times[1:]))
    separate = sum(gap > 20 for gap in gaps)
    print(f"        first token after {times[0] - observed['opens'][0]['at']:.0f} ms, "
          f"then gaps of {gaps[0]:.0f} to {gaps[-1]:.0f} ms, median {gaps[len(gaps) // 2]:.0f} ms")
    check(separate > len(gaps) / 2, f"{separate} of {len(gaps)} tokens arrived more than 20 ms after the previous token")
    time.sleep(1.5)
    requests = [request for request in proxy.requests if request.startswith("GET /tokens")]
    check(len(requests) == 1 and not observed["errors"], "the browser does not reconnect after the end")
    screenshot("light")
    return count


def check_response_continues_after_reconnect(browser, proxy, count, screenshot):
    proxy.requests.clear()
    browser.set_viewport(420, 800, dark=True)
    browser.open(f"http://127.0.0.1:{proxy.port}/")
    # Closes the connection within event 12: before the empty line that ends the event.
    proxy.close_after = b"\nid: 12\n"
    send(browser, MESSAGE)
    browser.wait_for("observed.errors.length")
    status = browser.js("document.querySelector('#status').textContent")
    check("Reconnecting" in status, "the page shows that it reconnects")
    screenshot("reconnecting")
    browser.wait_for("observed.done.length")
    observed = browser.js("observed")
    requests = [request for request in proxy.requests if request.startswith("GET /tokens")]
    last_ids = [re.search(r"(?i)^last-event-id: *(.*?)\r?$", request, re.M) for request in requests]
    check(
        [last_id and last_id[1] for last_id in last_ids] == [None, "11"],
        "the browser reconnected once, with Last-Event-ID: 11",
    )
    check(len(observed["opens"]) == 2 and len(observed["errors"]) == 1, "one EventSource failed once and opened twice")
    check(ids(observed) == list(range(1, count + 1)), f"the page received all {count} tokens once, in order")
    check(shows_tokens(browser, observed), "the page shows the received tokens")
    check(browser.js("document.querySelector('#status').textContent") == "", "the page shows no error at the end")
    screenshot("dark")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chat", help="the binary of the example")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="DIRECTORY", help="write PNG files to this directory")
    arguments = parser.parse_args()
    program = find_browser()
    if not program:
        print("skipped: Chromium is not on PATH")
        return SKIPPED

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        chat = Function(arguments.chat)
        browser = None
        try:
            proxy = Proxy(chat.port)
            browser = Browser(program, profile, RECORDER)

            def screenshot(name):
                if arguments.screenshots:
                    arguments.screenshots.mkdir(parents=True, exist_ok=True)
                    browser.screenshot(arguments.screenshots / f"{name}.png")

            count = check_tokens_appear_when_written(browser, proxy, screenshot)
            check_response_continues_after_reconnect(browser, proxy, count, screenshot)
        except (CheckFailed, queue.Empty) as failure:
            print(f"failed: {failure!r}", file=sys.stderr)
            return 1
        finally:
            if browser:
                browser.close()
            chat.close()
    print("all checks passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
