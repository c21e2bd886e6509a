"""Lectures only compose, hold what their sources say, and show a picture before anything runs."""

import ast
import re

import nbformat
import pytest
from helpers import ROOT
from IPython.core.inputtransformer2 import TransformerManager

from courseware import notebooks
from courseware.pages import documents

LECTURES = sorted((ROOT / "lectures").glob("*.ipynb"))
ALLOWED = {"lsml_core", "courseware", "numpy", "torch", "itertools"}
BANNED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.Try,
    ast.With,
)

each_lecture = pytest.mark.parametrize("path", LECTURES, ids=lambda p: p.stem)


def code_cells(path):
    return [c for c in nbformat.read(path, 4).cells if c.cell_type == "code"]


def complaints(source):
    """What a lecture cell must not do, found in its syntax tree."""
    tree = ast.parse(TransformerManager().transform_cell(source))
    for node in ast.walk(tree):
        if isinstance(node, BANNED):
            yield f"move this {type(node).__name__} into courseware"
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if not {n.split(".")[0] for n in names} <= ALLOWED:
            yield f"import {names} belongs in courseware"
    if len(source.splitlines()) > 12:
        yield "longer than a slide"


@each_lecture
def test_a_lecture_only_composes(path):
    found = [(i, c) for i, cell in enumerate(code_cells(path)) for c in complaints(cell.source)]
    assert not found


def unused(sources):
    """Names that the code of a lecture imports or sets and then never reads."""
    trees = [ast.parse(TransformerManager().transform_cell(source)) for source in sources]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imports = [n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    bound = {(a.asname or a.name).split(".")[0] for n in imports for a in n.names}
    bound |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return bound - {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)} - {"_"}


@each_lecture
def test_a_lecture_uses_what_it_imports_and_names(path):
    assert not unused(c.source for c in code_cells(path))


def test_an_unused_name_is_found():
    assert unused(["from lsml_core.data import load\nx, exam = load('digits'), 1", "x"]) == {"exam"}


@pytest.mark.parametrize(
    "source",
    [
        "def f(): pass",
        "for i in x: f(i)",
        "import pandas",
        "from os import path",
        "f = lambda x: x",
        "x\n" * 13,
    ],
)
def test_the_rule_for_cells_can_be_broken(source):
    assert [*complaints(source)]


@each_lecture
def test_a_lecture_holds_the_cells_of_its_source(path):
    """`python3 course.py build` was run after the last change of the source."""
    source = notebooks.read_source(path.parent / "src" / f"{path.stem}.py")
    stored = nbformat.read(path, 4)
    for cell in stored.cells:
        cell.metadata.pop(notebooks.WITHHELD, None)
    plain = [[(c.id, c.cell_type, c.source, dict(c.metadata)) for c in n.cells] for n in (source, stored)]
    assert plain[0] == plain[1]


def test_every_source_has_its_notebook():
    assert [p.stem for p in notebooks.sources(ROOT)] == [p.stem for p in LECTURES]


@each_lecture
def test_every_cell_was_run_in_order_and_without_error(path):
    cells = code_cells(path)
    assert [c.execution_count for c in cells] == [*range(1, len(cells) + 1)]
    assert not [o for c in cells for o in c.outputs if o.output_type == "error"]


@each_lecture
def test_every_demo_left_a_picture_with_an_alt_text(path):
    demos = [c for c in code_cells(path) if c.source.rstrip().endswith(".show()")]
    for cell in demos:
        pages = "".join(o.data.get("text/html", "") for o in cell.outputs if "data" in o)
        (alt,) = re.findall(r'<img src="data:image/png;base64,[^"]+" alt="([^"]*)"', pages)
        assert len(alt) > 20
        assert re.search("<figcaption><strong>.+</strong>.*Run this cell to move it", pages)
    assert demos


@each_lecture
def test_a_page_shows_the_frozen_demo_and_not_the_stored_picture_too(path):
    document = documents.read(path)
    shown = [c for c in code_cells(path) if "figcaption" in str(c.outputs)]
    assert len(document.demos) == len(shown)
    assert not [part for part in document.parts if "Run this cell to move it" in part.output]


@each_lecture
def test_a_percentage_that_a_lecture_prints_has_its_space(path):
    outputs = [o for c in code_cells(path) for o in (*c.outputs, *c.metadata.get(notebooks.WITHHELD, ()))]
    printed = "".join(o.text for o in outputs if o.output_type == "stream")
    assert not re.findall(r".*\d%.*", printed)


@each_lecture
def test_an_output_that_answers_a_question_is_not_stored(path):
    cells = [c for c in code_cells(path) if notebooks.ANSWERS in c.metadata.get("tags", ())]
    assert not any(c.outputs for c in cells)
    assert all(c.metadata.get(notebooks.WITHHELD) for c in cells if "print(" in c.source)


@each_lecture
def test_a_page_folds_the_outputs_that_answer_a_question(path):
    cells = [c for c in code_cells(path) if notebooks.WITHHELD in c.metadata]
    parts = [p for p in documents.read(path).parts if "withheld" in p.output]
    assert len(parts) == len(cells)
    for cell, part in zip(cells, parts, strict=True):
        (inside,) = re.findall(
            r"<details class=\"withheld\"><summary>[^<]+</summary>(.*)</details>", part.output, re.S
        )
        printed = "".join(o.get("text", "") for o in cell.metadata[notebooks.WITHHELD])
        assert {*re.findall(r"[a-z]{3,}", printed)} <= {*re.findall(r"[a-z]{3,}", inside)}


@each_lecture
def test_no_live_view_is_stored(path):
    """A live view without its kernel shows an error instead of the picture."""
    notebook = nbformat.read(path, 4)
    assert "widgets" not in notebook.metadata
    assert notebooks.LIVE not in path.read_text()


@each_lecture
def test_links_in_a_lecture_lead_somewhere(path):
    text = "".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    assert not [t for t in targets if "://" not in t and not (path.parent / t).exists()]


def test_a_cell_that_raises_leaves_the_old_notebook(tmp_path):
    source = tmp_path / "lectures" / "src" / "99_broken.py"
    source.parent.mkdir(parents=True)
    source.write_text("# %%\n1 / 0\n")
    target = tmp_path / "lectures" / "99_broken.ipynb"
    target.write_text("old")
    with pytest.raises(Exception, match="ZeroDivisionError"):
        notebooks.build(source)
    assert target.read_text() == "old"


def test_a_build_of_no_lecture_is_refused():
    with pytest.raises(ValueError, match="no lecture starts with"):
        notebooks.sources(ROOT, ("nonsense",))
