"""The `lsml` command, one thin function a subcommand; `python3 course.py` finds its environment first."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsml_core.grading.class_results import ClassResults

ROOT = Path(__file__).resolve().parents[1]
FIRST_PAGE = "lectures/00_start_here.ipynb"
Words = Sequence[str]


def main(words: Words | None = None) -> int:
    words = sys.argv[1:] if words is None else words
    lines = "\n".join(f"  {name:8} {(run.__doc__ or '').splitlines()[0]}" for name, run in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="lsml",
        usage="lsml COMMAND [WORDS]",
        description=f"Large-scale machine learning: the course's commands.\n\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, help="what to do; the words after it go there unchanged")
    return COMMANDS[parser.parse_args(words[:1]).command](words[1:])


def lab(words: Words) -> int:
    """Open JupyterLab on the first page, or on a notebook named here; other words go to `jupyter lab`."""
    page = next((w for w in words if w.endswith(".ipynb")), str(ROOT / FIRST_PAGE))
    options = [w for w in words if w != page]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options = ["--allow-root", *options]  # inside a container; the server listens on this machine only
    if Path(page).resolve().is_relative_to(ROOT):  # else Lab's file list would end at the page's own folder
        options = [f"--ServerApp.root_dir={ROOT}", *options]
    os.environ["JUPYTER_CONFIG_PATH"] = _joined(ROOT / ".jupyter", os.environ.get("JUPYTER_CONFIG_PATH"))
    return _run("jupyterlab", *options, page)


def test(words: Words) -> int:
    """Run everything that is checked before a change is accepted; or pytest, with the words given here."""
    if words:
        return _run("pytest", *words)
    shapes = "--jaxtyping-packages=lsml_core,beartype.beartype"
    cells = ["--nbval-lax", "--nbval-cell-timeout=120", "--nbval-sanitize-with=tests/nbval.cfg"]
    processes = ["-n", "2", "--dist", "loadfile"]
    return _run("pytest", "tests", "lectures", *cells, shapes, *processes, "--durations", "10")


def build(words: Words) -> int:
    """Run lectures/src/*.py, or those that start with one of the words, and store them as notebooks."""
    from lsml_core import notebooks

    notebooks.require_checkout(ROOT, Path.cwd())
    for source in notebooks.sources(ROOT, tuple(words)):
        print(f"{source.stem} …", flush=True)
        notebooks.build(source)
    return 0


def release(words: Words) -> int:
    """Write the students' exercises/*.ipynb from solutions/*.ipynb, or those that start with a word."""
    from lsml_core.grading.release import release as write

    for source in sorted((ROOT / "solutions").glob("*.ipynb")):
        if not words or source.stem.startswith(tuple(words)):
            print(write(source).relative_to(ROOT))
    return 0


def check(words: Words) -> int:
    """Run the visible checks of a notebook from the top, before handing it in."""
    from lsml_core.grading.visible_check import command

    return command(words, ROOT)


def grade(words: Words) -> int:
    """Grade a folder of submissions in a sandbox; `lsml grade --help` shows how."""
    from lsml_core.grading import command

    return command.grade(words, ROOT, _class_picture)


COMMANDS: dict[str, Callable[[Words], int]] = {
    "lab": lab,
    "test": test,
    "build": build,
    "release": release,
    "check": check,
    "grade": grade,
}


def _class_picture(results: "ClassResults") -> tuple[bytes, str]:
    """The grading room knows no pictures, and the pictures know no grades."""
    from lsml_core.grading.class_results import in_words
    from lsml_core.plots import grading

    questions = results.questions()
    shares = [(q.full, q.partial, q.none, q.not_begun) for q in questions]
    of = sum(results.points.values())
    return grading.class_picture([q.id for q in questions], shares, results.totals, of), in_words(results)


def _run(module: str, *words: str) -> int:
    """`python -m module words` in the course's folder, one thread a process: two that share a core crawl."""
    environment = {"OMP_NUM_THREADS": "1"} | os.environ
    return subprocess.run(
        [sys.executable, "-m", module, *words], cwd=ROOT, env=environment, check=False
    ).returncode


def _joined(first: Path, rest: str | None) -> str:
    return os.pathsep.join([str(first), *([rest] if rest else [])])


if __name__ == "__main__":
    sys.exit(main())
