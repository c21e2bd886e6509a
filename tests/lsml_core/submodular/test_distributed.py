import math
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
from helpers.submodular_examples import MONOTONE, SEEDS, cases, coverage, points, similarity
from hypothesis import given, settings
from hypothesis import strategies as st

from lsml_core.submodular.distributed import greedi, greedi_on_parts
from lsml_core.submodular.functions import Coverage, FacilityLocation, Modular
from lsml_core.submodular.greedy import brute_force, greedy
from lsml_core.submodular.instances import tight_instance
from lsml_core.submodular.kernels.shared_memory import packed, unpacked

# a machine knows these functions whole, as the theorems ask; others have a local stand-in of their own
WHOLE = tuple(kind for kind in MONOTONE if "points" not in kind and "kept" not in kind and kind != "exemplar")


def split(f, machines, rng):
    owner = rng.integers(machines, size=f.n)
    return [np.flatnonzero(owner == p) for p in range(machines)]


@given(cases(kinds=WHOLE), st.integers(1, 4))
def test_any_partition_reaches_the_bound(case, m):
    """Some machine holds a part of OPT worth OPT/m, and some machine the element of largest value."""
    f, rng = case.make()
    for k in range(1, f.n + 1):
        found = greedi_on_parts(f, k, split(f, m, rng))
        optimum = brute_force(f, k).value
        assert found.value >= max((1 - 1 / math.e) / m, 1 / k) * optimum - 1e-8
        assert found.value >= 0.5 / math.sqrt(min(m, k)) * optimum - 1e-8


@given(SEEDS)
@settings(max_examples=10)
def test_over_all_partitions_the_mean_reaches_half_of_greedys_bound(seed):
    """The expectation of RandGreeDi, with every way to deal out 6 elements to 2 machines."""
    f, k = coverage(6, np.random.default_rng(seed)), 3
    parts = [[np.flatnonzero(np.array(owner) == p) for p in (0, 1)] for owner in product((0, 1), repeat=6)]
    mean = np.mean([greedi_on_parts(f, k, part).value for part in parts])
    assert mean >= 0.5 * (1 - 1 / math.e) * brute_force(f, k).value


