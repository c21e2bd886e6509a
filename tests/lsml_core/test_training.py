import copy
import math
import weakref
from typing import NamedTuple

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

from lsml_core.data.datasets import Dataset
from lsml_core.models import convnet, mlp, transformer
from lsml_core.optimization.steps import Momentum, Nesterov, torch_optimizer
from lsml_core.tensors import as_inputs
from lsml_core.training import (
    Coreset,
    apply_mask_,
    evaluate,
    fit,
    losses,
    per_example,
    predict,
    set_step_size_,
    train_step,
)


def digits(start: int, stop: int) -> Dataset:
    images, labels = load_digits(return_X_y=True)
    x = (images[start:stop].reshape(-1, 8, 8) / 16).astype(np.float32)
    return Dataset(x, labels[start:stop].astype(np.int64), tuple("0123456789"), "digits")


DATA = digits(0, 200)


class Texts(NamedTuple):
    x: np.ndarray
    y: np.ndarray


def network() -> nn.Sequential:
    """In float64, so that laws can be compared closely."""
    return mlp((64, 16, 10), rng=np.random.default_rng(0)).double()


def sgd(model: nn.Module, eta: float = 0.1, **options: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=eta, **options)


def train(model: nn.Module, data: Dataset = DATA, *, optimizer=None, epochs=2, batch=32, seed=0, **options):
    rng = np.random.default_rng(seed)
    optimizer = optimizer or sgd(model)
    return fit(model, data, optimizer=optimizer, epochs=epochs, batch=batch, rng=rng, **options)


