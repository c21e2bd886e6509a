"""S2L: an equal share of every cluster of loss trajectories, smallest clusters first."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsml_core.selection.s2l import MANY, cluster_trajectories, from_clusters, quotas, s2l

SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=6)


def topics(sizes, rng, checkpoints=6):
    """Trajectories of topics that are learned at different speeds, and the topic of every example."""
    topic = np.repeat(np.arange(len(sizes)), sizes)
    curves = np.exp(-np.outer(np.arange(checkpoints), np.linspace(0.1, 2, len(sizes))))
    return curves[:, topic] + 0.005 * rng.normal(size=(checkpoints, len(topic))), topic


@given(SIZES, st.data())
def test_quotas_spend_the_budget_and_no_cluster_gives_more_than_it_has(sizes, data):
    sizes = np.array(sizes)
    budget = data.draw(st.integers(0, int(sizes.sum())))
    found = quotas(sizes, budget)
    assert found.sum() == budget
    assert (found >= 0).all()
    assert (found <= sizes).all()
    left_over = found < sizes  # whoever is not taken whole gets no less than any other, but for rounding
    assert not left_over.any() or found[left_over].min() >= found.max() - 1


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.data())
def test_no_division_gives_the_worst_served_clusters_more(sizes, data):
    """Sorted from the fewest, the quotas are the largest of all divisions: by brute force."""
    sizes = np.array(sizes)
    budget = data.draw(st.integers(0, int(sizes.sum())))
    divisions = (d for d in product(*(range(s + 1) for s in sizes)) if sum(d) == budget)
    assert sorted(quotas(sizes, budget)) == max(sorted(d) for d in divisions)


@given(SIZES, st.data(), st.integers(0, 2**32 - 1))
def test_examples_are_all_different_and_come_cluster_by_cluster(sizes, data, seed):
    rng = np.random.default_rng(seed)
    cluster = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    budget = data.draw(st.integers(0, len(cluster)))
    chosen = from_clusters(cluster, budget, rng=rng)
    assert len(set(chosen.tolist())) == len(chosen) == budget
    counts = np.bincount(cluster[chosen], minlength=len(sizes))
    np.testing.assert_array_equal(counts, quotas(np.array(sizes), budget))
    runs = 1 + np.count_nonzero(np.diff(cluster[chosen])) if budget else 0
    assert runs == np.count_nonzero(counts)


@pytest.mark.parametrize("seed", range(5))
def test_a_rare_topic_is_kept_whole_where_a_random_subset_loses_most_of_it(seed):
    rng = np.random.default_rng(seed)
    losses, topic = topics((400, 300, 200, 20), rng)
    chosen = s2l(losses, 90, 4, rng=rng)
    counts = np.bincount(topic[chosen], minlength=4)
    assert counts[3] == 20
    assert counts.max() - counts[:3].min() <= 1
    random = np.bincount(topic[rng.choice(len(topic), 90, replace=False)], minlength=4)
    assert random[3] < 10


def test_examples_of_a_topic_share_a_cluster_and_mini_batches_find_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    losses, topic = topics((60, 40, 30), rng)
    for many in (10**6, 1):
        monkeypatch.setattr("lsml_core.selection.s2l.MANY", many)
        cluster = cluster_trajectories(losses, 3, rng=np.random.default_rng(1))
        pairs = np.equal.outer(cluster, cluster) == np.equal.outer(topic, topic)
        assert pairs.all()


def squared_distances(losses, cluster):
    """Between every trajectory and the mean of its cluster, summed."""
    means = {c: losses[:, cluster == c].mean(axis=1, keepdims=True) for c in np.unique(cluster)}
    return sum(((losses[:, cluster == c] - mean) ** 2).sum() for c, mean in means.items())


@pytest.mark.parametrize("seed", range(3))
def test_clusters_of_mini_batches_are_nearly_as_tight_as_those_of_all_examples(seed, monkeypatch):
    """Of twelve times as many examples as the least that is clustered in mini-batches."""
    rng = np.random.default_rng(seed)
    losses, _ = topics((MANY,) * 12, rng)
    batches = cluster_trajectories(losses, 12, rng=np.random.default_rng(seed))
    monkeypatch.setattr("lsml_core.selection.s2l.MANY", np.inf)
    every = cluster_trajectories(losses, 12, rng=np.random.default_rng(seed))
    assert not np.array_equal(batches, every)
    assert squared_distances(losses, batches) < 1.3 * squared_distances(losses, every)


def test_the_same_seed_chooses_the_same_examples():
    losses, _ = topics((30, 30), np.random.default_rng(0))
    first, second, other = (s2l(losses, 12, 4, rng=np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert set(first) != set(other)


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budget": 7}, "budget=7 and clusters=2 must be at most n=6"),
        ({"clusters": 7}, "clusters=7 must be at most n=6"),
        ({"budget": -1}, "budget=-1"),
        ({"clusters": 0}, "clusters=0"),
        ({"budget": 2.5}, "budget=2.5"),
        ({"trajectories": np.ones(6)}, r"\(checkpoints, n\)"),
        ({"trajectories": np.ones((0, 6))}, r"\(checkpoints, n\)"),
        ({"trajectories": np.array([[1.0, np.nan]])}, "example 1 has a loss that is not"),
    ],
)
def test_what_has_no_clusters_is_refused(change, message):
    arguments = {"trajectories": np.ones((3, 6)), "budget": 3, "clusters": 2}
    with pytest.raises(ValueError, match=message):
        s2l(**arguments | change, rng=np.random.default_rng(0))
