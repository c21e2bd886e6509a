"""CSV that spreadsheets read without executing it, and that comes back as it was.

A cell that begins with = + - @ or a control character is a formula to a spreadsheet program; an apostrophe in
front makes it text. A program that splits at semicolons or tabs sees cells begin behind each of these and
behind each line break, so an apostrophe stands there, too. `read` takes all of them away.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

FORMULA = re.compile(r"""(^|[;\t\r\n])("*+)(?='*+[=+\-@\t\r\n])""")
ESCAPED = re.compile(r"""(^|[;\t\r\n])("*+)'(?='*+[=+\-@\t\r\n])""")
Value = str | float | int | None


def text(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """Header and rows; numbers in six digits, None empty."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerows([*map(_cell, row)] for row in (header, *rows))
    return sheet.getvalue()


def for_spreadsheets(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """`text` with a byte order mark, without which spreadsheet programs do not take a CSV for UTF-8."""
    return "\ufeff" + text(header, rows)


def read(path: Path) -> list[dict[str, str]]:
    """Rows by column name, however a spreadsheet program saved them: in its encoding, with , or ; or tab."""
    data = path.read_bytes()
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = data.decode("cp1252", "replace")
    header = content.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    rows = csv.DictReader(io.StringIO(content, newline=""), delimiter=separator)
    return [{k: _plain(v or "") for k, v in row.items() if isinstance(k, str)} for row in rows]


def _cell(value: Value) -> str:
    if isinstance(value, str):
        return FORMULA.sub(r"\1\2'", value)
    return "" if value is None else f"{value:.6g}"


def _plain(cell: str) -> str:
    return ESCAPED.sub(r"\1\2", cell)
