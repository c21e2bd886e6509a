"""Nobody earns by an attack, nobody else loses by it, and what happened is said."""

import contextlib
import ctypes
import faulthandler
import multiprocessing
import os
import random
import subprocess
import time
from dataclasses import dataclass

import pytest
from helpers import exercise_sets as sets
from helpers import hostile_class
from helpers.hostile_class import KINDS, LATER, SET, attacks

from courseware.grading import credit, store
from courseware.grading.sandbox import walls

WHY_NOT = walls.reason_against()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=f"NO ATTACK IS TRIED: {WHY_NOT}")

ATTACKS = attacks()
SOLUTION = sets.ROOT / "solutions" / f"{SET}.ipynb"
name = lambda attack: f"{attack.kind}: {attack.tries}"
COLLECTS_ORPHANS = 36
"""The kernel's number of the wish to inherit grandchildren whose parent dies."""


@dataclass(frozen=True)
class Run:
    """The class's places and honest students; results, by student; what a first run left when it was killed
    and what is left at the end: processes, and files that changed."""

    places: hostile_class.Places
    honest: list[str]
    done: subprocess.CompletedProcess
    records: dict[str, store.Record]
    kept: dict[str, bytes]
    left: list[set[int]]
    changed: dict[str, tuple]

    def questions(self, student):
        return {q.id: q for q in self.records[student].report.questions}

    def said(self, student):
        report = self.records[student].report
        lines = [*(q.message for q in report.questions), *report.remarks, *report.review_reasons]
        return "\n".join(line for line in lines if line)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """All attacks in one class, graded by the command that an instructor uses, which is killed once."""
    places, honest = hostile_class.hand_in_class(tmp_path_factory.mktemp("class"), ATTACKS)
    words, options = hostile_class.command(places)
    before, processes = hostile_class.listing(places), hostile_class.descendants(os.getpid())
    with collecting_orphans():
        kept = killed(places, words, options)
        left = [hostile_class.survivors(processes)]
        done = subprocess.run(words, **options, capture_output=True, text=True, timeout=600)
        left.append(hostile_class.survivors(processes))
    changed = dict(before.items() ^ hostile_class.listing(places).items())
    records = {record.report.student: record for record in store.records(places.grades)}
    return Run(places, honest, done, records, kept, left, changed)


def killed(places, words, options):
    """Start, and `kill -9` at a random moment; the results until then, by file."""
    results = places.grades / "students"
    process = subprocess.Popen(words, **options, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len([*results.glob("*.json")]) < 20 and process.poll() is None:
        time.sleep(0.02)
    time.sleep(random.uniform(0, 0.5))
    process.kill()
    process.wait()
    return {path.name: path.read_bytes() for path in results.glob("*.json")}


@contextlib.contextmanager
def collecting_orphans():
    """What outlives its parent becomes a child of this process, and can be found."""
    libc = ctypes.CDLL(None)
    libc.prctl(COLLECTS_ORPHANS, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(COLLECTS_ORPHANS, 0, 0, 0, 0)


def test_the_run_ends_with_a_final_grade_for_everybody(run):
    assert (run.done.returncode, run.done.stderr) == (0, ""), run.done.stderr
    assert len(run.records) == len(ATTACKS) + len(run.honest)
    assert all(record.seal for record in run.records.values())


@pytest.mark.parametrize("attack", ATTACKS, ids=name)
def test_an_attack_earns_what_it_is_worth_and_is_explained(run, attack):
    earned = {id: q.earned or 0 for id, q in run.questions(attack.student).items()}
    assert sum(earned.values()) == earned[LATER] <= attack.earns
    assert earned[LATER] == attack.earns or not attack.surely
    assert attack.says in run.said(attack.student)


def test_honest_students_between_attackers_keep_every_point(run):
    assert len(run.honest) == 2 + 2 * len(KINDS)
    for student in run.honest:
        assert {q.status for q in run.questions(student).values()} == {"full", "to be read"}, student
        assert run.said(student) == ""


def test_an_attack_changes_no_file_and_no_device(run):
    assert run.changed == {}


def test_no_process_outlives_the_run_or_its_death(run):
    assert run.left == [set(), set()]


def test_a_run_that_was_killed_keeps_its_results(run):
    assert len(run.kept) >= 20
    assert f" {len(run.kept)} unchanged" in run.done.stdout
    for name, content in run.kept.items():
        assert (run.places.grades / "students" / name).read_bytes() == content


def test_no_error_of_an_answer_passes_for_a_line_of_the_check(run):
    (forger,) = [a for a in ATTACKS if "says that all is well" in a.tries]
    assert run.questions(forger.student)[forger.on].visible is False


def test_reports_of_a_hostile_class_show_what_was_written_and_run_nothing(run):
    pages = [page.read_text() for page in (run.places.grades / "feedback").iterdir()]
    assert len(pages) == len(run.records)
    assert not [page for page in pages if "<script" in page]
    assert sum("&lt;script&gt;" in page for page in pages) >= 3


def test_every_kind_of_attack_has_several_instances():
    assert len(ATTACKS) >= 60
    assert len({a.student for a in ATTACKS}) == len({name(a) for a in ATTACKS}) == len(ATTACKS)
    assert {kind for kind in KINDS if sum(a.kind == kind for a in ATTACKS) < 5} == set()


# --- the same attacks where tests and answers share a process ---


def in_one_process(attack, pipe):
    """A grader without walls: the answer runs where the tests run."""
    faulthandler.disable()  # its death is meant, and needs no page
    sets.compiled.cache_clear()  # the answer may come between the tests and Python's compiler
    places = hostile_class.Places(checkout=sets.ROOT)
    sources = {attack.on: f"{places.told()}\n{attack.source}"}
    points, _, _ = sets.outcomes(SOLUTION, sources, attack.on)[attack.on]
    pipe.send(points)


NEEDS_PLAIN_FUNCTIONS = ("traces the checker",)


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.naive], ids=name)
def test_an_attack_succeeds_where_tests_and_answers_share_a_process(attack):
    if hasattr(credit.credit, "__wrapped__") and any(part in name(attack) for part in NEEDS_PLAIN_FUNCTIONS):
        pytest.skip("this attack aims at functions as they are, and the checks of shapes wrap them")
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=in_one_process, args=(attack, there))
    process.start()
    there.close()
    with contextlib.suppress(EOFError):
        points = "ends the grader"
        points = here.recv()
    process.join()
    full = sets.meta(sets.graded_cells(SOLUTION)[attack.on])["points"]
    assert attack.naive == ("full points" if points == full else points)


def test_many_attacks_have_such_a_control():
    found = [a.naive for a in ATTACKS if a.naive]
    assert found.count("full points") >= 12
    assert found.count("ends the grader") >= 3
