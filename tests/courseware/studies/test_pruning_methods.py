from functools import partial

import numpy as np
import pytest
import torch

from courseware.studies.pruning_methods import (
    WAYS,
    ablation_table,
    batch,
    compression_curve,
    methods_at_initialization,
    rewinding,
    rounds_table,
    ticket_curve,
    transfer_table,
)
from lsml_core.data import load
from lsml_core.models import mlp
from lsml_core.pruning.checkpoints import Checkpoint, TrainingPlan, advance, shuffled_epochs, step_decay
from lsml_core.pruning.scores import magnitude, prunable
from lsml_core.pruning.tickets import imp, transfer
from lsml_core.training import evaluate

DATA, TEST = load("digits"), load("digits", split="test")
SGD = partial(torch.optim.SGD, lr=1.0, momentum=0.9)
SIZES = (64, 30, 20, 10)


def network(seed=0):
    return mlp(SIZES, rng=np.random.default_rng(seed))


def plan(steps=12):
    order = shuffled_epochs(len(DATA), 64, steps, rng=np.random.default_rng(0))
    return TrainingPlan(DATA, SGD, step_decay(0.05, steps), order)


def dense_accuracy():
    return evaluate(advance(plan(), Checkpoint(0, network()), 12).model, TEST)[1]


def test_every_method_keeps_the_same_number_and_uncompressed_all_are_the_dense_network():
    methods = methods_at_initialization(*batch(DATA, 50), rng=np.random.default_rng(0), rounds=5)
    curve = compression_curve(plan(), network(), methods, [1, 20], TEST)
    N = sum(w.numel() for w in prunable(network()).values())
    assert curve.methods == tuple(methods)
    np.testing.assert_array_equal(curve.kept.sum(-1), [[N, round(N / 20)]] * len(methods))
    np.testing.assert_array_equal(curve.accuracy[:, 0], dense_accuracy())


def test_a_ticket_that_keeps_everything_is_its_own_control():
    curve = ticket_curve(plan(), network(), network(1), 2, 0.5, TEST, at=(4, 8), rng=np.random.default_rng(0))
    assert curve.variants == ("ticket", "re-initialised", "shuffled", "random")
    np.testing.assert_array_equal(curve.density, [1, 0.5, 0.25])
    np.testing.assert_array_equal(curve.at, [4, 8, 12])
    ticket, reinitialised, shuffled, random = curve.accuracy[:, 0]
    np.testing.assert_array_equal(ticket, shuffled)
    np.testing.assert_array_equal(ticket, random)
    assert ticket[-1] == dense_accuracy()
    assert (ticket != reinitialised).any()
    assert len({variant.tobytes() for variant in curve.accuracy[:, 2]}) == 4


def test_tickets_of_every_task_are_trained_by_every_task_with_a_test_set():
    relabelled = DATA.relabel(np.roll(DATA.y, 1))
    other = TrainingPlan(relabelled, SGD, step_decay(0.05, 12), plan().order)
    tasks = {"digits": (plan(), TEST), "longer": (plan(20), TEST), "moved labels": (other, None)}
    table = transfer_table(tasks, network(), network(1), 2, 0.5, rng=np.random.default_rng(0))
    assert table.targets == ("digits", "longer")
    assert table.sources == (*tasks, "re-initialised", "shuffled", "random")
    np.testing.assert_array_equal(table.density, [0.5, 0.25])
    moved = imp(other, network(), 2, 0.5)[-1]
    expected = evaluate(transfer(plan(20), moved).model, TEST)[1]
    assert table.accuracy[1, 2, 1] == expected
    own = imp(plan(), network(), 2, 0.5)[-1].trained
    assert table.accuracy[0, 0, 1] == evaluate(own.model, TEST)[1]


def test_the_whole_network_rewound_comes_back_where_it_was():
    """Only weights and schedule of the same step make the old run again."""
    found = rewinding(plan(), network(), (5, 0), (1.0, 0.2), TEST)
    ways = dict(zip(WAYS, found.accuracy, strict=True))
    assert found.dense == dense_accuracy()
    np.testing.assert_array_equal(ways["weight rewinding"][:, 0], found.dense)
    assert found.accuracy.shape == (4, 2, 2)


def test_a_mask_that_keeps_everything_is_not_changed_by_shuffling():
    dense = {name: torch.ones_like(w, dtype=torch.bool) for name, w in prunable(network()).items()}
    half = {name: torch.arange(w.numel()).view_as(w) % 2 == 0 for name, w in prunable(network()).items()}
    masks, rng = {"all": dense, "half": half}, np.random.default_rng(0)
    table = ablation_table(plan(), network(), network(1), masks, TEST, at=(5, 12), shuffles=2, rng=rng)
    assert table.methods == ("all", "half")
    (as_it_is, half_kept), (shuffled, half_shuffled) = table.accuracy, table.shuffled
    assert as_it_is[1] == dense_accuracy()
    np.testing.assert_array_equal(shuffled, [as_it_is] * 2)
    expected = evaluate(advance(plan(), Checkpoint(0, network(1)), 5).model, TEST)[1]
    assert table.reinitialised[0, 0] == expected
    assert (half_kept != half_shuffled[0]).any()
    assert (half_shuffled[0] != half_shuffled[1]).any()


def test_a_table_of_rounds_counts_the_weights_that_each_mask_keeps():
    table = rounds_table(network(), {"magnitude": magnitude}, (1, 3), (2, 1000))
    N = sum(w.numel() for w in prunable(network()).values())
    np.testing.assert_array_equal(table.kept.sum(-1), [[[round(N / 2), round(N / 1000)]] * 2])
    np.testing.assert_array_equal(table.kept[0, 0], table.kept[0, 1])
    assert table.reached.shape == (1, 2, 2, 4)
    assert (table.reached[..., 0] == SIZES[0]).all()


def test_conservation_needs_rounds_and_rounds_need_conservation():
    """At compression 200 of a deep narrow network: which layers are empty."""
    model = mlp((64, 256, 128, 64, 32, 10), rng=np.random.default_rng(0))
    methods = methods_at_initialization(*batch(DATA, 100), rng=np.random.default_rng(0))
    empty = {
        name: sum(not m.any() for m in method(model, 1 / 200).values())
        for name, method in methods.items()
        if name not in ("random", "GraSP in rounds")
    }
    assert empty["SynFlow"] == empty["SNIP in rounds"] == 0
    assert empty["magnitude"] > 0
    assert empty["SynFlow at once"] > 0


@pytest.mark.parametrize("n", [1, 7])
def test_a_batch_is_the_first_examples(n):
    x, y = batch(DATA, n)
    np.testing.assert_array_equal(x.numpy(), DATA.x[:n])
    np.testing.assert_array_equal(y.numpy(), DATA.y[:n])
