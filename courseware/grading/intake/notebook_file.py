"""The bytes of any file → the cells of the notebook in it, and remarks on what was repaired.

If there are none, `Unreadable` says why, in a sentence for student and instructor. `file_content` reads the
bytes. A notebook is read for its cells' kind, source, labels and pasted pictures alone, so what is wrong
elsewhere does not matter.
"""

import base64
import binascii
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from courseware.grading.intake.file_content import MAX_FILE, Unreadable

MAX_BYTES = 10 * 2**20
"""Of what is read: outputs and the state of widgets are left out of larger files first, then pictures."""
MAX_ENTRIES = 10_000
"""Files in a zip archive."""
MAX_CELLS = 1000
MAX_CONTAINERS = 10**6
"""Lists and objects in one file: an empty list takes two bytes there and fifty here."""

LEFT_OUT = rb"outputs|widgets", rb"attachments"
BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
"""The next one that is not in a string."""
PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
"""Kinds of pictures that are shown, and how they begin. An SVG could load things and run scripts."""

HIDDEN = re.compile(r"(^|/)(\.ipynb_checkpoints/|__MACOSX/|[._][^/]*$)")
AGAIN = "Save it in JupyterLab (File, Save Notebook) and hand in the .ipynb file itself."
ARCHIVES = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip", b"Rar!": "RAR", b"7z\xbc\xaf": "7z"}
OTHER_KINDS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"<!": "a web page",
    b"<h": "a web page",
    **{magic: f"a {name} archive" for magic, name in ARCHIVES.items()},
}


@dataclass(frozen=True)
class Found:
    """A cell as it was handed in: nbgrader's grade id, and the ids that other programs gave it.

    `pictures` were pasted into it: name → kind (`image/png`), data in base64.
    """

    kind: Literal["code", "text"]
    source: str
    grade_id: str = ""
    ids: tuple[str, ...] = ()
    pictures: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def parse(data: bytes, set: str = "") -> tuple[list[Found], list[str]]:
    """The cells in `data` and remarks on what was repaired. Unreadable if it is no notebook.

    Of several notebooks in a zip archive the one that is named after the `set` is read.
    """
    remarks = []
    if data.startswith(b"PK\x03\x04"):
        data, name = _unpacked(data, set)
        remarks.append(f"A zip archive was handed in; the notebook {name!r} in it was read.")
    for magic, kind in OTHER_KINDS.items():
        if data.startswith(magic):
            raise Unreadable(f"It is {kind}, not a notebook. {AGAIN}")
    notebook = _json(_text(_made_smaller(data, remarks), remarks), remarks)
    raw = _raw_cells(notebook)
    cells = [_found(cell) for cell in raw if isinstance(cell, Mapping)]
    if odd := len(raw) - len(cells):
        remarks.append(f"Entries of the file that are no cells were left out: {odd}.")
    if damaged := cells.count(None):
        remarks.append(f"Cells whose text is no text were left out: {damaged}.")
    return [cell for cell in cells if cell], remarks


def _unpacked(data: bytes, set: str) -> tuple[bytes, str]:
    """The notebook in a zip archive and its name; nothing is written to disk.

    Packings other than the usual two unpack in one piece, so that a few bytes could fill the memory.
    """
    try:
        if data.count(b"PK\x01\x02") > MAX_ENTRIES:
            raise Unreadable(f"It is a zip archive with more than {MAX_ENTRIES} files in it. {AGAIN}")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            name = _only_notebook(archive.namelist(), set)
            if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Unreadable(f"It is a zip archive in an unusual packing. {AGAIN}")
            with archive.open(name) as entry:
                inside = entry.read(MAX_FILE + 1)
    except Unreadable:
        raise
    except Exception as error:  # zipfile lets many kinds through, also struct's and zlib's
        raise Unreadable(f"It is a zip archive that cannot be opened ({error}). {AGAIN}") from None
    if len(inside) > MAX_FILE:
        raise Unreadable(f"The notebook in the zip archive has more than {MAX_FILE // 2**20} MB.")
    return inside, name


def _only_notebook(files: list[str], set: str) -> str:
    notebooks = [name for name in files if name.lower().endswith(".ipynb") and not HIDDEN.search(name)]
    of_set = [name for name in notebooks if set and set.lower() in name.lower().replace(" ", "_")]
    for chosen in (notebooks, of_set):
        if len(chosen) == 1:
            return chosen[0]
    count = f"{len(notebooks)} notebooks" if notebooks else "no notebook"
    raise Unreadable(f"It is a zip archive with {count} in it. {AGAIN}")


def _made_smaller(data: bytes, remarks: list[str]) -> bytes:
    """`data` without what nobody reads, if it is too large with it. Unreadable if it still is."""
    for names in LEFT_OUT:
        if len(data) > MAX_BYTES:
            data = _without(data, names)
            remarks += ["The file is too large: its pictures were left out."] if names == LEFT_OUT[1] else []
    if len(data) > MAX_BYTES:
        size = (
            f"{len(data) / 1e6:.0f} MB even without outputs; more than {MAX_BYTES // 2**20} MB are not read"
        )
        raise Unreadable(f"The file has {size}.")
    return data


def _without(data: bytes, names: bytes) -> bytes:
    """JSON in UTF-8 with null in place of lists and objects of these `names`, wherever they stand.

    A quote in a string is escaped, so a name in quotes is one, and no part of a text.
    """
    kept, start, left = [], 0, MAX_CONTAINERS
    key = re.compile(rb'(?<!\\)"(?:' + names + rb')"[ \t\r\n]*+:[ \t\r\n]*+(?=[\[{])')
    while found := key.search(data, start):
        kept.append(data[start : found.end()])
        start, left = _end_of_value(data, found.end(), left)
    return b"null".join([*kept, data[start:]])


