import copy
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from lsml_core.data import Dataset, load
from lsml_core.models import convnet, mlp
from lsml_core.optimization.schedules import StepDecay
from lsml_core.optimization.steps import Adam, GradientDescent, Momentum, RMSProp, torch_optimizer
from lsml_core.pruning.checkpoints import Checkpoint, TrainingPlan, advance, shuffled_epochs, step_decay
from lsml_core.pruning.masks import keep_top
from lsml_core.pruning.scores import magnitude, prunable
from lsml_core.pruning.tickets import controls, imp, retrain, shuffle, transfer, two_by_two
from lsml_core.training import evaluate

DATA, TEST = load("digits"), load("digits", split="test")
SGD = partial(torch.optim.SGD, lr=1.0, momentum=0.9)


def network(seed=0, sizes=(64, 60, 40, 10)) -> nn.Sequential:
    return mlp(sizes, rng=np.random.default_rng(seed))


def plan(steps=40, seed=0, *, optimizer=SGD, data=DATA, eta=0.05, batch=64) -> TrainingPlan:
    order = shuffled_epochs(len(data), batch, steps, rng=np.random.default_rng(seed))
    return TrainingPlan(data, optimizer, step_decay(eta, steps), order)


def bits(state: Checkpoint) -> torch.Tensor:
    return torch.cat([t.flatten().double() for t in state.model.state_dict().values()])


def distance(a: Checkpoint, b: Checkpoint) -> float:
    return float((bits(a) - bits(b)).norm() / bits(a).norm())


def accuracy(state: Checkpoint, data=TEST) -> float:
    return evaluate(state.model, data)[1]


def sizes(mask):
    return {name: int(m.sum()) for name, m in mask.items()}


# Plans and checkpoints


def test_every_epoch_is_a_new_order_of_different_examples():
    order = shuffled_epochs(50, 8, 14, rng=np.random.default_rng(0))  # six full batches an epoch
    assert order.shape == (14, 8)
    first, second = order[:6].ravel(), order[6:12].ravel()
    assert len(set(first)) == len(set(second)) == 48
    assert not np.array_equal(first, second)
    assert order.min() >= 0
    assert order.max() < 50


def test_the_step_size_falls_by_ten_at_half_and_at_three_quarters():
    np.testing.assert_allclose(step_decay(0.2, 8), [0.2] * 4 + [0.02] * 2 + [0.002] * 2)
    for steps in range(12):
        at = np.arange(steps)
        passed = (at >= steps / 2).astype(int) + (at >= 0.75 * steps)
        np.testing.assert_allclose(step_decay(0.2, steps), 0.2 * 0.1**passed)


@pytest.mark.parametrize("drops", [(), (3,), (3, 5), (5, 3), (0,), (2, 2), (99,)])
def test_drops_are_steps_in_both_schedules(drops):
    schedule = StepDecay(0.8, drops, factor=0.5)
    np.testing.assert_allclose(step_decay(0.8, 8, drops, factor=0.5), [schedule(k) for k in range(8)])


