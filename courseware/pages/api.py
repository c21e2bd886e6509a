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
GENERATED = re.compile(
    r"Alias for field number \d+|Create new instance of \w+\(.*\)|\w+\([\w, ]*\)", re.DOTALL
)
"""What Python itself writes where a record has no docstring."""
EXPLAINED = re.compile(r"(?:^|\s{3,}|(?<=\.) )((?:\w+, )*\w+):(?= )")
"""`eta, beta: ` at the beginning of a line, after three spaces, or after a sentence."""
QUOTE = "(?:&#x27;|&#39;|&quot;|'|\")"
DOT = r'<span class="o">\.</span>'
WRITTEN = (
    (re.compile(f"&lt;class {QUOTE}(.+?){QUOTE}&gt;"), r"\1"),
    (
        re.compile(
            rf'(?:<span class="n">)?ForwardRef(?:</span><span class="p">)?\((?:</span><span class="s1">)?'
            rf"{QUOTE}(\w+){QUOTE}(?:</span><span class=\"p\">)?\)(?:</span>)?"
        ),
        r"\1",
    ),
    (re.compile(rf'<span class="n">jaxtyping</span>{DOT}|\bjaxtyping\.(?=\w+\[)'), ""),
    (
        re.compile(
            rf'(<span class="n">(?:numpy|scipy|torch)</span>(?:{DOT}<span class="n">[a-z]\w*</span>)*)'
            rf'{DOT}<span class="n">_\w+</span>(?={DOT})'
        ),
        r"\1",
    ),
    (re.compile(r"\b((?:numpy|scipy|torch)(?:\.[a-z]\w*)*)\._\w+(?=\.)"), r"\1"),
)
"""How pdoc writes a type → how a reader would: no private module, no `<class '…'>`."""


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
    pdoc.render.env.filters |= {
        "has_own_source": _has_own_source,
        "highlight": _highlighted,
        "readable": _readable,
        "summary": _summary,
    }
    pdoc.render.env.tests["match_private"] = lambda name: name.startswith("_")
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
    for pattern, written in WRITTEN:
        labelled = pattern.sub(written, labelled)
    return SCROLLED.sub(r'\1 tabindex="0">', ANCHORED.sub(checked, labelled))


def _entry(place: str, doc: Any, page: str) -> dict[str, str]:
    return {"title": doc.name, "page": page, "url": f"api/{place}", "text": " ".join(doc.docstring.split())}


def _has_own_source(doc: Any) -> bool:
    return doc.kind in ("class", "function") and "." not in doc.qualname and bool(doc.source)


def _highlighted(doc: Any) -> Markup:
    return Markup(highlight(doc.source, PythonLexer(), HtmlFormatter(cssclass="pdoc-code codehilite")))


def _readable(doc: Any) -> str:
    """The docstring of a module, class or function as Markdown; empty if Python itself has written it."""
    text = doc.docstring.strip()
    if doc.kind != "module" and GENERATED.fullmatch(text):
        return ""
    return markdown(text, _parameters(doc))


def _parameters(doc: Any) -> set[str]:
    """Names that lines of a docstring explain: of a function its parameters, of a class its fields too."""
    if doc.kind == "function":
        return {*doc.signature.parameters}
    if doc.kind != "class":
        return set()
    created = doc.members.get("__init__")
    return {*doc.members, *(created.signature.parameters if created else ())}


def markdown(text: str, names: Collection[str]) -> str:
    """A docstring as Markdown: an indented table is kept as it is, explained names become a list.

    text: the docstring, its indentation removed.   names: of the parameters that a line may explain.
    """
    blocks: list[str] = []
    table = listed = False
    for line in text.splitlines():
        indented = line.startswith("    ")
        if indented != table and line.strip() and blocks and blocks[-1]:
            blocks.append("")
        table = indented if line.strip() else table
        items = [] if indented else _explanations(line, names)
        ended = blocks and blocks[-1].rstrip().endswith(".")
        if items:
            blocks += [items[0], ""] if items[0] else [""] if not listed else []
            blocks += [f"- {item}" for item in items[1:]]
        elif listed and ended and line[:1].isupper():
            blocks += ["", line]
            listed = False
            continue
        else:
            blocks.append(f"  {line}" if listed and line.strip() else line)
        listed = bool(items) or (listed and bool(line.strip()))
    return "\n".join(blocks)


def _explanations(line: str, names: Collection[str]) -> list[str]:
    """What stands before the first explained name, and then each explanation; empty if there is none."""
    known = lambda found: all(name in names or name.endswith("Error") for name in found[1].split(", "))
    starts = [found for found in EXPLAINED.finditer(line) if known(found)]
    if not starts:
        return []
    ends = [*(found.start() for found in starts[1:]), len(line)]
    told = (f"**{f[1]}**: {line[f.end() : end].strip()}" for f, end in zip(starts, ends, strict=True))
    return [line[: starts[0].start()].strip(), *told]


def _summary(doc: Any) -> str:
    """The first sentence of a docstring, on one line, without marks of Markdown."""
    first = " ".join(doc.docstring.split("\n\n")[0].split())
    return first.replace("`", "")