def weights(model: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def random_mask(model: nn.Module, density: float = 0.3) -> dict[str, Tensor]:
    rng = np.random.default_rng(9)
    return {
        name: torch.from_numpy(rng.random(tuple(p.shape)) < density)
        for name, p in model.named_parameters()
        if p.ndim > 1
    }


def pruned_weights(model: nn.Module, mask: dict[str, Tensor]) -> Tensor:
    return torch.cat([model.get_parameter(name).detach()[~kept] for name, kept in mask.items()])


# The loop


def test_the_same_rng_gives_the_same_bits_and_another_gives_others():
    runs = []
    for seed in (3, 3, 4):
        model = network()
        runs.append((train(model, seed=seed, record=("loss",)), weights(model)))
    (first, w), (again, w_again), (other, w_other) = runs
    assert np.array_equal(first.loss, again.loss)
    assert np.array_equal(first.records["loss"], again.records["loss"])
    assert torch.equal(w, w_again)
    assert not np.array_equal(first.loss, other.loss)
    assert not torch.equal(w, w_other)


def test_the_global_streams_are_neither_read_nor_advanced():
    torch.manual_seed(0)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002 - the law's object
    model = network()
    train(model, test=DATA, record=("correct",))
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002
    torch.manual_seed(1)
    again = network()
    train(again)
    assert torch.equal(weights(model), weights(again))


def test_full_batches_follow_the_loop_written_by_hand():
    model, by_hand = network(), network()
    history = train(model, optimizer=sgd(model, momentum=0.9), epochs=5, batch=len(DATA.y))
    optimizer, losses_by_hand = sgd(by_hand, momentum=0.9), []
    x, y = torch.tensor(DATA.x).double(), torch.tensor(DATA.y)
    for _ in range(5):
        optimizer.zero_grad()
        loss = F.cross_entropy(by_hand(x), y)
        loss.backward()
        optimizer.step()
        losses_by_hand.append(loss.item())
    torch.testing.assert_close(weights(model), weights(by_hand))
    np.testing.assert_allclose(history.loss, losses_by_hand)
    np.testing.assert_allclose(history.epoch_loss, losses_by_hand)
    np.testing.assert_array_equal(history.gradient_evaluations, 1)


def test_a_rule_of_the_course_trains_as_the_same_rule_of_torch():
    ours, theirs = network(), network()
    history = train(ours, optimizer=torch_optimizer(ours.parameters(), Momentum(eta=0.1, beta=0.9)))
    reference = train(theirs, optimizer=sgd(theirs, momentum=0.9))
    torch.testing.assert_close(weights(ours), weights(theirs))
    np.testing.assert_allclose(history.loss, reference.loss)
    np.testing.assert_array_equal(history.gradient_evaluations, 1)


def test_mini_batches_partition_the_data_anew_in_every_epoch():
    """A model that only remembers what it was shown."""

    class Diary(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias, self.pages = nn.Parameter(torch.zeros(3)), []

        def forward(self, x: Tensor) -> Tensor:
            self.pages.append(x[:, 0].int().tolist())
            return self.bias.expand(len(x), 3)

    x = np.arange(10, dtype=np.float32)[:, None]
    model = Diary()
    train(model, Dataset(x, np.zeros(10, np.int64), ("a", "b", "c"), "ids"), epochs=3, batch=4)
    assert [len(page) for page in model.pages] == [4, 4, 2] * 3
    epochs = [[i for page in model.pages[e : e + 3] for i in page] for e in (0, 3, 6)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]


def test_two_calls_with_the_same_objects_are_one_longer_call():
    once, twice = network(), network()
    longer = train(once, optimizer=sgd(once, momentum=0.9), epochs=5)
    optimizer, rng = sgd(twice, momentum=0.9), np.random.default_rng(0)
    parts = [fit(twice, DATA, optimizer=optimizer, epochs=e, batch=32, rng=rng) for e in (2, 3)]
    assert torch.equal(weights(once), weights(twice))
    assert np.array_equal(longer.loss, np.concatenate([part.loss for part in parts]))


def test_no_epochs_change_nothing_and_give_an_empty_history():
    model = network()
    history = train(model, epochs=0, record=("correct",), test=DATA)
    assert torch.equal(weights(model), weights(network()))
    assert history.loss.shape == history.test_accuracy.shape == (0,)
    assert history.records["correct"].shape == (0, 200)


def test_a_rule_that_looks_twice_is_counted_twice_and_recorded_at_its_first_look():
    class Twice(torch.optim.SGD):
        def step(self, closure):
            first = closure()
            for p in self.param_groups[0]["params"]:
                p.data.mul_(0.5)
            closure()
            return first

    model = network()
    before, _ = evaluate(model, DATA)
    history = train(model, optimizer=Twice(model.parameters(), lr=0.0), epochs=1, batch=200)
    np.testing.assert_array_equal(history.gradient_evaluations, [2])
    assert history.loss[0] == pytest.approx(before)


def test_a_schedule_sets_the_size_of_every_step():
    scheduled, by_hand, sizes = network(), network(), []
    eta = lambda k: 0.5 / (k + 1)
    optimizer = sgd(scheduled)
    train(scheduled, optimizer=optimizer, schedule=lambda k: sizes.append(eta(k)) or eta(k))
    assert sizes == [eta(k) for k in range(2 * 7)]
    optimizer, rng = sgd(by_hand), np.random.default_rng(0)
    for epoch in range(2):
        order = torch.from_numpy(rng.permutation(200))
        for i, some in enumerate(order.split(32)):
            set_step_size_(optimizer, eta(7 * epoch + i))
            train_step(by_hand, optimizer, torch.tensor(DATA.x).double()[some], torch.tensor(DATA.y)[some])
    assert torch.equal(weights(scheduled), weights(by_hand))


def test_a_schedule_continues_in_a_second_call_from_its_first_step():
    once, twice = network(), network()
    train(once, epochs=5, schedule=lambda k: 1 / (k + 1))
    optimizer, rng, options = sgd(twice), np.random.default_rng(0), {"schedule": lambda k: 1 / (k + 1)}
    fit(twice, DATA, optimizer=optimizer, epochs=2, batch=32, rng=rng, **options)
    fit(twice, DATA, optimizer=optimizer, epochs=3, batch=32, rng=rng, first_step=14, **options)
    assert torch.equal(weights(once), weights(twice))


@pytest.mark.parametrize("capturable", [False, True])
def test_the_step_size_of_every_group_is_set(capturable):
    model = network()
    lr = torch.tensor(0.1) if capturable else 0.1
    groups = [{"params": [p]} for p in model.parameters()]
    optimizer = torch.optim.Adam(groups, lr=lr)
    set_step_size_(optimizer, 0.02)
    assert [float(group["lr"]) for group in optimizer.param_groups] == pytest.approx([0.02] * 4)


def test_an_optimizer_without_a_step_size_cannot_follow_a_schedule():
    model = network()
    optimizer = torch.optim.Rprop(model.parameters())
    for group in optimizer.param_groups:
        del group["lr"]
    with pytest.raises(ValueError, match="optimizer Rprop has no step size 'lr'"):
        train(model, optimizer=optimizer, schedule=lambda _: 0.1)


# One step


def mini_batch() -> tuple[Tensor, Tensor]:
    return torch.tensor(DATA.x[:32]).double(), torch.tensor(DATA.y[:32])


def test_one_step_follows_the_gradient_and_tells_what_it_saw_before():
    model, by_hand = network(), network()
    x, y = mini_batch()
    step = train_step(model, sgd(model), x, y)
    outputs = by_hand(x)
    each = F.cross_entropy(outputs, y, reduction="none")
    each.mean().backward()
    with torch.no_grad():
        for p in by_hand.parameters():
            p -= 0.1 * p.grad
    torch.testing.assert_close(weights(model), weights(by_hand))
    torch.testing.assert_close(step.outputs, outputs.detach())
    torch.testing.assert_close(step.losses, each.detach())
    assert step.objective.item() == pytest.approx(each.mean().item())
    assert step.gradient_evaluations == 1


def test_a_step_with_weights_two_and_zero_is_a_step_on_half_of_the_batch():
    weighted, half = network(), network()
    x, y = mini_batch()
    train_step(weighted, sgd(weighted), x, y, weights=torch.tensor([2.0, 0.0] * 16).double())
    train_step(half, sgd(half), x[::2], y[::2])
    torch.testing.assert_close(weights(weighted), weights(half))


def test_a_masked_step_leaves_the_pruned_weights_at_zero():
    model = network()
    mask = random_mask(model)
    train_step(model, sgd(model, momentum=0.9), *mini_batch(), mask=mask)
    assert not pruned_weights(model, mask).any()


def test_a_step_uses_the_model_in_the_mode_in_which_it_is():
    model = convnet(8, 10, batch_norm=True, rng=np.random.default_rng(0)).eval()
    before = model.norm1.running_mean.clone()
    x, y = mini_batch()
    train_step(model, sgd(model), x.float(), y)
    assert torch.equal(model.norm1.running_mean, before)
    assert not model.training


def test_divergence_is_seen_in_the_history_and_raises_nothing():
    model = network()
    history = train(
        model, optimizer=sgd(model, eta=1e200), mask=random_mask(model), test=DATA, record=("correct",)
    )
    assert np.isnan(history.loss[-1])
    assert np.isnan(history.test_loss[-1])
    assert np.isnan(history.epoch_loss[-1])
    assert not pruned_weights(model, random_mask(model)).any()


@pytest.mark.parametrize("frozen_layer", [False, True])
def test_every_layer_is_left_in_the_mode_it_was_in(frozen_layer):
    model = convnet(8, 10, batch_norm=True, rng=np.random.default_rng(0)).eval()
    model.norm2.train(frozen_layer)
    before = [layer.training for layer in model.modules()]
    norm = model.norm1.running_mean.clone()
    evaluate(model, DATA), predict(model, DATA.x), per_example(model, DATA)
    assert torch.equal(model.norm1.running_mean, norm)
    train(model, test=DATA, epochs=1)
    assert not torch.equal(model.norm1.running_mean, norm)
    assert [layer.training for layer in model.modules()] == before


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "build", [lambda rng: mlp((64, 64, 10), rng=rng), lambda rng: convnet(8, 10, rng=rng)]
)
def test_digits_are_learned_above_ninety_percent_in_five_epochs(build, seed):
    model = build(np.random.default_rng(seed))
    history = train(
        model,
        digits(0, 1300),
        optimizer=sgd(model, momentum=0.9),
        epochs=5,
        seed=seed,
        test=digits(1300, 1797),
    )
    assert history.test_accuracy[-1] > 0.9
    assert history.epoch_loss[-1] < history.epoch_loss[0] / 3
    assert history.train_accuracy[-1] > 0.9


# Coresets


def test_all_examples_with_weight_one_are_plain_training_bit_for_bit():
    plain, weighted = network(), network()
    history, other = train(plain), train(weighted, coreset=Coreset(np.arange(200), np.ones(200)))
    assert torch.equal(weights(plain), weights(weighted))
    assert np.array_equal(history.loss, other.loss)


def test_integer_weights_have_the_full_gradient_of_repeated_examples():
    rng = np.random.default_rng(0)
    times = rng.integers(0, 4, 200)
    index = rng.permutation(np.flatnonzero(times))
    repeated = Dataset(np.repeat(DATA.x, times, axis=0), np.repeat(DATA.y, times), DATA.classes, "repeated")
    a, b = network(), network()
    weighted = train(a, batch=200, coreset=Coreset(index, times[index]))
    plain = train(b, repeated, batch=len(repeated.y))
    torch.testing.assert_close(weights(a), weights(b))
    np.testing.assert_allclose(weighted.loss, plain.loss)
    np.testing.assert_allclose(weighted.epoch_loss, plain.epoch_loss)


def test_the_mini_batch_gradient_is_unbiased_for_the_weighted_objective():
    """With η = 0 the batches of an epoch average to the full gradient, however uneven the weights."""
    rng = np.random.default_rng(0)
    coreset = Coreset(rng.choice(200, 24, replace=False), rng.pareto(1.0, 24))

    def mean_gradient(batch: int) -> Tensor:
        model, total = network(), []

        class Watch(torch.optim.SGD):
            def step(self, closure):
                closure()
                total.append(torch.cat([p.grad.flatten().clone() for p in model.parameters()]))

        train(model, optimizer=Watch(model.parameters(), lr=0.0), epochs=1, batch=batch, coreset=coreset)
        return torch.stack(total).mean(0)

    x, y = torch.from_numpy(DATA.x[coreset.indices]).double(), torch.from_numpy(DATA.y[coreset.indices])
    gamma, model = torch.from_numpy(coreset.weights.copy()), network()
    ((gamma * F.cross_entropy(model(x), y, reduction="none")).sum() / gamma.sum()).backward()
    full = torch.cat([p.grad.flatten() for p in model.parameters()])
    for batch in (1, 4, 24):
        torch.testing.assert_close(mean_gradient(batch), full)


def test_scaling_all_weights_changes_nothing():
    rng = np.random.default_rng(0)
    index, gamma = rng.choice(200, 50, replace=False), rng.random(50)
    a, b = network(), network()
    train(a, coreset=Coreset(index, gamma))
    train(b, coreset=Coreset(index, gamma * 1000))
    torch.testing.assert_close(weights(a), weights(b))


def test_a_coreset_trains_as_the_subset_would_and_never_reads_the_rest():
    index = np.random.default_rng(0).choice(200, 50, replace=False)
    subset = Dataset(DATA.x[index], DATA.y[index], DATA.classes, "subset")
    noise = np.random.default_rng(1).normal(0, 1e6, DATA.x.shape).astype(np.float32)
    noise[index] = DATA.x[index]
    a, b = network(), network()
    train(a, subset)
    train(b, Dataset(noise, DATA.y, DATA.classes, "noise elsewhere"), coreset=Coreset(index, np.ones(50)))
    assert torch.equal(weights(a), weights(b))


# Masks

OPTIMIZERS = {
    "momentum and weight decay": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1),
    "Nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
}


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_pruned_weights_are_exactly_zero_whatever_the_optimizer_remembers(make):
    model = network()
    optimizer = make(model.parameters())
    train(model, optimizer=optimizer)  # dense, so that the moments of the pruned weights are not zero
    mask, seen = random_mask(model), []
    model.register_forward_pre_hook(lambda *_: seen.append(pruned_weights(model, mask).abs().max().item()))
    train(model, optimizer=optimizer, mask=mask)
    assert len(seen) == 14
    assert not any(seen)
    assert not pruned_weights(model, mask).any()
    kept = torch.cat([model.get_parameter(name).detach()[m] for name, m in mask.items()])
    assert (kept != 0).all()


