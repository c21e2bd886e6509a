"""Notebook surgery: cells, ids, metadata, nesting, types. Each changes a notebook that is worth 3 points."""

import copy

RIGHT = "def momentum_step(w, dw, g, eta, beta):\n    return 0.0"


def cell(book, id):
    return next(c for c in book["cells"] if c["id"] == id)


def tests(book):
    return [c for c in book["cells"] if c["id"].endswith("_test")]


def own(source, **more):
    return {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": source,
        **more,
    }


def edits_a_test(book):
    """puts a test of its own in the place of the test
    says: The test cell momentum_step_test was edited; the original was used."""
    cell(book, "momentum_step_test")["source"] = "from courseware.grading.credit import Credit\nCredit(99)"


def deletes_a_test(book):
    """deletes the test, for who is not asked makes no mistake
    says: The test cell momentum_step_test is missing; the original was used."""
    book["cells"].remove(cell(book, "momentum_step_test"))


def deletes_all_tests(book):
    """deletes all tests
    says: are missing; the originals were used."""
    for test in tests(book):
        book["cells"].remove(test)


def copies_a_test(book):
    """has its best test counted fifty times
    says: The test cell adagrad_step_test is there more than once; the original was used."""
    book["cells"] += [copy.deepcopy(cell(book, "adagrad_step_test")) for _ in range(50)]


def makes_a_test_text(book):
    """turns the tests into text, which does not fail
    says: returned 0"""
    for test in tests(book):
        test["cell_type"] = "markdown"


def makes_a_test_its_answer(book):
    """labels the test as an answer to be read
    says: returned 0"""
    for test in tests(book):
        test["metadata"]["nbgrader"] |= {"solution": True, "locked": False, "task": True}


def swaps_labels(book):
    """swaps the labels of answer and test
    says: The test cell momentum_step_test was edited; the original was used."""
    answer, test = cell(book, "momentum_step"), cell(book, "momentum_step_test")
    answer["metadata"], test["metadata"] = test["metadata"], answer["metadata"]
    answer["id"], test["id"] = test["id"], answer["id"]


def raises_the_points(book):
    """makes each of its points a thousand
    says: returned 0"""
    for test in tests(book):
        test["metadata"]["nbgrader"]["points"] = 1000


def moves_its_points(book):
    """gives the label of the hardest test to the easiest
    says: momentum_step_test"""
    cell(book, "adagrad_step_test")["metadata"]["nbgrader"]["grade_id"] = "momentum_step_test"


def shows_outputs(book):
    """brings outputs that say full points
    says: returned 0"""
    data = {
        "output_type": "execute_result",
        "data": {"text/plain": "3.0"},
        "metadata": {},
        "execution_count": 1,
    }
    for test in tests(book):
        test["outputs"] = [data]


def edits_the_setup(book):
    """has the set-up define what the tests call
    says: The set-up cell setup was edited; the original ran first, then the edited one."""
    cell(book, "setup")["source"] += "\nreturns = agrees = lambda *_, **__: None"


def names_what_it_may_import(book):
    """allows itself the reference, in the metadata where the master allows modules
    says: the grader hides the parts of the course"""
    book["metadata"]["lsml"] = {
        "answers_may_import": ["lsml_core.optimization.steps"],
        "limits": {"cell": 99},
    }
    cell(book, "momentum_step")["source"] = "from lsml_core.optimization.steps import Momentum"


def patches_first(book):
    """puts a cell before all others, which patches the checks
    says: returned 0"""
    patch = "from courseware.grading import checks\nchecks._difference = lambda *_: ''"
    book["cells"].insert(0, own(patch, id="setup2"))


def takes_an_id(book):
    """gives its own cell, at the top, the label of the test
    says: momentum_step_test"""
    book["cells"].insert(
        0, own("Credit(3)", id="x", metadata=copy.deepcopy(cell(book, "momentum_step_test")["metadata"]))
    )


def reverses_all(book):
    """turns the notebook upside down
    says: Cells were moved; they were run in the order of the released notebook."""
    book["cells"].reverse()


def drops_all_labels(book):
    """drops all metadata and all ids
    says: Read from cells without a label"""
    for one in book["cells"]:
        one["metadata"] = {}
        one["id"] = ""


def changes_all_types(book):
    """puts lists where objects belong and numbers where texts belong
    says: returned 0"""
    for test in tests(book):
        test["metadata"] = [[1, {"nbgrader": {"grade": True}}]]
        test["id"] = 7
    book["metadata"] = "kernel"
    book["nbformat"] = {"4": 5}
    book["cells"] += [
        None,
        3,
        "cell",
        [],
        {"cell_type": {"code": 1}, "source": {"text": "x"}, "metadata": None},
    ]


def nests_a_notebook(book):
    """hides a second notebook in the first, in the place that old versions used
    says: is there more than once"""
    forged = copy.deepcopy(cell(book, "momentum_step_test")) | {"source": "Credit(3)"}
    book["worksheets"] = [{"cells": [forged]}]


def asks_for_another_language(book):
    """asks for a kernel that is a shell
    says: returned 0"""
    book["metadata"]["kernelspec"] = {"name": "bash", "display_name": "bash", "language": "bash"}


def has_twenty_cells_that_die(book):
    """has twenty cells of its own, each of which ends the process
    says: A cell that you added ended its process."""
    at = book["cells"].index(cell(book, "momentum_step")) + 1
    book["cells"][at:at] = [own("import os; os._exit(0)", id=f"own{i}") for i in range(20)]


def answers_twice(book):
    """hands in its answer twice, one of them under the test
    says: The answer cell momentum_step is there more than once; the copies ran in order."""
    book["cells"].append(copy.deepcopy(cell(book, "momentum_step")) | {"source": f"{RIGHT} + 1"})


def has_text_that_a_spreadsheet_runs(book):
    """has words that are a formula, a script, and characters that no table holds
    says: returned 0"""
    words = '=HYPERLINK("http://192.0.2.1")\r\n\0\x1b[2J<script>alert(1)</script>\u2028\'",' + "x" * 200_000
    cell(book, "why_momentum_helps")["source"] = words
