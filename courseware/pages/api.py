"""The pages of `lsml_core`, made from its docstrings by pdoc, and what the site's search knows of them.

pdoc's own pages hold most lines of code three times, with a link for each line: with the module, the class
and the method. Here each line is there once. Its own search, which takes 3.6 MB, is left out too.
"""

import json
import re
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from courseware import atomic
from courseware.pages import sources

TEMPLATES = Path(__file__).parent / "templates" / "api"
PACKAGE = "lsml_core"
ENTRIES = "entries.json"
ANCHORED = re.compile(r'<a\b[^>]*href="([^"#:]*)#([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
SCROLLED = re.compile(r'(<pre\b[^>]*|<div class="attr function")>')
HEADER = re.compile(r'(<a class="headerlink" href="#([^"]+)")>')


def write(folder: Path) -> list[str]:
    """Write the pages into `folder`, unless they are up to date; the names of its files, relative to it.

    folder: for nothing else: what is in it is removed before pages are written anew.
    """
    digest = sources.of_package(PACKAGE, *TEMPLATES.iterdir(), Path(__file__))
    if _read(folder)["digest"] != digest:
        shutil.rmtree(folder, ignore_errors=True)
        kept = {"digest": digest, "entries": _render(folder)}
        atomic.write(folder / ENTRIES, json.dumps(kept))  # last: an interrupted run is begun again
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def entries(folder: Path) -> list[dict[str, str]]:
    """For the search, one entry per module, class and function: title, page, address and words.

    folder: the one of `write`; empty if nothing was written there.
    """
    return _read(folder)["entries"]


def _read(folder: Path) -> dict[str, Any]:
    place = folder / ENTRIES
    return json.loads(place.read_text("utf-8")) if place.is_file() else {"digest": "", "entries": []}


def _render(folder: Path) -> list[dict[str, str]]:
    import pdoc.doc  # lazy import: pages without the code's own need it not
    import pdoc.extract
    import pdoc.render

    pdoc.render.configure(docformat="google", search=False, template_directory=TEMPLATES)
    pdoc.render.env.filters |= {"has_own_source": _has_own_source, "highlight": _highlighted}
    names = pdoc.extract.walk_specs([PACKAGE])
    modules = {name: pdoc.doc.Module.from_name(name) for name in names}
    pages = {_place(name): pdoc.render.html_module(module, modules) for name, module in modules.items()}
    ids = {place: {*re.findall(r'id="([^"]+)"', page)} for place, page in pages.items()}
    for place, page in pages.items():
        atomic.write(folder / place, _with_good_links(page, place, ids))
    found = []
    for name, module in modules.items():
        place = _place(name)
        public = (m for m in module.own_members if m.docstring and not m.name.startswith("_"))
        found += [_entry(place, module, name), *(_entry(f"{place}#{m.qualname}", m, name) for m in public)]
    return found


def _place(module: str) -> str:
    return f"{module.replace('.', '/')}.html"


def _with_good_links(page: str, place: str, ids: Mapping[str, Collection[str]]) -> str:
    """Links to what has no entry of its own, such as private names, become words; empty ones get a label.
    What may be wider than its place can be scrolled with the keyboard.

    ids: place of a page → the anchors on it.
    """

    def checked(found: re.Match[str]) -> str:
        address, anchor, words = found.groups()
        there = normpath(join(dirname(place), address)) if address else place
        return found[0] if there not in ids or anchor in ids[there] else words

    labelled = HEADER.sub(r'\1 aria-label="Link to \2">', page)
    return SCROLLED.sub(r'\1 tabindex="0">', ANCHORED.sub(checked, labelled))


def _entry(place: str, doc: Any, page: str) -> dict[str, str]:
    return {"title": doc.name, "page": page, "url": f"api/{place}", "text": " ".join(doc.docstring.split())}


def _has_own_source(doc: Any) -> bool:
    return doc.kind in ("class", "function") and "." not in doc.qualname and bool(doc.source)


def _highlighted(doc: Any) -> Markup:
    return Markup(highlight(doc.source, PythonLexer(), HtmlFormatter(cssclass="pdoc-code codehilite")))