def test_a_rule_that_looks_ahead_still_asks_about_the_pruned_network():
    model, seen = network(), []
    optimizer, mask = torch_optimizer(model.parameters(), Nesterov(eta=0.1, beta=0.9)), random_mask(model)
    train(model, optimizer=optimizer)  # dense: the look-ahead point now lies off zero where the mask cuts
    model.register_forward_pre_hook(lambda *_: seen.append(pruned_weights(model, mask).abs().max().item()))
    train(model, optimizer=optimizer, mask=mask)
    assert len(seen) == 14
    assert not any(seen)
    assert not pruned_weights(model, mask).any()


def test_a_mask_is_in_force_before_the_first_step():
    model = network()
    train(model, mask=random_mask(model), epochs=0)
    assert not pruned_weights(model, random_mask(model)).any()


def test_a_mask_that_keeps_all_is_no_mask():
    a, b = network(), network()
    train(a)
    train(b, mask={name: torch.ones_like(p, dtype=torch.bool) for name, p in b.named_parameters()})
    assert torch.equal(weights(a), weights(b))


def test_masked_training_is_training_of_the_smaller_network():
    """Cut whole hidden units, and the rest moves as if they had never been there."""
    wide, narrow = network(), mlp((64, 10, 10), rng=np.random.default_rng(1)).double()
    with torch.no_grad():
        narrow.hidden1.weight.copy_(wide.hidden1.weight[:10])
        narrow.output.weight.copy_(wide.output.weight[:, :10])
    mask = {name: torch.ones_like(p, dtype=torch.bool) for name, p in wide.named_parameters()}
    mask["hidden1.weight"][10:] = mask["hidden1.bias"][10:] = mask["output.weight"][:, 10:] = False
    for model, options in ((wide, {"mask": mask}), (narrow, {})):
        train(model, optimizer=torch.optim.Adam(model.parameters()), **options)
    torch.testing.assert_close(wide.hidden1.weight[:10], narrow.hidden1.weight)
    torch.testing.assert_close(wide.output.weight[:, :10], narrow.output.weight)


