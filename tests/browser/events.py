#!/usr/bin/env python3
"""Tests the example `events` in a real browser: lines appear in the page when they are appended to the file, and a browser
whose connection was lost gets the lines that it missed, each once.

    cargo build --bin events && tests/browser/events.py target/debug/events [--screenshots DIRECTORY]

Requires Chromium or Chrome, on PATH or named by the variable CHROMIUM, and Python's standard library only. The script
controls the browser with the DevTools protocol over a pipe. Exit status: 0 if all checks pass, 1 if one fails, 77 if
there is no browser.
"""

import os
import pathlib
import re
import sys
import tempfile

# Leaves no `__pycache__` in the checkout.
sys.dont_write_bytecode = True
from devtools import check, run_checks
from proxy import Proxy

# Runs in the page before its own script: records what each EventSource receives.
RECORDER = """
  window.observed = { lines: [], opens: 0, errors: 0 };
  window.EventSource = class extends EventSource {
    constructor(url) {
      super(url);
      this.addEventListener("message", ({ data }) => observed.lines.push(data));
      this.addEventListener("open", () => observed.opens++);
      this.addEventListener("error", () => observed.errors++);
    }
  };
"""

LINES = "[...document.querySelectorAll('li')].map((item) => item.lastChild.textContent)"
STATUS = "document.querySelector('#status').textContent"


def append(feed, *lines):
    with feed.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def check_lines_appear_when_appended(browser, proxy, feed, screenshot):
    browser.set_viewport(900, 720, dark=False)
    browser.open(f"http://127.0.0.1:{proxy.port}/")
    browser.wait_for(f"{STATUS} === 'Connected'")
    check(browser.js(LINES) == [], "the page shows no line before one was appended")
    screenshot("empty")
    for count in range(1, 4):
        # The next line is appended after the page has shown the previous one.
        append(feed, f"line {count}")
        browser.wait_for(f"observed.lines.length === {count}")
    check(browser.js(LINES) == ["line 3", "line 2", "line 1"], "the page shows each line, the newest first")
    screenshot("light")


def check_missed_lines_arrive_after_reconnect(browser, proxy, feed, screenshot):
    browser.set_viewport(420, 800, dark=True)
    proxy.requests.clear()
    # Closes the connection within the event of line 5: before the empty line that ends the event.
    proxy.close_after = b"data: line 5\n"
    append(feed, "line 4", "line 5", "line 6")
    browser.wait_for("observed.lines.length === 6")
    lines = [f"line {count}" for count in range(1, 7)]
    check(browser.js("observed.lines") == lines, "the page received each line once, in order")
    check(browser.js(LINES) == lines[::-1], "the page shows each line once")
    last_ids = [re.search(r"(?i)^last-event-id: *(.*?)\r?$", request, re.M) for request in proxy.requests]
    check([last_id and last_id[1] for last_id in last_ids] == ["28"], "the browser reconnected once, after line 4")
    check(browser.js("[observed.opens, observed.errors]") == [2, 1], "one EventSource failed once and opened twice")
    check(browser.js(STATUS) == "Connected", "the page shows that it is connected again")
    screenshot("dark")


def checks(browser, function, screenshot):
    feed = pathlib.Path(os.environ["FEED"])
    proxy = Proxy(function.port)
    check_lines_appear_when_appended(browser, proxy, feed, screenshot)
    check_missed_lines_arrive_after_reconnect(browser, proxy, feed, screenshot)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        # The function inherits the variable.
        os.environ["FEED"] = f"{directory}/feed.txt"
        status = run_checks(__doc__, "events", RECORDER, checks)
    sys.exit(status)
