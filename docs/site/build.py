#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the documentation as a site that needs no network: pages by MkDocs with the Material theme, formulas by
MathJax, the reference by Doxygen, and the pictures of the guide and the course drawn by their programs.

build.py --programs FILE --pictures FOLDER --to FOLDER

FILE has a line for each program that draws a picture: the source that it is made of, and where it is. A picture that
is younger than its program is not drawn again. The pages keep the places that they have in the repository, so that
their links hold; source that they link to becomes a page."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
MATHJAX = pathlib.Path(os.environ.get("ERMINE_MATHJAX", "/usr/share/javascript/mathjax"))
# What TeX and common HTML need of MathJax; the rest is fifty megabytes.
MATHJAX_PARTS = ["MathJax.js", "config/TeX-AMS_CHTML.js", "extensions", "jax/element", "jax/input/TeX",
                 "jax/output/CommonHTML", "fonts/HTML-CSS/TeX/woff"]


def fail(sentence):
    sys.exit(f"docs/site/build.py: {sentence}")


def run(command, what, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode != 0:
        fail(f"{what} failed:\n{done.stdout}")
    return done.stdout


def draw(program, picture):
    if picture.exists() and picture.stat().st_mtime >= program.stat().st_mtime:
        return
    picture.parent.mkdir(parents=True, exist_ok=True)
    said = run([program, picture], program, env={**os.environ, "OMP_WAIT_POLICY": "passive"})
    if not picture.exists():
        fail(f"{program} has drawn no picture:\n{said}")


class Pages:
    """The pages as MkDocs reads them, under `root`; pictures: source of a program -> its picture."""

    def __init__(self, root, pictures):
        self.root = root
        self.pictures = pictures
        self.titles = {}

    def put(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        heading = re.search(r"^# (.*)$", text, re.M)
        self.titles[name] = heading.group(1).replace("`", "") if heading else name

    def place(self, target, page):
        """Where a link of a page leads, when README.md is the first page and source files are pages."""
        address, hash_, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target) or not address:
            return target
        file = (TOP / page).parent / address
        name = os.path.relpath(file, TOP)
        picture = self.pictures.get(f"examples/guide/{file.stem}.cpp")
        if file.parent.name == "pictures" and picture and not file.exists():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture, self.root / name)
        elif not file.is_file():
            fail(f"{page} links to {target}, which is not there")
        elif file.suffix in (".svg", ".png"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, self.root / name)
        elif name == "README.md":
            name = "index.md"
        elif file.suffix != ".md":
            self.source(name)
            name += ".md"
        return os.path.relpath(name, os.path.dirname(page) or ".") + hash_ + anchor

    def source(self, name, title=None):
        """A page that shows a file of the repository."""
        if name + ".md" in self.titles:
            return
        language = "cpp" if name.endswith((".cpp", ".hpp")) else "text"
        text = f"# {title or name}\n\n"
        if name in self.pictures:
            picture = self.pictures[name]
            shutil.copyfile(picture, self.root / f"{os.path.dirname(name)}/{picture.name}")
            text += f"![What {os.path.basename(name)} draws]({picture.name})\n\n"
        self.put(name + ".md", text + f"`{name}`\n\n```{language}\n{(TOP / name).read_text()}```\n")

    def page(self, name):
        """A page of the repository, with its links as they are here."""
        fence = False
        lines = []
        for line in (TOP / name).read_text().splitlines():
            if line.lstrip().startswith("```"):
                fence = not fence
            elif not fence:
                # code is left alone, but for the bars that GitHub's tables have escaped in it
                parts = re.split(r"(`[^`]*`)", line)
                for k, part in enumerate(parts):
                    if part.startswith("`"):
                        parts[k] = part.replace("\\|", "|") if line.startswith("|") else part
                line = re.sub(r"\]\(([^()\s]+)\)", lambda link: f"]({self.place(link.group(1), name)})",
                              "".join(parts))
            lines.append(line)
        self.put("index.md" if name == "README.md" else name, "\n".join(lines) + "\n")


def numbered(name):
    number = re.match(r"\d+", os.path.basename(name))
    return number.group() + " " if number else ""


def course_titles():
    """What README.md says of each program of the course, up to the first stop."""
    titles = {}
    for number, name, words in re.findall(r"^\| \[(\d+)\]\((examples/\S+)\) \| (.*) \|$",
                                          (TOP / "README.md").read_text(), re.M):
        short = re.split(r"[:,]", words)[0].strip()
        titles[name] = short[0].upper() + short[1:]
    return titles