def test_applying_a_mask_zeroes_what_it_cuts_and_nothing_else():
    model = network()
    mask, before = random_mask(model), copy.deepcopy(model)
    apply_mask_(model, mask)
    for name, p in model.named_parameters():
        expected = before.get_parameter(name) * mask.get(name, 1)
        assert torch.equal(p, expected)


# Records


@pytest.mark.parametrize("batch", [7, 200])
def test_records_line_up_with_the_original_indices(batch):
    """With a vanishing step, every epoch records what the untouched model says of each example."""
    model = network()
    truth = per_example(model, DATA)
    history = train(model, optimizer=sgd(model, eta=1e-14), batch=batch, record=tuple(truth))
    assert truth["correct"].any()
    assert not truth["correct"].all()
    for name, values in truth.items():
        assert history.records[name].shape == (2, *values.shape)
        np.testing.assert_allclose(history.records[name], np.stack([values] * 2), rtol=1e-6)


def test_records_of_a_coreset_are_missing_outside_it():
    index = np.random.default_rng(0).choice(200, 50, replace=False)
    outside = np.setdiff1d(np.arange(200), index)
    model = network()
    truth = per_example(model, DATA)
    history = train(
        model, optimizer=sgd(model, eta=1e-14), coreset=Coreset(index, np.ones(50)), record=tuple(truth)
    )
    for name in ("loss", "probabilities", "logits"):
        assert np.isnan(history.records[name][:, outside]).all()
        np.testing.assert_allclose(history.records[name][1, index], truth[name][index], rtol=1e-6)
    assert history.records["correct"].dtype == bool
    assert not history.records["correct"][:, outside].any()
    np.testing.assert_array_equal(history.records["correct"][0, index], truth["correct"][index])


