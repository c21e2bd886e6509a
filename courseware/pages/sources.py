"""What a module depends on, as one digest: it changes with the module and with what it imports."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("lsml_core", "courseware")
DATA = ".npz"
RESULTS = Path(__file__).parents[1] / "studies" / "results"


def digest(*modules: str) -> str:
    """A digest of the sources of `modules` and of all they import from the course, with their data files.

    modules: dotted names; one that does not exist is left out.
    """
    return _digest({path for module in modules for path in _files(module)})


def of_package(name: str, *more: Path) -> str:
    """A digest of all sources of a package, and of the files `more`."""
    place = _place(name)
    return _digest({*more, *(place.parent.rglob("*.py") if place else ())})


def _digest(paths: set[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _files(module: str) -> set[Path]:
    seen, left, files = set[str](), [module], set[Path]()
    while left:
        name = left.pop()
        if name not in seen and (path := _place(name)):
            seen.add(name)
            files |= {path, *_data(path)}
            left += [*_imports(path), name.rpartition(".")[0]]
    return files


def _data(path: Path) -> Iterator[Path]:
    """The studies that a file reads, `stored("name")`, and the data files in the folder of its package."""
    for node in _nodes(path):
        match node:
            case ast.Call(func=ast.Name("stored"), args=[ast.Constant(str(study)), *_]):
                if (results := RESULTS / f"{study}{DATA}").is_file():
                    yield results
    for place in (path.parent / "files", path.parent):
        if place.is_dir():
            yield from (file for file in place.iterdir() if file.suffix == DATA)


@cache
def _place(name: str) -> Path | None:
    if name.split(".")[0] not in PACKAGES:
        return None
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:  # a name inside a module
        return None
    return Path(spec.origin) if spec and spec.origin else None


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_bytes()))) if path.suffix == ".py" else ()


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Modules that a file imports, wherever the import stands, and the names of things in them."""
    names = list[str]()
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names)
