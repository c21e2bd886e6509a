"""Names that others chose (a student's, a file's), made fit to print and to be a file's name here.

Two names never share a file, also on a disk that takes `Ada` and `ada` for one; no name leaves its folder.
"""

import hashlib
import os
import re
import unicodedata

PLAIN = re.compile(r"[a-z0-9_][a-z0-9_-]{0,39}")
"""Names that are their own file name. They hold no dot, so they cannot look like a name with a digest."""
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10))}


def label(name: str) -> str:
    r"""`name` in NFC; what does not print is escaped: a line feed as `\n`, a stray byte as `\xe9`."""
    readable = os.fsencode(name).decode("utf-8", "backslashreplace") if _has_stray_bytes(name) else name
    normal = unicodedata.normalize("NFC", readable)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in normal)


def file_stem(name: str) -> str:
    """`ada` for `ada`; else what ASCII keeps of the name, a dot and a digest: `Jane_Doe.8c1f20aa36b1`."""
    if PLAIN.fullmatch(name) and name not in RESERVED:
        return name
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "_", ascii_only).strip("_")[:40]
    if words.lower() in RESERVED:  # on Windows also with something behind a dot
        words += "_"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{words or 'student'}.{digest[:12]}"


def _has_stray_bytes(name: str) -> bool:
    """File names that are not UTF-8 arrive with lone surrogates, which no file can be written with."""
    return any("\ud800" <= c <= "\udfff" for c in name)
