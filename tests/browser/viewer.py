#!/usr/bin/env python3
"""Tests the viewer of local mode in a real browser: an event that the form sends, chunks that appear while the function still
writes, decoded errors, comparison, 10,000 chunks, operation by keyboard, and pages of other origins.

    cargo build -p lambda-stream-tests --bin scripted && cargo build --bin chat
    tests/browser/viewer.py target/debug [--screenshots DIRECTORY]

Requires Chromium or Chrome, on PATH or named by the variable CHROMIUM, and Python's standard library only. Exit status: 0 if
all checks pass, 1 if one fails, 77 if there is no browser.
"""

import argparse
import http.server
import json
import pathlib
import queue
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

# Leaves no `__pycache__` in the checkout.
sys.dont_write_bytecode = True
from devtools import SKIPPED, Browser, CheckFailed, Function, check, find_browser

CHUNKS = 10_000

# Runs in the page before its own scripts: records violations of the policy, and the times of the frames.
RECORDER = """
  window.observed = { violations: [], frames: [] };
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    observed.violations.push(`${violatedDirective} ${blockedURI}`));
  window.recordFrames = () => {
    let last = performance.now();
    observed.frames = [];
    const frame = (now) => {
      observed.frames.push(now - last);
      last = now;
      if (observed.frames.length < 20000) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  };
"""

# A page of another origin that tries to read and to trigger. Each attempt is recorded as "blocked", or what it got.
ATTACK = """
  <!doctype html><title>other</title><script>
  const viewer = "http://127.0.0.1:PORT/_stream/";
  const order = JSON.stringify({ event: '{"steps":[]}' });
  const read = async (url, options) => {
    try {
      const response = await fetch(url, options);
      return response.type === "opaque" ? "blocked" : `read ${await response.text()}`;
    } catch { return "blocked"; }
  };
  const element = (tag, attributes) => new Promise((resolve) => {
    const created = Object.assign(document.createElement(tag), attributes);
    created.onerror = () => resolve("blocked");
    // A frame whose request was refused has an error page, which the parent cannot read either.
    created.onload = () => {
      let text = null;
      try { text = created.contentDocument?.body.textContent; } catch {}
      resolve(tag === "iframe" && !text ? "blocked" : `loaded ${text}`);
    };
    document.body ? document.body.append(created) : document.documentElement.append(created);
  });
  const events = () => new Promise((resolve) => {
    const source = new EventSource(viewer + "events");
    source.onmessage = ({ data }) => { source.close(); resolve(`read ${data}`); };
    source.onerror = () => { source.close(); resolve("blocked"); };
  });
  const json = { "Content-Type": "application/json" };
  const attempts = async () => ({
    page: await read(viewer),
    events: await read(viewer + "events"),
    eventSource: await events(),
    samples: await read(viewer + "samples"),
    opaque: await read(viewer + "events", { mode: "no-cors" }),
    post: await read(viewer + "invoke", { method: "POST", mode: "no-cors", body: order, headers: { "Content-Type": "text/plain" } }),
    postJson: await read(viewer + "invoke", { method: "POST", body: order, headers: json }),
    postHeader: await read(viewer + "invoke", { method: "POST", body: order, headers: { ...json, "X-Lambda-Stream-Viewer": "1" } }),
    script: await element("script", { src: viewer + "script.js", type: "text/javascript" }),
    style: await element("link", { href: viewer + "style.css", rel: "stylesheet" }),
    image: await element("img", { src: viewer + "icon.svg" }),
    frame: await element("iframe", { src: viewer }),
  });
  attempts().then((results) => (window.results = results));
  </script>
"""


class Page:
    """The viewer in the browser."""

    def __init__(self, browser, port):
        self.browser = browser
        self.url = f"http://127.0.0.1:{port}/_stream/"

    def open(self, path=""):
        self.browser.open(self.url + path)
        self.browser.wait_for("document.querySelector('#connection').dataset.state === 'open'")

    def js(self, expression):
        return self.browser.js(expression)

    def wait_for(self, expression):
        self.browser.wait_for(expression)

    def text(self, selector):
        return self.js(f"document.querySelector({json.dumps(selector)})?.textContent")

    def click(self, selector):
        self.js(f"document.querySelector({json.dumps(selector)}).click()")

    def rows(self):
        return self.js("document.querySelectorAll('tr[data-id]').length")

    def figure(self, name):
        return self.js(figure(name))

    def send_event(self, event):
        """Sends an event with the form. Returns when the details of its invocation are shown."""
        self.js("location.hash = '#/send'")
        self.wait_for("document.querySelector('.compose [data-tab=event]')")
        self.click(".compose [data-tab=event]")
        self.js(f"document.querySelector('#event').value = {json.dumps(json.dumps(event))}")
        self.click("#submit")
        self.wait_for("location.hash.startsWith('#/invocation/') && document.querySelector('.invocation')")

    def wait_for_end(self, status):
        self.wait_for(f"document.querySelector('.invocation .status')?.textContent === {json.dumps(status)}")


