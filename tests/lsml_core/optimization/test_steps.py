import io
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lsml_core.optimization.objectives import Beale, Himmelblau, Quadratic, Rosenbrock, Saddle
from lsml_core.optimization.steps import (
    Adagrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    StepRule,
    descend,
    optimizers,
    states,
    torch_optimizer,
    trajectory,
)

unhurried = settings(deadline=None)  # a busy machine is no reason to fail
RULES = [
    GradientDescent(0.01),
    Momentum(0.01, 0.9),
    Nesterov(0.01, 0.9),
    Adagrad(0.3, 1e-6),
    RMSProp(0.02, 0.9, 1e-6),
    Adam(0.02, 0.9, 0.99, 1e-6),
    Adam(0.02, 0.9, 0.99, 1e-6, bias_correction=True),
]
TORCH = {
    GradientDescent: lambda w, rule: torch.optim.SGD(w, rule.eta),
    Momentum: lambda w, rule: torch.optim.SGD(w, rule.eta, momentum=rule.beta),
    Nesterov: lambda w, rule: torch.optim.SGD(w, rule.eta, momentum=rule.beta, nesterov=True),
    Adagrad: lambda w, rule: torch.optim.Adagrad(w, rule.eta, eps=rule.delta),
    RMSProp: lambda w, rule: torch.optim.RMSprop(w, rule.eta, alpha=rule.beta2, eps=rule.delta),
    Adam: lambda w, rule: torch.optim.Adam(w, rule.eta, betas=(rule.beta1, rule.beta2), eps=rule.delta),
}
START = np.array([-1.2, 1.0])

every_rule = pytest.mark.parametrize("rule", RULES, ids=repr)


def test_every_optimizer_of_the_roster_is_tried_and_compared_with_torch():
    kinds = {type(rule) for rule in optimizers(0.1).values()}
    untried, without_peer = kinds - {type(rule) for rule in RULES}, kinds - set(TORCH)
    assert not untried, "add these to RULES, so that they are tried"
    assert not without_peer, (
        "add to TORCH an optimizer of torch, or one written by hand, that takes the same path"
    )


def torch_conventions(optimizer, rule, t):
    """Torch's Adam always corrects; a step size and an eps of its own at each step undo that."""
    if isinstance(rule, Adam) and not rule.bias_correction:
        root = (1 - rule.beta2**t) ** 0.5
        optimizer.param_groups[0].update(lr=rule.eta * (1 - rule.beta1**t) / root, eps=rule.delta / root)


def where_torch_stands(rule, w, state):
    """The point that torch's parameters hold: for Nesterov the look-ahead point."""
    return w + rule.beta * state if isinstance(rule, Nesterov) else w


def run_torch(rule, params, loss, steps):
    """The parameters (one flat vector) after each of `steps` steps of the torch.optim counterpart."""
    optimizer = TORCH[type(rule)](params, rule)
    for t in range(1, steps + 1):
        torch_conventions(optimizer, rule, t)
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        yield nn.utils.parameters_to_vector(params).detach().clone()


def network(*dtypes):
    """Two layers in `dtypes`, and a loss on fixed data in double precision."""
    torch.manual_seed(0)
    layers = [nn.Linear(4, 5), nn.Linear(5, 3)]
    for layer, dtype in zip(layers, dtypes, strict=True):
        layer.to(dtype)
    x, y = torch.randn(20, 4), torch.randint(3, (20,))

    def loss():
        hidden = torch.tanh(layers[0](x.to(dtypes[0])))
        return nn.functional.cross_entropy(layers[1](hidden.to(dtypes[1])), y)

    return nn.ModuleList(layers), loss


def closure_of(model, loss):
    def closure():
        model.zero_grad()
        value = loss()
        value.backward()
        return value

    return closure


@every_rule
def test_a_picture_takes_the_path_of_torch_optim(rule):
    leaf = torch.tensor(START, requires_grad=True)
    theirs = [*run_torch(rule, [leaf], lambda: Quadratic.ravine(25.0).value(leaf), 200)]
    path = states(rule, Quadratic.ravine(25.0).grad, START)
    ours = [where_torch_stands(rule, w, state) for w, state in islice(path, 1, 201)]
    np.testing.assert_allclose(ours, torch.stack(theirs), rtol=0, atol=1e-12)


