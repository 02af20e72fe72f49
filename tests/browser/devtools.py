"""A headless Chromium that is controlled with the DevTools protocol over a pipe, and functions in local mode.

The browser tests import it. It requires Chromium or Chrome, on PATH or named by the variable CHROMIUM, and Python's standard
library only.
"""

import argparse
import base64
import collections
import json
import os
import pathlib
import queue
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

TIMEOUT = 60
# The exit status if there is no browser.
SKIPPED = 77


class CheckFailed(Exception):
    pass


def check(condition, description):
    print(("ok      " if condition else "FAILED  ") + description, flush=True)
    if not condition:
        raise CheckFailed(description)


def find_browser():
    """Returns the path of the browser, or None."""
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    return next(filter(None, (shutil.which(name) for name in names if name)), None)


def compress_png(image):
    """Returns the picture in fewer bytes: Chromium compresses for speed, and stores each pixel's opacity."""
    chunks, position = [], 8
    while position < len(image):
        length, kind = struct.unpack(">I4s", image[position:position + 8])
        chunks.append((kind, image[position + 8:position + 8 + length]))
        position += 12 + length
    header = next(data for kind, data in chunks if kind == b"IHDR")
    width, height, depth, color_type, *_ = struct.unpack(">IIBBBBB", header)
    pixels = b"".join(data for kind, data in chunks if kind == b"IDAT")
    rows = unfilter(zlib.decompress(pixels), width, height, {2: 3, 6: 4}[color_type])
    # Nearly all pixels have one of few colors. The others become the color of the pixel before them in the palette's order.
    counts = collections.Counter(pixel for row in rows for pixel in row)
    palette = [color for color, _ in counts.most_common(256)]
    index = {color: number for number, color in enumerate(palette)}

    def nearest(color):
        return min(range(len(palette)), key=lambda number: sum((a - b) ** 2 for a, b in zip(palette[number], color)))

    for color in counts:
        if color not in index:
            index[color] = nearest(color)
    data = b"".join(b"\0" + bytes(index[pixel] for pixel in row) for row in rows)
    written = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(bytes(color) for color in palette)),
        (b"IDAT", zlib.compress(data, 9)),
        (b"IEND", b""),
    ]
    encoded = (struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in written)
    return image[:8] + b"".join(encoded)


