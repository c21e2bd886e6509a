"""nbformat, without an optional part of its schema (the syntax of web addresses) that takes 2 s to import."""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # pyright: ignore[reportArgumentType] - None: not installed

import nbformat  # noqa: E402
from nbformat import NotebookNode  # noqa: E402

__all__ = ["NotebookNode", "nbformat"]
