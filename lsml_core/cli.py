"""The `lsml` command, one thin function a subcommand; `python3 course.py` finds its environment first."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST_PAGE = "lectures/00_start_here.ipynb"


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="lsml", description="Large-scale machine learning: the course's commands."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, lab, "open JupyterLab on the first page; more words go to `jupyter lab`")
    _add(
        commands, test, "run everything that is checked before a change is accepted; more words go to pytest"
    )
    _add(
        commands,
        build,
        "run lectures/src/*.py and store the notebooks with their outputs; words pick lectures",
    )
    chosen, rest = parser.parse_known_args(words)
    return chosen.run([*chosen.words, *rest])


def lab(words: Sequence[str]) -> int:
    """JupyterLab with the course's settings, on words[0] if it is a notebook."""
    page = words[0] if words and words[0].endswith(".ipynb") else FIRST_PAGE
    options = [w for w in words if w != page]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options = ["--allow-root", *options]  # inside a container; the server listens on this machine only
    os.environ["JUPYTER_CONFIG_PATH"] = _joined(ROOT / ".jupyter", os.environ.get("JUPYTER_CONFIG_PATH"))
    # The notebooks come from this checkout, so their stored pictures may be shown before anything runs.
    notebooks = [str(p) for p in sorted(ROOT.glob("lectures/*.ipynb"))]
    _run("jupyter_core.command", "trust", *notebooks, quiet=True)
    return _run("jupyterlab", *options, str(ROOT / page))


def test(words: Sequence[str]) -> int:
    """All tests, and every lecture run cell by cell, on two processes."""
    if words:
        return _run("pytest", *words)
    shapes = "--jaxtyping-packages=lsml_core,beartype.beartype"
    notebooks = [
        "lectures",
        "--nbval-lax",
        "--nbval-cell-timeout=120",
        "--nbval-sanitize-with=tests/nbval.cfg",
    ]
    return _run("pytest", "tests", *notebooks, shapes, "-n", "2", "--dist", "loadfile", "--durations", "10")


def build(words: Sequence[str]) -> int:
    """Run the sources whose name starts with one of `words` (all of them without words)."""
    from lsml_core import notebooks

    for source in notebooks.sources(ROOT, tuple(words)):
        print(f"{source.stem} …", flush=True)
        notebooks.build(source)
    return 0


def _add(commands: argparse._SubParsersAction, run, about: str) -> None:  # noqa: ANN001 - a function of this file
    command = commands.add_parser(run.__name__, help=about, description=run.__doc__)
    command.add_argument("words", nargs="*")
    command.set_defaults(run=run)


def _run(module: str, *words: str, quiet: bool = False) -> int:
    """`python -m module words` in the course's folder, one thread a process: two that share a core crawl."""
    environment = {"OMP_NUM_THREADS": "1"} | os.environ
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=environment,
        check=False,
        stdout=subprocess.DEVNULL if quiet else None,
    ).returncode


def _joined(first: Path, rest: str | None) -> str:
    return os.pathsep.join([str(first), *([rest] if rest else [])])


if __name__ == "__main__":
    sys.exit(main())
