"""The batch: no submission costs another its grade, and an interrupted run goes on where it stopped."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from helpers import ROOT, fake_examiner

from courseware.grading import batch, graders, store
from courseware.grading.intake.submissions import find
from courseware.grading.interruption import Interruption
from courseware.grading.release import student_version

MASTER = ROOT / "solutions" / "00_start_here.ipynb"
NAMES = ("squared_distance", "clip_gradient", "what_checks_say")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A master of its own, and `hand_in(student, text of the first answer)`."""
    monkeypatch.setattr(store, "grader_version", lambda: "fixed")  # others may edit the course meanwhile
    master = tmp_path / MASTER.name
    master.write_bytes(MASTER.read_bytes())
    (tmp_path / "in").mkdir()
    return Course(master, tmp_path / "in", tmp_path / "out")


class Course:
    def __init__(self, master, folder, out):
        self.master, self.folder, self.out = master, folder, out
        self.release = student_version(nbformat.read(master, 4))

    def hand_in(self, student, answer, words="Because."):
        notebook = json.loads(json.dumps(self.release))
        texts = {NAMES[0]: answer, NAMES[2]: words}
        for cell in notebook["cells"]:
            cell["source"] = texts.get(cell["id"], cell["source"])
        (self.folder / f"{student}.ipynb").write_text(json.dumps(notebook))

    def grade(self, examiner=fake_examiner.fake, **options):
        options = {"workers": 2, **options}
        return batch.grade(
            self.master, find(self.folder, MASTER.stem), self.out, examiner=examiner, **options
        )

    def report(self, student):
        return store.load(self.out, student).report

    def earned(self, student):
        return [q.earned for q in self.report(student).questions]

    def all_results(self):
        return {p.name: p.read_bytes() for p in (self.out / "students").iterdir()}


def test_each_submission_is_a_result(course):
    course.hand_in("ada", "right")
    course.hand_in("bob", "half")
    course.hand_in("eve", "wrong", words="*Your answer takes the place of this line.*")
    (course.folder / "pdf.ipynb").write_bytes(b"%PDF")
    assert course.grade() == batch.Summary(graded=4, kept=0, failed=0)
    assert course.earned("ada") == [2, 0, None]
    assert course.earned("bob") == [1, 0, None]
    assert course.earned("eve") == [0, 0, 0]  # nobody has to read an empty text
    assert course.earned("pdf") == [0, 0, 0]
    assert "a PDF" in course.report("pdf").review_reasons[0]
    assert not store.load(course.out, "pdf").examined
    assert store.load(course.out, "ada").texts == {"what_checks_say": "Because."}


def test_what_kills_its_grader_is_one_result_with_a_reason_and_the_others_go_on(course):
    for i in range(4):
        course.hand_in(f"honest{i}", "right")
    for word in ("DIES", "RAISES", "HANGS"):
        course.hand_in(f"a_{word}", word)  # before the others, by name
    assert course.grade(seconds=1.5) == batch.Summary(graded=4, kept=0, failed=3)
    assert all(course.earned(f"honest{i}") == [2, 0, None] for i in range(4))
    reasons = {word: course.report(f"a_{word}").review_reasons[0] for word in ("DIES", "RAISES", "HANGS")}
    assert "died (exit code 3)" in reasons["DIES"]
    assert "KeyError" in reasons["RAISES"]
    assert "did not answer in time" in reasons["HANGS"]
    assert all("not final" in reason for reason in reasons.values())
    assert course.earned("a_DIES") == [0, 0, 0]


def test_only_what_changed_is_graded_again(course, monkeypatch):
    for name in ("ada", "bob"):
        course.hand_in(name, "half")
    course.grade()
    before = course.all_results()
    assert course.grade() == batch.Summary(graded=0, kept=2, failed=0)
    assert course.all_results() == before
    course.hand_in("bob", "right")
    assert course.grade() == batch.Summary(graded=1, kept=1, failed=0)
    assert course.earned("bob") == [2, 0, None]
    assert course.grade(again=True) == batch.Summary(graded=2, kept=0, failed=0)
    course.master.write_bytes(course.master.read_bytes() + b"\n")
    assert course.grade() == batch.Summary(graded=2, kept=0, failed=0)
    assert course.grade() == batch.Summary(graded=0, kept=2, failed=0)
    monkeypatch.setattr(store, "grader_version", lambda: "another")
    assert course.grade() == batch.Summary(graded=2, kept=0, failed=0)


