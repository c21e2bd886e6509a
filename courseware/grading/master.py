"""An exercise set's master, parsed once: its questions, its tests, its settings and its release.

master      `solutions/NN_topic.ipynb`, with answers and hidden tests
question    known by the id of its answer; its test is called `<answer>_test`
check       a test cell, with the names in it that are the student's to define
rubric      for a question that a person reads: how many points each step of the answer is worth
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from symtable import SymbolTable, symtable
from typing import TYPE_CHECKING, Any, NamedTuple

from courseware.grading.results import Question, Status
from courseware.grading.sandbox import walls
from courseware.grading.sandbox.limits import Limits

if TYPE_CHECKING:
    from nbformat import NotebookNode

NO_STUDENT = 'STUDENT = ""'
"""The line of a set-up cell that gets the student's name."""
TEST = "_test"
"""What a test's id ends with."""
RUBRIC = "**Rubric**"
"""The line of a model answer behind which its rubric stands, a list of "- 1 point: what earns it."."""
CRITERION = re.compile(r"- (\d+(?:\.\d+)?) points?: (.+)")


def question_of(grade_id: str) -> str:
    """The id of the question that a test cell belongs to."""
    return grade_id.removesuffix(TEST)


def metadata_of(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """nbgrader's metadata of a cell; empty where it has none."""
    return cell["metadata"].get("nbgrader", {})


@dataclass(frozen=True)
class Check:
    """A test cell, the id of the answer that it follows, and the names in it that are the student's."""

    question: Question
    source: str
    answer: str
    names: tuple[str, ...]


class Criterion(NamedTuple):
    """One line of a rubric."""

    points: float
    earned_by: str


@dataclass(frozen=True)
class FreeResponse:
    """A question that a person reads: its prompt and model answer (markdown), and its rubric."""

    question: Question
    prompt: str
    model_answer: str
    rubric: tuple[Criterion, ...]


@dataclass(frozen=True, eq=False)
class Master:
    """All that grading asks of a master; `notebook` as nbformat reads it."""

    notebook: "NotebookNode"

    @classmethod
    def read(cls, path: Path) -> "Master":
        """ValueError if the file is no notebook."""
        import nbformat  # lazy import: a student's check needs no nbformat

        return cls(nbformat.read(path, as_version=4))

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question by its id, in order, as if a person had to read all."""
        graded = [metadata_of(cell) for cell in self.notebook.cells if metadata_of(cell).get("grade")]
        ids = [question_of(meta["grade_id"]) for meta in graded]
        return {id: Question(id, m["points"], None, "to be read") for id, m in zip(ids, graded, strict=True)}

    def unanswered(self, status: Status) -> tuple[Question, ...]:
        """Every question with no points earned."""
        return tuple(replace(question, earned=0, status=status) for question in self.questions.values())

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Test cells, in order. An answer cell that is graded itself is read by a person, so it has none."""
        code = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        answers = [cell for cell in code if metadata_of(cell).get("solution")]
        defined = {name for cell in answers for name in _defined(ast.parse(cell.source))}
        answer, checks = "", []
        for cell in code:
            id = metadata_of(cell).get("grade_id", "")
            if metadata_of(cell).get("solution"):
                answer = id
            elif metadata_of(cell).get("grade"):
                used = set(_used(symtable(cell.source, id, "exec")))
                names = tuple(sorted(used & defined))
                checks.append(Check(self.questions[question_of(id)], cell.source, answer, names))
        return tuple(checks)

    @cached_property
    def free_responses(self) -> tuple[FreeResponse, ...]:
        """The questions that a person reads, in order. ValueError if a rubric does not add up."""
        return tuple(
            _free_response(self.questions[metadata_of(cell)["grade_id"]], before.source, cell.source)
            for before, cell in pairwise(self.notebook.cells)
            if metadata_of(cell).get("grade") and metadata_of(cell).get("solution")
        )

    def setup(self, student: str) -> str:
        """The set-up cell with the student's name in it. ValueError if it has no line for the name."""
        (source,) = (c.source for c in self.notebook.cells if metadata_of(c).get("grade_id") == "setup")
        if NO_STUDENT not in source:
            raise ValueError(f"the cell 'setup' needs the line {NO_STUDENT}, which gets the student's name")
        return source.replace(NO_STUDENT, f"STUDENT = {student!r}", 1)

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """The notebook's own metadata for the grader: `limits`, `answers_may_import`."""
        return self.notebook.metadata.get("lsml", {})

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules of the course that answers may import."""
        return tuple(self.settings.get("answers_may_import", ()))

    def limits(self, usual: Limits) -> Limits:
        """The `usual` limits with those that the set changes."""
        return usual.of_set(self.settings)

    def imports(self, modules: tuple[str, ...]) -> tuple[str, ...]:
        """What answers are likely to import: `modules`, and what the cells import that students have, too."""
        names = ["numpy", "courseware.grading.checks", "courseware.grading.credit", *modules]
        for cell in self.notebook.cells:
            if cell.cell_type == "code" and not metadata_of(cell).get("grade"):
                names += _imported(ast.parse(cell.source))
        return tuple(names)

    @cached_property
    def release(self) -> "NotebookNode":
        """The student's version, without answers and hidden tests."""
        from courseware.grading.release import student_version

        return student_version(self.notebook)


def _free_response(question: Question, prompt: str, answer: str) -> FreeResponse:
    lines = [line for line in answer.splitlines() if not line.startswith("### ")]
    model_answer, rubric, criteria_text = "\n".join(lines).partition(f"\n{RUBRIC}\n")
    joined = re.sub(r"\n {2,}", " ", criteria_text).split("\n")  # a long line may go on, indented
    criteria = tuple(Criterion(float(c[1]), c[2]) for c in map(CRITERION.fullmatch, joined) if c)
    if rubric and (total := sum(criterion.points for criterion in criteria)) != question.points:
        raise ValueError(
            f"{question.id}: the lines '- 1 point: …' below {RUBRIC} give {total:g} points; "
            f"the question is worth {question.points:g}"
        )
    return FreeResponse(question, prompt, model_answer.strip(), criteria)


def _imported(tree: ast.Module) -> Iterator[str]:
    """Modules that a cell imports, but for the course's own."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from (name for name in names if name.split(".")[0] not in (*walls.PACKAGES, ""))


def _used(table: SymbolTable) -> Iterator[str]:
    """Names that a cell reads and no function or comprehension in it binds for itself."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _used(inner)


def _defined(tree: ast.Module) -> Iterator[str]:
    """Names that a cell binds at its top level, by `def`, `class` or assignment."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            stored = (n for n in ast.walk(statement) if isinstance(n, ast.Name))
            yield from (name.id for name in stored if isinstance(name.ctx, ast.Store))