@every_rule
def test_a_network_takes_the_path_of_torch_optim(rule):
    (theirs, their_loss), (ours, loss) = (network(torch.float64, torch.float64) for _ in range(2))
    optimizer = torch_optimizer(ours.parameters(), rule)
    for expected in run_torch(rule, [*theirs.parameters()], their_loss, 30):
        optimizer.step(closure_of(ours, loss))
        w = nn.utils.parameters_to_vector(ours.parameters()).detach()
        stands = where_torch_stands(rule, w, optimizer.rule_state)
        torch.testing.assert_close(stands, expected, rtol=0, atol=1e-12)
    assert optimizer.gradient_evaluations == 30


@every_rule
def test_one_rule_drives_numpy_and_torch_to_the_same_path(rule):
    objective = Himmelblau()
    in_numpy = [*islice(descend(rule, objective.grad, START), 100)]
    in_torch = [*islice(descend(rule, objective.grad, torch.tensor(START)), 100)]
    np.testing.assert_allclose(in_numpy, torch.stack(in_torch), rtol=1e-9, atol=1e-12)


@every_rule
@pytest.mark.parametrize("objective", [Quadratic.ravine(25.0), Himmelblau(), Saddle()], ids=repr)
def test_a_batch_is_the_runs_one_by_one(rule, objective):
    hyper = {name: value for name, value in vars(rule).items() if not isinstance(value, bool)}
    factors = np.array([0.5, 0.9, 1.0])[:, None]
    batched = replace(rule, **{name: value * factors for name, value in hyper.items()})
    starts = np.random.default_rng(0).normal(size=(4, 1, 2))
    together = trajectory(batched, objective, starts, 50)
    assert together.shape == (51, 4, 3, 2)
    for i, start in enumerate(starts[:, 0]):
        for j, factor in enumerate(factors[:, 0]):
            one = replace(rule, **{name: value * factor for name, value in hyper.items()})
            alone = trajectory(one, objective, start, 50)
            np.testing.assert_allclose(together[:, i, j], alone, rtol=1e-9, atol=1e-12)


@every_rule
def test_one_start_is_shared_by_all_step_sizes(rule):
    etas = np.array([[0.001], [0.01]])
    for steps in (0, 3):
        path = trajectory(replace(rule, eta=etas), Rosenbrock(), (-1.2, 1.0), steps)
        assert path.shape == (steps + 1, 2, 2)
        np.testing.assert_array_equal(path[0], [START, START])


@pytest.mark.parametrize("rule", [Momentum(0.1, 0.0), Nesterov(0.1, 0.0)])
def test_without_momentum_both_rules_are_gradient_descent(rule):
    plain = trajectory(GradientDescent(0.1), Himmelblau(), (0.5, 0.5), 50)
    np.testing.assert_array_equal(trajectory(rule, Himmelblau(), (0.5, 0.5), 50), plain)


@unhurried
@given(eta=st.floats(1e-4, 1), beta1=st.floats(0, 0.99), beta2=st.floats(0, 0.9999))
def test_adams_first_step_is_eta_only_with_correction(eta, beta1, beta2):
    def first_step(*, bias_correction):
        rule = Adam(eta, beta1, beta2, 1e-12, bias_correction)
        return abs(np.diff(trajectory(rule, Quadratic.ravine(25.0), (-1.0, 1.0), 1), axis=0)[0])

    np.testing.assert_allclose(first_step(bias_correction=True), eta, rtol=1e-6)
    np.testing.assert_allclose(
        first_step(bias_correction=False), eta * (1 - beta1) / (1 - beta2) ** 0.5, rtol=1e-6
    )


@pytest.mark.parametrize("scale", [2.0**-10, 2.0**10])  # exact in floating point: rounding cannot grow
@pytest.mark.parametrize("rule", RULES[3:], ids=repr)
def test_adaptive_rules_do_not_see_the_scale_of_the_loss(rule, scale):
    tiny, f = replace(rule, delta=1e-30), Rosenbrock()
    path, scaled = (
        [*islice(descend(tiny, lambda w, factor=factor: factor * f.grad(w), START), 100)]
        for factor in (1.0, scale)
    )
    np.testing.assert_allclose(path, scaled, rtol=1e-12)


