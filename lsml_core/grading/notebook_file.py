"""Any file → the cells of the notebook in it, or a sentence that says why there are none.

    content      path → bytes; regular files only, links are not followed, nothing blocks
    fingerprint  path → sha256 of these bytes, or of the reason why there are none
    parse        bytes → cells, and remarks on what was repaired
    Unreadable   its text is that sentence, for student and instructor

A notebook is read for its cells' kind, source and labels alone, so what is wrong elsewhere does not matter.
"""

import hashlib
import io
import json
import os
import re
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

MAX_BYTES = 10 * 2**20
MAX_CELLS = 1000
MAX_CONTAINERS = 10**6
"""Lists and objects in one file: an empty list takes two bytes there and fifty here."""

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


class Unreadable(ValueError):
    """There are no cells; the text is a sentence that says why."""


@dataclass(frozen=True)
class Found:
    """A cell as it was handed in: nbgrader's grade id, and the ids that other programs gave it."""

    kind: Literal["code", "text"]
    source: str
    grade_id: str = ""
    ids: tuple[str, ...] = ()


# --- path → bytes ---


def content(path: Path) -> bytes:
    """The bytes of a regular file of at most `MAX_BYTES`. Unreadable for anything else."""
    try:
        _check_regular(os.lstat(path))
        return _read(path)
    except Unreadable:
        raise
    except FileNotFoundError:
        raise Unreadable("There is no such file.") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte in it
        raise Unreadable(f"The file cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def fingerprint(path: Path) -> str:
    """Equal for two files that are read alike."""
    try:
        return hashlib.sha256(content(path)).hexdigest()
    except Unreadable as reason:
        return hashlib.sha256(f"unreadable: {reason}".encode()).hexdigest()


def _read(path: Path) -> bytes:
    """What was checked may have been replaced: opening neither follows a link nor waits for a pipe."""
    flags = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    with open(os.open(path, flags), "rb") as file:
        _check_regular(os.fstat(file.fileno()))
        return file.read(MAX_BYTES)


def _check_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise Unreadable("It is a folder without a notebook of this set.")
    if stat.S_ISLNK(status.st_mode):
        raise Unreadable("It is a link to another file; links are not followed.")
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("It is a device or a pipe, not a file.")
    if status.st_size > MAX_BYTES:
        megabytes = f"{status.st_size / 1e6:.0f} MB, more than the {MAX_BYTES / 1e6:.0f} MB that are read"
        raise Unreadable(f"The file has {megabytes}. Clear the outputs (Edit, Clear Outputs) and save again.")


# --- bytes → cells ---


def parse(data: bytes) -> tuple[list[Found], list[str]]:
    """The cells in `data` and remarks on what was repaired. Unreadable if it is no notebook."""
    remarks = []
    if data.startswith(b"PK\x03\x04"):
        data, name = _unpacked(data)
        remarks.append(f"A zip archive was handed in; the notebook {name!r} in it was read.")
    for magic, kind in OTHER_KINDS.items():
        if data.startswith(magic):
            raise Unreadable(f"It is {kind}, not a notebook. {AGAIN}")
    notebook = _json(_text(data, remarks), remarks)
    raw = _raw_cells(notebook)
    cells = [_found(cell) for cell in raw if isinstance(cell, Mapping)]
    if odd := len(raw) - len(cells):
        remarks.append(f"Entries of the file that are no cells were left out: {odd}.")
    if damaged := cells.count(None):
        remarks.append(f"Cells whose text is no text were left out: {damaged}.")
    return [cell for cell in cells if cell], remarks


def _unpacked(data: bytes) -> tuple[bytes, str]:
    """The only notebook in a zip archive and its name; nothing is written to disk."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [n for n in archive.namelist() if n.endswith(".ipynb") and not HIDDEN.search(n)]
            if len(names) != 1:
                raise Unreadable(f"It is a zip archive with {len(names)} notebooks in it. {AGAIN}")
            with archive.open(names[0]) as entry:
                inside = entry.read(MAX_BYTES + 1)
    except Unreadable:
        raise
    except Exception as error:  # zipfile lets many kinds through, also struct's, zlib's and lzma's
        raise Unreadable(f"It is a zip archive that cannot be opened ({error}). {AGAIN}") from None
    if len(inside) > MAX_BYTES:
        raise Unreadable(f"The notebook in the zip archive has more than {MAX_BYTES / 1e6:.0f} MB.")
    return inside, names[0]


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
    return Found(kind, _writable(text), grade_id if isinstance(grade_id, str) else "", ids)


def _writable(text: str) -> str:
    """A lone surrogate, which JSON can spell, fits into no file."""
    return text.encode("utf-8", "replace").decode()
