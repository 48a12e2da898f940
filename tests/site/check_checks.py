#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_checks.py CHROMIUM: what looks at the site sees what is wrong with it. Each page here has one fault, but for
the first, which has none."""
import functools
import http.server
import pathlib
import sys
import tempfile
import threading

import check_site
from browser import Browser

TEXT = "Some words, so that the page is not taken for an empty one. " * 3
DRAWN = "".join(f'<rect x="{20 * k}" y="{9 * k}" width="40" height="30" fill="hsl({36 * k} 80% 50%)"/>' for k in range(10))
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">{}</svg>'

# name, what stands in it, and what is to be said of it
PAGES = [
    ("sound", '<img src="drawn.svg"><a href="sound.html#here" id="here">here</a>', None),
    ("no_file", '<a href="nowhere.html">there</a>', "links to nowhere.html, which is not there"),
    ("no_anchor", '<a href="sound.html#there">there</a>', "links to sound.html#there, where there is no such place"),
    ("no_picture", '<img src="broken.svg">', "broken.svg is not to be seen"),
    ("hidden", '<img src="drawn.svg" width="300" height="200" style="visibility: hidden">', "drawn.svg is blank"),
    ("blank", '<img src="blank.svg">', "blank.svg is blank"),
    ("throws", "<script>throw new Error('thrown here')</script>", "on the console: Error: thrown here"),
    ("complains", "<script>console.error('said here')</script>", "on the console: said here"),
    ("fetches", "<script>fetch('http://elsewhere.example/font').catch(() => 0)</script>",
     "asks for http://elsewhere.example/font"),
    ("no_formula", '<div class="arithmatex">\\[x\\]</div>', "the formula \\[x\\] is not set"),
    ("invisible", '<div class="arithmatex"><span class="mjx-chtml" style="display: inline-block; color: #fff">x² + y²'
     "</span></div>", "is blank"),
    ("empty", None, "there is next to no text"),
]


def main():
    with tempfile.TemporaryDirectory() as folder, Browser(sys.argv[1]) as browser:
        site = pathlib.Path(folder)
        (site / "drawn.svg").write_text(SVG.format(DRAWN))
        (site / "blank.svg").write_text(SVG.format(""))
        (site / "broken.svg").write_text("no picture")
        (site / "favicon.ico").write_bytes(b"")
        for name, body, _ in PAGES:
            text = "" if body is None else TEXT + body
            (site / f"{name}.html").write_text(f"<!doctype html><meta charset=utf-8><title>t</title><article>{text}</article>")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(check_site.Quiet,
                                                                                    directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        check_site.check_links(site)
        for name, _, _ in PAGES:
            check_site.check_page(browser, f"{name}.html", f"http://127.0.0.1:{server.server_port}/{name}.html",
                                  site / "shot.png")
        server.shutdown()
    wrong = []
    for name, _, sentence in PAGES:
        said = [fault for fault in check_site.faults if fault.startswith(f"{name}.html")]
        if sentence is None and said or sentence is not None and not any(sentence in fault for fault in said):
            wrong.append(f"{name}: expected {sentence}, and there was {said}")
    print("\n".join(wrong) if wrong else f"{len(PAGES) - 1} faults were seen")
    sys.exit(1 if wrong else 0)


main()
