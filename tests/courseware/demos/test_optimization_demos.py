"""What the pages of lecture 02 say about their demos holds for every position of the sliders."""

import numpy as np
import pytest

from courseware.demos.optimization import convergence, stochastic, variance_reduction
from courseware.plots.axes import number
from lsml_core.optimization.bounds import gradient_descent_bound, mini_batch_variance, sgd_bound
from lsml_core.optimization.stochastic import gradient_variance

FAIR = ("with replacement", "without replacement")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.234, "0.23"), (-1.5, "−1.5"), (3.1e-9, "3.1·10⁻⁹"), (2e12, "2·10¹²"), (0, "0"), (np.nan, "∞")],
)
def test_a_number_in_a_headline_has_two_digits_and_no_letter_e(value, text):
    assert number(float(value)) == text


# --- cloud


@pytest.mark.parametrize("batch", [1, 16, 128])
def test_fair_draws_have_the_full_gradient_as_their_mean_and_the_others_do_not(batch):
    full = stochastic._line_fit().full
    for sampling in stochastic.SAMPLINGS:
        for again in stochastic.cloud.controls["again"].values:
            g = stochastic._draws(batch, sampling, stochastic.DRAWS, again)
            miss = np.linalg.norm(g.mean(0) - full) / np.sqrt(gradient_variance(g) / len(g))
            assert (miss < 4) == (sampling in FAIR), (sampling, again)


def test_the_measured_noise_is_what_theory_says():
    b, noise = np.array(stochastic.BATCHES.values), stochastic._noise()
    for sampling, n in zip(FAIR, (None, stochastic.EXAMPLES), strict=True):
        law = mini_batch_variance(b, variance=1.0, n=n)
        assert np.allclose(noise[sampling], law, rtol=0.15, atol=1e-20)
    assert noise["large gradients more often"].min() > 0.5  # no batch helps against a bias


# --- gradient descent


def ends(k, eta):
    """The gaps after k steps on Huber's function and on the bowl, as shares of the bound."""
    gaps = [
        stochastic._gaps(stochastic.Huber.slowest(k), (1.0,), eta)[1],
        stochastic._gaps(stochastic.BOWL, stochastic.CORNER, eta)[1],
    ]
    return [gap[k] / gradient_descent_bound(k, L=1, R=1) for gap in gaps]


def test_both_runs_end_below_the_bound_from_the_step_of_the_theorem_up_to_1_9_and_no_further():
    below = [eta for eta in stochastic.descent.controls["eta"].values if max(ends(20, eta)) <= 1 + 1e-9]
    assert (below[0], below[-1]) == (1.0, 1.9)


# --- envelope


def test_the_slowest_line_keeps_the_bound_at_the_right_step_and_at_no_other():
    for (b, k, factor), found in stochastic._slow_functions().items():
        share, error = found.gaps.max() * (b * k) ** 0.5, found.errors[found.worst] * (b * k) ** 0.5
        right = stochastic._slow_functions()[b, k, 1.0].gaps.max() * (b * k) ** 0.5
        assert right > 0.75
        assert share <= 1 + 3 * error if factor == 1 else share > right


def test_the_goal_of_the_envelope_takes_a_larger_batch():
    below = {b for (b, k, _), f in stochastic._slow_functions().items() if k == 400 and f.gaps.max() < 0.02}
    assert below == {16}


# --- rates


def gap(schedule, batch, axis):
    curve = convergence._rates()[schedule, batch]
    reached = (curve.steps == convergence.STEPS, curve.gradients == convergence.GRADIENTS)
    return curve.gap[reached[convergence.AXES.index(axis)]].item()


def test_larger_batches_are_better_by_the_step_and_no_better_by_the_gradient():
    steps, gradients = (
        [gap("4/√k", b, axis) for b in convergence.BATCHES.values] for axis in convergence.AXES
    )
    assert steps == sorted(steps, reverse=True)
    assert max(gradients[:3]) < 2.2 * min(gradients[:3])
    assert min(gradients[3:]) > 2 * max(gradients[:3])


def test_the_goal_of_the_rates_has_two_solutions():
    found = {s for s in convergence._rates() if gap(*s, "gradients") < 1e-3}
    assert found == {("1/√k", 1), ("4/√k", 16)}


# --- floor


def test_every_run_with_a_step_that_has_a_bound_keeps_it():
    time = np.arange(1, 1 + convergence.LENGTH // convergence.EVERY) * convergence.EVERY
    for (kappa, b), (constant, _) in convergence._floors().items():
        f, R, sigma = convergence._valley(kappa)
        for eta, run in zip(convergence.ETAS.values, constant, strict=True):
            bound = sgd_bound(time, eta=eta / f.L_max, b=b, mu=f.mu, R=R, sigma=sigma)
            assert eta > 0.5 or (run[1:] <= bound).all()


def test_the_goal_of_the_floor_takes_a_batch_of_16():
    last = convergence.LAST // convergence.EVERY
    runs = {b: convergence._floors()["10", b][0] for b in convergence.FEW.values}
    assert [b for b, run in runs.items() if run[:, -last:].mean(1).min() < 0.01] == [16, 64]


# --- SVRG and SAGA


def end(noise, method, eta):
    f, run = variance_reduction._sphere(noise), variance_reduction._runs()[noise, method]
    w = run.w[-1, variance_reduction.ETAS.values.index(eta)]
    return ((w - f.minimiser) ** 2).sum(-1).mean()


def test_the_goal_of_the_race_takes_anchors_that_are_renewed_every_25_steps():
    assert [m for m in variance_reduction.INNER.values if end("1", m, 1.0) < 1e-15] == [25]


def test_sgd_has_a_floor_only_where_the_examples_disagree():
    assert end("1", "SGD", 1.0) > 0.1
    assert end("0", "SGD", 1.0) < 1e-20
    assert all(end(noise, "SAGA", 1.0) < 1e-9 for noise in variance_reduction.NOISES.values)