def test_the_state_is_what_the_slide_calls_it():
    g = [np.array([1.0, -2.0]), np.array([3.0, 0.5])]  # two gradients, wherever the point is

    def last_state(rule):
        moments = iter(g)
        return [state for _, state in islice(states(rule, lambda _: next(moments), START), 3)][-1]

    np.testing.assert_allclose(last_state(Momentum(0.1, 0.5)), -0.1 * (0.5 * g[0] + g[1]))
    np.testing.assert_allclose(last_state(Adagrad(0.1)), g[0] ** 2 + g[1] ** 2)
    np.testing.assert_allclose(last_state(RMSProp(0.1, 0.5)), g[0] ** 2 / 4 + g[1] ** 2 / 2)
    adam = last_state(Adam(0.1, 0.5, 0.75, bias_correction=True))
    np.testing.assert_allclose(adam.v, g[0] / 4 + g[1] / 2)
    np.testing.assert_allclose(adam.r, 0.75 / 4 * g[0] ** 2 + g[1] ** 2 / 4)
    assert adam.t == 2


def test_adagrad_never_recovers_from_a_burst_and_rmsprop_does():
    def step_after_burst(rule):
        gradients = iter([*[1.0] * 50, *[1e3] * 5, *[1.0] * 200])
        path = [*islice(descend(rule, lambda w: next(gradients) + 0 * w, np.zeros(1)), 255)]
        return abs(np.diff(path, axis=0))[[49, -1], 0]  # just before the burst, long after it

    before, after = step_after_burst(Adagrad(0.1))
    assert after < before / 100
    before, after = step_after_burst(RMSProp(0.1))
    assert after == pytest.approx(before, rel=0.02)


@pytest.mark.filterwarnings("error")
def test_divergence_is_silent_and_visible():
    path = trajectory(Momentum(1.0, 0.9), Rosenbrock(), START, 100)
    assert np.isfinite(path[:3]).all()
    assert not np.isfinite(path[-1]).any()


@every_rule
def test_every_rule_is_a_rule_and_leaves_its_start_alone(rule):
    start = START.copy()
    trajectory(rule, Beale(), start, 5)
    assert isinstance(rule, StepRule)
    assert rule in {*RULES}
    np.testing.assert_array_equal(start, START)


def test_the_repr_is_short_enough_for_a_legend():
    assert repr(Momentum(0.1 + 0.2, 0.9)) == "Momentum(eta=0.3, beta=0.9)"
    assert repr(Nesterov(1, 0)) == "Nesterov(eta=1, beta=0)"
    assert repr(Adam()) == "Adam(eta=0.001, beta1=0.9, beta2=0.999)"
    assert repr(Adam(bias_correction=True)).endswith("beta2=0.999, bias_correction=True)")
    assert repr(RMSProp(delta=0.1)) == "RMSProp(eta=0.01, beta2=0.9, delta=0.1)"
    assert repr(GradientDescent(np.array([[0.1], [0.4]]))) == "GradientDescent(eta=0.1…0.4)"


@pytest.mark.parametrize("bad", [0.0, -0.1, np.inf, np.nan, np.array([0.1, 0.0])])
@pytest.mark.parametrize("kind", TORCH)
def test_a_step_size_must_be_finite_and_above_zero(kind, bad):
    with pytest.raises(ValueError, match=r"eta=.* must be finite and above 0"):
        kind(eta=bad)


@pytest.mark.parametrize("kind", [Adagrad, RMSProp, Adam])
def test_delta_must_be_above_zero(kind):
    with pytest.raises(ValueError, match="delta=0 must be finite and above 0"):
        kind(delta=0.0)


@pytest.mark.parametrize("bad", [-0.1, 1.0, np.nan])
@pytest.mark.parametrize(
    ("kind", "name"),
    [(Momentum, "beta"), (Nesterov, "beta"), (RMSProp, "beta2"), (Adam, "beta1"), (Adam, "beta2")],
)
def test_a_share_of_the_past_is_at_least_zero_and_below_one(kind, name, bad):
    with pytest.raises(ValueError, match=rf"{name}={bad:g} must be at least 0 and below 1"):
        kind(**{name: bad})


@pytest.mark.parametrize("shape", [(3,), (3, 3), (3, 1, 3)])
def test_hyper_parameters_that_do_not_fit_the_start_are_refused(shape):
    with pytest.raises(ValueError, match="does not broadcast with hyper-parameters"):
        trajectory(GradientDescent(np.full(shape, 0.1)), Beale(), START, 1)


def test_hyper_parameters_never_add_coordinates_to_the_start():
    with pytest.raises(ValueError, match=r"start of shape \(1,\) does not broadcast"):
        trajectory(GradientDescent(np.full(3, 0.1)), Quadratic((1.0,)), (1.0,), 1)


def test_a_rule_keeps_its_own_copy_of_an_array_and_nothing_can_change_it():
    etas = np.array([[0.1], [0.2]])
    rule = GradientDescent(etas)
    etas[:] = 5.0
    np.testing.assert_array_equal(rule.eta, [[0.1], [0.2]])
    with pytest.raises(ValueError, match="read-only"):
        rule.eta[0] = 5.0


