# SPDX-License-Identifier: MIT
"""Chromium without a screen and without a network, by the DevTools protocol over two pipes, with what a page shows:
requests, errors, evaluated expressions, screenshots and their pixels. The standard library alone."""
import base64
import collections
import fcntl
import json
import os
import select
import shutil
import struct
import subprocess
import tempfile
import time
import urllib.parse
import zlib


class Browser:
    """A browser that finds no host but this machine's address 127.0.0.1, and one page in it."""

    def __init__(self, program, width=1280, height=900):
        self.profile = tempfile.mkdtemp(prefix="ermine-browser-")
        read, self.write = os.pipe()
        self.read, write = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (read, write)]
        os.close(read)
        os.close(write)
        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-extensions",
             "--no-proxy-server", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
             f"--window-size={width},{height}", f"--user-data-dir={self.profile}", "--remote-debugging-pipe",
             "about:blank"],
            preexec_fn=lambda: [os.dup2(end, 3 + k) for k, end in enumerate(ends)], close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in ends:
            os.close(end)
        self.buffer = b""
        self.asked = 0
        self.session = None
        self.faults = []
        self.requests = []
        self.loaded = False
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.ask(domain + ".enable")
        self.ask("Network.setCacheDisabled", cacheDisabled=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.session = None
            self.ask("Browser.close")
            self.process.wait(10)
        except (OSError, TimeoutError, RuntimeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.write)
        os.close(self.read)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, until):
        while b"\0" not in self.buffer:
            if not select.select([self.read], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            data = os.read(self.read, 1 << 20)
            if not data:
                raise RuntimeError("the browser has ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **parameters):
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + 60
        while True:
            answer = self.receive(until)
            if answer.get("id") == self.asked:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.see(answer)

    def see(self, event):
        what, about = event.get("method"), event.get("params", {})
        if what == "Page.loadEventFired":
            self.loaded = True
        elif what == "Runtime.exceptionThrown":
            details = about["exceptionDetails"]
            self.faults.append(details.get("exception", {}).get("description", details["text"]))
        elif what == "Runtime.consoleAPICalled" and about["type"] in ("error", "assert"):
            self.faults.append(" ".join(str(one.get("value", one.get("description"))) for one in about["args"]))
        elif what == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.faults.append(about["entry"]["text"] + " " + about["entry"].get("url", ""))
        elif what == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif what == "Network.responseReceived" and about["response"]["status"] >= 400:
            self.faults.append(f"{about['response']['url']} answers {about['response']['status']}")

    def open(self, address):
        """Opens a page and waits until it is loaded. What was noted of the page before is forgotten."""
        self.faults, self.requests, self.loaded = [], [], False
        failure = self.ask("Page.navigate", url=address).get("errorText")
        if failure:
            raise RuntimeError(f"{address}: {failure}")
        until = time.monotonic() + 60
        while not self.loaded:
            self.see(self.receive(until))

    def value(self, expression):
        """What an expression evaluates to in the page; a promise is waited for."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, condition, seconds=30):
        until = time.monotonic() + seconds
        while not self.value(condition):
            if time.monotonic() > until:
                raise TimeoutError(f"{condition} does not come true")
            time.sleep(0.05)

    def dark(self, is_dark):
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}])

    def screenshot(self, file=None, box=None, scale=1):
        """The page, or a box of it in its coordinates, as PNG."""
        clip = {"clip": {**box, "scale": scale}} if box else {}
        data = base64.b64decode(self.ask("Page.captureScreenshot", format="png",
                                         captureBeyondViewport=box is not None, **clip)["data"])
        if file:
            with open(file, "wb") as out:
                out.write(data)
        return data

    def elsewhere(self):
        """The requests that left this machine or the file, or would have."""
        def is_here(url):
            parts = urllib.parse.urlsplit(url)
            return parts.scheme in ("file", "data", "blob", "about") or parts.hostname == "127.0.0.1"
        return [url for url in self.requests if not is_here(url)]


def pixels(png):
    """The colours of a PNG of 8 bits a channel without interlacing, as Chromium writes it, one a pixel
    (ISO/IEC 15948, sections 9 and 11.2)."""
    at, data = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        chunk = png[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunk)
            assert depth == 8 and colour in (2, 6) and not interlaced
        elif kind == b"IDAT":
            data += chunk
        at += 12 + length
    data = zlib.decompress(data)
    step = 3 if colour == 2 else 4
    stride = width * step
    colours = []
    before = bytearray(stride)
    for row in range(height):
        begin = row * (stride + 1)
        kind = data[begin]
        line = bytearray(data[begin + 1:begin + 1 + stride])
        if kind == 1:
            for k in range(step, stride):
                line[k] = (line[k] + line[k - step]) & 255
        elif kind == 2:
            for k in range(stride):
                line[k] = (line[k] + before[k]) & 255
        elif kind == 3:
            for k in range(stride):
                left = line[k - step] if k >= step else 0
                line[k] = (line[k] + (left + before[k]) // 2) & 255
        elif kind == 4:
            for k in range(stride):
                left, corner = (line[k - step], before[k - step]) if k >= step else (0, 0)
                above = before[k]
                guess = left + above - corner
                a, b, c = abs(guess - left), abs(guess - above), abs(guess - corner)
                line[k] = (line[k] + (left if a <= b and a <= c else above if b <= c else corner)) & 255
        colours.extend(bytes(line[k:k + 3]) for k in range(0, stride, step))
        before = line
    return colours


def ink(png):
    """How many colours a picture has, and the share of it that has not the most frequent one."""
    counts = collections.Counter(pixels(png))
    return len(counts), 1 - max(counts.values()) / sum(counts.values())
