"""Intake: every file is accepted or explained, and what the release locks is the release's."""

import copy
import io
import json
import os
import sys
import zipfile
from functools import cache
from pathlib import Path

import nbformat
import pytest
from helpers import ROOT
from hypothesis import example, given
from hypothesis import strategies as st

from courseware.grading import names
from courseware.grading.intake import file_content, rebuild
from courseware.grading.release import student_version

MASTER = ROOT / "solutions" / "01_momentum_and_adaptive_steps.ipynb"
ANSWERS = [
    "momentum_step",
    "nesterov_step",
    "adagrad_step",
    "rmsprop_step",
    "adam_step",
    "measure_rate",
    "counterexample",
]
ANSWER = "def {}(*args):\n    return 1"


@cache
def release():
    return student_version(nbformat.read(MASTER, as_version=4))


def plain():
    """The release as a student's file: plain JSON to be damaged."""
    return json.loads(json.dumps(release()))


def solved(*ids):
    """The release with an answer in each cell, or in these alone."""
    notebook = plain()
    for name in ids or ANSWERS:
        cell(notebook, name)["source"] = ANSWER.format(name)
    cell(notebook, "why_momentum_helps")["source"] = "Signs alternate."
    cell(notebook, "show_saddle")["source"] = "The product of the eigenvalues is negative."
    return notebook


def cell(notebook, name):
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def position(notebook, name):
    return notebook["cells"].index(cell(notebook, name))


def code(source, **more):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], **more}


