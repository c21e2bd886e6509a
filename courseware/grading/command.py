"""The words after `lsml grade`, and what is said at the end; the work is done in other rooms."""

import argparse
import contextlib
import itertools
import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from courseware.console import STOPPED, Parser, stopping
from courseware.grading import batch, store
from courseware.grading.batch import Summary
from courseware.grading.examine.examiner import examiner
from courseware.grading.intake import rebuild
from courseware.grading.intake.submissions import Submission, find, passed_over
from courseware.grading.master import Master
from courseware.grading.names import label
from courseware.grading.report import reports
from courseware.grading.report.reports import Draw, Written
from courseware.grading.sandbox.sandbox import at_risk, reason_against

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None

LOCK = ".lock"
"""In the folder of results, locked by the run that writes there."""
GRADE = """\
Grade the submissions of one exercise set. Student code runs in a sandbox; hidden tests stay outside.

  lsml grade 01 submissions/                    results go to grades/; open grades/grades.csv
  lsml grade 01 submissions/ --only ada         one student: a name, or a part of it
  lsml grade 01 submissions/ --only ada --again the same once more, though nothing has changed
  lsml grade 01 course/ --out term2/set01/      an nbgrader course folder, results elsewhere

submissions/ may hold files named by student, a folder for each student, nbgrader's submitted/ folder, or what
Canvas, Moodle and Gradescope hand out, unpacked.

Stop with Ctrl-C at any time: the same command goes on where it stopped. Files that have not changed are not
graded again. In grades/ you find: grades.csv, one page a student in feedback/, needs_a_person.csv (look at
these first), free_response.csv (fill in points and comments, then run the command again), canvas.csv,
gradescope.csv, and questions.html, how the class did."""


def grade(words: Sequence[str], root: Path, draw: Draw | None = None) -> int:
    """`lsml grade`: the exit code, 0 if every submission has a final grade.

    words: of the command line, after "grade".   root: the checkout, which has `solutions/`.
    draw: the class's results -> a picture of them and its alt text; None leaves it out.
    """
    told = _grade_words(words)
    try:
        with stopping():
            return _grade(told, root, draw)
    except (ValueError, RuntimeError, OSError) as error:
        sys.stderr.write(f"lsml grade: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The same command goes on from here.\n")
        return STOPPED


def _grade_words(words: Sequence[str]) -> argparse.Namespace:
    parser = Parser("lsml grade", GRADE)
    parser.add_argument("set", help="the set's number or name: 01")
    parser.add_argument("submissions", type=Path, help="a folder, or one file")
    parser.add_argument("--out", type=Path, default=Path("grades"), help="folder of the results (grades)")
    parser.add_argument("--workers", type=_at_least_one, default=os.cpu_count(), help="graders (one a core)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only these students")
    parser.add_argument("--again", action="store_true", help="grade also what has not changed")
    parser.add_argument("--unprotected", action="store_true", help="go on where there is no sandbox")
    return parser.parse_args(words)


def _grade(told: argparse.Namespace, root: Path, draw: Draw | None) -> int:
    masters = sorted((root / "solutions").glob("*.ipynb"))
    master = _master(told.set, masters)
    others = [other.stem for other in masters if other != master]
    parsed = Master.read(master)
    mine = partial(rebuild.is_of_set, release=parsed.release)
    found = find(told.submissions, master.stem, others, is_of_this_set=mine, results=told.out)
    chosen = _chosen(found, told.only)
    _check_folder(told.out, master.stem)
    _check_sandbox(unprotected=told.unprotected)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # for the graders: two that share a core crawl
    os.environ["PYTHONSAFEPATH"] = "1"  # and none looks for modules among the submissions
    room = partial(examiner, unprotected=told.unprotected)
    with alone(told.out):
        done = batch.grade(master, chosen, told.out, examiner=room, workers=told.workers, again=told.again)
        written = reports.write(told.out, draw, parsed.free_responses)
    sys.stdout.write(_summary(told.out, done, written, len(found)))
    if tables := passed_over(told.submissions):
        sys.stdout.write(f"Passed over, because they look like lists: {', '.join(map(label, tables))}\n")
    return 1 if done.failed else 0


@contextlib.contextmanager
def alone(out: Path) -> Iterator[None]:
    """Wait until no other run writes to `out`, then keep others away; the lock ends with this process."""
    out.mkdir(parents=True, exist_ok=True)
    if fcntl is None:  # Windows
        yield
        return
    with (out / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write(f"lsml grade: another run writes to {out}; waiting for its end\n")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_folder(out: Path, set: str) -> None:
    for record in itertools.islice(store.records(out), 1):
        if record.report.set != set:
            raise ValueError(f"{out} holds results of {record.report.set}; choose another folder with --out")


def _check_sandbox(*, unprotected: bool) -> None:
    if reason := reason_against():
        warning = f"no sandbox: {reason}. {at_risk()}."
        if not unprotected:
            raise RuntimeError(f"{warning} To grade all the same, say --unprotected.")
        sys.stderr.write(f"lsml grade: {warning}\n")


def _summary(out: Path, done: Summary, written: Written, found: int) -> str:
    lines = [f"{done.graded} graded, {done.kept} unchanged since an earlier run: {out / 'grades.csv'}"]
    if written.look_at:
        lines.append(f"{written.look_at} to look at: {out / 'needs_a_person.csv'}")
    if written.unread:
        lines.append(
            f"{written.unread} wait for a reader: read {out / reports.READING_PAGE}, "
            f"fill in {out / 'free_response.csv'}, run this again"
        )
    if done.failed:
        lines.append(f"{done.failed} not final, tried twice: run this again to try once more")
    if written.students > found:
        lines.append(f"{written.students - found} more are kept from runs on other folders")
    return "\n".join([*lines, ""])


def _master(set: str, masters: Sequence[Path]) -> Path:
    """The solutions whose name is or begins with `set`."""
    chosen = [path for path in masters if path.stem.startswith(set)]
    if len(chosen) != 1:
        raise ValueError(f"{set!r} must be the beginning of one of {[path.stem for path in masters]}")
    return chosen[0]


def _chosen(found: list[Submission], only: Sequence[str]) -> list[Submission]:
    """Students with one of these names; without such a student, those whose names contain it."""
    chosen = []
    for name in only:
        same = [s for s in found if s.student == name]
        same = same or [s for s in found if name.casefold() in s.student.casefold()]
        if not same:
            raise ValueError(f"--only {name}: no such student among {len(found)}")
        chosen += same
    return list(dict.fromkeys(chosen)) if only else found


def _at_least_one(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} must be at least 1")
    return number
