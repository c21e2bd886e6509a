"""The notebooks → `site/`: pages, slides, exercises and the code's pages, in a folder that needs no network.

    index.html              the map of the course, with three demos
    lectures/  slides/      one page and one deck per lecture          exercises/   one page per set
    frames/<demo>/          the pictures of a demo, and demo.js, its specification
    practice/               the questions of the practice page
    docs/                   what lectures refer to in the folder of that name
    pictures/  static/      pictures of outputs; style sheets, scripts, the index of the search
    api/                    the pages of `lsml_core`, made from its docstrings

Frames and questions are drawn again only if a source that they depend on has changed. What an earlier build
left in the folder is removed; a folder that is not ours is refused.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from courseware import atomic
from courseware.demos.engine import specification as front
from courseware.pages import api, decks, documents, prepared, scripts
from courseware.pages.documents import HEADING, Document
from courseware.pages.mathematics import with_tex_layout, without_tags
from courseware.practice.question import Topic

HERE = Path(__file__).parent
MARKDOWN = re.compile(r'href="\.\./([^":#]+\.md)[#"]')
LINK = re.compile(r'<a href="([^":#]+)\.(?:ipynb|md)(#[^"]*)?"([^>]*)>(.*?)</a>', re.DOTALL)
"""A link to a notebook or to a text of the course."""
MARK = ".lsml-site"
"""A file in the folder that says that all in it was made here."""
SHOWN = (
    "optimization.optimizers.two_optimizers",
    "submodular.greedy.exemplars",
    "parallel.federated.client_drift",
)
"""The demos of the first page."""


@dataclass(frozen=True)
class Built:
    """How many pages and demos the site has, how many demos were drawn now, and the bytes of all files."""

    pages: int
    demos: int
    drawn: int
    size: int


def build(root: Path, target: Path, prefixes: Sequence[str] = (), *, workers: int = 2) -> Built:
    """Write the site of the course at `root` into `target`.

    root: holds `lectures/` and `exercises/`.   target: made if there is none.
    prefixes: beginnings of lectures' names; empty for all.   workers: processes that draw demos.
    ValueError if `target` holds anything else than a site, or no lecture begins so.
    """
    _check_folder(target)
    lectures = _lectures(root / "lectures", prefixes)
    sets = (root / "exercises" / f"{document.stem}.ipynb" for document in lectures)
    exercises = [documents.read(path) for path in sets if path.is_file()]
    texts = {place: documents.read_text(root / place) for place in _texts(root, lectures)}
    names = sorted({name for document in lectures for name in document.demos})
    atomic.write(target / MARK, "")
    drawn = prepared.draw_frames(names, target, workers=workers)
    frozen = {name: prepared.specification(name, target) for name in names}
    practice = any(document.practice for document in lectures)
    questions = prepared.draw_questions(target) if practice else []
    code = [f"api/{name}" for name in api.write(target / "api")]
    index = [*search_index(lectures, exercises), *api.entries(target / "api")]
    files = {
        **_pages(lectures, exercises, texts, frozen),
        **_pictures([*lectures, *exercises]),
        **_static(),
        "static/search-index.js": scripts.call("lsml.index", index),
    }
    for place, content in files.items():
        atomic.write(target / place, content)
    _remove_others(target, {*files, *code, *questions, MARK, *prepared.frame_files(frozen)})
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    return Built(sum(place.endswith(".html") for place in (*files, *code)), len(names), drawn, size)


def _check_folder(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise ValueError(f"{target} is a file; name a folder for the site")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).exists():
        raise ValueError(f"{target} is not empty and was not made by `lsml site`; name another folder")


def _lectures(folder: Path, prefixes: Sequence[str]) -> list[Document]:
    found = sorted(folder.glob("*.ipynb"))
    chosen = [path for path in found if not prefixes or path.stem.startswith(tuple(prefixes))]
    if not chosen:
        raise ValueError(f"no notebook in {folder} begins with {', '.join(prefixes)}")
    return [documents.read(path) for path in chosen]


# --- pages ---


def _pages(
    lectures: Sequence[Document],
    exercises: Sequence[Document],
    texts: Mapping[str, Document],
    frozen: Mapping[str, Mapping[str, Any]],
) -> dict[str, str]:
    templates = _templates()
    stems = {document.stem for document in exercises}
    pages = {}
    for i, document in enumerate(lectures):
        shared = {"title": document.title, "root": "../", "document": document, "frozen": frozen}
        links = [*_neighbours(lectures, i), _link(f"../slides/{document.stem}.html", "Slides")]
        links += [_link(f"../exercises/{document.stem}.html", "Exercises")] if document.stem in stems else []
        pages[f"lectures/{document.stem}.html"] = templates.get_template("lecture.html").render(
            **shared, links=links, topics=[*Topic], opened=_opened("lectures", document)
        )
        pages[f"slides/{document.stem}.html"] = templates.get_template("slides.html").render(
            **shared, slides=decks.slides(document.parts)
        )
    for document in exercises:
        links = [_link(f"../lectures/{document.stem}.html", "Lecture")]
        pages[f"exercises/{document.stem}.html"] = templates.get_template("lecture.html").render(
            title=document.title,
            root="../",
            document=document,
            frozen=frozen,
            links=links,
            topics=[],
            opened=_opened("exercises", document),
        )
    for place, document in texts.items():
        pages[f"{place.removesuffix('.md')}.html"] = templates.get_template("lecture.html").render(
            title=document.title,
            root="../" * place.count("/"),
            document=document,
            frozen=frozen,
            links=[],
            topics=[],
            opened="",
        )
    homes = {name: document for document in reversed(lectures) for name in document.demos}
    pages["index.html"] = templates.get_template("index.html").render(
        title="Large-scale machine learning",
        root="",
        lectures=lectures,
        exercises=stems,
        frozen=frozen,
        homes=homes,
        shown=[name for name in SHOWN if name in homes],
    )
    return {place: with_tex_layout(with_page_links(page, place, pages)) for place, page in pages.items()}


def with_page_links(text: str, place: str, pages: Collection[str]) -> str:
    """HTML whose links to notebooks and texts lead to their pages; the words alone where there is none.

    text: a page.   place: of the page, relative to the site.   pages: places of all pages of the site.
    """

    def on_pages(found: re.Match[str]) -> str:
        page, anchor, attributes, words = found.groups()
        there = normpath(join(dirname(place), f"{page}.html")) in pages
        return f'<a href="{page}.html{anchor or ""}"{attributes}>{words}</a>' if there else words

    return LINK.sub(on_pages, text)


def _texts(root: Path, lectures: Iterable[Document]) -> list[str]:
    """The Markdown files of the course that lectures link to, relative to `root`."""
    linked = (
        found for document in lectures for part in document.parts for found in MARKDOWN.findall(part.text)
    )
    return sorted({place for place in linked if (root / place).is_file()})


def _link(url: str, text: str, rel: str = "") -> dict[str, str]:
    return {"url": url, "text": text, "rel": rel}


def _opened(folder: str, document: Document) -> str:
    """The command that opens the notebook of a page."""
    return f"python3 course.py lab {folder}/{document.stem}.ipynb"


def _neighbours(lectures: Sequence[Document], i: int) -> list[dict[str, str]]:
    links = []
    if i > 0:
        links.append(_link(f"{lectures[i - 1].stem}.html", "Previous lecture", "prev"))
    if i + 1 < len(lectures):
        links.append(_link(f"{lectures[i + 1].stem}.html", "Next lecture", "next"))
    return links


def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _pictures(all_documents: Iterable[Document]) -> dict[str, bytes]:
    return {
        f"pictures/{name}": data for document in all_documents for name, data in document.pictures.items()
    }


# --- scripts, styles, search ---


def _static() -> dict[str, bytes | str]:
    engine = Path(front.__file__).parent
    files: dict[str, bytes | str] = {path.name: path.read_bytes() for path in (HERE / "static").iterdir()}
    files["front.js"] = scripts.classic((engine / "front.js").read_text("utf-8"))
    files["front.css"] = (engine / "front.css").read_text("utf-8")
    return {f"static/{name}": content for name, content in files.items()}


def search_index(lectures: Iterable[Document], exercises: Iterable[Document]) -> list[dict[str, str]]:
    """One entry per section: title, page, address and words."""
    entries: dict[str, dict[str, str]] = {}
    pages = [("lectures", document) for document in lectures] + [("exercises", d) for d in exercises]
    for folder, document in pages:
        place, title = f"{folder}/{document.stem}.html", document.title
        for part in document.parts:
            for found in HEADING.finditer(part.text):
                place, title = f"{folder}/{document.stem}.html#{found[2]}", words(found[3])
            entry = entries.setdefault(
                place, {"title": title, "page": document.title, "url": place, "text": ""}
            )
            entry["text"] += f" {words(part.text)} {words(part.code)}"
    return [*entries.values()]


def words(markup: str) -> str:
    """The text of some HTML on one line."""
    return " ".join(without_tags(markup, " ").split())


def _remove_others(target: Path, kept: set[str]) -> None:
    for path in target.rglob("*"):
        if path.is_file() and path.relative_to(target).as_posix() not in kept:
            path.unlink()
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
