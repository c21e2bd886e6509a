"""Names that others chose (a student's, a file's), made fit to print and to be a file's name here.

Two names never share a file, also on a disk that takes `Ada` and `ada` for one; no name leaves its folder.
"""

import hashlib
import re
import unicodedata

PLAIN = re.compile(r"[a-z0-9_][a-z0-9_-]{0,39}")
"""Names that are their own file name. They hold no dot, so they cannot look like a name with a digest."""
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10))}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
PICTURE_OF = {chr(i): chr(0x2400 + i) for i in range(32)} | {"\x7f": "\N{SYMBOL FOR DELETE}"}
WORDS, DIGEST = 20, 32
"""Characters of a file's name. 128 bits: nobody finds two names with one digest by trying."""


def label(name: str) -> str:
    r"""`name` in NFC; what does not print is escaped: a line feed as `\n`, a stray byte as `\xe9`."""
    return "".join(c if c.isprintable() else _escaped(c) for c in unicodedata.normalize("NFC", name))


def student(name: str) -> str:
    r"""`label`, but two names have one only if they are the same in NFC: a backslash becomes two."""
    return label(name.replace("\\", "\\\\"))


def visible(text: str) -> str:
    """`text` with pictures of control characters in their place: what a terminal or a browser would obey."""
    return CONTROL.sub(lambda found: PICTURE_OF.get(found[0], "\N{REPLACEMENT CHARACTER}"), text)


def file_stem(name: str) -> str:
    """`ada` for `ada`; else what ASCII keeps of the name, a dot and a digest: `Jane_Doe.8c1f20aa36b1…`."""
    if PLAIN.fullmatch(name) and name not in RESERVED:
        return name
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "_", ascii_only).strip("_")[:WORDS]
    if words.lower() in RESERVED:  # on Windows also with something behind a dot
        words += "_"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{words or 'student'}.{digest[:DIGEST]}"


def _escaped(character: str) -> str:
    r"""A byte that is not UTF-8 arrives as a lone surrogate; a no-break space is `\u00a0`, not that byte."""
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    return f"\\u{number:04x}" if 0x80 <= number <= 0xFF else character.encode("unicode_escape").decode()
