#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_site.py SITE CHROMIUM SCREENSHOTS: no link of the built site leads nowhere, and each of its pages opens in
Chromium without a network and without an error on the console, with its pictures and formulas to be seen."""
import functools
import http.server
import os
import pathlib
import re
import sys
import threading
import time
import urllib.parse

from browser import Browser, ink

faults = []


def fault(sentence):
    faults.append(sentence)
    print("error:", sentence)


def check_links(site):
    """Every address within the site is a file, and has the anchor that is meant."""
    anchors, links = {}, {}
    for file in site.rglob("*.html"):
        text = file.read_text(errors="replace")
        text = re.sub(r"<script.*?</script>|<!--.*?-->", "", text, flags=re.S)
        anchors[file] = set(re.findall(r"""\s(?:id|name)=["']([^"']*)["']""", text))
        links[file] = set(re.findall(r"""\s(?:href|src)=["']([^"']*)["']""", text))
    count = 0
    for file, addresses in links.items():
        for address in addresses:
            address = address.replace("&amp;", "&")
            parts = urllib.parse.urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            count += 1
            path = urllib.parse.unquote(parts.path)
            # the page for what is not found is shown at any address: its links begin at the top
            target = site / path.lstrip("/") if path.startswith("/") else file.parent / path if path else file
            target = pathlib.Path(os.path.normpath(target))
            if target.is_dir():
                target = target / "index.html"
            anchor = urllib.parse.unquote(parts.fragment)
            if not target.is_file():
                fault(f"{file.relative_to(site)} links to {address}, which is not there")
            elif anchor and target.suffix == ".html" and anchor not in anchors[target] | {"__top"}:
                fault(f"{file.relative_to(site)} links to {address}, where there is no such place")
    return count


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def check_page(browser, name, address, screenshot):
    browser.open(address)
    # what waits for MathJax's queue is called when all formulas are set
    browser.value("""new Promise(done => window.MathJax && MathJax.Hub && document.querySelector('.arithmatex')
                     ? MathJax.Hub.Queue(() => done(true)) : done(false))""")
    shown = browser.value("""(() => {
        const box = e => { const r = e.getBoundingClientRect();
                           return {x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height}; };
        const main = document.querySelector('article') || document.body;
        return {title: document.title, text: main.innerText.length,
                pictures: [...document.querySelectorAll('article img')].map(
                    e => ({name: e.src, loaded: e.complete && e.naturalWidth > 0, box: box(e)})),
                formulas: [...main.querySelectorAll('.arithmatex')].map(e => {
                    const set = e.querySelector('.mjx-chtml, .MathJax_CHTML');
                    return {name: e.textContent.trim().slice(0, 60), box: set && box(set),
                            wrong: !set || e.querySelector('.merror, .mjx-merror') !== null}; }),
                code: main.querySelectorAll('code span[class]').length}; })()""")
    if shown["text"] < 50 and name != "404.html":
        fault(f"{name}: there is next to no text")
    for picture in shown["pictures"]:
        box = picture["box"]
        if not picture["loaded"] or box["width"] < 50 or box["height"] < 50:
            fault(f"{name}: {picture['name']} is not to be seen")
            continue
        colours, share = ink(browser.screenshot(box=box, scale=0.5))
        if colours < 8 or share < 0.01:
            fault(f"{name}: {picture['name']} is blank: {colours} colours, {share:.2%} of it drawn")
    for formula in shown["formulas"]:
        if formula["wrong"] or formula["box"]["width"] < 3 or formula["box"]["height"] < 3:
            fault(f"{name}: the formula {formula['name']} is not set")
            continue
        colours, share = ink(browser.screenshot(box=formula["box"]))
        if colours < 4 or share < 0.01:
            fault(f"{name}: the formula {formula['name']} is blank: {colours} colours, {share:.2%} of it drawn")
    if name.startswith("examples/") and not shown["code"]:
        fault(f"{name}: the program is not highlighted")
    browser.screenshot(screenshot)
    for sentence in browser.faults:
        fault(f"{name}: on the console: {sentence}")
    for url in browser.elsewhere():
        fault(f"{name}: asks for {url}")
    return len(shown["pictures"]), len(shown["formulas"])


def check_search(browser, address):
    """What is typed into the search is found."""
    browser.open(address)
    try:
        # what is typed before the index is there may be lost
        browser.wait_for("!/initializing/i.test(document.querySelector('.md-search-result__meta').textContent)")
        browser.value("""(() => { document.querySelector('#__search').checked = true;
                                  const input = document.querySelector('.md-search__input');
                                  input.focus(); input.value = 'gradient descent';
                                  input.dispatchEvent(new KeyboardEvent('keyup', {bubbles: true})); })()""")
        browser.wait_for("document.querySelectorAll('.md-search-result__item').length > 2")
    except TimeoutError:
        fault("the search finds nothing")
    for sentence in browser.faults:
        fault(f"search: on the console: {sentence}")


def main():
    site, chromium, screenshots = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], pathlib.Path(sys.argv[3])
    screenshots.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    links = check_links(site)
    print(f"{links} links, {time.monotonic() - began:.1f} s")

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    top = f"http://127.0.0.1:{server.server_port}/"
    pages = sorted(str(file.relative_to(site)) for file in site.rglob("*.html") if "api/" not in str(file))
    reference = ["api/index.html", "api/annotated.html", "api/namespaceermine.html", "api/structermine_1_1Momentum.html"]
    pictures = formulas = 0
    with Browser(chromium) as browser:
        for name in [*pages, *reference]:
            drawn, set_ = check_page(browser, name, top + name, screenshots / (name.replace("/", "_") + ".png"))
            pictures += drawn
            formulas += set_
        check_search(browser, top + "index.html")
    if not pictures or not formulas:
        fault(f"{pictures} pictures and {formulas} formulas: there should be some")
    print(f"{len(pages)} pages and {len(reference)} of the reference, {pictures} pictures, {formulas} formulas: "
          f"{len(faults)} faults, {time.monotonic() - began:.1f} s")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