def test_a_negative_number_of_steps_is_refused():
    with pytest.raises(ValueError, match="steps=-1 must be at least 0"):
        trajectory(Momentum(), Beale(), START, -1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@every_rule
def test_a_network_keeps_its_dtypes_and_learns(rule, dtype):
    model, loss = network(torch.float32, dtype)
    optimizer = torch_optimizer(model.parameters(), rule)
    before, after = (loss().item(), [optimizer.step(closure_of(model, loss)) for _ in range(60)][-1])
    assert after < before
    assert [p.dtype for p in model.parameters()] == [torch.float32] * 2 + [dtype] * 2
    assert not after.requires_grad
    assert all(p.is_leaf for p in model.parameters())


@pytest.mark.parametrize("rule", [GradientDescent(0.1), Momentum(0.1), Adam(0.1)], ids=repr)
def test_step_returns_the_loss_before_the_step(rule):
    model, loss = network(torch.float64, torch.float64)
    optimizer = torch_optimizer(model.parameters(), rule)
    here = loss().item()
    assert optimizer.step(closure_of(model, loss)).item() == here
    assert loss().item() < here


def test_a_parameter_without_a_gradient_stays_where_it_is():
    model, loss = network(torch.float64, torch.float64)
    model[0].requires_grad_(False)
    frozen = model[0].weight.clone()
    optimizer = torch_optimizer(model.parameters(), Adam(0.1))
    for _ in range(3):
        optimizer.step(closure_of(model, loss))
    assert torch.equal(model[0].weight, frozen)


@every_rule
def test_a_saved_run_goes_on_as_if_never_stopped(rule):
    model, loss = network(torch.float64, torch.float64)
    optimizer = torch_optimizer(model.parameters(), rule)
    for _ in range(3):
        optimizer.step(closure_of(model, loss))
    file = io.BytesIO()
    torch.save([model.state_dict(), optimizer.state_dict()], file)
    file.seek(0)
    again, its_loss = network(torch.float64, torch.float64)
    resumed = torch_optimizer(again.parameters(), rule)
    weights, memory = torch.load(file, weights_only=True)
    again.load_state_dict(weights)
    resumed.load_state_dict(memory)
    for _ in range(3):
        optimizer.step(closure_of(model, loss))
        resumed.step(closure_of(again, its_loss))
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), again.parameters(), strict=True))
    assert resumed.gradient_evaluations == 6


def test_the_rule_may_ask_for_the_gradient_wherever_it_likes():
    class Midpoint(GradientDescent):
        """Looks half a step ahead, and then steps from where it stood."""

        def step(self, grad, w, dw):
            dw = -self.eta * grad(w - 0.5 * self.eta * grad(w))
            return w + dw, dw

    leaf = nn.Parameter(torch.tensor(START))
    optimizer = torch_optimizer([leaf], Midpoint(0.001))
    loss = lambda: Rosenbrock().value(leaf)
    for _ in range(20):
        here = loss().item()
        assert optimizer.step(closure_of(nn.ParameterList([leaf]), loss)).item() == here
    np.testing.assert_allclose(leaf.detach(), trajectory(Midpoint(0.001), Rosenbrock(), START, 20)[-1])
    assert optimizer.gradient_evaluations == 40


def test_a_network_needs_a_closure_and_plain_numbers():
    model, _ = network(torch.float64, torch.float64)
    with pytest.raises(ValueError, match="closure=None: step needs a function"):
        torch_optimizer(model.parameters(), Momentum()).step()
    with pytest.raises(ValueError, match="plain numbers"):
        torch_optimizer(model.parameters(), Momentum(np.array([0.1, 0.2])))


# The step size of a network's optimizer

SAME_WHEN_ETA_CHANGES = [rule for rule in RULES if not hasattr(rule, "beta")]  # see CONVENTIONS on momentum


def corrected(rule):
    return replace(rule, bias_correction=True) if isinstance(rule, Adam) else rule


