"""The notebooks → `site/`: pages, slides, exercises and the code's pages, in a folder that needs no network.

    index.html              the map of the course, with three demos
    lectures/  slides/      one page and one deck per lecture          exercises/   one page per set
    frames/<demo>/          the pictures of a demo, and demo.js, its specification
    pictures/  static/      pictures of outputs; style sheets, scripts, the index of the search
    api/                    the pages of `lsml_core`, made from its docstrings

Frames are drawn again only if a source that their demo depends on has changed. What an earlier build left in
the folder is removed; a folder that is not ours is refused.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from courseware import atomic, demos
from courseware.demos.engine import specification as front
from courseware.pages import decks, documents, sources
from courseware.pages.documents import HEADING, Document
from courseware.pages.mathematics import without_tags

HERE = Path(__file__).parent
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

    prefixes: beginnings of lectures' names; empty for all.   workers: processes that draw demos.
    ValueError if `target` holds anything else than a site, or no lecture begins so.
    """
    _check_folder(target)
    lectures = _lectures(root / "lectures", prefixes)
    sets = (root / "exercises" / f"{document.stem}.ipynb" for document in lectures)
    exercises = [documents.read(path) for path in sets if path.is_file()]
    names = sorted({name for document in lectures for name in document.demos})
    atomic.write(target / MARK, "")
    drawn = freeze_all(names, target / "frames", workers=workers)
    frozen = {name: _read_specification(target / "frames" / name) for name in names}
    files = {
        **_pages(lectures, exercises, frozen),
        **_pictures([*lectures, *exercises]),
        **_static(),
        "static/search-index.js": _call("lsml.index", search_index(lectures, exercises)),
    }
    for place, content in files.items():
        atomic.write(target / place, content)
    api = _write_api(target / "api")
    _remove_others(target, {*files, *api, MARK, *_frame_files(names, frozen)})
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    return Built(sum(place.endswith(".html") for place in (*files, *api)), len(names), drawn, size)


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


# --- frames ---


def freeze_all(names: Sequence[str], folder: Path, *, workers: int) -> int:
    """Draw the demos whose sources changed since `folder` was written; the number drawn."""
    digests = {name: _digest(name) for name in names}
    stale = [name for name, digest in digests.items() if _stored_digest(folder / name) != digest]
    if not stale:
        return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # two processes on two cores
    by_module: dict[str, list[str]] = {}
    for name in stale:
        by_module.setdefault(name.rpartition(".")[0], []).append(name)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_freeze, group, folder, digests) for group in by_module.values()]
        for job in as_completed(jobs):
            job.result()
    return len(stale)


def _freeze(names: Sequence[str], folder: Path, digests: Mapping[str, str]) -> None:
    """Draw demos of one module, which share what they prepare. demo.js, with the digest, comes last."""
    from courseware.pages.frozen import freeze

    for name in names:
        frozen = freeze(demos.all_demos()[name])
        for file, content in frozen.pictures.items():
            atomic.write(folder / name / file, content)
        plain = {**frozen.specification, "digest": digests[name]}
        atomic.write(folder / name / "demo.js", _call("lsml.demo", name, plain))


def _digest(name: str) -> str:
    module = name.rpartition(".")[0]
    return sources.digest(f"courseware.demos.{module}", "courseware.pages.frozen")


def _stored_digest(folder: Path) -> str:
    try:
        return _read_specification(folder)["digest"]
    except (OSError, ValueError, KeyError):
        return ""


def _read_specification(folder: Path) -> dict[str, Any]:
    text = (folder / "demo.js").read_text("utf-8")
    return json.loads(text[text.index(", ") + 2 : text.rindex(");")])


def _frame_files(names: Iterable[str], frozen: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name in names:
        pictures = (frame["file"] for frame in frozen[name]["frames"])
        yield from (f"frames/{name}/{file}" for file in ("demo.js", frozen[name]["background"], *pictures))


# --- pages ---


def _pages(
    lectures: Sequence[Document], exercises: Sequence[Document], frozen: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    templates = _templates()
    stems = {document.stem for document in exercises}
    pages = {}
    for i, document in enumerate(lectures):
        shared = {"title": document.title, "root": "../", "document": document, "frozen": frozen}
        links = [*_neighbours(lectures, i), _link(f"../slides/{document.stem}.html", "Slides")]
        links += [_link(f"../exercises/{document.stem}.html", "Exercises")] if document.stem in stems else []
        pages[f"lectures/{document.stem}.html"] = templates.get_template("lecture.html").render(
            **shared, links=links
        )
        pages[f"slides/{document.stem}.html"] = templates.get_template("slides.html").render(
            **shared, slides=decks.slides(document.parts)
        )
    for document in exercises:
        links = [_link(f"../lectures/{document.stem}.html", "Lecture")]
        pages[f"exercises/{document.stem}.html"] = templates.get_template("lecture.html").render(
            title=document.title, root="../", document=document, frozen=frozen, links=links
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
    return pages


def _link(url: str, text: str, rel: str = "") -> dict[str, str]:
    return {"url": url, "text": text, "rel": rel}


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


def _static() -> dict[str, str]:
    engine = Path(front.__file__).parent
    scripts = {path.name: path.read_text("utf-8") for path in (HERE / "static").iterdir()}
    scripts["front.js"] = as_classic_script((engine / "front.js").read_text("utf-8"))
    scripts["front.css"] = (engine / "front.css").read_text("utf-8")
    return {f"static/{name}": text for name, text in scripts.items()}


def _call(function: str, *values: Any) -> str:
    """A script that hands plain data to a function of page.js: browsers fetch nothing from the disk."""
    plain = (json.dumps(value, ensure_ascii=False, default=float) for value in values)
    return f"{function}({', '.join(plain)});\n"


def as_classic_script(module: str) -> str:
    """The front end without `export`: browsers load no modules from files. ValueError without that line."""
    end = "export default { render };"
    if module.count(end) != 1:
        raise ValueError(f"front.js must end with {end!r}")
    return f"const lsmlFront = (() => {{\n{module.replace(end, 'return { render };')}}})();\n"


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


# --- the code's own pages ---


def _write_api(folder: Path) -> list[str]:
    """The pages of `lsml_core`; their places relative to the site."""
    import pdoc
    import pdoc.render

    pdoc.render.configure(docformat="google", search=True, show_source=True)
    shutil.rmtree(folder, ignore_errors=True)
    pdoc.pdoc("lsml_core", output_directory=folder)
    return [path.relative_to(folder.parent).as_posix() for path in folder.rglob("*") if path.is_file()]


def _remove_others(target: Path, kept: set[str]) -> None:
    for path in target.rglob("*"):
        if path.is_file() and path.relative_to(target).as_posix() not in kept:
            path.unlink()
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
