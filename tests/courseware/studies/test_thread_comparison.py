"""The table of lecture 03: laws that hold whatever a machine's speed is."""

import numpy as np
import pytest

from courseware.studies import thread_comparison
from courseware.studies.thread_comparison import Comparison, Gain, all_settings, compare
from courseware.studies.thread_speed import Setting, Speed
from lsml_core.data.sparse import zipf_examples
from lsml_core.parallel.hogwild import LOCKS
from lsml_core.parallel.threads import cores


@pytest.fixture(scope="module")
def table():
    data = zipf_examples(500, 400, 5, rng=np.random.default_rng(0))
    return compare(data.x, data.y, eta=0.1, rounds=2, rng=np.random.default_rng(0))


@pytest.mark.parametrize("most", [1, 2, 6, 16])
def test_every_doubling_up_to_all_cores_runs_once_and_every_lock_on_all_of_them(most):
    field = all_settings(most)
    assert len(field) == len(set(field))
    assert {c.threads for c in field if c.lock is None} >= {1, most}
    assert {c.lock for c in field if c.threads == most} == set(LOCKS)
    assert max(c.threads for c in field) == most


def test_one_thread_without_a_lock_is_the_measure_of_all(table):
    first = table.gains[0]
    assert first.setting == Setting(1)
    assert set(first.rounds) == {1.0}
    assert first.simulated[0] == pytest.approx(1.0)
    assert [g.setting for g in table.gains] == all_settings(cores())


def test_the_simulation_gives_every_thread_a_core_and_one_lock_to_one_thread(table):
    by = {g.setting: g.simulated[0] for g in table.gains}
    assert by[Setting(cores())] == pytest.approx(cores(), rel=0.1)
    assert by[Setting(cores(), "global")] <= 1.001


def test_where_a_line_takes_time_no_gain_is_larger(table):
    for quick, slow in (g.simulated for g in table.gains):
        assert not slow > quick + 1e-9  # nan where no round was undisturbed


def test_disturbed_rounds_never_count_and_a_busy_machine_prints_no_number():
    rounds = np.array([0.5, 1.9, 1.7])
    some = Gain(Setting(2), rounds, np.array([False, True, True]), (2.0, 2.0))
    none = Gain(Setting(2), rounds, np.zeros(3, bool), (2.0, 2.0))
    assert some.measured.tolist() == [1.9, 1.7]
    assert not len(none.measured)
    assert "machine busy" in str(none)
    assert "1.9" not in str(none)


def test_the_page_says_how_many_cores_there_are_and_how_many_rounds_were_undisturbed():
    gain = Gain(Setting(2, "atomic"), np.array([1.2, 1.4, 9.0]), np.array([True, True, False]), (1.5, np.nan))
    text = str(Comparison(2, 3e6, np.nan, (gain,)))
    assert "2 cores" in text
    assert "3.0 million updates a second" in text
    assert "1.30 (1.20 … 1.40)            2" in text
    assert text.splitlines()[2].split()[-2:] == ["1.50", "-"]


def test_a_gain_is_of_the_same_round_and_undisturbed_if_both_were(monkeypatch):
    speeds = {c: Speed(np.array([1e6, 2e6, 4e6]), np.ones(3)) for c in all_settings(cores())}
    speeds[Setting(1)] = Speed(np.array([1e6, 1e6, 2e6]), np.array([1.0, 0.2, 1.0]))
    all_cores = Setting(cores(), "global")
    speeds[all_cores] = Speed(np.array([1e6, 3e6, 5e6]), np.array([0.3, 1.0, 1.0]))
    monkeypatch.setattr(thread_comparison, "benchmark", lambda *_, **__: speeds)
    data = zipf_examples(100, 50, 5, rng=np.random.default_rng(0))
    found = compare(data.x, data.y, eta=0.1, rounds=3, rng=np.random.default_rng(0))
    gain = {g.setting: g for g in found.gains}[all_cores]
    assert gain.rounds.tolist() == [1.0, 3.0, 2.5]
    assert gain.measured.tolist() == [2.5]
    assert found.rate == 1.5e6


def test_lines_that_took_no_time_to_measure_are_not_guessed(monkeypatch):
    class Unknown:
        transfer = np.nan

    monkeypatch.setattr(thread_comparison, "false_sharing", lambda *_, **__: Unknown)
    data = zipf_examples(100, 50, 5, rng=np.random.default_rng(0))
    found = compare(data.x, data.y, eta=0.1, rounds=1, rng=np.random.default_rng(0))
    assert all(np.isnan(g.simulated[1]) and np.isfinite(g.simulated[0]) for g in found.gains)