def figure(name):
    return f"[...document.querySelectorAll('.figures dt')].find((term) => term.textContent === {json.dumps(name)})?.nextSibling.textContent"


BODY = "[...document.querySelectorAll('.body-view .row .text')].map((row) => row.textContent).join('\\n')"


def check_chunks_appear_while_function_writes(page, directory):
    page.open()
    check("Waiting for the first request" in page.text(".empty"), "the page says how to send the first request")
    files = [directory / name for name in "abc"]
    steps = []
    for file in files:
        steps += [{"write": f"before {file.name}\n"}, "flush", {"await_file": str(file)}]
    page.send_event({"steps": [*steps, {"write": "end\n"}]})
    for number, file in enumerate(files, 1):
        page.wait_for(f"{figure('Chunks')} === '{number}' && {BODY}.includes('before {file.name}')")
        check(page.text(".invocation .status") == "200 …", f"chunk {number} appears while the function waits")
        file.touch()
    page.wait_for_end("200")
    body = page.js(BODY)
    check(body == "before a\nbefore b\nbefore c\nend", f"the body is complete: {body!r}")
    check(page.figure("Start").startswith("cold · init"), f"the cold start is shown: {page.figure('Start')}")


def check_error_is_decoded(page):
    steps = [{"write": "partial"}, "flush", {"fail_typed": ["Upstream.Gone", "the upstream hung up"]}]
    page.send_event({"steps": steps})
    page.wait_for("document.querySelector('.error-box')")
    error = page.text(".error-type"), page.text(".error-message")
    check(error == ("Upstream.Gone", "the upstream hung up"), f"the error in the trailers is decoded: {error}")
    label = page.js("document.querySelector('canvas').getAttribute('aria-label')")
    check("1 chunk" in label and "the error Upstream.Gone" in label, f"the time line has a text: {label!r}")


def check_prelude_and_formats(page):
    prelude = {"status": 207, "headers": [["content-type", "text/event-stream"], ["x-a", "1"]], "cookies": ["c=1; Path=/"]}
    events = "event: token\nid: 1\ndata: one\n\ndata: two\ndata: lines\n\n"
    page.send_event({"steps": [{"prelude": prelude}, {"write": events}]})
    page.wait_for_end("207")
    body = page.js(BODY)
    fields = page.text(".body-view .row .meta")
    check((fields, body) == ("event token · id 1", "one\ntwo\nlines"), f"server-sent events are parsed: {fields}, {body!r}")
    page.click("[data-tab=hex]")
    check(page.js(BODY).startswith("65 76 65 6e 74 3a 20 74"), "the body is shown in hexadecimal")
    page.click("[data-tab=response]")
    head = page.text(".pairs")
    check("status207" in head and "x-a1" in head and "set-cookiec=1; Path=/" in head, f"the prelude is decoded: {head}")
    page.send_event({"steps": [{"content_type": "application/x-ndjson"}, {"write": '{"a":1}\n{"a":'}, {"write": "2}\nno json\n"}]})
    page.wait_for_end("200")
    check(page.js(BODY) == '{"a":1}\n{"a":2}\nno json', "lines of JSON are parsed")
    check(page.js("document.querySelectorAll('.row.invalid').length") == 1, "a line that is no JSON is marked")