@pytest.mark.parametrize("rule", [*{corrected(rule) for rule in SAME_WHEN_ETA_CHANGES}], ids=repr)
@pytest.mark.parametrize(
    "schedule",
    [
        lambda o: torch.optim.lr_scheduler.StepLR(o, 3, gamma=0.1),
        lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda t: t / 5),  # starts at 0
        lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.5, total_steps=12, cycle_momentum=False),
    ],
    ids=["StepLR", "LambdaLR", "OneCycleLR"],
)
def test_a_schedule_of_torch_moves_our_optimizer_as_it_moves_torchs(rule, schedule):
    (theirs, their_loss), (ours, loss) = (network(torch.float64, torch.float64) for _ in range(2))
    peer, optimizer = TORCH[type(rule)](theirs.parameters(), rule), torch_optimizer(ours.parameters(), rule)
    clocks = schedule(peer), schedule(optimizer)
    for _ in range(10):
        peer.step(closure_of(theirs, their_loss))
        optimizer.step(closure_of(ours, loss))
        for clock in clocks:
            clock.step()
        vectors = [nn.utils.parameters_to_vector(m.parameters()) for m in (ours, theirs)]
        torch.testing.assert_close(*vectors, rtol=0, atol=1e-12)


@every_rule
@pytest.mark.parametrize("change", ["lr", "rule"])
def test_a_step_size_set_from_outside_is_the_one_that_is_used(rule, change):
    """As if the rule had been made with it; the first step has no past."""
    (model, loss), (other, its_loss) = (network(torch.float64, torch.float64) for _ in range(2))
    optimizer = torch_optimizer(model.parameters(), rule)
    changed = replace(rule, eta=0.0123)
    if change == "lr":
        optimizer.param_groups[0]["lr"] = 0.0123
    else:
        optimizer.rule = changed
    assert optimizer.param_groups[0]["lr"] == 0.0123
    assert optimizer.rule == changed
    expected = torch_optimizer(other.parameters(), changed)
    for _ in range(2):
        optimizer.step(closure_of(model, loss))
        expected.step(closure_of(other, its_loss))
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), other.parameters(), strict=True))


def test_the_step_size_is_saved_and_loaded():
    (model, loss), (other, _) = (network(torch.float64, torch.float64) for _ in range(2))
    optimizer = torch_optimizer(model.parameters(), Momentum(0.1))
    optimizer.param_groups[0]["lr"] = 0.3
    optimizer.step(closure_of(model, loss))
    resumed = torch_optimizer(other.parameters(), Momentum(0.1))
    resumed.load_state_dict(optimizer.state_dict())
    assert resumed.rule == Momentum(0.3)


@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf])
def test_a_step_size_out_of_range_is_refused_at_the_next_step(bad):
    model, loss = network(torch.float64, torch.float64)
    optimizer = torch_optimizer(model.parameters(), Momentum())
    optimizer.param_groups[0]["lr"] = bad
    with pytest.raises(ValueError, match=r"lr=.* must be one number for all groups, finite and at least 0"):
        optimizer.step(closure_of(model, loss))


def test_groups_share_one_step_size_or_are_refused():
    model, loss = network(torch.float64, torch.float64)
    groups = [{"params": model[0].parameters()}, {"params": model[1].parameters(), "lr": 0.5}]
    optimizer = torch_optimizer(groups, GradientDescent(0.1))
    with pytest.raises(ValueError, match=r"lr=\[0.1, 0.5\] must be one number for all groups"):
        optimizer.step(closure_of(model, loss))
    optimizer.param_groups[1]["lr"] = 0.1
    optimizer.step(closure_of(model, loss))


def test_a_rule_without_a_step_size_is_not_given_one():
    class Halving:
        def init(self, w):
            return 0 * w

        def step(self, grad, w, state):
            return w - 0.5 * grad(w), state

    model, loss = network(torch.float64, torch.float64)
    optimizer = torch_optimizer(model.parameters(), Halving())
    optimizer.step(closure_of(model, loss))
    optimizer.param_groups[0]["lr"] = 0.1
    with pytest.raises(ValueError, match=r"has no step size eta, so lr=0.1 cannot be used"):
        optimizer.step(closure_of(model, loss))


@pytest.mark.parametrize("rule", [GradientDescent(0.1), Momentum(0.1, 0.9), Adam(0.1, 0.9, 0.99, 1e-8)])
def test_a_sparse_gradient_moves_an_embedding_like_a_dense_one(rule):
    def table_after_two_steps(sparse):
        torch.manual_seed(0)
        table = nn.Embedding(5, 3, sparse=sparse)
        optimizer = torch_optimizer(table.parameters(), rule)

        def closure():
            optimizer.zero_grad()
            loss = table(torch.tensor([0, 3, 3])).square().sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        optimizer.step(closure)
        return table.weight.detach()

    assert torch.equal(table_after_two_steps(True), table_after_two_steps(False))
