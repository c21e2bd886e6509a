"""EPIC drops medoids that stand alone: outliers of a class, and never a class's only example."""

import numpy as np
import pytest

from lsml_core.selection.craig import craig
from lsml_core.selection.epic import Epic, isolated


def test_by_hand_an_outlier_among_two_clusters_is_dropped():
    g = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2], [40.0]])
    assert isolated(g, np.zeros(7, int), 3 / 7).tolist() == [6]


@pytest.mark.parametrize("seed", range(5))
def test_dropped_are_the_exemplars_of_craig_that_represent_only_themselves(seed):
    rng = np.random.default_rng(seed)
    g, y = rng.normal(size=(60, 3)), rng.integers(3, size=60)
    coreset = craig(g, y, 0.3)
    assert isolated(g, y, 0.3).tolist() == sorted(coreset.indices[coreset.weights == 1])


@pytest.mark.parametrize("seed", range(5))
def test_a_far_example_is_dropped_whatever_the_order_of_the_examples(seed):
    rng = np.random.default_rng(seed)
    g, y = rng.normal(size=(40, 2)), np.repeat([0, 1], 20)
    g[7] = 100
    order = rng.permutation(40)
    assert 7 in order[isolated(g[order], y[order], 0.2)]


def test_distances_are_within_a_class_only():
    """A gradient far from its own class is isolated, even in the middle of another class."""
    g = np.concatenate([np.linspace(0, 1, 10), np.linspace(9, 10, 10)])[:, None]
    y = np.repeat([0, 1], 10)
    g[0] = 9.5
    assert 0 in isolated(g, y, 0.2)


def test_a_class_with_one_example_keeps_it():
    g = np.array([[0.0], [1.0], [1.1], [1.2]])
    assert 0 not in isolated(g, np.array([0, 1, 1, 1]), 0.3)


def test_rounds_follow_the_warm_up_every_few_epochs_until_the_end():
    looks = [e for e in range(1, 13) if Epic(0.2, start=3, every=2, stop=9).looks_after(e)]
    assert looks == [3, 5, 7, 9]
    assert [e for e in range(1, 5) if Epic(0.2, start=1).looks_after(e)] == [1, 2, 3, 4]


@pytest.mark.own_checks
@pytest.mark.parametrize("settings", [{"fraction": 0}, {"fraction": 1.5}, {"every": 0}, {"start": -1}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        Epic(**settings)