@given(cases(), st.integers(1, 5))
def test_the_answer_is_the_better_of_the_merged_and_the_best_local_set(case, m):
    f, rng = case.make()
    k = max(1, f.n // 2)
    found = greedi(f, k, m, rng=rng)
    assert found.value == pytest.approx(max(found.merged.value, *found.local_values), abs=1e-8)
    assert found.value == pytest.approx(f.value(found.chosen), abs=1e-8)
    assert found.local_values == pytest.approx([f.value(local) for local in found.local])
    assert len(set(found.chosen)) == len(found.chosen) == len(found.gains) <= k
    union = {e for local in found.local for e in local}
    assert {*found.merged.chosen} <= union
    for part, local in zip(found.parts, found.local, strict=True):
        assert {*local} <= {*part.tolist()}
        assert len(local) <= k


def test_the_merged_set_can_be_worse_than_a_local_one():
    """Greedy on the tight instance takes the cuts; a machine that holds none of them takes the best sets."""
    f = tight_instance(3)
    found = greedi_on_parts(f, 3, [[0, 1, 2], [3, 4, 5]])
    assert found.merged.value < found.value == found.local_values[1] == brute_force(f, 3).value
    assert found.chosen == found.local[1]


@given(cases(kinds=("coverage", "modular", "facility location")))
def test_on_one_machine_it_is_greedy(case):
    f, rng = case.make()
    assert greedi(f, 3 if f.n > 2 else 1, 1, rng=rng).chosen == greedy(f, 3 if f.n > 2 else 1).chosen


@given(cases(kinds=("coverage", "modular", "facility location")))
def test_with_an_element_a_machine_it_is_greedy_too(case):
    f, _ = case.make()
    assert greedi_on_parts(f, 2, [[e] for e in range(f.n)]).chosen == greedy(f, 2).chosen


def test_every_element_goes_to_one_machine_and_each_is_equally_likely():
    f = Modular(np.ones(3000))
    found = greedi(f, 1, 3, rng=np.random.default_rng(0))
    assert sorted(np.concatenate(found.parts).tolist()) == list(range(3000))
    assert all(abs(len(part) - 1000) < 100 for part in found.parts)  # the standard deviation is 26
    assert not all((np.diff(part) == 1).all() for part in found.parts)


def test_a_machine_without_elements_does_no_harm():
    f = Coverage(np.eye(3))
    found = greedi_on_parts(f, 2, [[], [0, 1, 2], []])
    assert found.chosen == (0, 1)
    assert found.local[0] == ()
    for kind in (f, FacilityLocation.from_features(np.eye(3))):
        assert greedi(kind, 0, 2, rng=np.random.default_rng(0)).chosen == ()


@pytest.mark.parametrize("seed", range(3))
def test_on_points_it_comes_within_a_percent_of_greedy_for_less_work(seed):
    rng = np.random.default_rng(seed)
    f = FacilityLocation.from_features(rng.normal(size=(1200, 3)) + 4 * rng.integers(4, size=(1200, 1)))
    central = greedy(f, 20)
    by_place = np.array_split(np.argsort(f.similarity.x[:, 0]), 6)
    worst_singleton = greedy(f, 1).value
    for found in (greedi(f, 20, 6, rng=rng), greedi_on_parts(f, 20, by_place)):
        assert found.value - worst_singleton > 0.97 * (central.value - worst_singleton)
        assert found.evaluations < central.evaluations * 1.3
    assert max(found.local_values) - worst_singleton < 0.8 * (central.value - worst_singleton)


# --- executors ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_processes():
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
        yield executor


def check_that_all_answer_alike(executor, folder):
    rng = np.random.default_rng(0)
    for f in (
        FacilityLocation.from_features(points(3000, rng).astype(np.float32)),
        FacilityLocation(similarity(300, rng)),
        coverage(200, rng, items=500),
    ):
        serial = greedi(f, 10, 4, rng=np.random.default_rng(1))
        there = greedi(f, 10, 4, rng=np.random.default_rng(1), executor=executor, folder=folder)
        assert there.chosen == serial.chosen
        assert there.local == serial.local
        assert there.value == pytest.approx(serial.value)


def test_processes_give_the_answer_of_one_process_and_leave_no_file(two_processes, tmp_path):
    check_that_all_answer_alike(two_processes, tmp_path)
    assert not [*tmp_path.iterdir()]


def test_threads_give_the_answer_of_one(tmp_path):
    with ThreadPoolExecutor(2) as executor:
        check_that_all_answer_alike(executor, None)


def test_a_dask_cluster_gives_the_answer_of_one_process(tmp_path):
    distributed = pytest.importorskip("distributed", reason="pip install 'lsml_core[cluster]'")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        check_that_all_answer_alike(client.get_executor(), tmp_path)


def test_large_arrays_stay_in_files_and_are_written_once(tmp_path):
    x = np.random.default_rng(0).normal(size=(5000, 64)).astype(np.float32)
    f = FacilityLocation.from_features(x, memory=0)
    parcel = packed(f, tmp_path)
    assert len(parcel) < 2**16 < len(pickle.dumps(f)) / 10
    again = unpacked(parcel).similarity
    assert again.customers is again.x
    assert isinstance(again.x, np.memmap)
    assert not again.x.flags.writeable
    assert len([*tmp_path.iterdir()]) == 3  # x, and the two factors of S
    np.testing.assert_array_equal(again.x, x)
    assert unpacked(parcel).value([3, 9]) == f.value([3, 9])


def test_what_is_refused():
    f = Modular(np.ones(3))
    with pytest.raises(ValueError, match="machines=0"):
        greedi(f, 1, 0, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="parts is empty"):
        greedi_on_parts(f, 1, [])
    with pytest.raises(ValueError, match="from 0 to 2"):
        greedi_on_parts(f, 1, [[3]])
    with pytest.raises(ValueError, match="k=4"):
        greedi_on_parts(f, 4, [[0, 1, 2]])
