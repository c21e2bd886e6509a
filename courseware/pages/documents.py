"""A notebook → its cells as HTML: text with MathML, code in colours, pictures as files, demos to be put in.

    part      one cell: its HTML, its place in the slides, and the demo or the practice that it shows
    pictures  file name → bytes of the pictures in the outputs; a name is a digest of the content

Nothing is run here: what a page shows is what the notebook stores.
"""

import ast
import base64
import hashlib
import html
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import nbformat
from nbconvert.filters import ansi2html
from nbformat import NotebookNode
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from courseware.notebooks import NOTES, WITHHELD, with_notes
from courseware.pages.mathematics import to_html, without_tags

DEMOS = "courseware.demos."
PRACTICE = "courseware.practice.widgets"
FOLDED = '<details class="withheld"><summary>{}</summary>{}</details>'
ANSWER, OUTPUT = "Output: it answers the question above", "Output of this cell"
"""Summaries of an output that is folded: of a cell below a prediction, and of any other."""
PREDICTION = re.compile(r"^\*\*Predict", re.MULTILINE)
SECTION = re.compile(r"^##? ", re.MULTILINE)
HEADING = re.compile(r'<h([1-3]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
INLINE_PICTURE = re.compile(r'src="data:image/(png|svg\+xml|jpeg);base64,([^"]+)"')
Slide = Literal["slide", "subslide", "fragment", "skip", "-"]


@dataclass(frozen=True)
class Part:
    """A cell. `code` and `output` are empty for text, `text` is empty for code.

    slide: its type in the notebook's metadata.   text, code, output: HTML.
    demo: `topic.idea.name` of the demo that the cell shows, or empty.   practice: does it start a session?
    question: does it show one question, so that nobody needs its code?
    notes: HTML of what the lecturer says about it; only the speaker's window of a deck shows it.
    """

    slide: Slide
    text: str = ""
    code: str = ""
    output: str = ""
    demo: str = ""
    practice: bool = False
    question: bool = False
    notes: str = ""


@dataclass(frozen=True)
class Document:
    """A notebook or a text as the parts of a page. `headings` are (level, anchor, words).

    stem: file name without its ending.   title: its first heading of level 1, else the stem.
    pictures: file name → bytes of what the parts show.
    """

    stem: str
    title: str
    parts: tuple[Part, ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def headings(self) -> list[tuple[int, str, str]]:
        found = (match for part in self.parts for match in HEADING.finditer(part.text))
        return [(int(level), anchor, words) for level, anchor, words in (m.groups() for m in found)]

    @property
    def demos(self) -> list[str]:
        return [part.demo for part in self.parts if part.demo]

    @property
    def practice(self) -> bool:
        """Whether a cell starts a practice session."""
        return any(part.practice for part in self.parts)


def read(path: Path) -> Document:
    """The document of the notebook at `path`.

    ValueError for a formula that cannot be shown, and for speaker notes that stand before every other cell.
    """
    notebook = nbformat.read(path, as_version=4)
    names, pictures, parts = dict[str, str](), dict[str, bytes](), list[Part]()
    asked = False  # was something to be predicted in this section?
    for cell in with_notes(notebook.cells):
        if cell.cell_type == "code":
            names |= demo_modules(cell.source)
        else:
            asked = bool(PREDICTION.search(cell.source)) or (asked and not SECTION.search(cell.source))
        parts.append(_part(cell, names, pictures, ANSWER if asked else OUTPUT))
    titles = (words for part in parts for level, _, words in HEADING.findall(part.text) if level == "1")
    return Document(path.stem, without_tags(next(titles, path.stem)), tuple(parts), pictures)


def read_text(path: Path) -> Document:
    """The document of a Markdown file. ValueError for a formula that cannot be shown."""
    part = Part("-", text=to_html(path.read_text("utf-8")))
    titles = (words for level, _, words in HEADING.findall(part.text) if level == "1")
    return Document(path.stem, without_tags(next(titles, path.stem)), (part,))


def _part(cell: NotebookNode, names: Mapping[str, str], pictures: dict[str, bytes], summary: str) -> Part:
    """The part that a cell becomes.   summary: of its output, if that is folded."""
    slide = cell.metadata.get("slideshow", {}).get("slide_type") or "-"
    notes = to_html(cell.metadata.get(NOTES, ""))
    if cell.cell_type != "code":
        return Part(slide, text=with_files(to_html(cell.source), pictures), notes=notes)
    demo, practice = shown_demo(cell.source, names), starts_practice(cell.source)
    output = "" if demo or practice else "".join(_outputs(cell.get("outputs", []), pictures))
    if withheld := cell.metadata.get(WITHHELD):
        output = FOLDED.format(summary, "".join(_outputs(withheld, pictures)))
    return Part(
        slide,
        code=_colored(cell.source),
        output=output,
        demo=demo,
        practice=practice,
        question="show_question(" in cell.source,
        notes=notes,
    )


def demo_modules(source: str) -> dict[str, str]:
    """Name in the notebook → `topic.idea`, for each module of demos that the cell `source` imports."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # an exercise's stub may be no Python yet
        return {}
    imports = (node for node in tree.body if isinstance(node, ast.ImportFrom))
    return {
        alias.asname or alias.name: f"{node.module.removeprefix(DEMOS)}.{alias.name}"
        for node in imports
        if node.module and node.module.startswith(DEMOS)
        for alias in node.names
    }


def shown_demo(source: str, names: Mapping[str, str]) -> str:
    """`topic.idea.name` if the cell ends with `module.name.show()` of a demo, else an empty string.

    source: of the cell.   names: as `demo_modules` returns them, of this cell and those before it.
    """
    shown = re.search(r"^(\w+)\.(\w+)\.show\(\)\s*\Z", source, re.MULTILINE)
    return f"{names[shown[1]]}.{shown[2]}" if shown and shown[1] in names else ""


def starts_practice(source: str) -> bool:
    """Whether the cell ends with `practice()`, the session of the practice package."""
    return f"from {PRACTICE} import practice" in source and bool(
        re.search(r"^practice\(\)\s*\Z", source, re.MULTILINE)
    )


def _colored(source: str) -> str:
    lines = [line for line in source.splitlines() if line.strip() != "# NBVAL_CHECK_OUTPUT"]
    return highlight("\n".join(lines).strip(), PythonLexer(), HtmlFormatter(nowrap=True))


def _outputs(outputs: Sequence[NotebookNode], pictures: dict[str, bytes]) -> Iterator[str]:
    for output in outputs:
        if output.output_type == "stream":
            yield f"<pre>{ansi2html(output.text)}</pre>"
        elif output.output_type == "error":
            yield f"<pre>{html.escape(output.ename)}: {html.escape(output.evalue)}</pre>"
        elif "text/html" in output.data:
            yield with_files(output.data["text/html"], pictures)
        elif "text/markdown" in output.data:
            yield to_html(output.data["text/markdown"])
        elif "text/plain" in output.data:
            yield f"<pre>{html.escape(output.data['text/plain'])}</pre>"


def with_files(text: str, pictures: dict[str, bytes]) -> str:
    """`text` whose embedded pictures became files beside the page, loaded when they come near the screen.

    text: HTML of a page in a folder beside `pictures/`.   pictures: file name → bytes; new ones are added.
    """

    def outside(found: re.Match[str]) -> str:
        data = base64.b64decode(found[2])
        if found[1] == "svg+xml":
            name, size = f"{_digest(data)}.svg", ""
        else:
            picture = Image.open(io.BytesIO(data)).convert("RGB")
            file = io.BytesIO()
            picture.save(file, "webp", lossless=True)
            data = file.getvalue()
            name, size = f"{_digest(data)}.webp", f' width="{picture.width}" height="{picture.height}"'
        pictures[name] = data
        return f'src="../pictures/{name}" loading="lazy"{size}'

    return INLINE_PICTURE.sub(outside, text)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
