#!/usr/bin/env python3
"""Tests the built book in a real browser: a search for each of ten questions finds the page that answers it, and no page is
wider than the window, on a screen and on a phone.

    tests/book/check
    tests/browser/book.py target/book [--screenshots DIRECTORY]

Requires Chromium or Chrome, on PATH or named by the variable CHROMIUM, and Python's standard library only. Exit status: 0 if
all checks pass, 1 if one fails, 77 if there is no browser.
"""

import argparse
import functools
import http.server
import pathlib
import queue
import sys
import tempfile
import threading
import urllib.parse

# Leaves no `__pycache__` in the checkout.
sys.dont_write_bytecode = True
from devtools import SKIPPED, Browser, CheckFailed, check, find_browser

# What a reader would type, and the page that must be among the first results.
QUESTIONS = {
    "200 MB limit response size": "operating/limits",
    "idempotency key": "operating/retries",
    "CloudFront response timeout": "operating/front-ends",
    "error after the first byte": "errors",
    "shared state init": "handlers",
    "keep-alive comments": "server-sent-events",
    "unit test handler": "testing",
    "hot reload": "local-development",
    "release profile": "deployment",
    "streamifyResponse": "coming-from-node",
}
# Among how many results the page must be. A reader sees about as many without scrolling.
FIRST_RESULTS = 5

SIZES = {"wide": (1280, 900, 1), "phone": (390, 844, 2)}


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def check_search(browser, base):
    for question, page in QUESTIONS.items():
        browser.open(f"{base}/index.html?search={urllib.parse.quote(question)}")
        browser.wait_for("document.querySelectorAll('#mdbook-searchresults > li').length > 0")
        links = browser.js("[...document.querySelectorAll('#mdbook-searchresults > li > a')].map((link) => link.href)")
        found = [urllib.parse.urlsplit(link).path.removeprefix("/").removesuffix(".html") for link in links]
        check(page in found[:FIRST_RESULTS], f"a search for {question!r} finds {page}: {', '.join(found[:FIRST_RESULTS])}")


def check_pages(browser, base, folder, screenshots):
    pages = sorted(page.relative_to(folder) for page in folder.rglob("*.html"))
    pages = [page for page in pages if page.name not in ("print.html", "404.html", "toc.html")]
    for size, (width, height, scale) in SIZES.items():
        browser.set_viewport(width, height, dark=False, scale=scale)
        for page in pages:
            browser.open(f"{base}/{page}")
            # Wide tables and code scroll in their own boxes.
            widths = browser.js("[document.documentElement.scrollWidth, innerWidth]")
            if widths[0] > widths[1]:
                check(False, f"{page} fits into the window of {size}: {widths}")
            images = browser.js("[...document.images].filter((image) => !image.complete || !image.naturalWidth)"
                                ".map((image) => image.src)")
            if images:
                check(False, f"the images of {page} are shown: {images}")
            if screenshots:
                browser.screenshot(screenshots / f"{str(page.with_suffix('')).replace('/', '-')}-{size}.png")
        check(True, f"{len(pages)} pages fit into a window of {width} pixels")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("book", type=pathlib.Path, help="the directory of the built book")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="DIRECTORY", help="write PNG files to this directory")
    arguments = parser.parse_args()
    program = find_browser()
    if not program:
        print("skipped: Chromium is not on PATH")
        return SKIPPED
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=arguments.book))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        browser = None
        try:
            browser = Browser(program, f"{directory}/profile", "")
            base = f"http://127.0.0.1:{server.server_port}"
            check_search(browser, base)
            check_pages(browser, base, arguments.book, arguments.screenshots)
        except (CheckFailed, queue.Empty) as failure:
            print(f"failed: {failure!r}", file=sys.stderr)
            return 1
        finally:
            if browser:
                browser.close()
            server.shutdown()
    print("all checks passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
