"""Which small faults do the tests of a file overlook?

    python benchmarks/mutants.py lsml_core/pruning/masks.py tests/lsml_core/pruning/test_masks.py
    python benchmarks/mutants.py lsml_core/submodular/greedy.py tests/lsml_core/submodular --first 20

Each mutant changes one place: a comparison (< for <=, == for !=), `and` for `or`, a dropped `not`, a number
by one, + for -, a condition that is always true or never, a returned value that becomes None. The tests run
on a copy of the checkout, so the working tree is never changed. A mutant that no test notices is printed with
its line. Some change nothing that anybody could see (an equivalent mutant): a person must explain those.
"""

import argparse
import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
COMPUTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}


def changed(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What may take the place of `node`, each with a few words."""
    if isinstance(node, ast.Compare):
        for i, operator in enumerate(node.ops):
            if other := COMPARED.get(type(operator)):
                new = copy.deepcopy(node)
                new.ops[i] = other()
                yield f"{type(operator).__name__} becomes {other.__name__}", new
    elif isinstance(node, ast.BoolOp):
        new = copy.deepcopy(node)
        new.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"{type(node.op).__name__} becomes {type(new.op).__name__}", new
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not is dropped", copy.deepcopy(node.operand)
    elif isinstance(node, ast.BinOp) and (other := COMPUTED.get(type(node.op))):
        new = copy.deepcopy(node)
        new.op = other()
        yield f"{type(node.op).__name__} becomes {other.__name__}", new
    elif isinstance(node, ast.Constant) and isinstance(number := node.value, int | float):
        if not isinstance(number, bool):
            yield f"{number} becomes {number + 1}", ast.Constant(number + 1)
    elif isinstance(node, ast.If | ast.IfExp):
        for truth in (True, False):
            new = copy.deepcopy(node)
            new.test = ast.Constant(truth)
            yield f"the condition is {truth}", new
    elif isinstance(node, ast.Return) and node.value is not None:
        yield "None is returned", ast.Return(ast.Constant(None))


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, words and the whole new source of every mutant; annotations and docstrings stay as they are."""
    tree = ast.parse(source)
    annotations = {
        id(inner) for node in ast.walk(tree) for part in _annotations(node) for inner in ast.walk(part)
    }
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            for i, node in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(node, ast.AST) or id(node) in annotations:
                    continue
                for words, new in changed(node):
                    yield (
                        getattr(node, "lineno", 0),
                        words,
                        _with(tree, parent, name, i, ast.copy_location(new, node)),
                    )


def _annotations(node: ast.AST) -> list[ast.AST]:
    found = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    return [part for part in found if part is not None]


def _with(tree: ast.Module, parent: ast.AST, name: str, i: int, new: ast.AST) -> str:
    """The source of the tree with one node replaced; the tree itself is as before afterwards."""
    value = getattr(parent, name)
    if isinstance(value, list):
        old, value[i] = value[i], new
    else:
        old = value
        setattr(parent, name, new)
    try:
        return ast.unparse(ast.fix_missing_locations(tree))
    finally:
        if isinstance(value, list):
            value[i] = old
        else:
            setattr(parent, name, old)


def noticed(copy_of_course: Path, tests: list[str], seconds: float) -> bool:
    """Whether the tests fail, or take longer than `seconds`."""
    environment = {**os.environ, "PYTHONPATH": str(copy_of_course), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command, cwd=copy_of_course, env=environment, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", help="the module to change, relative to the checkout")
    parser.add_argument("tests", nargs="+", help="test files, and other words for pytest")
    parser.add_argument("--first", type=int, default=None, help="only so many mutants")
    parser.add_argument("--seconds", type=float, default=120, help="longer runs count as noticed")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "course"
        ignored = shutil.ignore_patterns(".venv", ".git", "site", "__pycache__", ".cache", "grades")
        shutil.copytree(ROOT, course, ignore=ignored)
        if noticed(course, told.tests, told.seconds):
            sys.exit("the tests fail, or take too long, without any mutant")
        source, survivors, count = (ROOT / told.file).read_text(), [], 0
        for line, words, text in mutants(source):
            if told.first is not None and count >= told.first:
                break
            count += 1
            (course / told.file).write_text(text)
            if not noticed(course, told.tests, told.seconds):
                survivors.append((line, words))
                print(f"{told.file}:{line}: {words}", flush=True)
    print(f"{count} mutants, {len(survivors)} not noticed")


if __name__ == "__main__":
    main()