def test_what_is_recorded_is_the_state_before_the_update():
    model = network()
    first, _ = evaluate(model, DATA)
    history = train(model, epochs=1, batch=200, record=("loss", "correct"))
    assert history.records["loss"].mean() == pytest.approx(first)
    assert history.records["correct"].mean() == pytest.approx(history.train_accuracy[0])
    assert evaluate(model, DATA)[0] < first


def test_recording_does_not_change_the_training():
    a, b = network(), network()
    train(a)
    train(b, record=("correct", "loss", "probabilities", "logits"), test=DATA, progress=True)
    assert torch.equal(weights(a), weights(b))


def test_readings_agree_with_their_definitions():
    model = network()
    found = per_example(model, DATA)
    outputs = model(torch.tensor(DATA.x).double()).detach()
    likelihood = found["probabilities"][np.arange(200), DATA.y]
    np.testing.assert_allclose(found["logits"], outputs)
    np.testing.assert_allclose(found["loss"], -np.log(likelihood))
    np.testing.assert_allclose(found["probabilities"].sum(1), 1)
    np.testing.assert_array_equal(found["correct"], predict(model, DATA.x) == DATA.y)
    assert evaluate(model, DATA) == pytest.approx((found["loss"].mean(), found["correct"].mean()))


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_evaluation_does_not_depend_on_its_batch(batch):
    model = network()
    assert evaluate(model, DATA, batch=batch) == pytest.approx(evaluate(model, DATA))
    np.testing.assert_array_equal(predict(model, DATA.x, batch=batch), predict(model, DATA.x))


def test_the_test_set_is_evaluated_at_the_end_of_each_epoch():
    model, test = network(), digits(200, 300)
    history = train(model, test=test)
    assert evaluate(model, test) == (history.test_loss[-1], history.test_accuracy[-1])
    assert np.isnan(train(model).test_accuracy).all()


# Sequences


def test_a_sequence_counts_as_the_mean_of_its_tokens():
    outputs = torch.randn(4, 5, 7, generator=torch.Generator().manual_seed(0))
    y = torch.randint(7, (4, 5), generator=torch.Generator().manual_seed(1))
    token = -outputs.log_softmax(-1).gather(-1, y[..., None])[..., 0]
    torch.testing.assert_close(losses(outputs, y), token.mean(1))
    torch.testing.assert_close(losses(outputs[:, 0], y[:, 0]), token[:, 0])


def test_a_transformer_learns_the_rule_of_a_sequence():
    """Counting modulo 7 in ones or in twos: the second token is a coin's toss, the others are certain."""
    rng = np.random.default_rng(0)
    start, step = rng.integers(0, 7, (300, 1)), rng.integers(1, 3, (300, 1))
    tokens = (start + step * np.arange(7)) % 7
    texts = Texts(tokens[:, :-1].astype(np.float32), tokens[:, 1:])
    model = transformer(7, 6, width=32, heads=2, layers=2, rng=rng)
    adam = torch.optim.Adam(model.parameters(), lr=3e-3)
    history = train(model, texts, optimizer=adam, epochs=15, record=("correct", "loss"), test=texts)
    assert history.records["correct"].shape == (15, 300, 6)
    assert history.records["loss"].shape == (15, 300)
    assert history.records["correct"][-1, :, 1:].mean() > 0.98
    assert 0.3 < history.records["correct"][-1, :, 0].mean() < 0.7
    assert predict(model, texts.x).shape == (300, 6)


# Divergence