def test_a_failure_is_tried_again_by_the_next_run(course):
    course.hand_in("ada", "DIES")
    assert course.grade().failed == 1
    assert course.grade() == batch.Summary(graded=0, kept=0, failed=1)


def test_a_damaged_result_is_made_again(course):
    course.hand_in("ada", "right")
    course.grade()
    (path,) = (course.out / "students").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="holds no result"):
        list(store.records(course.out))
    assert course.grade() == batch.Summary(graded=1, kept=0, failed=0)


def test_a_grader_that_cannot_start_stops_the_run_with_its_reason(course):
    course.hand_in("ada", "right")
    with pytest.raises(RuntimeError, match="no room here"):
        course.grade(fake_examiner.broken)
    assert not course.out.exists()


def test_a_grader_that_is_never_ready_stops_the_run(course, monkeypatch):
    monkeypatch.setattr(graders, "SECONDS", 0.5)
    course.hand_in("ada", "right")
    with pytest.raises(RuntimeError, match="did not answer in time"):
        course.grade(fake_examiner.stuck)


def test_hostile_students_have_results_of_their_own_inside_the_folder(course):
    hostile = ["=1+1", "..a", "CON", "con", "Ada", "ada", "a,b", "näïve ☃", "x" * 200, "jane_doe", "Jane Doe"]
    for name in hostile:
        course.hand_in(name if not name.startswith(".") else f"_{name}", "right")
    course.grade()
    results = [*store.records(course.out)]
    assert len(results) == len({r.report.student for r in results}) == len(hostile)
    assert sorted(p.name for p in course.out.parent.iterdir()) == [MASTER.name, "in", "out"]
    assert len({p.name.casefold() for p in (course.out / "students").iterdir()}) == len(hostile)


# --- lost from outside ---


@pytest.fixture
def once(tmp_path, monkeypatch):
    """What an answer with ONCE in it says happens in its first examination only, as if from outside."""
    monkeypatch.setenv("LSML_TEST_ONCE", str(tmp_path))


@pytest.mark.parametrize("word", ["DIES", "RAISES", "HANGS", "KILLED"])
def test_what_is_lost_with_its_grader_is_tried_once_more(course, once, word):
    for i in range(3):
        course.hand_in(f"s{i}", f"{word} ONCE right" if i == 1 else "right")
    assert course.grade(seconds=3) == batch.Summary(graded=3, kept=0, failed=0)
    assert all(course.earned(f"s{i}") == [2, 0, None] for i in range(3))
    assert all(course.report(f"s{i}").review_reasons == () for i in range(3))


def test_what_is_lost_twice_goes_to_a_person_and_is_not_final(course):
    course.hand_in("ada", "KILLED")
    assert course.grade() == batch.Summary(graded=0, kept=0, failed=1)
    record = store.load(course.out, "ada")
    assert "died (exit code -9)" in record.report.review_reasons[0]
    assert (record.seal, record.examined) == ({}, False)


def test_a_grader_that_dies_while_it_has_nothing_to_do_is_not_missed(course):
    course.hand_in("fast", "ENDS LATER right")
    course.hand_in("slow", "SLOW right")
    assert course.grade() == batch.Summary(graded=2, kept=0, failed=0)


def test_what_the_answer_did_not_decide_is_not_final_and_goes_to_a_person(course):
    course.hand_in("ada", "OPEN")
    assert course.grade() == batch.Summary(graded=0, kept=0, failed=1)
    record = store.load(course.out, "ada")
    assert record.report.review_reasons == (f"{NAMES[0]}: its experiments ran out of time",)
    assert (record.seal, record.examined) == ({}, False)


def test_a_file_that_needs_too_much_memory_stops_nobody(course, monkeypatch):
    course.hand_in("ada", "GROWS")
    course.hand_in("bob", "right")
    assert course.grade() == batch.Summary(graded=1, kept=0, failed=1)
    assert "MemoryError" in course.report("ada").review_reasons[0]
    assert course.earned("bob") == [2, 0, None]