@pytest.fixture
def taken(tmp_path):
    """Write a notebook, or bytes, and read them as a submission."""

    def take(content, name="ada.ipynb"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return rebuild.read(path, release())

    return take


def sources(got):
    return {c.id: c.source for c in got.cells.cells}


def answered(got):
    return {c.id for c in got.cells.cells if c.source == ANSWER.format(c.id)}


def test_an_untouched_release_has_nothing_to_remark(taken):
    got = taken(plain())
    assert (got.remarks, got.review_reasons) == ((), ())
    assert [(c.kind, c.id) for c in got.cells.cells] == [("answer", name) for name in ANSWERS]
    assert sources(got) == {name: cell(plain(), name)["source"] for name in ANSWERS}
    assert got.notebook == release()


def test_answers_are_taken_and_everything_else_is_the_release_s(taken):
    got = taken(solved())
    assert answered(got) == {*ANSWERS}
    assert got.texts["why_momentum_helps"] == "Signs alternate."
    assert (got.remarks, got.review_reasons) == ((), ())
    rest = copy.deepcopy(got.notebook)
    for name in [*ANSWERS, "why_momentum_helps", "show_saddle"]:
        cell(rest, name)["source"] = cell(plain(), name)["source"]
    assert rest == release()
    nbformat.validate(got.notebook)


# --- surgery on cells ---


def test_an_edited_test_has_no_effect_and_is_named(taken):
    notebook = solved()
    cell(notebook, "adagrad_step_test")["source"] = "print('fine')"
    got = taken(notebook)
    assert cell(got.notebook, "adagrad_step_test") == cell(release(), "adagrad_step_test")
    assert got.remarks == ("The test cell adagrad_step_test was edited; the original was used.",)
    assert answered(got) == {*ANSWERS}


def test_a_deleted_test_is_back_and_is_named(taken):
    notebook = solved()
    notebook["cells"].remove(cell(notebook, "adam_step_test"))
    got = taken(notebook)
    assert cell(got.notebook, "adam_step_test") == cell(release(), "adam_step_test")
    assert "adam_step_test is missing; the original was used." in got.remarks[0]


def test_a_copied_test_is_there_once_and_does_not_run_as_the_student_s(taken):
    notebook = solved()
    copied = cell(notebook, "adam_step_test")
    notebook["cells"] += [copied, code(copied["source"])]
    got = taken(notebook)
    assert [c.id for c in got.cells.cells] == ANSWERS
    assert got.remarks == ("The test cell adam_step_test is there more than once; the original was used.",)


def test_a_deleted_answer_counts_as_not_begun(taken):
    notebook = solved()
    notebook["cells"].remove(cell(notebook, "adam_step"))
    got = taken(notebook)
    assert sources(got)["adam_step"] == cell(release(), "adam_step").source
    assert answered(got) == {*ANSWERS} - {"adam_step"}
    assert got.remarks == ("The answer cell adam_step is missing; it counts as not begun.",)


@pytest.mark.parametrize("stub", ["merged", "left above"])
def test_an_answer_in_a_test_cell_is_read_and_named(taken, stub):
    """JupyterLab's "Merge Cell Above" keeps the id of the lower cell, and all visible checks pass."""
    notebook = solved()
    answer, test = cell(notebook, "adam_step"), cell(notebook, "adam_step_test")
    test["source"] = f"{answer['source']}\n\n{test['source']}"
    if stub == "merged":
        notebook["cells"].remove(answer)
    else:
        answer["source"] = cell(plain(), "adam_step")["source"]
    got = taken(notebook)
    assert sources(got)["adam_step"].startswith(ANSWER.format("adam_step"))
    assert answered(got) == {*ANSWERS} - {"adam_step"}
    assert cell(got.notebook, "adam_step_test") == cell(release(), "adam_step_test")
    (reason,) = got.review_reasons
    assert reason.startswith("adam_step was read from a test cell")


def test_an_answer_that_a_test_cell_changes_is_for_a_person(taken):
    notebook = solved()
    cell(notebook, "adam_step_test")["source"] += "\n\ndef adam_step(*_):\n    return 0\n"
    got = taken(notebook)
    assert answered(got) == {*ANSWERS}
    assert got.review_reasons == (
        "adam_step was changed in a test cell, which is not run: its own cell was graded.",
    )


def test_the_stub_does_not_undo_an_answer_in_the_set_up_cell(taken):
    notebook = solved()
    answer = cell(notebook, "adam_step")
    cell(notebook, "setup")["source"] += f"\n\n{answer['source']}"
    notebook["cells"].remove(answer)
    got = taken(notebook)
    assert sources(got)["adam_step"] == ""
    assert any(ANSWER.format("adam_step") in c.source for c in got.cells.cells if c.kind == "extra")
    assert "its function stands in the cell of another answer or of the set-up" in got.review_reasons[0]


def test_a_split_answer_runs_piece_by_piece(taken):
    """JupyterLab gives both halves of a split cell the same label."""
    notebook = solved()
    at = position(notebook, "adam_step")
    halves = [copy.deepcopy(notebook["cells"][at]) for _ in range(2)]
    halves[0]["source"], halves[1]["source"] = (
        "def helper(): return 1",
        "def adam_step(*args): return helper()",
    )
    notebook["cells"][at : at + 1] = halves
    got = taken(notebook)
    assert sources(got)["adam_step"] == "\n\n".join(half["source"] for half in halves)
    assert "adam_step is there more than once; the copies ran in order" in got.remarks[0]


def test_an_exact_copy_of_an_answer_runs_once(taken):
    notebook = solved()
    notebook["cells"].append(cell(notebook, "adam_step"))
    assert answered(taken(notebook)) == {*ANSWERS}


@pytest.mark.parametrize("stub_first", [True, False])
def test_a_copy_of_the_stub_does_not_undo_an_answer(taken, stub_first):
    notebook = solved()
    stub = cell(plain(), "adam_step")
    notebook["cells"].insert(position(notebook, "adam_step") + (not stub_first), stub)
    assert answered(taken(notebook)) == {*ANSWERS}


def test_moved_answers_come_in_the_order_of_the_release(taken):
    notebook = solved()
    notebook["cells"].reverse()
    got = taken(notebook)
    assert [c.id for c in got.cells.cells] == ANSWERS
    assert answered(got) == {*ANSWERS}
    assert got.remarks == ("Cells were moved; they were run in the order of the released notebook.",)


@pytest.mark.parametrize("kind", ["markdown", "raw", "heading", 3, None])
def test_an_answer_in_a_cell_of_another_kind_is_read(taken, kind):
    notebook = solved()
    cell(notebook, "adam_step")["cell_type"] = kind
    got = taken(notebook)
    assert answered(got) == {*ANSWERS}
    assert "adam_step was turned into another kind of cell" in got.remarks[0]
    assert cell(got.notebook, "adam_step").cell_type == "code"


def test_a_text_answer_in_a_code_cell_is_text(taken):
    notebook = solved()
    cell(notebook, "why_momentum_helps")["cell_type"] = "code"
    got = taken(notebook)
    assert got.texts["why_momentum_helps"] == "Signs alternate."
    assert [c.id for c in got.cells.cells] == ANSWERS


def test_a_label_of_another_name_does_not_hide_the_answer(taken):
    notebook = solved()
    cell(notebook, "adam_step")["metadata"]["nbgrader"]["grade_id"] = "mine"
    assert answered(taken(notebook)) == {*ANSWERS}


def test_two_answers_that_swapped_labels_are_both_still_there(taken):
    notebook = solved()
    one, other = cell(notebook, "adam_step"), cell(notebook, "rmsprop_step")
    one["metadata"], other["metadata"] = other["metadata"], one["metadata"]
    got = sources(taken(notebook))
    assert {got["adam_step"], got["rmsprop_step"]} == {
        ANSWER.format(n) for n in ("adam_step", "rmsprop_step")
    }


def test_cells_of_one_s_own_stay_where_they_are(taken):
    notebook = solved()
    for name in ("nesterov_step", "adam_step_test"):
        notebook["cells"].insert(position(notebook, name) + 1, code(f"after = {name!r}"))
    notebook["cells"].insert(0, code("import math"))
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "a note"})
    got = taken(notebook)
    order = [c.source if c.kind == "extra" else c.id for c in got.cells.cells]
    with_extras = ["import math", *ANSWERS]
    with_extras.insert(with_extras.index("nesterov_step") + 1, "after = 'nesterov_step'")
    with_extras.insert(with_extras.index("adam_step") + 1, "after = 'adam_step_test'")
    assert order == with_extras
    assert got.remarks == ()
    nbformat.validate(got.notebook)