def diverged(model: nn.Module) -> nn.Module:
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(math.nan)
    return model


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_diverged_run_has_no_accuracy_and_nothing_correct(bad):
    """argmax of nan is 0, so class 0 would look as if it had been learned."""

    class Blown(torch.optim.SGD):
        def step(self, closure):
            closure()
            for p in self.param_groups[0]["params"]:
                p.data.fill_(bad)

    model = network()
    history = train(model, optimizer=Blown(model.parameters(), lr=0.1), test=DATA, record=("correct",))
    assert np.isfinite(history.loss[0])
    for values in (history.loss[1:], history.train_accuracy, history.test_loss, history.test_accuracy):
        assert np.isnan(values).all()
    assert history.records["correct"][0].sum() <= 32  # those of the first mini-batch
    assert not history.records["correct"][1].any()


def test_a_diverged_model_is_nowhere_correct_and_predicts_nothing():
    model = diverged(network())
    assert np.isnan(evaluate(model, DATA)).all()
    assert not per_example(model, DATA)["correct"].any()
    with pytest.raises(ValueError, match=r"outputs for x\[0:8\] hold nan or infinity: the model diverged"):
        predict(model, DATA.x)


def test_an_output_of_minus_infinity_is_a_class_that_is_ruled_out_and_no_divergence():
    class Ruled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(3))

        def forward(self, x: Tensor) -> Tensor:
            return (self.bias + torch.tensor([0.0, 1.0, -math.inf])).expand(len(x), 3)

    data = Texts(np.zeros((2, 1), np.float32), np.array([1, 0]))
    loss, accuracy = evaluate(Ruled(), data)
    assert math.isfinite(loss)
    assert accuracy == 0.5
    np.testing.assert_array_equal(predict(Ruled(), data.x), [1, 1])


# Types of data


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.uint8, np.uint16, np.uint64, ">i4"])
def test_labels_of_any_integer_type_are_the_same_labels(kind):
    a, b = network(), network()
    plain = train(a, test=DATA)
    other = Texts(DATA.x, DATA.y.astype(kind))
    history = train(b, other, test=other)
    assert torch.equal(weights(a), weights(b))
    np.testing.assert_array_equal(history.test_accuracy, plain.test_accuracy)
    assert evaluate(a, other) == evaluate(a, DATA)


def test_labels_may_be_bool():
    two = DATA.y % 2
    runs = [train(network(), Texts(DATA.x, y)) for y in (two, two == 1)]
    np.testing.assert_array_equal(runs[0].loss, runs[1].loss)


def test_bytes_are_pixels_with_white_at_255():
    x = (255 * DATA.x).round().astype(np.uint8)
    a, b = network(), network()
    train(a, Texts(x, DATA.y))
    train(b, Texts(x / np.float32(255), DATA.y))
    assert torch.equal(weights(a), weights(b))
    np.testing.assert_array_equal(predict(a, x), predict(a, x / np.float32(255)))


@pytest.mark.parametrize("kind", [np.float16, np.float64, ">f4", bool])
def test_floats_of_any_size_and_bool_are_taken_by_their_values(kind):
    x = (DATA.x > 0.5).astype(np.float32)
    a, b = network(), network()
    train(a, Texts(x, DATA.y))
    train(b, Texts(x.astype(kind), DATA.y))
    assert torch.equal(weights(a), weights(b))


@pytest.mark.parametrize("kind", [np.int16, np.uint16, np.int32, np.int64])
def test_tokens_of_any_integer_type_reach_an_embedding_unchanged(kind):
    tokens = np.arange(40).reshape(10, 4) % 7
    model = nn.Sequential(nn.Embedding(7, 5), nn.Linear(5, 7))
    before = copy.deepcopy(model)
    train(model, Texts(tokens, tokens), batch=4)
    train(before, Texts(tokens.astype(kind), tokens), batch=4)
    assert torch.equal(weights(model), weights(before))
    with pytest.raises(ValueError, match="x is uint8, which means pixels, but the model has an embedding"):
        train(before, Texts(tokens.astype(np.uint8), tokens), batch=4)


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (DATA.x, DATA.y[:, None], r"y has shape \(32, 1\), but outputs of shape \(32, 10\) need .*\(32,\)"),
        (DATA.x, DATA.y.astype(float), "y has dtype float64; labels must be integers"),
        (DATA.x, DATA.y - 1, "y holds the label -1; labels must be at least 0"),
        (DATA.x, np.where(DATA.y, DATA.y, -100), "y holds the label -100"),  # torch ignores these
        (DATA.x, DATA.y + 5, r"y runs from \d+ to 1\d; 10 outputs allow 0 to 9"),
        (DATA.x, DATA.y[1:], "200 examples and 199 labels"),
        (DATA.x[:0], DATA.y[:0], "0 examples and 0 labels"),
        (np.where(DATA.x == 1, np.nan, DATA.x), DATA.y, "x must be finite, but .* examples hold nan"),
        (np.where(DATA.x == 1, np.inf, DATA.x), DATA.y, "x must be finite"),
        (DATA.x.astype(complex), DATA.y, "x has dtype complex128"),
        (DATA.x.astype(str), DATA.y, "x has dtype <U"),
    ],
)
def test_data_that_would_be_misread_are_refused_by_training_and_by_evaluation(x, y, message):
    model = network()
    with pytest.raises(ValueError, match=message):
        train(model, Texts(x, y))
    assert torch.equal(weights(model), weights(network()))
    message = message.replace("32", "8")
    for call in (evaluate, per_example):
        with pytest.raises(ValueError, match=message):
            call(model, Texts(x, y))