def _end_of_value(data: bytes, start: int, left: int) -> tuple[int, int]:
    """Where the list or object that begins at `start` ends, and how many more may come."""
    depth, at = 0, start
    while found := BRACKET.match(data, at):
        at = found.end()
        depth += 1 if found[1] in b"[{" else -1
        left -= depth > 0
        if left < 0:
            raise Unreadable(f"It holds more than {MAX_CONTAINERS} lists, so it is no notebook. {AGAIN}")
        if depth == 0:
            return at, left
    return len(data), left


def _text(data: bytes, remarks: list[str]) -> str:
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable(f"The file is empty. {AGAIN}")
    encoding = json.detect_encoding(data)
    if encoding == "utf-8-sig":
        remarks.append("The file starts with a byte order mark; it was read without it.")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        remarks.append("The file is not in UTF-8; it was read as Latin-1, so accents may look odd.")
        return data.decode("latin-1")


def _json(text: str, remarks: list[str]) -> object:
    """Numbers become None (none is needed, a huge one takes long); of a name said twice the last counts."""
    if text.count("[") + text.count("{") > MAX_CONTAINERS:
        raise Unreadable(f"It holds more than {MAX_CONTAINERS} lists, so it is no notebook. {AGAIN}")
    repeated = set()

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(pairs) != len(unique := dict(pairs)):
            repeated.add(True)
        return unique

    none = lambda _: None
    try:
        plain = json.loads(
            text, parse_int=none, parse_float=none, parse_constant=none, object_pairs_hook=once
        )
    except json.JSONDecodeError as error:
        raise Unreadable(_why_not_json(text, error)) from None
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable(f"Its lists are nested too deeply for a notebook. {AGAIN}") from None
    if repeated:
        remarks.append("The file says some things twice; the last time counts, as in Jupyter.")
    return plain


def _why_not_json(text: str, error: json.JSONDecodeError) -> str:
    if re.search(r"^<<<<<<< ", text, re.MULTILINE):
        return f"It holds the marks of an unfinished merge (<<<<<<<). {AGAIN}"
    if not text.lstrip().startswith(("{", "[")):
        python = re.search(r"^[ \t]*(def|import|from|class) \w", text, re.MULTILINE)
        return f"It is {'a Python script' if python else 'a text'}, not a notebook. {AGAIN}"
    unfinished = "Unterminated" in error.msg or not text[error.pos :].strip()
    if unfinished:
        return f"The file breaks off at line {error.lineno}: a download or an upload was cut short. {AGAIN}"
    return f"The file is damaged at line {error.lineno} ({error.msg}). {AGAIN}"


def _raw_cells(notebook: object) -> list[Any]:
    """Of nbformat 4, or of the sheets of nbformat 3."""
    if not isinstance(notebook, Mapping):
        raise Unreadable(f"It is JSON, but not a notebook. {AGAIN}")
    sheets = notebook.get("worksheets")
    sheets = sheets if isinstance(sheets, list) else []
    lists = [part.get("cells") for part in (notebook, *sheets) if isinstance(part, Mapping)]
    cells = [cells for cells in lists if isinstance(cells, list)]
    if not cells:
        raise Unreadable(f"It is JSON, but not a notebook: it has no list of cells. {AGAIN}")
    if sum(map(len, cells)) > MAX_CELLS:
        raise Unreadable(f"It has more than {MAX_CELLS} cells.")
    return [cell for part in cells for cell in part]


def _found(cell: Mapping[str, Any]) -> Found | None:
    """None if the cell's text is no text."""
    source = cell.get("source", cell.get("input", ""))
    lines = source if isinstance(source, list) else [source]
    if not all(isinstance(line, str) for line in lines):
        return None
    text = "".join(lines).replace("\r\n", "\n").replace("\r", "\n")
    meta = cell.get("metadata")
    meta = meta if isinstance(meta, Mapping) else {}
    nbgrader = meta.get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, Mapping) else ""
    ids = tuple(name for name in (cell.get("id"), meta.get("id")) if isinstance(name, str))
    kind = "code" if cell.get("cell_type") == "code" else "text"
    pictures = _pictures(cell.get("attachments")) if kind == "text" else {}
    return Found(kind, _writable(text), grade_id if isinstance(grade_id, str) else "", ids, pictures)


def _pictures(attachments: object) -> dict[str, tuple[str, str]]:
    """Those that are what they say they are; nothing else is shown to anybody."""
    found = {}
    for name, kinds in attachments.items() if isinstance(attachments, Mapping) else ():
        for kind, data in kinds.items() if isinstance(kinds, Mapping) else ():
            lines = data if isinstance(data, list) else [data]
            if kind not in PICTURES or not all(isinstance(line, str) for line in lines):
                continue
            if encoded := _base64("".join(lines), PICTURES[kind]):
                found[_writable(name)] = kind, encoded
    return found


def _base64(data: str, begins: bytes) -> str:
    """`data` in one line; empty unless it decodes to something that begins so."""
    try:
        plain = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(plain).decode() if plain.startswith(begins) else ""


def _writable(text: str) -> str:
    """A lone surrogate, which JSON can spell, fits into no file."""
    return text.encode("utf-8", "replace").decode()
