from itertools import combinations, product

import numpy as np
import pytest
import torch
from scipy.stats import chi2, chisquare

from lsml_core.optimization.bounds import log_slope, mini_batch_variance, saga_bound, sgd_bound
from lsml_core.optimization.finite_sums import LeastSquares, Logistic
from lsml_core.optimization.objectives import Quadratic
from lsml_core.optimization.sampling import WithProbabilities, with_replacement, without_replacement
from lsml_core.optimization.schedules import Held, InverseRoot, InverseTime, StepDecay
from lsml_core.optimization.steps import GradientDescent, trajectory
from lsml_core.optimization.stochastic import (
    Snapshot,
    gradient_table,
    gradient_variance,
    mini_batch_gradient,
    saga,
    saga_gradient,
    sample_gradients,
    sgd,
    svrg,
    svrg_gradient,
)

METHODS = [sgd, svrg, saga]
every_method = pytest.mark.parametrize("method", METHODS)
every_estimate = pytest.mark.parametrize("name", ["mini-batch", "svrg", "saga"])
SAMPLINGS = {"with": with_replacement, "without": without_replacement}


def logistic(n=6, d=3, seed=0, l2=0.1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    return Logistic(x, np.sign(x[:, 0] + rng.normal(size=n)), l2)


def regression(n=100, d=5, noise=1.0, seed=0):
    """Rows of length 1, so that every example is equally curved: L_max = 1."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return LeastSquares(x, x @ rng.normal(size=d) + noise * rng.normal(size=n))


def estimate_of(name, f, old):
    """g(w, i), where SVRG and SAGA remember the point `old`."""
    if name == "svrg":
        return lambda w, i: svrg_gradient(f, w, i, Snapshot(old, f.grad(old)))
    if name == "saga":
        return lambda w, i: saga_gradient(f, w, i, gradient_table(f, old))
    return lambda w, i: mini_batch_gradient(f, w, i)


def scripted(i):
    """A sampling that deals the given examples, (steps, *runs, b)."""
    return lambda n, batch, runs, *, rng: iter(i)


# Unbiased, and how noisy


@every_estimate
@pytest.mark.parametrize("b", [1, 2, 3])
def test_every_estimate_is_unbiased_over_all_draws_and_over_all_subsets(name, b):
    f, rng = logistic(), np.random.default_rng(1)
    w, old = rng.normal(size=(2, 3))
    for batches in (product(range(f.n), repeat=b), combinations(range(f.n), b)):
        g = estimate_of(name, f, old)(w, np.array([*batches]))
        np.testing.assert_allclose(g.mean(0), f.grad(w), atol=1e-12)


@pytest.mark.parametrize("sampling", SAMPLINGS.values(), ids=SAMPLINGS)
@pytest.mark.parametrize("seed", range(3))
def test_the_mean_of_many_drawn_gradients_passes_a_z_test(sampling, seed):
    f, rng = regression(), np.random.default_rng(seed)
    w = rng.normal(size=5)
    g = sample_gradients(f, w, 7, draws=4000, rng=rng, sampling=sampling)
    error = g.mean(0) - f.grad(w)
    z2 = len(g) * error @ np.linalg.solve(np.cov(g.T), error)  # χ² with d degrees of freedom
    assert z2 < chi2.ppf(1 - 1e-4, df=5)


def test_the_z_test_would_see_a_bias_of_a_twentieth_of_the_gradient():
    f, rng = regression(noise=0.3), np.random.default_rng(0)
    w = rng.normal(size=5)
    g = 1.05 * sample_gradients(f, w, 50, draws=4000, rng=rng)
    error = g.mean(0) - f.grad(w)
    assert len(g) * error @ np.linalg.solve(np.cov(g.T), error) > chi2.ppf(1 - 1e-4, df=5)


@pytest.mark.parametrize("b", [1, 2, 3, 6])
def test_the_variance_over_all_batches_is_what_the_formula_says(b):
    f = logistic()
    w = np.array([0.5, -1.0, 2.0])
    single = gradient_variance(f.grads(w, np.arange(f.n)), f.grad(w))
    for batches, n in ((product(range(f.n), repeat=b), None), (combinations(range(f.n), b), f.n)):
        g = f.batch_grad(w, np.array([*batches]))
        formula = mini_batch_variance(b, variance=single, n=n)
        assert gradient_variance(g, f.grad(w)) == pytest.approx(formula, abs=1e-14)


@pytest.mark.parametrize("seed", range(3))
def test_with_replacement_the_variance_falls_like_one_over_b(seed):
    f, rng, b = regression(), np.random.default_rng(seed), 2 ** np.arange(7)
    w = rng.normal(size=5)
    measured = [gradient_variance(sample_gradients(f, w, int(s), draws=3000, rng=rng), f.grad(w)) for s in b]
    assert log_slope(b, np.array(measured)) == pytest.approx(-1, abs=0.03)


@pytest.mark.parametrize("seed", range(3))
def test_without_replacement_the_variance_falls_faster_and_is_gone_at_n(seed):
    f, rng, b = regression(), np.random.default_rng(seed), np.array([1, 5, 20, 50, 80, 95, 100])
    w = rng.normal(size=5)
    single = gradient_variance(f.grads(w, np.arange(f.n)), f.grad(w))
    clouds = [sample_gradients(f, w, int(s), draws=3000, rng=rng, sampling=without_replacement) for s in b]
    measured = [gradient_variance(cloud, f.grad(w)) for cloud in clouds]
    formula = mini_batch_variance(b, variance=single, n=f.n)
    np.testing.assert_allclose(measured, formula, rtol=0.12, atol=1e-24)
    assert (formula[1:] < 0.97 * single / b[1:]).all()  # so the two formulas can be told apart


def test_the_variance_of_unknown_center_is_estimated_without_bias():
    f = logistic()
    each, center = f.grads(np.zeros(3), np.arange(f.n)), f.grad(np.zeros(3))
    of_pairs = [gradient_variance(each[[*pair]]) for pair in product(range(f.n), repeat=2)]
    assert np.mean(of_pairs) == pytest.approx(gradient_variance(each, center))
    with pytest.raises(ValueError, match="at least 2 are needed"):
        gradient_variance(each[:1])


@pytest.mark.parametrize("name", ["svrg", "saga"])
def test_variance_reduction_leaves_no_noise_at_the_optimum(name):
    f, everyone = logistic(), np.arange(6)[:, None]
    w = f.minimiser
    g = estimate_of(name, f, w)(w, everyone)
    assert gradient_variance(g, f.grad(w)) < 1e-24
    assert gradient_variance(mini_batch_gradient(f, w, everyone), f.grad(w)) > 0.01


@pytest.mark.parametrize("name", ["svrg", "saga"])
def test_the_noise_that_is_left_falls_with_the_square_of_the_distance_to_what_is_remembered(name):
    f, rng, everyone = logistic(), np.random.default_rng(0), np.arange(6)[:, None]
    w, direction = rng.normal(size=(2, 3))
    distance = np.array([1e-1, 1e-2, 1e-3])
    noise = [
        gradient_variance(estimate_of(name, f, w + r * direction)(w, everyone), f.grad(w)) for r in distance
    ]
    assert log_slope(distance, np.array(noise)) == pytest.approx(2, abs=0.05)


# Which examples


def test_draws_with_replacement_are_uniform_and_independent_within_a_batch():
    examples = with_replacement(4, 2, (500,), rng=np.random.default_rng(0))
    pairs = np.concatenate([next(examples) for _ in range(20)])
    assert pairs.shape == (10_000, 2)
    assert chisquare(np.bincount(pairs @ [4, 1], minlength=16)).pvalue > 1e-4


def test_every_subset_is_drawn_equally_often_without_replacement():
    examples = without_replacement(5, 2, (500,), rng=np.random.default_rng(0))
    subsets = np.sort(np.concatenate([next(examples) for _ in range(20)]), axis=1)
    assert subsets.shape == (10_000, 2)
    found, counts = np.unique(subsets, axis=0, return_counts=True)
    assert sorted(map(tuple, found)) == [*combinations(range(5), 2)]
    assert chisquare(counts).pvalue > 1e-4


def test_examples_come_as_often_as_their_probabilities_say():
    p = np.array([0.1, 0.2, 0.7])
    examples = WithProbabilities(p)(3, 2, (500,), rng=np.random.default_rng(0))
    drawn = np.concatenate([next(examples) for _ in range(20)])
    assert drawn.shape == (10_000, 2)
    assert chisquare(np.bincount(drawn.ravel()), 20_000 * p).pvalue > 1e-4


# The three methods


def by_hand(method, f, w, eta, order, inner=None):
    """The same, one example and one run at a time, written out."""
    g = lambda w, i: f.grads(w, np.array([i]))[0]
    memory, path = np.array([g(w, i) for i in range(f.n)]), [w]
    for k, i in enumerate(order):
        if method is svrg:
            if k % inner == 0:
                snapshot, memory = w, np.array([g(w, j) for j in range(f.n)])
            move = g(w, i) - g(snapshot, i) + memory.mean(0)
        elif method is saga:
            move = g(w, i) - memory[i] + memory.mean(0)
            memory[i] = g(w, i)
        else:
            move = g(w, i)
        w = w - eta * move
        path.append(w)
    return np.array(path)


@every_method
def test_a_run_is_the_algorithm_written_out(method):
    f, rng = logistic(), np.random.default_rng(3)
    start, order = rng.normal(size=(2, 3)), rng.integers(6, size=(40, 2, 1))
    options = {"inner": 7} if method is svrg else {}
    run = method(f, start, eta=0.3, steps=40, rng=rng, sampling=scripted(order), **options)
    for r in range(2):
        expected = by_hand(method, f, start[r], 0.3, order[:, r, 0], **options)
        np.testing.assert_allclose(run.w[:, r], expected, atol=1e-12)


@every_method
def test_many_step_sizes_and_runs_at_once_are_the_single_runs(method):
    f, etas = logistic(), np.array([0.1, 0.4, 0.9])
    start = np.random.default_rng(5).normal(size=(2, 3))
    rng = lambda: np.random.default_rng(7)
    together = method(f, start, eta=etas[:, None, None], steps=30, rng=rng()).w
    assert together.shape == (31, 3, 2, 3)
    for e, eta in enumerate(etas):
        alone = method(f, start, eta=eta, steps=30, rng=rng()).w
        np.testing.assert_allclose(together[:, e], alone, atol=1e-13)


@every_method
def test_seeing_every_third_step_is_seeing_less_of_the_same_run(method):
    f, rng = logistic(), lambda: np.random.default_rng(0)
    full = method(f, np.zeros(3), eta=0.3, steps=20, rng=rng())
    seen = method(f, np.zeros(3), eta=0.3, steps=20, rng=rng(), every=3)
    np.testing.assert_array_equal(seen.steps, [0, 3, 6, 9, 12, 15, 18])
    np.testing.assert_array_equal(seen.w, full.w[::3])
    np.testing.assert_array_equal(seen.evaluations, full.evaluations[::3])


@every_method
def test_a_run_leaves_its_start_and_the_examples_as_they_were(method):
    f, start = logistic(), np.ones((2, 3))
    x = f.x.copy()
    method(f, start, eta=0.3, steps=20, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(start, 1)
    np.testing.assert_array_equal(f.x, x)


class Counting(Logistic):
    """Counts the gradients asked for at one point, as a run does that keeps what it knows."""

    count = 0

    def grad(self, w):
        type(self).count += self.n
        return super().grad(w)

    def batch_grad(self, w, i):
        type(self).count += i.shape[-1]
        return super().batch_grad(w, i)


@pytest.mark.parametrize(("method", "options"), [(sgd, {}), (svrg, {"inner": 4}), (svrg, {"inner": 1})])
@pytest.mark.parametrize("steps", [0, 1, 4, 5, 11])
def test_evaluations_are_the_gradients_asked_for(method, options, steps):
    source = logistic()
    f = Counting(source.x, source.y, source.l2)
    Counting.count = 0
    run = method(f, np.zeros(3), eta=0.1, steps=steps, batch=2, rng=np.random.default_rng(0), **options)
    assert run.evaluations[-1] == Counting.count


def test_saga_pays_n_gradients_once_and_then_one_a_step():
    run = saga(logistic(), np.zeros(3), eta=0.1, steps=10, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(run.evaluations, 6 + np.arange(11))


def test_with_the_whole_batch_sgd_is_gradient_descent():
    h = np.array([1.0, 9.0])
    f = LeastSquares(np.diag(np.sqrt(2 * h)), np.zeros(2))  # 1/n Σ ½(xᵢᵀw)² = ½ Σ hᵢwᵢ²
    start, rng = np.array([3.0, -1.0]), np.random.default_rng(0)
    run = sgd(f, start, eta=0.15, steps=20, batch=2, sampling=without_replacement, rng=rng)
    expected = trajectory(GradientDescent(0.15), Quadratic(tuple(h)), start, 20)
    np.testing.assert_allclose(run.w, expected, atol=1e-12)


def squared_distance(method, f, eta, epochs, seed, **options):
    start, rng = np.zeros((20, f.x.shape[1])), np.random.default_rng(seed)
    run = method(f, start, eta=eta, steps=epochs * f.n, every=f.n, rng=rng, **options)
    return ((run.w - f.minimiser) ** 2).sum(-1).mean(-1)


@pytest.mark.parametrize("seed", range(3))
def test_at_one_constant_step_size_sgd_stalls_and_both_reductions_converge(seed):
    f = regression(n=50, seed=seed)
    floor, *reduced = (squared_distance(method, f, 1 / (3 * f.L_max), 60, seed) for method in METHODS)
    assert floor[30:].min() > 0.1
    for distance in reduced:
        assert distance[-1] < 1e-16 * distance[0]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("b", [1, 8])
def test_constant_steps_stay_below_the_bound_and_the_floor_falls_with_eta(seed, b):
    f = regression(seed=seed)
    sigma = gradient_variance(f.grads(f.minimiser, np.arange(f.n)), np.zeros(5)) ** 0.5
    floors = []
    for eta in (0.5, 0.05):
        distance = squared_distance(sgd, f, eta, 40, seed, batch=b)[1:]
        k = f.n * np.arange(1, 41)
        bound = sgd_bound(k, eta=eta, b=b, mu=f.mu, R=np.linalg.norm(f.minimiser), sigma=sigma)
        assert (distance < bound).all()
        floors.append(distance[20:].mean())
    assert floors[0] > 5 * floors[1]


@pytest.mark.parametrize("seed", range(3))
def test_saga_stays_below_its_bound(seed):
    f = regression(seed=seed)
    gap = f.value(np.zeros(5)) - f.value(f.minimiser)
    R, k = np.linalg.norm(f.minimiser), f.n * np.arange(1, 31)
    bound = saga_bound(k, n=f.n, mu=f.mu, L_max=f.L_max, R=R, gap=gap)
    assert (squared_distance(saga, f, 1 / (3 * f.L_max), 30, seed)[1:] < bound).all()


@pytest.mark.parametrize("seed", range(3))
def test_steps_that_shrink_like_one_over_k_bring_sgd_to_the_minimum_like_one_over_k(seed):
    f = regression(n=20, d=2, seed=seed)
    eta = InverseTime(0.5, warm_steps=4 / f.mu)
    run = sgd(f, np.zeros((200, 2)), eta=eta, steps=6000, rng=np.random.default_rng(seed), every=100)
    distance = ((run.w - f.minimiser) ** 2).sum(-1).mean(-1)
    late = slice(10, None)
    assert log_slope(run.steps[late] + eta.warm_steps, distance[late]) == pytest.approx(-1, abs=0.15)


def test_schedules_are_the_formulas_they_name():
    assert [InverseRoot(2.0)(k) for k in (0, 3, 15)] == [2.0, 1.0, 0.5]
    assert [InverseTime(2.0, warm_steps=4)(k) for k in (0, 4, 12)] == [2.0, 1.0, 0.5]
    assert [Held(InverseTime(1.0, 1), 3)(k) for k in (0, 2, 3, 5, 6)] == [1, 1, 1 / 2, 1 / 2, 1 / 3]
    np.testing.assert_allclose(InverseRoot(np.array([1.0, 2.0]))(3), [0.5, 1.0])


def test_step_decay_is_the_multi_step_schedule_of_torch():
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.8)
    peer = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[3, 5], gamma=0.5)
    ours = StepDecay(0.8, drops=(3, 5), factor=0.5)
    for k in range(8):
        assert ours(k) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        peer.step()


@every_method
def test_every_method_asks_its_schedule_for_the_steps_0_1_2(method):
    asked = []
    eta = lambda k: asked.append(k) or 0.1
    options = {"inner": 3} if method is svrg else {}
    method(logistic(), np.zeros(3), eta=eta, steps=7, rng=np.random.default_rng(0), **options)
    assert asked[0] == 0  # once more, for its shape
    assert asked[1:] == [*range(7)]


@every_method
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_diverging_run_ends_in_nan_without_a_warning(method):
    run = method(regression(), np.zeros(5), eta=1e3, steps=500, rng=np.random.default_rng(0))
    assert not np.isfinite(run.w[-1]).all()


@every_method
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"eta": 0.0}, "eta=0.0 must be finite and above 0"),
        ({"eta": np.array([[0.1], [np.inf]])}, "must be finite and above 0"),
        ({"eta": InverseRoot(-1.0)}, "must be finite and above 0"),
        ({"eta": np.full(4, 0.1)}, r"start of shape \(3,\) must be \(…, 3\), and eta of shape \(4,\)"),
        ({"start": np.zeros(1)}, r"start of shape \(1,\) must be \(…, 3\)"),
        ({"start": np.zeros(1), "eta": np.full(3, 0.1)}, r"start of shape \(1,\) must be \(…, 3\)"),
        ({"steps": -1}, "steps=-1 must be at least 0"),
        ({"every": 0}, "every=0 must be at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused(method, options, complaint):
    defaults = {"start": np.zeros(3), "eta": 0.1, "steps": 5, "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=complaint):
        method(logistic(), **(defaults | options))


@pytest.mark.parametrize("batch", [0, 7])
def test_a_batch_outside_one_to_n_is_refused(batch):
    rng = np.random.default_rng(0)
    for method in (sgd, svrg):
        with pytest.raises(ValueError, match=f"batch={batch} must be between 1 and"):
            method(logistic(), np.zeros(3), eta=0.1, steps=5, batch=batch, rng=rng)
    with pytest.raises(ValueError, match=f"batch={batch} must be between 1 and"):
        sample_gradients(logistic(), np.zeros(3), batch, draws=5, rng=rng)
    with pytest.raises(ValueError, match="inner=0 must be at least 1"):
        svrg(logistic(), np.zeros(3), eta=0.1, steps=5, inner=0, rng=rng)


# Schedules and counts


@every_method
@pytest.mark.parametrize("bad", [0.0, -0.1, np.nan, np.inf])
def test_a_schedule_that_leaves_its_range_is_refused_at_the_step_where_it_does(method, bad):
    asked = []

    def eta(k):
        asked.append(k)
        return bad if k == 7 else 0.1

    with pytest.raises(ValueError, match=rf"gives {bad} for k=7; it must be finite and above 0"):
        method(logistic(), np.zeros(3), eta=eta, steps=20, rng=np.random.default_rng(0))
    assert asked[-1] == 7
    fine = method(logistic(), np.zeros(3), eta=eta, steps=7, rng=np.random.default_rng(0))
    assert np.isfinite(fine.w).all()


@pytest.mark.own_checks
@every_method
@pytest.mark.parametrize("bad", [2.0, 1.5, True, None, "3"])
@pytest.mark.parametrize("name", ["steps", "every"])
def test_counts_are_integers_of_any_kind_and_nothing_else(method, name, bad):
    options = {"eta": 0.1, "steps": 3, "every": 1}
    with pytest.raises(ValueError, match=rf"{name}=.* must be an integer"):
        method(logistic(), np.zeros(3), rng=np.random.default_rng(0), **options | {name: bad})
    plain, numpy_count = (
        method(logistic(), np.zeros(3), rng=np.random.default_rng(0), **options | {name: count})
        for count in (2, np.int16(2))
    )
    np.testing.assert_array_equal(plain.w, numpy_count.w)


@every_method
def test_no_steps_give_the_start_and_a_start_that_is_not_finite_is_refused(method):
    start = np.ones((2, 3))
    np.testing.assert_array_equal(
        method(logistic(), start, eta=0.1, steps=0, rng=np.random.default_rng(0)).w, [start]
    )
    with pytest.raises(ValueError, match="start holds 1 values that are not finite"):
        method(logistic(), np.array([0, np.nan, 1]), eta=0.1, steps=1, rng=np.random.default_rng(0))


@pytest.mark.own_checks
def test_schedules_that_cannot_be_computed_are_refused():
    for warm_steps in (0, -1.0, np.nan):
        with pytest.raises(ValueError, match=r"warm_steps=.* must be finite and above 0"):
            InverseTime(0.1, warm_steps)
    for steps in (0, 2.5):
        with pytest.raises(ValueError, match=r"steps=.* must be"):
            Held(InverseRoot(0.1), steps)
    with pytest.raises(ValueError, match="factor=0 must be"):
        StepDecay(0.1, (3,), 0)


def test_a_variance_of_more_examples_than_there_are_is_refused():
    assert mini_batch_variance(7, variance=2.0, n=7) == 0
    assert mini_batch_variance(8, variance=2.0) == 0.25  # with replacement a batch may be larger than n
    for b in (8, np.array([1, 8])):
        with pytest.raises(ValueError, match=r"b=.* must be at most n=7"):
            mini_batch_variance(b, variance=2.0, n=7)
    for b in (0, -1, np.nan):
        with pytest.raises(ValueError, match=r"b=.* must be at least 1"):
            mini_batch_variance(b, variance=2.0)
    with pytest.raises(ValueError, match="variance=-1 must be finite and at least 0"):
        mini_batch_variance(1, variance=-1)
    with pytest.raises(ValueError, match="batch=7 must be between 1 and the number of examples, n=6"):
        next(without_replacement(6, 7, rng=np.random.default_rng(0)))
    with pytest.raises(ValueError, match="draws=0 must be at least 1"):
        sample_gradients(logistic(), np.zeros(3), 1, draws=0, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="g has no gradients"):
        gradient_variance(np.empty((0, 3)), np.zeros(3))