def test_leftovers_of_a_killed_run_vanish_and_those_of_a_living_one_stay(course):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    course.hand_in("ada", "right")
    folder = course.out / "students"
    folder.mkdir(parents=True)
    for pid in (ended.pid, os.getpid()):
        (folder / f".x.json.{pid}.partial").touch()
    (folder / ".x.json.partial").touch()
    course.grade()
    assert [path.name for path in folder.glob(".*")] == [f".x.json.{os.getpid()}.partial"]


# --- interruptions ---

PROGRAM = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from helpers import fake_examiner
from courseware.grading import batch, store
from courseware.grading.intake.submissions import find
store.grader_version = lambda: "fixed"
if __name__ == "__main__":
    found = find(Path({folder!r}), {set!r})
    batch.grade(Path({master!r}), found, Path({out!r}), examiner=fake_examiner.fake, workers=2)
"""


def start(course, tmp_path):
    program = tmp_path / "run.py"
    told = {"folder": str(course.folder), "master": str(course.master), "out": str(course.out)}
    program.write_text(PROGRAM.format(paths=[str(ROOT), str(ROOT / "tests")], set=MASTER.stem, **told))
    environment = os.environ | {"LSML_TEST_LOG": str(tmp_path / "log"), "PYTHONPATH": str(ROOT)}
    with (tmp_path / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, str(program)], env=environment, stderr=said, start_new_session=True
        )


def examinations(tmp_path):
    log = tmp_path / "log"
    return [line.split() for line in log.read_text().splitlines()] if log.exists() else []


def survivors(pids):
    """Of these processes those that run; a process that ended and was not collected yet does not."""
    alive = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        alive += [pid] if state != "Z" else []
    return alive


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
def test_a_run_killed_ten_times_goes_on_to_the_same_grades_and_leaves_no_process(course, tmp_path):
    students = [f"s{i:03d}" for i in range(160)]
    for i, student in enumerate(students):
        course.hand_in(student, f"WAITS {['right', 'half', 'wrong'][i % 3]} {i}")
    course.grade()
    undisturbed = course.all_results()
    for path in (course.out / "students").iterdir():
        path.unlink()

    kills, pause = 0, random.Random(os.getpid())
    for _ in range(10):
        process, before = start(course, tmp_path), len(examinations(tmp_path))
        wait_until(lambda n=before, p=process: len(examinations(tmp_path)) > n + 1 or p.poll() is not None)
        time.sleep(pause.uniform(0, 0.1))
        kills += process.poll() is None
        process.kill()
        process.wait()
        wait_until(lambda: not survivors({pid for pid, _ in examinations(tmp_path)}))
        for path in (course.out / "students").glob("*.json"):
            assert path.read_bytes() == undisturbed[path.name]

    assert start(course, tmp_path).wait() == 0
    assert kills == 10
    assert course.all_results() == undisturbed
    assert len(examinations(tmp_path)) <= len(students) + 2 * kills  # at most what was under way is repeated


@pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc")
def test_a_killed_run_takes_graders_with_it_that_would_work_for_ever(course, tmp_path):
    for i in range(2):
        course.hand_in(f"s{i}", "HANGS")
    process = start(course, tmp_path)
    wait_until(lambda: len(examinations(tmp_path)) == 2)
    process.kill()
    process.wait()
    wait_until(lambda: not survivors({pid for pid, _ in examinations(tmp_path)}))


@pytest.mark.skipif(sys.platform == "win32", reason="sends the signal of Ctrl-C to a group of processes")
def test_control_c_keeps_what_is_graded_and_ends_all_graders(course, tmp_path):
    for i in range(20):
        course.hand_in(f"s{i:02d}", "WAITS right" if i < 5 else "HANGS")
    process = start(course, tmp_path)
    wait_until(lambda: len(examinations(tmp_path)) >= 7)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) != 0
    wait_until(lambda: not survivors({pid for pid, _ in examinations(tmp_path)}))
    assert [course.earned(f"s{i:02d}") for i in range(5)] == [[2, 0, None]] * 5
    assert len(course.all_results()) == 5
    assert (tmp_path / "said").read_text().count("Traceback") == 1  # the parent's own


def test_a_control_c_that_python_drops_ends_the_run_all_the_same():
    """An error that arrives in the middle of a finalizer is printed and forgotten."""
    interrupted = Interruption()
    with interrupted.noted():
        interrupted.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupted.check()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with interrupted.noted():
        interrupted.check()
