"""Who did what when: read off a simulation's record, and checked against what a run must be like."""

from itertools import pairwise

import numpy as np
import pytest

from lsml_core.data.sparse import zipf_examples
from lsml_core.parallel.staleness import Machine, simulate
from lsml_core.parallel.timelines import (
    UpdateTimeline,
    conflicting_reads,
    speed_up_over_synchronous,
    update_timeline,
)

N = 400
DATA = zipf_examples(N, 300, 6, rng=np.random.default_rng(0), exponent=0.5, max_frequency=0.2)


def one_epoch(workers, seed=0, data=DATA, **machine):
    run = simulate(
        data.x,
        data.y,
        workers=workers,
        epochs=1,
        eta=0.5,
        rng=np.random.default_rng(seed),
        machine=Machine(**machine),
    )
    order = np.random.default_rng(seed).permutation(N)  # what the simulator draws first
    return update_timeline(run.tau[0], run.end[0], workers), order


@pytest.mark.parametrize("workers", [1, 2, 7, 64])
def test_a_worker_reads_when_it_has_written_and_at_the_start(workers):
    run, _ = one_epoch(workers, spread=0.6)
    assert set(run.worker) == set(range(workers))
    for p in range(workers):
        mine = run.worker == p
        assert run.begin[mine][0] == 0
        assert np.array_equal(run.begin[mine][1:], run.end[mine][:-1])


@pytest.mark.parametrize("workers", [2, 7, 64])
def test_the_delay_is_the_number_of_others_who_wrote_in_between(workers):
    run, _ = one_epoch(workers, spread=0.6)
    for k in np.flatnonzero(run.begin > 0)[::17]:
        between = (run.end > run.begin[k]) & (run.end < run.end[k])
        assert between.sum() == run.tau[k]
        assert run.worker[k] not in run.worker[between]


@pytest.mark.parametrize("workers", [1, 3, 16])
def test_every_example_after_the_first_ones_is_taken_once_and_takes_its_own_time(workers):
    """Without spread a time tells the number of coordinates, so it tells whether the example is right."""
    run, order = one_epoch(workers, read=1.0, write=0.0)
    known = run.position >= 0
    assert sorted(run.position[known]) == [*range(workers, N)]
    sizes = np.diff(DATA.x.indptr)[order[run.position[known]]]
    assert np.allclose(run.seconds[known], sizes)


def test_updates_are_traceable_once_every_worker_has_made_one():
    run, _ = one_epoch(5)
    last_first = max(np.flatnonzero(run.position < 0))
    missed = [range(k - t, k + 1) for k, t in enumerate(run.tau)]
    assert [last_first < min(those) for those in missed] == run.traceable.tolist()
    assert run.traceable.any()


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_a_read_conflicts_if_one_of_the_missed_updates_shares_a_coordinate(workers):
    run, order = one_epoch(workers, seed=3, spread=0.4)
    words = [set(row.indices) for row in DATA.x[order]]
    for k, found in enumerate(conflicting_reads(DATA.x, order, run)):
        missed = run.position[k - run.tau[k] : k] if run.traceable[k] else []
        assert found == any(words[run.position[k]] & words[other] for other in missed), k


def test_what_is_gained_by_not_waiting_is_the_slowest_over_the_mean():
    """By hand: times 1 and 3 in turn, so a synchronous step of two takes 3, and an update 2 on average."""
    end = np.arange(1.0, 8)
    times = np.array([9.0, 1, 3, 1, 3, 1, 3])  # the first update has no known example, and does not count
    none = np.zeros(7, int)
    timeline = UpdateTimeline(none, end - times, end, none, none, none > 0)
    assert speed_up_over_synchronous(timeline, 2) == 1.5
    alone, _ = one_epoch(1, spread=0.6)
    assert speed_up_over_synchronous(alone, 1) == 1
    even, _ = one_epoch(8, read=0.0, write=1.0, spread=0.0, data=DATA)
    uneven, _ = one_epoch(8, spread=1.2)
    assert speed_up_over_synchronous(even, 8) < speed_up_over_synchronous(uneven, 8)


def test_one_worker_has_no_conflicting_reads():
    run, order = one_epoch(1)
    assert not conflicting_reads(DATA.x, order, run).any()


def test_more_workers_and_more_coordinates_have_more_conflicting_reads():
    shares = []
    for workers, nonzeros in ((2, 2), (16, 2), (16, 12)):
        rng = np.random.default_rng(1)
        data = zipf_examples(N, 1000, nonzeros, rng=rng, exponent=0, max_frequency=0.2)
        run, order = one_epoch(workers, data=data)
        shares.append(conflicting_reads(data.x, order, run)[run.traceable].mean())
    assert all(more > 2 * less for less, more in pairwise(shares)), shares
