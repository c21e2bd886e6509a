"""Damaged files: encodings, truncation, versions, links, archives, huge and empty ones.

Each hands something in at `path` (`folder` is for all submissions); `book` is a notebook worth 3 points. What
it still earns on the later question stands behind `earns`, and is nothing where that line is missing.
"""

import io
import json
import os
import zipfile


def zipped(*files):
    """A zip archive of (name, content)."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return data.getvalue()


def is_empty(path, book):
    """hands in nothing at all
    says: The file is empty."""
    path.touch()


def is_blank(path, book):
    """hands in a megabyte of zeros
    says: The file is empty."""
    path.write_bytes(bytes(1 << 20))


def breaks_off(path, book):
    """was cut short by an upload
    says: breaks off at line"""
    text = json.dumps(book, indent=1)
    path.write_text(text[: len(text) // 2])


def has_a_damaged_line(path, book):
    """lost a comma
    says: The file is damaged at line"""
    path.write_text(json.dumps(book, indent=1).replace('",\n', '"\n', 1))


def is_in_another_encoding(path, book):
    """comes from an editor that writes UTF-16
    says: returned 0
    earns: 3"""
    path.write_bytes(json.dumps(book).encode("utf-16"))


def starts_with_a_mark(path, book):
    """starts with a byte order mark
    says: The file starts with a byte order mark
    earns: 3"""
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(book).encode())


def is_in_latin_1(path, book):
    """holds bytes that are no UTF-8
    says: The file is not in UTF-8
    earns: 3"""
    path.write_bytes(
        json.dumps(book, ensure_ascii=False).encode("utf-8").replace(b"momentum", b"momentum\xe9", 1)
    )


def holds_half_a_character(path, book):
    """holds half a character, which no file can hold
    says: returned 0
    earns: 3"""
    book["cells"][0]["source"] = book["cells"][-1]["source"] = "\ud83d \udc80"
    path.write_text(json.dumps(book))


def is_too_deep(path, book):
    """is a list in a list in a list, a hundred thousand deep
    says: nested too deeply"""
    path.write_text("[" * 100_000)


def is_too_wide(path, book):
    """holds three million empty lists
    says: more than 1000000 lists"""
    path.write_text('{"cells": [' + "[]," * 3_000_000 + "[]]}")


def is_too_large(path, book):
    """holds a picture of 11 MB
    says: its pictures were left out
    earns: 3"""
    book["cells"][0]["attachments"] = {"x.png": {"image/png": "x" * (11 << 20)}}
    path.write_text(json.dumps(book))


def holds_a_huge_number(path, book):
    """holds a number of five million digits, which takes minutes to read
    says: returned 0
    earns: 3"""
    path.write_text(json.dumps(book)[:-1] + ', "x": ' + "9" * 5_000_000 + "}")


def says_everything_twice(path, book):
    """says some things twice, first the good ones
    says: The file says some things twice
    earns: 3"""
    path.write_text('{"cells": [], ' + json.dumps(book)[1:])


def has_too_many_cells(path, book):
    """has a hundred thousand cells
    says: more than 1000 cells"""
    book["cells"] += [{"cell_type": "code", "source": "x"}] * 100_000
    path.write_text(json.dumps(book))


def is_no_notebook(path, book):
    """is JSON, but a list of grades
    says: It is JSON, but not a notebook"""
    path.write_text(json.dumps([{"momentum_step": 3}]))


def has_no_cells(path, book):
    """has null where the cells belong
    says: it has no list of cells"""
    path.write_text(json.dumps(book | {"cells": None}))


def is_of_an_old_version(path, book):
    """was saved ten years ago, with sheets and inputs
    says: Read from cells without a label
    earns: 3"""
    old = [{"cell_type": c["cell_type"], "input": c["source"], "metadata": {}} for c in book["cells"]]
    path.write_text(json.dumps({"nbformat": 3, "worksheets": [{"cells": old}]}))


def is_of_a_version_to_come(path, book):
    """says that it was made by nbformat 99
    says: returned 0
    earns: 3"""
    path.write_text(json.dumps(book | {"nbformat": 99, "nbformat_minor": -1}))


def is_of_another_set(path, book):
    """is the notebook of another set
    says: is it the notebook of another set?"""
    cells = [{"cell_type": "code", "source": "def clip(x): return x", "metadata": {}}]
    path.write_text(json.dumps({"cells": cells}))


def is_a_script(path, book):
    """is a script with the right name
    says: It is a Python script, not a notebook."""
    path.write_text("import numpy as np\ndef momentum_step(): pass\n")


def is_a_pdf(path, book):
    """is a printed notebook
    says: It is a PDF, not a notebook."""
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)))


def is_half_merged(path, book):
    """holds the marks of an unfinished merge
    says: the marks of an unfinished merge"""
    path.write_text(
        json.dumps(book, indent=1)
        .replace('"cells"', '<<<<<<< mine\n"cells"\n=======\n'.strip(), 1)
        .replace("{", "{\n<<<<<<< mine", 1)
    )


def is_zipped(path, book):
    """is in a zip archive, whose name for it is a script
    says: A zip archive was handed in; the notebook
    earns: 3"""
    path.write_bytes(zipped(("<script>alert(1)</script>.ipynb", json.dumps(book))))


def is_zipped_with_a_way_out(path, book):
    """is in a zip archive that unpacks into the folder above, for whoever unpacks it
    says: A zip archive was handed in; the notebook
    earns: 3"""
    path.write_bytes(zipped(("../../planted.ipynb", json.dumps(book)), ("/planted", "planted")))


def is_two_in_one(path, book):
    """hands in two notebooks, so that the better one may count
    says: a zip archive with 2 notebooks"""
    path.write_bytes(zipped(("a.ipynb", json.dumps(book)), ("b.ipynb", json.dumps(book))))


def is_a_bomb(path, book):
    """is a zip archive of 100 kB that unpacks to 100 MB
    says: The notebook in the zip archive has more than"""
    path.write_bytes(zipped(("a.ipynb", bytes(100 << 20))))


def is_a_broken_archive(path, book):
    """is a zip archive whose end is missing
    says: a zip archive that cannot be opened"""
    path.write_bytes(zipped(("a.ipynb", json.dumps(book)))[:-30])


def is_a_link_to_a_neighbour(path, book):
    """is a link to a file that is worth more
    says: It is a link to another file; links are not followed."""
    path.symlink_to("honest_first.ipynb")


def is_a_link_without_end(path, book):
    """is a link to a device that never ends
    says: It is a link to another file; links are not followed."""
    path.symlink_to("/dev/zero")


def is_a_link_to_itself(path, book):
    """is a link to itself
    says: It is a link to another file; links are not followed."""
    path.symlink_to(path.name)


def is_a_pipe(path, book):
    """is a pipe into which nobody writes
    says: It is a device or a pipe, not a file."""
    os.mkfifo(path)


def is_a_folder(path, book):
    """is a folder with a folder in it that has the name of a notebook
    says: It is a folder without a notebook of this set."""
    (path.with_suffix("") / path.name).mkdir(parents=True)


def is_a_folder_of_thousands(path, book):
    """is a folder of two thousand files beside the one that counts
    says: and 1990 more
    earns: 3"""
    folder = path.with_suffix("")
    folder.mkdir()
    for i in range(2000):
        (folder / f"other{i:04d}.txt").touch()
    (folder / "01_momentum_and_adaptive_steps.ipynb").write_text(json.dumps(book))


def is_a_folder_that_leads_out(path, book):
    """is a folder with a link to all other submissions in it
    says: links are not followed"""
    folder = path.with_suffix("")
    folder.mkdir()
    (folder / "01_momentum_and_adaptive_steps.ipynb").symlink_to("..")
