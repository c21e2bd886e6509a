"""The `lsml` command, one thin function a subcommand; `python3 course.py` finds its environment first."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from courseware.console import STOPPED, Parser, streams

if TYPE_CHECKING:
    from courseware.grading.report.class_results import ClassResults

ROOT = Path(__file__).resolve().parents[1]
FIRST_PAGE = "lectures/00_start_here.ipynb"
Words = Sequence[str]

LAB = """\
Open JupyterLab on the first page, or on a notebook named here.

  lsml lab
  lsml lab exercises/01_momentum_and_adaptive_steps.ipynb
  lsml lab --no-browser --port 8890             other words go to `jupyter lab`

Stop it with Ctrl-C, twice."""
TEST = """\
Run what is checked before a change is accepted, or pytest with the words given here.

  lsml test                                     all tests but the slow ones, and every lecture
  lsml test --all                               the slow ones, too
  lsml test tests/lsml_core/optimization/test_steps.py -k ravine       these words go to pytest unchanged"""
BUILD = """\
Run lectures/src/*.py from the top and store them as notebooks with their outputs.

  lsml build                                    all lectures
  lsml build 01 05                              those whose names begin with 01 or 05"""
RELEASE = """\
Write the students' exercises/*.ipynb from solutions/*.ipynb: without answers and hidden tests.

  lsml release                                  all exercise sets
  lsml release 01 05                            those whose names begin with 01 or 05"""

SITE = """\
Write the web pages and slides into one folder that opens without a server and without a network.

  lsml site                                     all of the course, into site/
  lsml site 01 05 --out /tmp/pages              the lectures whose names begin with 01 or 05, elsewhere
  lsml site --workers 4                         draw demos in four processes (2)

Open site/index.html in a browser. Demos are drawn again only if their sources have changed."""
EXAM = """\
Write a midterm exam: HTML pages to print, a key with rubrics per version, and the questions for Moodle and
Canvas.

  lsml exam --seed 7                            12 questions, 75 minutes, 4 versions, in the folder exam/
  lsml exam --seed 7 --questions 8 --versions 2 --minutes 50 --topics submodular pruning --out midterm

The same seed gives the same exam. All versions have the same topics, difficulty, points and minutes. A
browser prints the pages, also to PDF. docs/exams.md says how to import moodle.xml and canvas.zip."""


def main(words: Words | None = None) -> int:
    """The exit code. Without `words` it is those of this process, whose streams are then its own, too."""
    if words is not None:
        return _chosen(words)
    streams()
    try:
        return _chosen(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return STOPPED


def _chosen(words: Words) -> int:
    lines = "\n".join(f"  {name:8} {text.splitlines()[0]}" for name, (_, text) in COMMANDS.items())
    about = (
        f"Large-scale machine learning: the course's commands.\n\n{lines}\n\n`lsml COMMAND --help` says more."
    )
    parser = Parser("lsml", about, usage="lsml COMMAND [WORDS]")
    parser.add_argument("command", help="what to do; the words after it go there")
    if not words:
        parser.error(f"a command is missing: one of {', '.join(COMMANDS)}")
    name = parser.parse_args(words[:1]).command
    if name not in COMMANDS:
        parser.error(f"there is no command {name!r}; there are {', '.join(COMMANDS)}")
    run, about = COMMANDS[name]
    if HELP & set(words[1:2]) and name not in OWN_HELP:
        Parser(f"lsml {name}", about, usage=f"lsml {name} [WORDS]").parse_args(["--help"])
    try:
        if name in OF_A_CHECKOUT:
            from courseware.installation import require_checkout

            require_checkout(ROOT, Path.cwd())
        return run(words[1:])
    except (ValueError, RuntimeError, OSError) as error:
        sys.stderr.write(f"lsml {name}: {error}\n")
        return 2


def lab(words: Words) -> int:
    page = next((w for w in words if w.endswith(".ipynb")), str(ROOT / FIRST_PAGE))
    options = [w for w in words if w != page]
    if not (ROOT / page).is_file():  # where Lab is started; else where the person is
        page = str(Path(page).absolute())
    if not Path(page).is_file() and not (ROOT / page).is_file():
        raise ValueError(f"there is no notebook {page}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options = ["--allow-root", *options]  # inside a container; the server listens on this machine only
    if Path(page).resolve().is_relative_to(ROOT):  # else Lab's file list would end at the page's own folder
        options = [f"--ServerApp.root_dir={ROOT}", *options]
    os.environ["JUPYTER_CONFIG_PATH"] = _joined(ROOT / ".jupyter", os.environ.get("JUPYTER_CONFIG_PATH"))
    return _run("jupyterlab", *options, page)


def test(words: Words) -> int:
    if words and [*words] != ["--all"]:
        return _run("pytest", *words)
    shapes = "--jaxtyping-packages=lsml_core,courseware,beartype.beartype"
    cells = ["--nbval-lax", "--nbval-cell-timeout=120", "--nbval-sanitize-with=tests/nbval.cfg"]
    processes = ["-n", "2", "--dist", "loadfile"]
    return _run("pytest", "tests", "lectures", *words, *cells, shapes, *processes, "--durations", "10")


def build(words: Words) -> int:
    sources = _beginning("lecture", words, ROOT / "lectures" / "src", "*.py")
    from courseware import notebooks

    for source in sources:
        print(f"{source.stem} …", flush=True)
        notebooks.build(source)
    return 0


def release(words: Words) -> int:
    sources = _beginning("exercise set", words, ROOT / "solutions", "*.ipynb")
    from courseware.grading.release import release as write

    for source in sources:
        print(write(source).relative_to(ROOT))
    return 0


def site(words: Words) -> int:
    parser = Parser("lsml site", SITE)
    parser.add_argument("lectures", nargs="*", help="beginnings of their names; all without any")
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="folder of the pages (site)")
    parser.add_argument(
        "--workers", type=int, choices=range(1, 65), metavar="N", default=2, help="processes (2)"
    )
    told = parser.parse_args(words)
    from courseware.pages.site import build

    built = build(ROOT, told.out, told.lectures, workers=told.workers)
    print(
        f"{told.out / 'index.html'}: {built.pages} pages, {built.demos} demos ({built.drawn} drawn now), ",
        end="",
    )
    print(f"{built.size / 1e6:.0f} MB")
    return 0


def present(words: Words) -> int:
    from courseware.present.server import voila_words

    return _run("voila", *voila_words(words, ROOT))


def check(words: Words) -> int:
    from courseware.grading.student.check import command

    return command(words, ROOT)


def grade(words: Words) -> int:
    from courseware.grading import command

    return command.grade(words, ROOT, _class_picture)


def exam(words: Words) -> int:
    from courseware.practice import paper
    from courseware.practice.exam import compose
    from courseware.practice.question import Topic

    parser = Parser("lsml exam", EXAM, usage="lsml exam --seed NUMBER [WORDS]")
    parser.add_argument("--seed", type=int, required=True, help="of everything random; keep it with the exam")
    parser.add_argument("--questions", type=int, default=12, help="per version (12)")
    parser.add_argument("--versions", type=int, default=4, help="of equal difficulty (4)")
    parser.add_argument("--minutes", type=int, default=75, help="of the exam (75)")
    parser.add_argument(
        "--topics", nargs="+", choices=[t.value for t in Topic], default=[t.value for t in Topic]
    )
    parser.add_argument("--out", type=Path, default=Path("exam"), help="folder for the pages (exam)")
    asked = parser.parse_args([*words])
    made = compose(
        seed=asked.seed,
        questions=asked.questions,
        versions=asked.versions,
        minutes=asked.minutes,
        topics=[Topic(name) for name in asked.topics],
    )
    for path in paper.write(made, asked.out):
        print(path)
    return 0


COMMANDS: dict[str, tuple[Callable[[Words], int], str]] = {
    "lab": (lab, LAB),
    "test": (test, TEST),
    "build": (build, BUILD),
    "release": (release, RELEASE),
    "site": (site, SITE),
    "present": (present, "Show the demos of a lecture full screen, with a kernel."),
    "check": (check, "Run the visible checks of a notebook from the top, before handing it in."),
    "grade": (grade, "Grade a folder of submissions in a sandbox."),
    "exam": (exam, EXAM),
}
HELP, OWN_HELP = {"-h", "--help"}, {"check", "grade", "site", "present", "exam"}
"""Words that ask for help, and commands that know them."""
OF_A_CHECKOUT = {"lab", "test", "build", "release", "site", "present"}
"""Commands that read or write the course's own folders."""


def _beginning(what: str, words: Words, folder: Path, pattern: str) -> list[Path]:
    """Files whose names begin with one of `words`, or all. ValueError for a word that none begins with."""
    found = sorted(folder.glob(pattern))
    for word in words:
        if not any(path.stem.startswith(word) for path in found):
            names = ", ".join(path.stem for path in found)
            raise ValueError(f"no {what} begins with {word!r}; there are {names}")
    return [path for path in found if not words or path.stem.startswith(tuple(words))]


def _class_picture(results: "ClassResults") -> tuple[bytes, str]:
    """The grading room knows no pictures, and the pictures know no grades."""
    from courseware.grading.report.class_results import in_words
    from courseware.plots import grading

    questions = results.questions()
    shares = [(q.full, q.partial, q.none, q.not_begun, q.to_be_read) for q in questions]
    of = sum(results.points.values())
    return grading.class_picture([q.id for q in questions], shares, results.totals, of), in_words(results)


def _run(module: str, *words: str) -> int:  # noqa: RET503 - execve does not return
    """Become `python -m module words` in the course's folder, so that a signal to this process reaches it.

    One thread a process: two that share a core crawl.
    """
    environment = {"OMP_NUM_THREADS": "1"} | os.environ
    command = [sys.executable, "-m", module, *words]
    if os.name == "nt":  # Windows would start a second process and end this one
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    os.chdir(ROOT)
    os.execve(sys.executable, command, environment)


def _joined(first: Path, rest: str | None) -> str:
    return os.pathsep.join([str(first), *([rest] if rest else [])])


if __name__ == "__main__":
    sys.exit(main())