OPTIMIZERS = {
    "momentum": SGD,
    "Adam": partial(torch.optim.Adam, lr=1.0),
    "AdamW": partial(torch.optim.AdamW, lr=1.0, weight_decay=0.1),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("k", [0, 7, 23])
def test_a_training_taken_up_at_step_k_is_the_same_bit_for_bit(optimizer, k):
    """With batch norms, whose averages are part of the state."""
    model = convnet(8, 10, channels=(4, 6), batch_norm=True, rng=np.random.default_rng(0))
    training = plan(30, optimizer=optimizer, eta=0.01)
    once = advance(training, Checkpoint(0, model), 30)
    rewound = advance(training, Checkpoint(0, model), k)
    advance(training, rewound, 5)  # and what is done with a state does not change it
    again = advance(training, rewound, 30 - k)
    assert once.step == again.step == 30
    assert torch.equal(bits(once), bits(again))


def test_a_training_is_the_loop_written_by_hand():
    training, by_hand = plan(20), network().double()
    state = advance(training, Checkpoint(0, network().double()), 20)
    optimizer = SGD(by_hand.parameters())
    for eta, some in zip(training.eta, training.order, strict=True):
        optimizer.param_groups[0]["lr"] = eta
        optimizer.zero_grad()
        x, y = torch.tensor(DATA.x[some]).double(), torch.tensor(DATA.y[some])
        nn.functional.cross_entropy(by_hand(x), y).backward()
        optimizer.step()
    torch.testing.assert_close(bits(state), bits(Checkpoint(0, by_hand)), rtol=1e-10, atol=1e-12)


def test_each_part_of_the_state_is_needed_to_rewind():
    """Without momentum, with another order, or with the schedule from 0, another network comes out."""
    training = plan(40)
    start = advance(training, Checkpoint(0, network()), 15)
    right = advance(training, start, 25)
    wrong = {
        "no momentum": advance(training, replace(start, memory=None), 25),
        "another order": advance(replace(training, order=training.order[::-1]), start, 25),
        "the schedule from 0": advance(training, replace(start, step=0), 25),
    }
    for name, state in wrong.items():
        assert distance(right, state) > 1e-3, name


def test_a_mask_holds_at_every_step_and_nothing_else_changes_state():
    model = network()
    mask = keep_top(magnitude(model), 0.1)
    before = copy.deepcopy(model.state_dict())
    start = advance(plan(40), Checkpoint(0, model), 10)
    seen = copy.deepcopy(start.memory)
    state = advance(plan(40), start, 10, mask)
    for name, w in prunable(state.model).items():
        assert not w[~mask[name]].any()
        assert w[mask[name]].all()
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), before.values(), strict=True))
    for i, memory in seen["state"].items():
        assert torch.equal(memory["momentum_buffer"], start.memory["state"][i]["momentum_buffer"])


def noisy(seed=0) -> nn.Sequential:
    layers = [*network(seed)]
    return nn.Sequential(*layers[:3], nn.Dropout(0.5), *layers[3:])


def test_dropout_is_part_of_what_a_checkpoint_and_a_plan_determine():
    """Whatever torch's stream is at, which goes on as if no training had been."""
    training, start = plan(20), Checkpoint(0, noisy())
    torch.manual_seed(1)
    before = torch.get_rng_state()
    once = advance(training, start, 20)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    again = advance(training, advance(training, start, 7), 13)
    assert torch.equal(bits(once), bits(again))
    other = advance(replace(training, order=training.order[:, ::-1]), start, 20)
    assert distance(once, other) > 1e-3  # the same batches, but other units dropped
    assert (
        distance(
            once,
            advance(
                training,
                Checkpoint(0, nn.Sequential(*[m for m in noisy() if not isinstance(m, nn.Dropout)])),
                20,
            ),
        )
        > 1e-3
    )


@pytest.mark.parametrize("rule", [GradientDescent(), Momentum(), RMSProp(), Adam()], ids=repr)
def test_the_plans_step_size_moves_the_optimizers_of_the_course_too(rule):
    def end(eta, own):
        training = plan(5, optimizer=lambda parameters: torch_optimizer(parameters, replace(rule, eta=own)))
        return advance(replace(training, eta=np.full(5, eta)), Checkpoint(0, network()), 5)

    start = Checkpoint(0, network())
    assert distance(start, end(1e-9, 0.5)) < 1e-5 < 1e-2 < distance(start, end(0.1, 1e-9))
    assert torch.equal(bits(end(0.01, 0.5)), bits(end(0.01, 1e-9)))


def test_a_ticket_of_a_rule_can_be_taken_up_at_any_step():
    training = plan(20, optimizer=lambda parameters: torch_optimizer(parameters, Momentum(eta=1.0)))
    once = advance(training, Checkpoint(0, network()), 20)
    again = advance(training, advance(training, Checkpoint(0, network()), 11), 9)
    assert torch.equal(bits(once), bits(again))


def test_an_optimizer_without_a_step_size_is_refused():
    class Fixed(torch.optim.Optimizer):
        def __init__(self, parameters):
            super().__init__(parameters, {})

    with pytest.raises(ValueError, match="Fixed has no step size 'lr'"):
        advance(plan(5, optimizer=Fixed), Checkpoint(0, network()), 1)