def check_resend_and_compare(page):
    rows = page.rows()
    first = page.js("location.hash")
    page.click("[data-action=resend]")
    page.wait_for(f"location.hash !== {json.dumps(first)} && document.querySelectorAll('tr[data-id]').length === {rows + 1}")
    page.wait_for_end("200")
    check(page.js(BODY) == '{"a":1}\n{"a":2}\nno json', "the event was sent again")
    page.browser.press("c")
    page.wait_for("document.querySelector('.comparison')?.textContent.includes('The bodies are equal.')")
    check(len(page.js("[...document.querySelectorAll('canvas')].map(String)")) == 2, "two invocations are side by side")
    page.js("history.back()")
    page.wait_for("document.querySelector('.invocation')")
    for kind, start in [("curl", "curl -N "), ("aws", "aws lambda invoke"), ("rust", "#[tokio::test]")]:
        page.click(f"[data-copy={kind}]")
        text = page.js("document.querySelector('#code-text').value")
        check(text.startswith(start), f"the invocation is written as {kind}")
        page.js("document.querySelector('#code').close()")


def check_http_request(page):
    page.js("location.hash = '#/send'")
    page.wait_for("document.querySelector('.compose [data-tab=http]')")
    page.click(".compose [data-tab=http]")
    body = json.dumps({"steps": [{"prelude": {"status": 201}}, {"write": "made"}]})
    page.js("document.querySelector('#method').value = 'PUT'; document.querySelector('#path').value = '/orders/7?a=b';"
            "document.querySelector('#headers').value = 'content-type: application/json';"
            f"document.querySelector('#body').value = {json.dumps(body)}")
    page.click("#submit")
    page.wait_for("location.hash.startsWith('#/invocation/')")
    page.wait_for_end("201")
    row = page.text("tr[data-id]")
    check(row.startswith("PUT /orders/7?a=b201"), f"the request is in the list: {row}")
    page.js("location.hash = '#/send'")
    page.wait_for("document.querySelector('.compose')")
    page.click(".compose [data-tab=event]")
    page.wait_for("document.querySelectorAll('#sample option').length > 10")
    page.js("document.querySelector('#sample').value = '4'; document.querySelector('#sample').dispatchEvent(new Event('change'))")
    check('"aws:sqs"' in page.js("document.querySelector('#event').value"), "the form has sample events")
    page.js("document.querySelector('#event').value = '{\\n  \"a\": }'")
    page.click("#submit")
    message = page.text("#event-error")
    check("Not valid JSON" in message and "line 2" in message, f"the form checks the event: {message}")


def count_chunks(url, invocation):
    """Returns how many chunks of an invocation are in the event stream."""
    count = 0
    with urllib.request.urlopen(f"{url}events", timeout=60) as stream:
        for line in stream:
            if not line.startswith(b"data: ["):
                continue
            for record in json.loads(line[6:]):
                if record.get("id") == invocation:
                    count += record["e"] == "chunk"
                    if record["e"] == "ended":
                        return count
    raise CheckFailed("the event stream ended")


def main_thread_time(browser):
    """Returns the processor time of the page's main thread, in milliseconds."""
    metrics = browser.call("Performance.getMetrics")["metrics"]
    return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def check_many_chunks(page):
    steps = []
    for number in range(CHUNKS):
        steps += [{"write": f"chunk {number}\n"}, "flush"]
        if number % 20 == 19:
            steps.append({"sleep_ms": 5})
    page.browser.call("Performance.enable", timeDomain="threadTicks")
    page.send_event({"steps": steps})
    page.wait_for(f"({figure('Chunks')} ?? '0') !== '0'")
    work = main_thread_time(page.browser)
    page.js("recordFrames()")
    page.wait_for_end("200")
    work = main_thread_time(page.browser) - work
    frames = sorted(page.js("observed.frames"))
    # A chunk that crosses the end of a read buffer of the server counts twice.
    received = count_chunks(page.url, page.js("location.hash").split("/")[-1])
    check(received >= CHUNKS, f"the server received {received:,} chunks")
    check(page.figure("Chunks") == f"{received:,}", f"the page has counted all {received:,} chunks")
    rows = page.js("document.querySelector('.body-view .virtual').dataset.rows")
    check(rows == str(CHUNKS), f"the body has {rows} lines")
    elements = page.js("document.querySelectorAll('.body-view .row').length")
    check(elements < 100, f"{elements} of them are elements")
    def percentile(share):
        return frames[min(len(frames) - 1, int(len(frames) * share))]

    print(f"        {page.figure('Duration')}, {len(frames)} frames while it streamed: median {percentile(0.5):.1f} ms, "
          f"95th percentile {percentile(0.95):.1f} ms, longest {frames[-1]:.1f} ms; "
          f"processor time of the page {work / len(frames):.1f} ms a frame")
    page.click("[data-tab=chunks]")
    page.wait_for(f"[...document.querySelectorAll('.virtual[data-rows=\"{received}\"]')].some((list) => list.offsetHeight)")
    page.js("document.querySelector('.chunk-slider').value = 5001;"
            "document.querySelector('.chunk-slider').dispatchEvent(new Event('input'))")
    readout = page.text(".readout")
    check(readout.startswith(f"Chunk 5,001 of {received:,}"), f"a chunk can be selected: {readout}")