def write_pages(root, pictures):
    pages = Pages(root, pictures)
    titles = course_titles()
    course = sorted(os.path.relpath(file, TOP) for file in TOP.glob("examples/[0-9]*.cpp"))
    for name in course:
        pages.source(name, titles.get(name))
    docs = sorted(os.path.relpath(file, TOP) for file in TOP.glob("docs/*.md"))
    guide = sorted((os.path.relpath(file, TOP) for file in TOP.glob("docs/guide/*.md")),
                   key=lambda name: (not name.endswith("README.md"), name))
    for name in ["README.md", *docs, *guide, "CONTRIBUTING.md", "CHANGELOG.md"]:
        pages.page(name)

    first = ["docs/which_method.md", "docs/linear_models.md", "docs/learning_by_minibatch.md", "docs/networks.md",
             "docs/diagnostics.md"]
    last = ["docs/architecture.md"]
    use = [name for name in first if name in docs] + [name for name in docs if name not in first + last]
    entry = lambda name: {numbered(name) + pages.titles[name]: name}
    return [{"ermine": "index.md"},
            {"Use": [entry(name) for name in use]},
            {"Guide": [entry(name) for name in guide]},
            {"Course": [entry(name + ".md") for name in course]},
            {"Inside": [entry(name) for name in [*last, "CONTRIBUTING.md", "CHANGELOG.md"]]},
            {"Reference": "api/index.html"}]


def write_reference(work):
    version = re.search(r'version = "([0-9.]+)"', (TOP / "include/ermine/version.hpp").read_text()).group(1)
    text = (HERE / "Doxyfile.in").read_text()
    for word, value in [("@VERSION@", version), ("@OUTPUT@", str(work / "pages")), ("@SOURCE@", str(TOP))]:
        text = text.replace(word, value)
    (work / "Doxyfile").write_text(text)
    run(["doxygen", work / "Doxyfile"], "doxygen")
    (work / "pages/doxygen_warnings.txt").replace(work / "doxygen_warnings.txt")
    # where all nested types are private Doxygen 1.9.4 links to a list that it leaves out
    for page in (work / "pages/api").glob("*.html"):
        text = page.read_text()
        if '"#nested-classes"' in text and 'name="nested-classes"' not in text:
            page.write_text(re.sub(r'<a href="#nested-classes">Classes</a>( &#124;)?', "", text))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ["--programs", "--pictures", "--to"]:
        parser.add_argument(option, type=pathlib.Path, required=True)
    options = parser.parse_args()
    if not (MATHJAX / "MathJax.js").exists():
        fail(f"there is no MathJax in {MATHJAX}: install libjs-mathjax, or name its folder by ERMINE_MATHJAX")
    to = options.to.resolve()
    work = to.with_name(to.name + "_source")
    shutil.rmtree(work, ignore_errors=True)
    (work / "pages").mkdir(parents=True)

    pictures = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        reference = pool.submit(write_reference, work)
        drawn = []
        for line in options.programs.read_text().splitlines():
            source, program = line.split(" ", 1)
            pictures[source] = options.pictures.resolve() / (pathlib.Path(source).stem + ".svg")
            drawn.append(pool.submit(draw, pathlib.Path(program), pictures[source]))
        for one in [reference, *drawn]:
            one.result()

    nav = write_pages(work / "pages", pictures)
    for name in ["formulas.js", "site.css"]:
        shutil.copyfile(HERE / name, work / "pages" / name)
    for part in MATHJAX_PARTS:
        place = work / "pages/mathjax" / part
        place.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (MATHJAX / part).is_dir() else shutil.copyfile)(MATHJAX / part, place)
    # what is JSON is YAML
    (work / "mkdocs.yml").write_text((HERE / "mkdocs.yml").read_text() + "docs_dir: pages\n" +
                                     f"nav: {json.dumps(nav)}\n")
    run(["mkdocs", "build", "--strict", "--quiet", "--config-file", work / "mkdocs.yml", "--site-dir", to],
        "mkdocs")
    # what pages without an icon of their own ask for: the reference
    shutil.copyfile(to / "assets/images/favicon.png", to / "favicon.ico")


main()