def test_no_steps_are_no_change():
    start = advance(plan(40), Checkpoint(0, network()), 10)
    assert torch.equal(bits(advance(plan(40), start, 0)), bits(start))


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(plan(10), eta=np.ones(9)), "eta has 9 steps and order 10"),
        (lambda: shuffled_epochs(10, 11, 5, rng=np.random.default_rng(0)), "batch=11"),
        (lambda: imp(plan(10), network(), 1, rewind=11), "rewind=11"),
        (lambda: imp(plan(10), network(), 1, rate=1.5), "rate=1.5"),
        (lambda: imp(plan(10), network(), -1), "rounds=-1"),
        (lambda: advance(plan(10), Checkpoint(0, network()), -1), "steps=-1"),
        (lambda: replace(plan(10), eta=np.full(10, -1.0)), "at least 0"),
        (lambda: replace(plan(10), eta=np.full(10, np.nan)), "finite"),
        (lambda: replace(plan(10), order=plan(10).order + len(DATA)), "order holds indices"),
    ],
)
def test_an_impossible_plan_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# Tickets


@pytest.mark.parametrize("k", [0, 12])
def test_iterative_magnitude_pruning_keeps_the_largest_of_the_survivors_and_rewinds_to_k(k):
    training, model = plan(30), network()
    tickets = imp(training, model, rounds=3, rate=0.4, rewind=k)
    start = advance(training, Checkpoint(0, model), k)
    N = sum(w.numel() for w in prunable(model).values())
    assert [sum(sizes(t.mask).values()) for t in tickets] == [round(0.6**i * N) for i in range(4)]
    for before, ticket in pairwise(tickets):
        assert torch.equal(bits(ticket.start), bits(start))
        assert torch.equal(bits(ticket.trained), bits(advance(training, start, 30 - k, ticket.mask)))
        final = magnitude(before.trained.model)
        kept = torch.cat([final[n][m] for n, m in ticket.mask.items()])
        cut = torch.cat([final[n][~m & before.mask[n]] for n, m in ticket.mask.items()])
        assert kept.min() >= cut.max()
        assert all(not (m & ~before.mask[n]).any() for n, m in ticket.mask.items())


def test_pruning_by_layer_keeps_the_same_share_of_each():
    ticket = imp(plan(10), network(), rounds=2, rate=0.5, scope="layer")[-1]
    assert sizes(ticket.mask) == {n: round(0.25 * w.numel()) for n, w in prunable(network()).items()}


def test_a_shuffled_mask_keeps_each_layers_count_and_little_else():
    mask = keep_top(magnitude(network()), 0.1)
    other = shuffle(mask, rng=np.random.default_rng(0))
    assert sizes(other) == sizes(mask)
    both = sum(int((mask[n] & other[n]).sum()) for n in mask)
    assert both < 0.5 * sum(sizes(mask).values())


def test_controls_change_what_their_name_says_and_nothing_else():
    training, fresh = plan(10), network(seed=5)
    ticket = imp(training, network(), rounds=2, rate=0.5)[-1]
    others = controls(training, ticket, fresh, rng=np.random.default_rng(0))
    assert [*others] == ["re-initialised", "shuffled", "random"]
    reinitialised, shuffled, random = others.values()
    assert all(torch.equal(reinitialised.mask[n], m) for n, m in ticket.mask.items())
    assert torch.equal(bits(reinitialised.start), bits(Checkpoint(0, fresh)))
    assert torch.equal(bits(shuffled.start), bits(ticket.start))
    assert sizes(shuffled.mask) == sizes(ticket.mask)
    assert torch.equal(bits(random.start), bits(ticket.start))
    assert sum(sizes(random.mask).values()) == sum(sizes(ticket.mask).values())
    assert sizes(random.mask) != sizes(ticket.mask)


def test_tickets_learn_sooner_and_more_than_their_controls():
    """2.7 % of the weights. Of four seeds tickets read 91 … 93 %, re-initialised 24 … 34, shuffled 11
    at most, random 15 … 24; after 30 of the 200 steps 70 … 78 against 19 at most.
    """
    for seed in range(2):
        training = plan(200, seed)
        ticket = imp(training, network(seed, (64, 300, 100, 10)), rounds=3, rate=0.7)[-1]
        fresh = network(seed + 100, (64, 300, 100, 10))
        others = controls(training, ticket, fresh, rng=np.random.default_rng(seed))
        assert accuracy(ticket.trained) > 0.85
        soon = accuracy(advance(training, ticket.start, 30, ticket.mask))
        for other in others.values():
            assert accuracy(ticket.trained) > accuracy(other.trained) + 0.3
            assert soon > accuracy(advance(training, other.start, 30, other.mask)) + 0.4