def test_what_a_coreset_leaves_out_may_be_anything():
    x = DATA.x.copy()
    x[7] = np.nan
    kept = np.setdiff1d(np.arange(200), 7)
    history = train(network(), Texts(x, DATA.y), coreset=Coreset(kept, np.ones(199)))
    assert np.isfinite(history.loss).all()
    with pytest.raises(ValueError, match="1 examples hold nan or infinity, the first at 7"):
        train(network(), Texts(x, DATA.y))


# The last mini-batch


@pytest.mark.parametrize("batch", [1, 7, 32, 200])
def test_without_its_last_short_batch_an_epoch_has_equal_batches_only(batch):
    history = train(network(), batch=batch, drop_last=True, record=("loss", "correct"))
    shown = 200 // batch * batch
    assert history.loss.shape == (2 * (200 // batch),)
    np.testing.assert_array_equal(np.isfinite(history.records["loss"]).sum(1), shown)
    np.testing.assert_allclose(np.nanmean(history.records["loss"], axis=1), history.epoch_loss)
    np.testing.assert_allclose(history.records["correct"].sum(1) / shown, history.train_accuracy)


def test_another_remainder_is_left_out_in_every_epoch():
    seen = np.isfinite(train(network(), batch=150, drop_last=True, record=("loss",)).records["loss"])
    assert (seen[0] != seen[1]).any()


def test_where_batches_fit_nothing_is_dropped():
    a, b = network(), network()
    train(a, batch=50)
    train(b, batch=50, drop_last=True)
    assert torch.equal(weights(a), weights(b))
    with pytest.raises(ValueError, match="batch=201 is more than the 200 examples: drop_last leaves none"):
        train(network(), batch=201, drop_last=True)


# Searches


def masked_by_its_forward_pass(net: nn.Sequential, mask: dict[str, Tensor]) -> nn.Module:
    class Masked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, x: Tensor) -> Tensor:
            masked = {name: p * mask.get(name, 1) for name, p in self.net.named_parameters()}
            return torch.func.functional_call(self.net, masked, (x,))

    return Masked()


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_lbfgs_takes_the_path_of_the_masked_network(search):
    mask, ends = random_mask(network()), []
    for wrapped in (False, True):
        net = network()
        apply_mask_(net, mask)
        model = masked_by_its_forward_pass(net, mask) if wrapped else net
        optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=5, line_search_fn=search)
        train(model, optimizer=optimizer, batch=200, epochs=3, mask=None if wrapped else mask)
        ends.append(weights(net))
    torch.testing.assert_close(ends[0], ends[1], rtol=1e-6, atol=1e-8)


def test_the_optimizer_sees_no_gradient_of_a_pruned_weight():
    seen, model = [], network()
    mask = random_mask(model)

    class Watch(torch.optim.SGD):
        def step(self, closure):
            closure()
            seen.extend(
                model.get_parameter(name).grad[~kept].abs().max().item() for name, kept in mask.items()
            )

    train(model, optimizer=Watch(model.parameters(), lr=0.1), mask=mask)
    assert len(seen) == 2 * 14
    assert not any(seen)


# Memory


@pytest.mark.parametrize("call", ["fit", "evaluate", "predict"])
def test_logits_of_one_mini_batch_at_a_time_are_kept(call):
    """Sequences of 64 tokens with 1,000 outputs each: never more than three mini-batches of them alive."""
    alive, most = [], 0

    class Watched(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1000))

        def forward(self, x: Tensor) -> Tensor:
            nonlocal most
            outputs = x[..., None] * self.scale
            alive.append(weakref.ref(outputs.untyped_storage()))
            most = max(most, sum(reference() is not None for reference in alive))
            assert outputs.numel() <= 1 << 20
            return outputs

    model, texts = Watched(), Texts(np.zeros((200, 64), np.float32), np.zeros((200, 64), np.int64))
    if call == "fit":
        train(model, texts, batch=8, test=texts)
    else:
        evaluate(model, texts) if call == "evaluate" else predict(model, texts.x)
    assert len(alive) >= 13
    assert most <= 3