def check_keyboard(page):
    """Sends an event, reads it, and selects another invocation, with keys only."""
    press = page.browser.press

    def tab_to(expression):
        for _ in range(60):
            if page.js(f"document.activeElement?.matches({json.dumps(expression)})"):
                return
            press("Tab")
        raise CheckFailed(f"the Tab key does not reach {expression}: {page.js('document.activeElement.outerHTML')}")

    page.open()
    press("n")
    page.wait_for("document.querySelector('.compose')")
    tab_to("[role=tab]")
    press("Home")
    for _ in range(30):
        if page.js("document.activeElement.matches('[role=tab]')"):
            break
        press("Tab", modifiers=8)
    if page.js("document.activeElement.dataset.tab") == "http":
        press("ArrowRight")
    tab_to("#event")
    press("a", modifiers=2)
    page.js("document.activeElement.select()")
    page.browser.call("Input.insertText", text='{"steps": [{"write": "typed"}]}')
    press("Enter", modifiers=2)
    page.wait_for("location.hash.startsWith('#/invocation/')")
    page.wait_for_end("200")
    check(page.js(BODY) == "typed", "an event was sent by keyboard")
    sent = page.js("location.hash")
    press("Escape")
    page.wait_for("document.activeElement.matches('tr[data-id]')")
    press("j")
    page.wait_for(f"location.hash !== {json.dumps(sent)} && location.hash.startsWith('#/invocation/')")
    check(page.js("location.hash.endsWith(document.activeElement.dataset.id)"), "the keys j and k move through the list")
    press("ArrowUp")
    page.wait_for(f"location.hash === {json.dumps(sent)}")
    press("Enter")
    check(page.js("document.activeElement.id") == "detail", "Enter moves the focus to the details")
    tab_to(".chunk-slider")
    press("ArrowRight")
    check(page.text(".readout").startswith("Chunk 1 of 1"), "the arrow keys select chunks")
    tab_to("[role=tab]")
    press("ArrowRight")
    check(page.js("document.activeElement.dataset.tab") == "response", "the arrow keys select tabs")
    press("?", modifiers=8, text="?")
    page.wait_for("document.querySelector('#help').open")
    press("Escape")
    page.wait_for("!document.querySelector('#help').open")
    press("e")
    page.wait_for("document.querySelector('.environments tbody tr')")
    check("idle" in page.text(".environments tbody"), "the key e shows the environments")
    announced = page.text("#announcer")
    check("ended: 200" in announced, f"invocations are announced to screen readers: {announced!r}")


def check_hidden_page(page):
    """Hides the page as another tab does, invokes the function, and shows the page again."""
    def set_hidden(is_hidden):
        page.js(f"Object.defineProperty(document, 'hidden', {{ value: {is_hidden}, configurable: true }});"
                "document.dispatchEvent(new Event('visibilitychange'))")

    rows = page.rows()
    set_hidden("true")
    check(page.text("#connection") == "Paused", "a hidden page closes its stream")
    get(page.url.replace("/_stream/", "/missed"))
    set_hidden("false")
    page.wait_for("document.querySelector('tr[data-id] .path').textContent === '/missed'")
    check(page.rows() == rows + 1, "the page has caught up when it is shown again, without repeated records")


def check_other_origins(page, browser):
    """Opens a page on another port of the same machine, and of another site, which try to read and to trigger."""
    port = int(page.url.split(":")[2].split("/")[0])
    attack = ATTACK.replace("PORT", str(port)).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(attack)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = page.rows()
    other_port = server.server_address[1]
    # Another port is the same site, but another origin. The name `localhost` is another site than 127.0.0.1.
    for host in ("127.0.0.1", "localhost"):
        browser.open(f"http://{host}:{other_port}/")
        browser.wait_for("window.results")
        results = browser.js("results")
        check(all(result == "blocked" for result in results.values()), f"a page of {host}:{other_port} is blocked: {results}")
    server.shutdown()
    page.open()
    page.wait_for(f"document.querySelectorAll('tr[data-id]').length >= {before}")
    check(page.rows() == before, "the pages of other origins have invoked nothing")