# What is restored


def test_the_four_ways_to_retrain_restore_what_their_name_says():
    training = plan(40)
    early = advance(training, Checkpoint(0, network()), 10)
    late = advance(training, early, 30)
    mask = keep_top(magnitude(late.model), 0.2)
    ways = two_by_two(training, mask, early, late)
    assert torch.equal(bits(ways["weight rewinding"]), bits(advance(training, early, 30, mask)))
    expected = {
        "fine-tuning": (late, 40),
        "learning-rate rewinding": (late, 10),
        "weights only": (early, 40),
    }
    for name, (weights, step) in expected.items():
        state = retrain(training, mask, weights_from=weights, schedule_from=step, steps=30)
        assert torch.equal(bits(ways[name]), bits(state))
        assert state.step == step + 30
    assert len({float(bits(state).sum()) for state in ways.values()}) == 4


def test_after_the_end_the_last_step_size_stays_and_the_order_begins_again():
    training = plan(20)
    late = advance(training, Checkpoint(0, network()), 20)
    longer = TrainingPlan(
        DATA,
        SGD,
        np.concatenate([training.eta, np.full(20, training.eta[-1])]),
        np.concatenate([training.order, training.order]),
    )
    assert torch.equal(bits(advance(training, late, 15)), bits(advance(longer, late, 15)))


def test_rewinding_beats_fine_tuning_whether_weights_go_back_or_not():
    """A one-shot cut to 5 %. Of four seeds both rewindings read 89 … 94 %, fine-tuning 46 … 64."""
    found = []
    for seed in range(2):
        training = plan(200, seed, eta=0.1)
        early = advance(training, Checkpoint(0, network(seed, (64, 300, 100, 10))), 50)
        late = advance(training, early, 150)
        mask = keep_top(magnitude(late.model), 0.05)
        found.append({name: accuracy(s) for name, s in two_by_two(training, mask, early, late).items()})
    means = {name: np.mean([f[name] for f in found]) for name in found[0]}
    assert abs(means["weight rewinding"] - means["learning-rate rewinding"]) < 0.02
    assert means["weight rewinding"] > means["fine-tuning"] + 0.15
    assert abs(means["weights only"] - means["fine-tuning"]) < 0.05


# Transfer


def test_a_ticket_goes_to_other_data_and_to_another_optimizer():
    """Only the start and the mask go: what another optimizer remembers is not asked for."""
    training = plan(200)
    ticket = imp(training, network(), rounds=2, rate=0.5, rewind=20)[-1]
    rotated = replace(DATA, x=np.rot90(DATA.x, axes=(1, 2)).copy())
    turned = replace(TEST, x=np.rot90(TEST.x, axes=(1, 2)).copy())
    adam = partial(torch.optim.Adam, lr=1.0)
    for other, test in [
        (plan(200, data=rotated), turned),
        (plan(200, optimizer=adam, eta=3e-3), TEST),
    ]:
        state = transfer(other, ticket)
        assert accuracy(state, test) > 0.9
        expected = advance(other, Checkpoint(0, ticket.start.model), 200, ticket.mask)
        assert torch.equal(bits(state), bits(expected))


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": np.zeros((6, 2)) + 0.5}, r"order is float64 of shape \(6, 2\), and must be integers"),
        ({"order": np.arange(6)}, r"order is int64 of shape \(6,\)"),
        ({"order": np.zeros((6, 0), int)}, "at least one example per step"),
        ({"eta": np.ones((6, 1))}, r"eta is float64 of shape \(6, 1\), and must be numbers, \(T,\)"),
    ],
)
def test_a_plan_of_another_shape_is_refused(change, message):
    data = Dataset(np.ones((4, 3), np.float32), np.zeros(4, int), ("a", "b"), "four")
    usual = {"eta": np.ones(6), "order": np.zeros((6, 2), int)}
    with pytest.raises(ValueError, match=message):
        TrainingPlan(data, partial(torch.optim.SGD, lr=0.1), **usual | change)