# Refusals (with the annotations enforced, a wrong type or shape is refused before our own check sees it)


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "batch=0 must be at least 1"),
        ({"epochs": -1}, "epochs=-1"),
        ({"epochs": 1.5}, r"epochs=1.5 must be an integer"),
        ({"epochs": 2.0}, r"epochs=2.0 must be an integer"),
        ({"batch": 2.5}, r"batch=2.5 must be an integer"),
        ({"batch": True}, "batch=True must be an integer"),
        ({"record": ("corect",)}, "'corect'.*correct.*loss.*probabilities.*logits"),
        ({"record": "loss"}, "record='loss' must be a tuple"),
        ({"coreset": Coreset(np.array([0, 200]), np.ones(2))}, "index 200, but the data has only 200"),
        (
            {"mask": {"hidden.weight": torch.ones(16, 64, dtype=torch.bool)}},
            "'hidden.weight', which is not",
        ),
        ({"mask": {"hidden1.weight": torch.ones(64, 16, dtype=torch.bool)}}, r"\(64, 16\).*bool \(16, 64\)"),
        ({"mask": {"hidden1.weight": torch.ones(16, 64)}}, "torch.float32"),
        ({"optimizer": sgd(network())}, "not this model's"),
        ({"first_step": -1}, "first_step=-1 must be at least 0"),
    ],
)
def test_a_run_that_cannot_be_meant_is_refused_before_anything_changes(options, message):
    model = network()
    with pytest.raises(ValueError, match=message):
        train(model, **options)
    assert torch.equal(weights(model), weights(network()))


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("indices", "gamma", "message"),
    [
        ([], [], "one or more"),
        ([0, -1], [1.0, 1.0], "none negative"),
        ([[0, 1]], [[1.0, 1.0]], "one dimension"),
        ([True, False], [1.0, 1.0], "integers"),
        ([3, 3], [1.0, 1.0], "all different"),
        ([0, 1], [1.0], "both must agree"),
        ([0, 1], [1.0, -1.0], "at least 0"),
        ([0, 1], [1.0, np.nan], "finite"),
        ([0, 1], [0.0, 0.0], "not all 0"),
    ],
)
def test_a_coreset_that_weighs_nothing_sensible_is_refused(indices, gamma, message):
    with pytest.raises(ValueError, match=message):
        Coreset(np.array(indices), np.array(gamma))


@pytest.mark.own_checks
@pytest.mark.parametrize("batch", [0, -1, 1.5, 2.0])
def test_an_evaluation_batch_that_is_no_count_is_refused(batch):
    for call in (evaluate, per_example, lambda model, data, batch: predict(model, data.x, batch=batch)):
        with pytest.raises(ValueError, match=rf"batch={batch} must be"):
            call(network(), DATA, batch=batch)


def test_numpy_integers_are_counts():
    a, b = network(), network()
    train(a, epochs=2, batch=32)
    train(b, epochs=np.int64(2), batch=np.uint8(32))
    assert torch.equal(weights(a), weights(b))
    assert evaluate(a, DATA, batch=np.int32(7)) == evaluate(a, DATA, batch=7)


def test_a_coreset_keeps_its_own_copies():
    indices, gamma = np.arange(3), np.ones(3)
    coreset = Coreset(indices, gamma)
    indices[:], gamma[:] = 0, -1
    np.testing.assert_array_equal(coreset.indices, [0, 1, 2])
    np.testing.assert_array_equal(coreset.weights, 1)
    with pytest.raises(ValueError, match="read-only"):
        coreset.weights[0] = 2


@pytest.mark.own_checks
@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (lambda k: 0.1 - 0.06 * k, r"schedule\(2\)=-0.0\d+ must be finite and above 0"),
        (lambda k: max(0.1 - 0.1 * k, 0), r"schedule\(1\)=0.0 must be finite and above 0"),
        (lambda k: math.nan, r"schedule\(0\)=nan must be finite"),
        (0.1, "schedule is a float, 0.1, and must be a function of the step"),
    ],
)
def test_a_schedule_that_would_climb_or_stand_still_is_refused_at_the_step_where_it_does(schedule, message):
    model = nn.Linear(4, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    data = Dataset(np.ones((12, 4), np.float32), np.arange(12) % 3, ("a", "b", "c"), "twelve")
    how = {"optimizer": optimizer, "epochs": 1, "batch": 4, "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=message):
        fit(model, data, **how, schedule=schedule)


@pytest.mark.own_checks
def test_examples_that_require_a_gradient_are_named():
    with pytest.raises(ValueError, match=r"x is a Tensor .*requires a gradient"):
        as_inputs(torch.ones(2, 4, requires_grad=True), nn.Linear(4, 3))
