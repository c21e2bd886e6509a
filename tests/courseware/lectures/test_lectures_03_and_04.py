"""What the pages of lectures 03 and 04 say about runs whose outputs are not stored."""

import numpy as np
import pytest

from courseware.demos.parallel import heterogeneity_runs
from lsml_core.data import load
from lsml_core.optimization.finite_sums import Logistic
from lsml_core.parallel.conflicts import conflicts, in_cache_lines
from lsml_core.parallel.federated.quadratics import QuadraticClients, accumulated_steps, local_paths
from lsml_core.parallel.shuffling import PARTITIONS, averaged_epochs, squared_distances


@pytest.fixture(scope="module")
def pullovers_and_coats():
    images = load("fashion", side=14)
    pair = images.subset(np.flatnonzero(np.isin(images.y, (2, 4))))
    pixels = pair.x.reshape(-1, 196) - pair.x.reshape(-1, 196).mean(axis=0)
    unit = pixels / np.linalg.norm(pixels, axis=1, keepdims=True)
    return Logistic(unit, np.where(pair.y == 2, -1, 1), l2=0.01), pair.y


def test_reshuffling_ends_ten_times_lower_and_one_kept_shuffle_differs_most_between_runs(pullovers_and_coats):
    f, _ = pullovers_and_coats
    runs = squared_distances(
        f, np.zeros((10, f.d)), eta=0.3, batch=10, epochs=40, rng=np.random.default_rng(0)
    )
    for last in (10, 20):
        drawn, kept, reshuffled = (run[-last:].mean(0) for run in runs.values())
        assert drawn.mean() > 10 * reshuffled.mean()
        assert reshuffled.mean() < kept.mean() < drawn.mean()
        spread = [run.max() / run.min() for run in (drawn, kept, reshuffled)]
        assert spread[1] == max(spread)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_shuffling_everything_helps_most_if_the_quarters_are_sorted_by_class(pullovers_and_coats, seed):
    f, y = pullovers_and_coats
    setting = {"workers": 4, "eta": 0.1, "epochs": 25}
    gain = {}
    for name, parts in {"random": None, "class": np.argsort(y, kind="stable")}.items():
        rng = np.random.default_rng(seed)
        runs = averaged_epochs(f, np.zeros((6, f.d)), parts=parts, rng=rng, **setting)
        kept, shuffled, everything = (runs[way][-10:].mean(0) for way in PARTITIONS)
        assert max(shuffled.mean(), everything.mean()) < kept.mean()
        gain[name] = shuffled.mean() / everything.mean()
        assert name == "random" or (everything < shuffled).all()
    assert 2 < gain["class"] < 3.5
    assert 0.7 < gain["random"] < 1.5


def test_a_million_weights_are_sparse_by_line_and_a_small_text_is_not():
    from courseware.studies.hogwild_speedup import SMALL, SPARSE, workloads

    work = workloads()
    lines = {name: conflicts(in_cache_lines(w.x[:8000])) for name, w in work.items()}
    assert lines[SPARSE].delay_bound > 10
    assert lines[SMALL].delay_bound < 1
    assert lines[SMALL].mean_degree > 0.6 * 8000
    assert lines[SPARSE].mean_degree < 0.05 * 8000
    assert 1.5 < conflicts(work[SMALL].x[:8000]).delay_bound < 2.5


def test_the_loop_of_the_slide_does_not_converge_and_local_sgd_does():
    one = QuadraticClients(H=np.ones((1, 1, 1)), c=np.zeros((1, 1)), p=np.ones(1))
    literal = accumulated_steps(one.H[0], one.c[0], np.ones(1), eta=0.1, T=200)[:, 0]
    reset = local_paths(one, np.ones(1), 1, eta=0.1, T=200)[0, 0, :, 0]
    assert abs(literal[-70:]).max() > 0.9
    assert abs(reset[-70:]).max() < 1e-5


@pytest.mark.parametrize("seed", [0, 3])
def test_long_local_work_of_heterogeneous_clients_needs_far_more_rounds_and_one_step_does_not(seed):
    iid, skewed = (
        heterogeneity_runs.compute_cost("rounds", data, "slow (100 kB/s)", seed).first
        for data in heterogeneity_runs.PARTITIONS
    )
    loss = {plan: skewed[plan] / iid[plan] for plan in iid}
    assert loss["E = 20"] > 3
    assert 1.3 < loss["E = 5"] < loss["E = 20"]
    assert 0.75 < loss["one step"] < 1.3