def test_imports_added_to_the_set_up_cell_run_after_the_original(taken):
    notebook = solved()
    edited = cell(notebook, "setup")["source"] + "\nimport math"
    cell(notebook, "setup")["source"] = edited
    got = taken(notebook)
    assert cell(got.notebook, "setup") == cell(release(), "setup")
    assert next((c.kind, c.source) for c in got.cells.cells) == ("extra", edited)
    assert "setup was edited; the original ran first" in got.remarks[0]


def test_code_under_the_id_of_a_prompt_is_the_student_s_own(taken):
    notebook = solved()
    notebook["cells"][5] |= code("x = 1")
    assert "x = 1" in sources(taken(notebook)).values()
    notebook = plain()
    notebook["cells"][position(notebook, "adam_step") - 1] |= code(ANSWER.format("adam_step"))
    assert answered(taken(notebook)) == {"adam_step"}


def test_a_cell_of_one_s_own_beside_a_stub_is_not_the_answer(taken):
    notebook = plain()
    notebook["cells"].insert(position(notebook, "adam_step") + 1, code("x = 1"))
    got = taken(notebook)
    assert sources(got)["adam_step"] == cell(release(), "adam_step").source
    assert [c.source for c in got.cells.cells if c.kind == "extra"] == ["x = 1"]


# --- labels that were lost ---


def strip(notebook, *, ids=True):
    for c in notebook["cells"]:
        c["metadata"] = {}
        if ids:
            c.pop("id")
    return notebook


@pytest.mark.parametrize("ids", [True, False], ids=["ids too", "ids kept"])
def test_without_labels_all_answers_are_found_and_it_is_said_how(taken, ids):
    got = taken(strip(solved(), ids=ids))
    assert answered(got) == {*ANSWERS}
    assert got.texts["why_momentum_helps"] == "Signs alternate."
    how = "the name of the function" if ids else "cell id"
    assert f"Read from cells without a label, recognised by {how}: momentum_step" in got.remarks[0]
    assert len(got.review_reasons) == ids  # the text answer was recognised by its place alone


