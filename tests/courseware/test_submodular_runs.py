"""What lectures 05 and 06 say about their runs on Fashion-MNIST, over several seeds."""

import numpy as np
import pytest

from lsml_core.data import load
from lsml_core.submodular.distributed import greedi, greedi_on_parts
from lsml_core.submodular.functions import (
    Exemplar,
    FeatureBased,
    GraphCut,
    StreamedFacilityLocation,
    find_decrease,
    find_violation,
)
from lsml_core.submodular.greedy import greedy, lazy_greedy, random_subset, stochastic_greedy, top_k
from lsml_core.submodular.streaming import sieve_streaming, sieve_streaming_plus_plus

SEEDS = (0, 1, 2)
K = 50


@pytest.fixture(scope="module")
def images():
    return load("fashion", side=14)


@pytest.fixture(scope="module")
def x(images):
    x = images.x.reshape(-1, 196).astype(float)
    return x - x.mean(axis=0)


@pytest.fixture(scope="module")
def f(x):
    return Exemplar(x)


@pytest.fixture(scope="module")
def central(f):
    return greedy(f, 100)


# --- lecture 05


def test_of_three_sums_over_pixels_only_the_convex_one_is_not_submodular(images):
    x, rng = images.x[:8].reshape(8, -1), np.random.default_rng(0)
    assert find_violation(FeatureBased(x, np.sqrt), rng=rng) is None
    assert find_violation(FeatureBased(x, np.log1p), rng=rng) is None
    assert find_violation(FeatureBased(x, np.square), rng=rng) == ((), (0,), 1)
    cut = GraphCut(x @ x.T, redundancy=1.0)
    assert find_violation(cut, rng=rng) is None
    assert find_decrease(cut, rng=rng) is not None


def test_lazy_greedy_chooses_the_same_images_and_stochastic_greedy_loses_one_to_two_percent(f, central):
    lazy = lazy_greedy(f, 100)
    assert lazy.chosen == central.chosen
    assert lazy.evaluations < central.evaluations / 20
    for seed in range(5):
        some = stochastic_greedy(f, 100, epsilon=0.1, rng=np.random.default_rng(seed))
        assert 0.98 < some.value / central.value < 0.99


def test_labels_of_greedys_images_are_worth_more_with_ten_than_with_a_hundred(images, x, f, central):
    test = load("fashion", split="test", side=14)
    rows = test.x.reshape(-1, 196) - images.x.reshape(-1, 196).astype(float).mean(axis=0)
    distance = (x**2).sum(axis=1) - 2 * rows @ x.T

    def accuracy(chosen):
        chosen = np.array(chosen)
        return np.mean(images.y[chosen[distance[:, chosen].argmin(axis=1)]] == test.y)

    drawn = {
        k: [accuracy(random_subset(f, k, rng=np.random.default_rng(seed)).chosen) for seed in range(10)]
        for k in (10, 100)
    }
    lead = {k: accuracy(central.chosen[:k]) - np.mean(some) for k, some in drawn.items()}
    assert lead[10] > 0.06
    assert 0 < lead[100] < np.ptp(drawn[100])
    assert accuracy(top_k(f, 100).chosen) < np.mean(drawn[10])


# --- lecture 06


@pytest.mark.parametrize("k", [20, K])
def test_greedi_stays_within_one_percent_of_greedy_whatever_the_parts(images, f, central, k):
    unit, by_class = sum(central.gains[:k]), np.argsort(images.y, kind="stable")
    machines = (4, 64)
    alone = []
    for m in machines:
        runs = [greedi(f, k, m, rng=np.random.default_rng(seed)) for seed in SEEDS]
        runs.append(greedi_on_parts(f, k, np.array_split(by_class, m)))
        assert all(run.value > 0.985 * unit for run in runs)
        if k == K:
            assert all(run.value > 0.99 * unit for run in runs)
        alone.append([max(run.local_values) / unit for run in runs])
    assert all(many < few for few, many in zip(*alone, strict=True))
    assert all(0.65 < run[-1] < 0.8 for run in alone)  # one class of garment per machine


def test_smaller_epsilon_costs_memory_and_gains_little_and_plus_plus_holds_a_quarter(x, f, central):
    unit, held, value = sum(central.gains[:K]), {}, {}
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(len(x))
        F = StreamedFacilityLocation(x[order[:300]])
        for epsilon in (0.5, 0.1):
            for name, find in {"classic": sieve_streaming, "plus": sieve_streaming_plus_plus}.items():
                run = find(F, iter(x[order]), K, epsilon)
                assert run.evaluations / run.seen < run.sieves
                held[name, epsilon, seed] = run.stored
                value[name, epsilon, seed] = f.value(order[list(run.chosen)]) / unit
    for seed in SEEDS:
        assert 3.5 < held["classic", 0.1, seed] / held["classic", 0.5, seed] < 5
        assert value["classic", 0.1, seed] - value["classic", 0.5, seed] < 0.1
        for epsilon in (0.5, 0.1):
            assert 0.2 < held["plus", epsilon, seed] / held["classic", epsilon, seed] < 0.35
            assert value["plus", epsilon, seed] > value["classic", epsilon, seed] - 0.07
    assert max(value.values()) < 0.95