def check_console(browser):
    """Checks that no script failed. The messages about the requests of the other origins are expected."""
    errors = []
    for event in browser.events:
        parameters = event["params"]
        if event["method"] == "Runtime.exceptionThrown":
            errors.append(parameters["exceptionDetails"])
        elif event["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            errors.append(parameters["args"])
        elif event["method"] == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            errors.append(parameters["entry"]["text"])
    check(not errors, f"the console has no errors: {errors}")
    violations = browser.js("observed.violations")
    check(not violations, f"the content security policy was not violated: {violations}")


def check_reconnect(page, function, program):
    """Ends the function, and starts it again on the same port."""
    function.process.send_signal(signal.SIGINT)
    status = function.process.wait(timeout=60)
    check(status is not None, f"Ctrl-C ends the function while a viewer is open: status {status}")
    page.wait_for("document.querySelector('#connection').dataset.state === 'lost'")
    check("Reconnecting" in page.text("#connection"), "the page shows that the connection is lost")
    restarted = Function(program, function.port)
    try:
        page.wait_for("document.querySelector('#connection').dataset.state === 'open'")
        page.wait_for("document.querySelectorAll('tr[data-id]').length === 0")
        check(True, "the page reconnects, and starts from the beginning of the new records")
    finally:
        restarted.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def get(url, body=None):
    """Sends a request, with POST if there is a body, and reads the whole response."""
    try:
        with urllib.request.urlopen(url, body, timeout=60) as response:
            response.read()
    except (OSError, urllib.error.HTTPError):
        pass


def take_screenshots(browser, programs, directory):
    """Writes a picture for each size and color scheme: a finished stream of the example `chat`."""
    directory.mkdir(parents=True, exist_ok=True)
    function = Function(programs / "chat")
    try:
        page = Page(browser, function.port)
        base = f"http://127.0.0.1:{function.port}"
        for path in ("/", "/missing", "/response"):
            get(base + path)
        for text in ("What is backpressure?", "How does a stream of words reach a browser?"):
            get(f"{base}/response", json.dumps({"text": text}).encode())
        for size, (width, height, scale) in {"wide": (1280, 800, 2), "phone": (390, 844, 2)}.items():
            for dark in (False, True):
                browser.set_viewport(width, height, dark, scale)
                page.open()
                page.wait_for("document.querySelectorAll('tr[data-id]').length >= 5")
                page.js("location.hash = `#/invocation/${document.querySelector('tr[data-id]').dataset.id}`")
                page.wait_for("document.querySelector('.invocation .status')?.textContent === '200'")
                browser.js("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 200)))")
                browser.screenshot(directory / f"viewer-{size}-{'dark' if dark else 'light'}.png")
    finally:
        function.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path, help="the directory with the functions `scripted` and `chat`")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="DIRECTORY", help="write PNG files to this directory")
    arguments = parser.parse_args()
    program = find_browser()
    if not program:
        print("skipped: Chromium is not on PATH")
        return SKIPPED

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        function = browser = None
        try:
            function = Function(arguments.programs / "scripted", free_port())
            browser = Browser(program, f"{directory}/profile", RECORDER)
            browser.set_viewport(1280, 800, dark=False)
            page = Page(browser, function.port)
            check_chunks_appear_while_function_writes(page, pathlib.Path(directory))
            check_error_is_decoded(page)
            check_prelude_and_formats(page)
            check_resend_and_compare(page)
            check_http_request(page)
            check_many_chunks(page)
            check_keyboard(page)
            check_hidden_page(page)
            check_console(browser)
            check_other_origins(page, browser)
            check_reconnect(page, function, arguments.programs / "scripted")
            if arguments.screenshots:
                take_screenshots(browser, arguments.programs, arguments.screenshots)
        except (CheckFailed, queue.Empty) as failure:
            print(f"failed: {failure!r}", file=sys.stderr)
            return 1
        finally:
            if browser:
                browser.close()
            if function:
                function.close()
    print("all checks passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