def test_an_id_in_the_metadata_counts_as_colab_writes_it(taken):
    notebook = solved()
    for c in notebook["cells"]:
        c["metadata"] = {"id": c.pop("id")}
    got = taken(notebook)
    assert answered(got) == {*ANSWERS}
    assert got.review_reasons == ()


def test_an_answer_in_a_new_cell_below_the_stub_is_found(taken):
    notebook = plain()
    notebook["cells"].insert(position(notebook, "adam_step") + 1, code(ANSWER.format("adam_step")))
    below = position(notebook, "why_momentum_helps") + 1
    notebook["cells"].insert(below, {"cell_type": "markdown", "metadata": {}, "source": "Because."})
    got = taken(notebook)
    assert answered(got) == {"adam_step"}
    assert got.texts["why_momentum_helps"] == "Because."


def test_a_renamed_function_without_a_label_is_found_by_its_place(taken):
    notebook = solved()
    at = position(notebook, "adam_step")
    notebook["cells"][at] = code("def my_adam(w):\n    return w")
    got = taken(notebook)
    assert sources(got)["adam_step"] == "def my_adam(w):\n    return w"
    assert got.review_reasons == ("Recognised by place alone: adam_step.",)


def test_an_answer_typed_into_the_prompt_is_for_a_person(taken):
    notebook = plain()
    notebook["cells"][position(notebook, "why_momentum_helps") - 1]["source"] += "\n\nMy answer."
    assert "the answer may stand there" in taken(notebook).review_reasons[0]


def test_the_notebook_of_another_set_is_for_a_person(tmp_path):
    got = rebuild.read(ROOT / "exercises" / "00_start_here.ipynb", release())
    assert got.remarks == ()
    assert "another set" in got.review_reasons[0]
    assert [c.id for c in got.cells.cells if c.kind == "answer"] == ANSWERS


# --- damaged and foreign files ---


def text(notebook):
    return json.dumps(notebook, ensure_ascii=False, indent=1)


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        (text(solved()).encode("utf-8-sig"), "byte order mark"),
        (text(solved()).encode("utf-16"), None),
        (text(solved()).encode("utf-32-le"), None),
        (text(solved()).encode("latin-1", "replace").replace(b"?", b"\xe9"), "Latin-1"),
        (text(solved()).replace("\n", "\r\n").encode(), None),
        (text(solved()).replace("\\n", "\\r\\n").encode(), None),
        (text(solved()).replace("{", '{"x": NaN, "y": 1' + "0" * 5000 + ",", 1).encode(), None),
        (text(solved()).replace('"source":', '"source": "twice", "source":').encode(), "twice"),
    ],
    ids=["BOM", "UTF-16", "UTF-32", "Latin-1", "CRLF", "CRLF-in-cells", "numbers", "duplicates"],
)
def test_odd_encodings_are_read(taken, data, remark):
    got = taken(data)
    assert answered(got) == {*ANSWERS}
    assert remark is None or any(remark in said for said in got.remarks)


def test_sources_as_lists_of_lines_are_joined(taken):
    notebook = solved()
    for c in notebook["cells"]:
        c["source"] = c["source"].splitlines(keepends=True)
    assert answered(taken(notebook)) == {*ANSWERS}


def test_nbformat_3_is_read(taken):
    cells = solved()["cells"]
    for c in cells:
        c.pop("id")
        if c["cell_type"] == "code":
            c["input"] = c.pop("source")
    old = {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells[:9]}, {"cells": cells[9:]}]}
    assert answered(taken(old)) == {*ANSWERS}


