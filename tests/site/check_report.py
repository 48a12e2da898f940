#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_report.py TRAIN CHROMIUM: the file that `train --report` writes opens in Chromium from the disk, without a
network and without an error on the console, light and dark, with pictures that are not blank."""
import math
import pathlib
import re
import subprocess
import sys

from browser import Browser, ink

faults = []


def fault(sentence):
    faults.append(sentence)
    print("error:", sentence)


def write_data(file):
    """Two overlapping classes; the second feature is a thousand times longer than the first."""
    lines = []
    for i in range(200):
        side = 0.5 if i % 2 else -0.5
        lines.append(f"{i % 2} 1:{math.sin(1.7 * i) + side:.6f} 2:{1000 * (math.cos(2.3 * i) - side):.4f}")
    file.write_text("\n".join(lines) + "\n")


def check(browser, file, train, flags, pictures, words):
    command = [train, "data.svm", "--quiet", "--report", file, *flags]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    name = " ".join(flags)
    if done.returncode != 0:
        return fault(f"{name}: train ends with {done.returncode}: {done.stdout}")
    page = file.read_text()
    for pattern in [r"<script", r"<link", r"\bsrc\s*=", r"@import", r"""href\s*=\s*["'](?!#)""", r"url\((?!#)"]:
        found = re.search(pattern + ".{0,40}", page)
        if found:
            fault(f"{name}: there is {found.group()}")
    for dark in [False, True]:
        browser.dark(dark)
        browser.open(file.resolve().as_uri())
        shown = browser.value("""(() => {
            const box = e => { const r = e.getBoundingClientRect();
                               return {x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height}; };
            return {text: document.body.innerText, back: getComputedStyle(document.body).backgroundColor,
                    wide: document.documentElement.scrollWidth > innerWidth,
                    pictures: [...document.querySelectorAll('figure svg')].map(box)}; })()""")
        browser.screenshot(file.with_suffix(".dark.png" if dark else ".png"))
        for line in [line for line in done.stdout.splitlines() if line.strip()] + words:
            if line.strip() not in shown["text"]:
                fault(f"{name}: the page does not say {line!r}")
        red = int(re.search(r"\d+", shown["back"]).group())
        if (red < 128) != dark:
            fault(f"{name}: the background is {shown['back']} where the browser is {'dark' if dark else 'light'}")
        if shown["wide"]:
            fault(f"{name}: the page is wider than the window")
        if len(shown["pictures"]) != pictures:
            fault(f"{name}: {len(shown['pictures'])} pictures in place of {pictures}")
        for box in shown["pictures"]:
            colours, share = ink(browser.screenshot(box=box, scale=0.5))
            if box["width"] < 300 or colours < 8 or share < 0.01:
                fault(f"{name}: a picture is blank: {box}, {colours} colours, {share:.2%} of it drawn")
        for sentence in browser.faults:
            fault(f"{name}: on the console: {sentence}")
        if len(browser.requests) != 1:
            fault(f"{name}: the page asks for more than itself: {browser.requests}")


def main():
    train, chromium = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]
    write_data(pathlib.Path("data.svm"))
    with Browser(chromium) as browser:
        # what gradient descent shows, and what ails the data
        check(browser, pathlib.Path("gd.html"), train, ["--solver", "gd", "--epochs", "300"], 2,
              ["ill-conditioned", "--epochs", "300", "data.svm", "Looked for, and not found"])
        check(browser, pathlib.Path("sgd.html"), train,
              ["--method", "minibatch(8) | adam | cosine(0.01)", "--epochs", "5", "--holdout", "0.25", "--patience", "5"],
              3, ["minibatch(8) | adam | cosine(0.01)", "validation"])
        # by the linear methods, with a loss that has a kink
        check(browser, pathlib.Path("hinge.html"), train, ["--loss", "hinge", "--l2", "0.1", "--standardize"], 1,
              ["hinge"])
    print(f"{len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
