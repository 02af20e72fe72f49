#!/usr/bin/env python3
"""Tests the example `chat` in a real browser: tokens appear in the page when the function writes them, and the page says
that a response is incomplete whose connection was lost.

    cargo build --bin chat && tests/browser/chat.py target/debug/chat [--screenshots DIRECTORY]

Requires Chromium or Chrome, on PATH or named by the variable CHROMIUM, and Python's standard library only. The script
controls the browser with the DevTools protocol over a pipe. Exit status: 0 if all checks pass, 1 if one fails, 77 if
there is no browser.
"""

import sys

# Leaves no `__pycache__` in the checkout.
sys.dont_write_bytecode = True
from devtools import check, run_checks
from proxy import Proxy

MESSAGE = "How does a stream of words reach a browser?"

# Runs in the page before its own script: records when the text of a response changes.
RECORDER = """
  window.observed = { times: [] };
  new MutationObserver((changes) => {
    if (changes.some(({ target }) => target.className === "response")) observed.times.push(performance.now());
  }).observe(document, { childList: true, subtree: true });
"""

LAST_RESPONSE = "[...document.querySelectorAll('.response')].at(-1)"
STATUS = "document.querySelector('#status').textContent"


def send(browser, message):
    browser.js(f"document.querySelector('input').value = {message!r}; document.querySelector('button').click()")


def check_tokens_appear_when_written(browser, proxy, screenshot):
    browser.set_viewport(900, 720, dark=False)
    browser.open(f"http://127.0.0.1:{proxy.port}/")
    send(browser, MESSAGE)
    browser.wait_for("observed.times.length >= 25")
    check(browser.js(f"{LAST_RESPONSE}.ariaBusy") == "true", "the page shows tokens before the function has finished")
    screenshot("streaming")
    browser.wait_for(f"{LAST_RESPONSE}.ariaBusy === 'false'")
    text = browser.js(f"{LAST_RESPONSE}.textContent")
    check(text.startswith("You said “How does a stream"), "the page shows the start of the response")
    check(text.endswith("on the next one."), "the page shows the end of the response")
    times = browser.js("observed.times")
    gaps = sorted(after - before for before, after in zip(times, times[1:]))
    print(f"        gaps between tokens of {gaps[0]:.0f} to {gaps[-1]:.0f} ms, median {gaps[len(gaps) // 2]:.0f} ms")
    separate = sum(gap > 20 for gap in gaps)
    check(separate > len(gaps) / 2, f"{separate} of {len(gaps)} tokens arrived more than 20 ms after the previous token")
    check(browser.js(STATUS) == "", "the page shows no error")
    screenshot("light")


def check_lost_connection_is_shown(browser, proxy, screenshot):
    browser.set_viewport(420, 800, dark=True)
    browser.open(f"http://127.0.0.1:{proxy.port}/")
    proxy.close_after = b"count"
    send(browser, MESSAGE)
    browser.wait_for(f"{LAST_RESPONSE} && {LAST_RESPONSE}.ariaBusy === 'false'")
    check("The response is incomplete" in browser.js(STATUS), "the page says that the response is incomplete")
    text = browser.js(f"{LAST_RESPONSE}.textContent")
    check(text.startswith("You said") and "backwards" not in text, "the page keeps the tokens that it received")
    check(not browser.js("document.querySelector('button').disabled"), "the user can send the next message")
    screenshot("dark")


def checks(browser, function, screenshot):
    proxy = Proxy(function.port)
    check_tokens_appear_when_written(browser, proxy, screenshot)
    check_lost_connection_is_shown(browser, proxy, screenshot)


if __name__ == "__main__":
    sys.exit(run_checks(__doc__, "chat", RECORDER, checks))