@pytest.mark.parametrize("wrong", [None, 3, True, {"a": 1}, [1], [["a"]], "\ud800"])
@pytest.mark.parametrize("field", ["source", "metadata", "cell_type", "id", "outputs"])
def test_wrong_types_in_a_cell_cost_at_most_that_cell(taken, field, wrong):
    notebook = solved()
    cell(notebook, "adam_step")[field] = wrong
    got = taken(notebook)
    assert answered(got) >= {*ANSWERS} - {"adam_step"}
    json.dumps(got.notebook, ensure_ascii=False).encode()  # no lone surrogates
    assert got.review_reasons == ()


def zipped(*entries):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return data.getvalue()


def test_a_zip_with_one_notebook_is_read_and_nothing_is_unpacked(taken, tmp_path):
    got = taken(zipped(("../../evil.ipynb", text(solved())), ("__MACOSX/._evil.ipynb", "")), "ada.zip")
    assert answered(got) == {*ANSWERS}
    assert [p.name for p in tmp_path.iterdir()] == ["ada.zip"]
    assert "zip archive" in got.remarks[0]


def packed(method):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        archive.writestr("a.ipynb", text(solved()))
    return data.getvalue()


def test_of_two_notebooks_in_a_zip_the_one_named_after_the_set_is_read(tmp_path):
    (tmp_path / "ada.zip").write_bytes(zipped(("notes.ipynb", "{}"), (f"x/{MASTER.name}", text(solved()))))
    got = rebuild.read(tmp_path / "ada.zip", release(), set=MASTER.stem)
    assert answered(got) == {*ANSWERS}


def test_the_notebook_in_a_zip_may_be_named_in_capitals(taken):
    assert answered(taken(zipped(("01 MOMENTUM.IPYNB", text(solved()))))) == {*ANSWERS}


MEGABYTES = 10**6
UNREADABLE = {
    "empty": (b"", "empty"),
    "blank": (b" \n\0", "empty"),
    "a PDF": (b"%PDF-1.7 ...", "a PDF"),
    "gzip": (b"\x1f\x8b\x08...", "gzip"),
    "a zip without notebooks": (zipped(("a.py", "")), "no notebook in it"),
    "a zip with two": (zipped(("a.ipynb", ""), ("b.ipynb", "")), "2 notebooks"),
    "a zip bomb": (zipped(("a.ipynb", b" " * 40 * MEGABYTES)), "more than 10 MB"),
    "bzip2": (packed(zipfile.ZIP_BZIP2), "unusual packing"),
    "lzma": (packed(zipfile.ZIP_LZMA), "unusual packing"),
    "a broken zip": (zipped(("a.ipynb", "{}"))[:-30], "cannot be opened"),
    "Python": (b"import numpy\n", "a Python script"),
    "prose": (b"Dear teacher,", "a text"),
    "HTML": (b"<!DOCTYPE html>", "a web page"),
    "cut short": (text(solved()).encode()[:4000], "breaks off"),
    "damaged": (text(solved()).encode().replace(b":", b";", 1), "damaged at line"),
    "merge": (text(solved()).encode().replace(b"\n", b"\n<<<<<<< HEAD\n", 1), "unfinished merge"),
    "a list": (b"[1, 2]", "not a notebook"),
    "no cells": (b'{"a": 1}', "no list of cells"),
    "deep": (b'{"cells":' + b"[" * 100_000, "nested"),
    "wide": (b'{"cells":[' + b"[]," * 2_000_000 + b"[]]}", "more than 1000000 lists"),
    "many cells": (b'{"cells":[' + b"{}," * 5000 + b"{}]}", "more than 1000 cells"),
    "huge": (b" " * 12 * MEGABYTES, "12 MB"),
    "lines": (b"x" + b"\n" * 9 * MEGABYTES, "a text"),
}