def unfilter(data, width, height, size):
    """Returns the rows of a picture, as lists of (red, green, blue). `size`: the bytes of a pixel."""
    rows, length = [], width * size
    previous = bytearray(length)
    for number in range(height):
        start = number * (length + 1)
        kind, row = data[start], bytearray(data[start + 1:start + 1 + length])
        for position in range(length):
            left = row[position - size] if position >= size else 0
            above = previous[position]
            corner = previous[position - size] if position >= size else 0
            if kind == 1:
                row[position] = (row[position] + left) & 255
            elif kind == 2:
                row[position] = (row[position] + above) & 255
            elif kind == 3:
                row[position] = (row[position] + (left + above) // 2) & 255
            elif kind == 4:
                estimate = left + above - corner
                distances = abs(estimate - left), abs(estimate - above), abs(estimate - corner)
                predicted = (left, above, corner)[distances.index(min(distances))]
                row[position] = (row[position] + predicted) & 255
        rows.append([tuple(row[position:position + 3]) for position in range(0, length, size)])
        previous = row
    return rows


class Function:
    """A function in local mode, by default on a free port."""

    def __init__(self, program, port=0):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.process = subprocess.Popen(
            [program, "--port", str(port)],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment,
        )
        self.port = self.read_port()
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def read_port(self):
        lines = []
        for line in self.process.stderr:
            if address := re.search(r"http://(?:127\.0\.0\.1|localhost):(\d+)", line):
                return int(address[1])
            lines.append(line)
        raise CheckFailed(f"the function printed {lines!r} instead of its URL")

    def close(self):
        self.process.kill()
        self.process.wait()


class Browser:
    """A headless Chromium, controlled over --remote-debugging-pipe: JSON messages, each followed by NUL.

    `script` runs in each page before the scripts of the page.
    """

    def __init__(self, program, profile, script):
        message_input, browser_output = os.pipe()
        browser_input, message_output = os.pipe()

        def duplicate_as_3_and_4():
            # Duplicates both first, because either descriptor may already be 3 or 4.
            reader, writer = os.dup(browser_input), os.dup(browser_output)
            os.dup2(reader, 3)
            os.dup2(writer, 4)

        arguments = [
            "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-first-run",
            "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--no-proxy-server", "--hide-scrollbars",
        ]
        if os.geteuid() == 0:
            # Chromium does not start its sandbox as root. The browser opens only the pages of the test.
            arguments.append("--no-sandbox")
        self.process = subprocess.Popen(
            [program, *arguments, "about:blank"], preexec_fn=duplicate_as_3_and_4, close_fds=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(browser_input)
        os.close(browser_output)
        self.output = message_output
        self.responses = queue.Queue()
        # The events of the protocol, such as messages in the console of the page.
        self.events = []
        self.last_id = 0
        threading.Thread(target=self.read, args=(message_input,), daemon=True).start()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    session = None

    def read(self, pipe):
        with os.fdopen(pipe, "rb") as pipe:
            rest = b""
            while part := pipe.read1(65536):
                *messages, rest = (rest + part).split(b"\0")
                for message in map(json.loads, messages):
                    if "id" in message:
                        self.responses.put(message)
                    else:
                        self.events.append(message)
        self.responses.put(None)

    def call(self, method, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.output, data):]
        while response := self.responses.get(timeout=TIMEOUT):
            if response["id"] == self.last_id:
                if "error" in response:
                    raise CheckFailed(f"{method}: {response['error']}")
                return response["result"]
        raise CheckFailed("the browser exited")

    def js(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise CheckFailed(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_for(self, expression, context="document.body.innerText"):
        """Waits until `expression` is true. The value of `context` is printed if it does not become true."""
        end = time.monotonic() + TIMEOUT
        while not self.js(f"Boolean({expression})"):
            if time.monotonic() > end:
                raise CheckFailed(f"timeout: {expression}; {self.js(context)}")
            time.sleep(0.02)

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def set_viewport(self, width, height, dark, scale=2):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, path):
        image = self.call("Page.captureScreenshot", format="png")["data"]
        pathlib.Path(path).write_bytes(compress_png(base64.b64decode(image)))

    def press(self, key, text=None, modifiers=0):
        """Presses a key as a user does. `modifiers`: 2 for Ctrl, 8 for Shift."""
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        code = codes.get(key, ord(key[0].upper()))
        text = text if text is not None else (key if len(key) == 1 and not modifiers else "\r" if key == "Enter" else None)
        event = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        down = {"type": "keyDown" if text else "rawKeyDown", **event}
        if text:
            down["text"] = text
        self.call("Input.dispatchKeyEvent", **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def close(self):
        try:
            self.call("Browser.close")
        except (CheckFailed, OSError, queue.Empty):
            self.process.kill()
        self.process.wait()


def run_checks(description, example, script, checks):
    """Runs `checks(browser, function, screenshot)` as the command line of the test of an example says. `script` runs in each
    page before its own scripts. Returns the exit status."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", metavar=example, help="the binary of the example")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="DIRECTORY", help="write PNG files to this directory")
    arguments = parser.parse_args()
    chromium = find_browser()
    if not chromium:
        print("skipped: Chromium is not on PATH")
        return SKIPPED

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        function = Function(arguments.program)
        browser = None
        try:
            browser = Browser(chromium, profile, script)

            def screenshot(name):
                if arguments.screenshots:
                    arguments.screenshots.mkdir(parents=True, exist_ok=True)
                    browser.screenshot(arguments.screenshots / f"{name}.png")

            checks(browser, function, screenshot)
        except (CheckFailed, queue.Empty) as failure:
            print(f"failed: {failure!r}", file=sys.stderr)
            return 1
        finally:
            if browser:
                browser.close()
            function.close()
    print("all checks passed")
    return 0