@pytest.mark.parametrize(("data", "why"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_notebook_is_explained(taken, data, why):
    got = taken(data)
    assert got.notebook is None
    assert got.cells.cells == ()
    (said,) = got.review_reasons
    assert said.startswith("ada.ipynb: ")
    assert why in said
    assert len(said) < 400


def test_a_file_under_another_name_is_read_with_a_remark(taken):
    got = taken(solved(), "ada.ipynb.txt")
    assert answered(got) == {*ANSWERS}
    assert "ada.ipynb.txt" in got.remarks[0]


def test_a_folder_or_nothing_at_all_is_explained(tmp_path):
    assert "folder" in rebuild.read(tmp_path, release()).review_reasons[0]
    assert "no such file" in rebuild.read(tmp_path / "gone.ipynb", release()).review_reasons[0]
    assert "cannot be read" in rebuild.read(tmp_path / "a\0b.ipynb", release()).review_reasons[0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in the file system")
def test_pipes_and_devices_do_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    for path in (tmp_path / "pipe.ipynb", Path("/dev/zero")):
        assert "device or a pipe" in rebuild.read(path, release()).review_reasons[0]


def test_links_are_not_followed(tmp_path):
    (tmp_path / "secret.ipynb").write_text(text(solved()))
    (tmp_path / "ada.ipynb").symlink_to(tmp_path / "secret.ipynb")
    got = rebuild.read(tmp_path / "ada.ipynb", release())
    assert got.notebook is None
    assert "link" in got.review_reasons[0]
    secret = file_content.fingerprint(tmp_path / "secret.ipynb")
    assert file_content.fingerprint(tmp_path / "ada.ipynb") != secret


BASE = text(solved()).encode()


@given(st.lists(st.tuples(st.integers(0, len(BASE)), st.integers(0, 40), st.binary(max_size=12)), max_size=4))
def test_damage_anywhere_is_survived(tmp_path_factory, cuts):
    data = BASE
    for at, length, new in cuts:
        data = data[:at] + new + data[at + length :]
    path = tmp_path_factory.getbasetemp() / "damaged.ipynb"
    path.write_bytes(data)
    got = rebuild.read(path, release())
    if got.notebook is None:
        assert got.review_reasons
    else:
        assert [c.id for c in got.cells.cells if c.kind == "answer"] == ANSWERS
        locked = [c for c in got.notebook["cells"] if c["metadata"].get("nbgrader", {}).get("locked")]
        assert locked == [c for c in release().cells if c.metadata.get("nbgrader", {}).get("locked")]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["cell_type", "source", "metadata", "id", "input", "nbgrader", "grade_id"])
odd_cells = st.dictionaries(keys, values | st.dictionaries(keys, values, max_size=2), max_size=5)


@given(st.lists(odd_cells | values, max_size=4), st.integers(0, 20))
def test_any_json_in_the_place_of_cells_is_survived(tmp_path_factory, odd, at):
    notebook = solved()
    notebook["cells"][at:at] = odd
    path = tmp_path_factory.getbasetemp() / "odd.ipynb"
    path.write_text(json.dumps(notebook))
    got = rebuild.read(path, release())
    assert {*ANSWERS} <= {c.id for c in got.cells.cells}
    assert answered(got) == {*ANSWERS}
    nbformat.validate(json.loads(nbformat.writes(got.notebook)))


# --- names ---


@given(st.sets(st.text(min_size=1, max_size=30), min_size=2, max_size=8))
@example({"ada", "Ada", "ADA"})
@example({"jane doe", "jane_doe", "jane-doe", "Jane Doe"})
def test_no_two_names_share_a_file_even_where_case_does_not_count(several):
    stems = {names.file_stem(name).casefold() for name in several}
    assert len(stems) == len(several)


@given(st.text(max_size=60) | st.sampled_from(["../x", "con", "NUL", "a/b", "..", "", "=1+1", "x" * 300]))
def test_a_file_s_name_stays_in_its_folder_and_fits_every_disk(name):
    stem = names.file_stem(name)
    assert stem.isascii()
    assert stem.lower().split(".")[0] not in {"con", "nul", "aux", "prn", "com1", "lpt9"}
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
    assert 0 < len(stem) <= 53
    assert not stem.startswith(".")
    assert names.file_stem(names.file_stem(name)) == stem or "." in stem


@given(st.text(max_size=30))
def test_labels_can_be_printed_and_written(name):
    label = names.label(name)
    assert label.isprintable()
    label.encode()
    assert names.label(label) == label
