"""What the pages of lectures 01 and 02 say about their demos holds, and the pictures show the records."""

import re

import numpy as np
import pytest
from helpers import ROOT

from courseware.demos.optimization import (
    adaptive,
    convergence,
    momentum,
    optimizers,
    stochastic,
    variance_reduction,
)
from courseware.demos.optimization.phrases import join, spell
from courseware.plots.axes import number
from lsml_core.optimization import steps
from lsml_core.optimization.bounds import mini_batch_variance
from lsml_core.optimization.rates import momentum_spectral_radius

FAIR = (stochastic.WITH, stochastic.WITHOUT)


def headline(fig, axes=0):
    return fig.axes[axes]._left_title.get_text()


def line(ax, i):
    """x and y of the i-th line that was drawn from data, not of a sample in the key."""
    lines = [line for line in ax.lines if line.get_transform() != ax.transAxes]
    return lines[i].get_xdata(), lines[i].get_ydata()


def settings(demo, **fixed):
    """The start position with one control moved to each of its values."""
    for name, control in demo.controls.items():
        for value in control.values if name not in fixed else ():
            yield demo.setting(**fixed | {name: value})


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.234, "0.23"), (-1.5, "−1.5"), (3.1e-9, "3.1·10⁻⁹"), (2e12, "2·10¹²"), (0, "0"), (np.nan, "∞")],
)
def test_a_number_in_a_headline_has_two_digits_and_no_letter_e(value, text):
    assert number(float(value)) == text


def test_counts_and_lists_read_as_in_a_sentence():
    assert (spell(0), spell(6), spell(12)) == ("no", "six", "12")
    assert [join(names) for names in (["A"], ["A", "B"], ["A", "B", "C"])] == ["A", "A and B", "A, B and C"]


GOALS = {
    "oscillation": (momentum.oscillation, {"eta": 0.078}),
    "momentum": (momentum.momentum, {"eta": 0.111, "beta": 0.45}),
    "nesterov": (momentum.nesterov, {"step": 2}),
    "adaptive": (adaptive.adaptive, {"beta2": 0.95}),
    "adam": (adaptive.adam, {"beta1": 0.9, "beta2": 0.99}),
    "comparison": (optimizers.comparison, {"eta": 0.681}),
    "training": (optimizers.training, {"eta": 0.1}),
    "gradient noise": (stochastic.gradient_noise, {"batch": 256, "sampling": stochastic.WITHOUT}),
    "worst case": (stochastic.worst_case, {"eta": 1.9}),
    "envelope": (stochastic.envelope, {"batch": 16}),
    "mini-batches": (convergence.mini_batches, {"batch": 16, "unit": "gradients"}),
    "noise floor": (convergence.noise_floor, {"batch": 16, "eta": 0.215}),
    "SVRG and SAGA": (variance_reduction.svrg_and_saga, {"inner": 25}),
}


@pytest.mark.parametrize("name", GOALS)
def test_a_goal_can_be_reached_and_neither_the_start_nor_a_button_reaches_it(name):
    demo, way = GOALS[name]
    assert demo.reached(demo.record(**way), **demo.setting(**way))
    for changes in ({}, *demo.presets.values()):
        assert not demo.reached(demo.record(**changes), **demo.setting(**changes)), changes


# --- oscillation


@pytest.mark.parametrize("eta", [0.01, 0.05, 0.078])
def test_each_step_multiplies_w2_by_the_factor_and_the_picture_shows_the_path(eta):
    record = momentum.oscillation.record(eta=eta)
    w2 = record.path[:, 1]
    np.testing.assert_allclose(w2[1:], record.factor * w2[:-1], atol=1e-12)
    fig = momentum.oscillation.figure(eta=eta)
    np.testing.assert_allclose(np.transpose(line(fig.axes[0], 1)), record.path)
    assert f"{record.factor:.2f}".replace("-", "−") in headline(fig, 1)


def test_only_the_largest_converging_step_reaches_the_goal_of_oscillation():
    demo = momentum.oscillation
    reached = [s["eta"] for s in settings(demo, steps=20) if demo.reached(demo.record(**s), **s)]
    assert reached == [0.078]


# --- momentum


@pytest.mark.parametrize(("eta", "beta"), [(0.05, 0.5), (0.03, 0.9), (0.111, 0.45)])
def test_the_loss_of_momentum_falls_as_fast_as_the_larger_spectral_radius_allows(eta, beta):
    record = momentum.momentum.record(eta=eta, beta=beta)
    radius = max(momentum_spectral_radius(eta * h, beta) for h in momentum.RAVINE.curvatures)
    bound = record.losses["momentum"][0] * momentum.STEPS**2 * 200 * radius ** (2 * momentum.STEPS)
    assert record.final[0] < bound


def test_no_step_size_reaches_the_goal_of_momentum_without_momentum():
    demo = momentum.momentum
    finals = [demo.record(**s).final[0] for s in settings(demo, beta=0.0)]
    assert momentum.WITHOUT / 3 < min(finals) < 3 * momentum.WITHOUT
    assert min(finals) > momentum.GOAL


def test_the_picture_of_momentum_shows_its_losses_and_its_dots():
    record, fig = momentum.momentum.record(), momentum.momentum.figure()
    for i, loss in enumerate(record.losses.values()):
        np.testing.assert_allclose(line(fig.axes[1], i)[1], np.maximum(loss, 1e-40))
    dots = [line(fig.axes[2], i + 1) for i in range(2)]  # after the dashed line
    np.testing.assert_allclose(np.squeeze(dots), [*record.dots.values()])
    assert record.final[0] < record.final[1]
    assert headline(fig).startswith("Momentum ends about 10")


def test_a_run_beyond_the_limit_is_said_to_diverge():
    fig = momentum.momentum.figure(eta=0.155, beta=0.9)
    assert headline(fig) == "Momentum diverges, and so does β = 0"
    assert headline(fig, 2) == "η is too large"
    assert headline(momentum.momentum.figure(eta=0.1, beta=0.5)) == "Momentum converges, β = 0 diverges"


# --- Nesterov


@pytest.mark.parametrize("step", [1, 2, 6, 20])
def test_the_arrows_are_the_parts_of_nesterovs_step(step):
    record = momentum.nesterov.record(step=step)
    np.testing.assert_allclose(record.w + record.move + record.step_ahead, record.paths["Nesterov"][step + 1])
    fig = momentum.nesterov.figure(step=step)
    quivers = [c for c in fig.axes[0].collections if hasattr(c, "U")]
    drawn = [(float(q.U[0]), float(q.V[0])) for q in quivers]
    np.testing.assert_allclose(drawn, [record.move, record.step_here, record.step_ahead], rtol=1e-6)
    left, right, low, high = record.window
    for x, y in (record.w, record.w + record.move + record.step_ahead):
        assert left < x < right
        assert low < y < high


@pytest.mark.parametrize("beta", [0.4, 0.8, 0.9, 0.98])
def test_nesterov_swings_less_for_a_large_beta(beta):
    record = momentum.nesterov.record(beta=beta)
    assert record.swings["Nesterov"] < record.swings["momentum"]


def test_opposite_gradients_brake():
    demo = momentum.nesterov
    records = [demo.record(step=k) for k in demo.controls["step"].values]
    assert 0 < sum(r.opposite for r in records) < len(records) / 2
    assert all((r.w[1] > 0) != (r.w[1] + r.move[1] > 0) for r in records if r.opposite)


# --- Adagrad, RMSProp and Adam


@pytest.mark.parametrize("burst_at", [20, 100, 180])
@pytest.mark.parametrize("beta2", [0.5, 0.9, 0.97])
def test_rmsprop_regains_more_of_its_step_than_adagrad(beta2, burst_at):
    record = adaptive.adaptive.record(beta2=beta2, burst_at=burst_at)
    assert record.recovery["RMSProp"] > 1.5 * record.recovery["Adagrad"]
    assert record.recovery["Adagrad"] < 0.1
    fig = adaptive.adaptive.figure(beta2=beta2, burst_at=burst_at)
    for i, sizes in enumerate(record.sizes.values()):
        for coordinate in (0, 1):
            np.testing.assert_allclose(line(fig.axes[coordinate], i)[1], sizes[:, coordinate])


def test_no_setting_brings_adagrads_step_back_after_a_burst():
    demo = adaptive.adaptive
    assert all(demo.record(**s).recovery["Adagrad"] < 0.8 for s in settings(demo, burst_size=100.0))


def test_a_burst_of_size_1_is_not_marked():
    fig = adaptive.adaptive.figure(burst_size=1.0)
    assert "burst" not in [text.get_text() for text in fig.axes[0].texts]
    assert headline(fig).startswith("Step kept")


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.0, 0.999), (0.5, 0.9)])
@pytest.mark.parametrize("scale", [0.001, 1.0, 1000.0])
def test_the_first_step_of_adam_is_the_formula_whatever_the_scale(beta1, beta2, scale):
    record = adaptive.adam.record(beta1=beta1, beta2=beta2, scale=scale)
    assert record.moves["uncorrected"][0] == pytest.approx((1 - beta1) / (1 - beta2) ** 0.5, rel=1e-3)
    assert record.moves["corrected"][0] == pytest.approx(1, rel=1e-3)
    fig = adaptive.adam.figure(beta1=beta1, beta2=beta2, scale=scale)
    np.testing.assert_allclose(line(fig.axes[0], 0)[1], record.v)
    np.testing.assert_allclose(line(fig.axes[0], 1)[1], record.root_r)


# --- the roster


def test_all_optimizers_are_drawn_and_named_and_no_two_look_alike():
    fig, record = optimizers.comparison.figure(), optimizers.comparison.record()
    assert [*record.paths] == [*steps.optimizers(0.1)]
    looks = [(a.get_color(), str(a.get_linestyle())) for a in fig.axes[1].lines]
    assert len({*looks}) == len(record.losses)
    names = [text.get_text() for text in fig.axes[0].texts]
    assert names == [*record.paths]
    for i, loss in enumerate(record.losses.values()):
        np.testing.assert_allclose(line(fig.axes[1], i)[1], np.maximum(loss, 1e-12))


def test_one_more_optimizer_takes_one_line(monkeypatch):
    """Curves, key and words follow the roster; the network demo says how many networks it trains."""
    roster, count = steps.optimizers, len(optimizers.NAMES) + 1

    def one_more(eta, beta=0.9):
        return roster(eta, beta) | {"Slow": steps.GradientDescent(eta / 10)}

    monkeypatch.setattr(optimizers, "optimizers", one_more)
    demo = optimizers.comparison
    fig = demo.figure()
    assert [text.get_text() for text in fig.axes[0].texts][-1] == "Slow"
    assert len({(a.get_color(), str(a.get_linestyle())) for a in fig.axes[1].lines}) == count
    assert demo.description().startswith(f"Left: 200 steps of {spell(count)} optimizers")
    ridge = demo.setting(**demo.presets["On the ridge"])
    assert headline(demo.figure(**ridge)) == f"All {spell(count)} optimizers are stuck on the ridge"


def test_the_lectures_count_as_many_optimizers_and_networks_as_there_are():
    """Written by hand there: change the sentence when the roster changes."""
    count = len(optimizers.NAMES)
    start, first = (
        (ROOT / "lectures" / "src" / f"{name}.py").read_text()
        for name in ("00_start_here", "01_momentum_and_adaptive_steps")
    )
    assert f"{spell(count)} optimizers, the same step size" in start
    assert f"{spell(count).capitalize()} optimizers, one surface" in first
    counts = re.findall(r"(?i)\b(\w+) (?:rules|optimizers)\b", first)
    numbers = {word.lower() for word in counts} & {spell(n) for n in range(3, 11)}
    assert numbers == {spell(count)}
    assert f"{spell(count)} optimizers in" in (ROOT / "README.md").read_text()
    assert f"trains {optimizers.NETWORKS} nets first ({spell(count)} rules" in first
    assert count * len(optimizers.ETAS.values) * len(optimizers.SEEDS) == optimizers.NETWORKS


def test_adagrad_comes_last_at_the_start_and_first_at_the_two_largest_step_sizes():
    demo = optimizers.comparison
    last = {name: loss[-1] for name, loss in demo.record().losses.items()}
    assert max(last, key=last.get) == "Adagrad"
    first = [eta for eta in demo.controls["eta"].values if demo.record(eta=eta).lowest == ["Adagrad"]]
    assert first == [0.681, 1.0]


def test_a_comparison_that_no_optimizer_wins_names_no_winner():
    demo = optimizers.comparison
    record = demo.record(**demo.presets["On the ridge"])
    assert record.stuck
    assert record.lowest == []
    assert "lowest" not in headline(demo.figure(**demo.presets["On the ridge"]))


def test_who_has_left_the_picture_is_counted():
    demo = optimizers.comparison
    record = demo.record(**demo.presets["Break it"])
    assert record.left == ["GradientDescent", "Momentum", "Nesterov"]
    assert headline(demo.figure(**demo.presets["Break it"])) == "RMSProp ends lowest; three left the picture"


def test_the_networks_are_as_good_as_the_page_says():
    best = {eta: optimizers.training.record(eta=eta).best for eta in optimizers.ETAS.values}
    assert best[0.001] == ["RMSProp", "Adam"]
    assert not {"RMSProp", "Adam", "GradientDescent"} & {*best[0.1]}
    accuracy = optimizers.training.record(eta=1.0).accuracy
    at_chance = {name for name, values in accuracy.items() if values[-1] < 0.13}
    assert at_chance == {"Momentum", "Nesterov", "RMSProp", "Adam"}
    own_best = {name: values.max() for name, values in accuracy.items()}
    assert min(value for name, value in own_best.items() if name != "GradientDescent") > 0.76
    fig = optimizers.training.figure(eta=0.1)
    for i, values in enumerate(optimizers.training.record(eta=0.1).accuracy.values()):
        np.testing.assert_allclose(line(fig.axes[1], i)[1], values)


# --- the noise of a gradient


@pytest.mark.parametrize("batch", [1, 16, 128])
def test_fair_draws_have_the_full_gradient_as_their_mean_and_the_others_do_not(batch):
    demo = stochastic.gradient_noise
    for sampling in demo.controls["sampling"].values:
        for again in demo.controls["again"].values:
            record = demo.record(batch=batch, sampling=sampling, again=again)
            assert record.unbiased == (sampling in FAIR), (sampling, again)


def test_the_measured_noise_is_what_theory_says():
    for sampling, n in zip(FAIR, (None, stochastic.EXAMPLES), strict=True):
        record = stochastic.gradient_noise.record(sampling=sampling)
        law = mini_batch_variance(record.batches, variance=1.0, n=n)
        np.testing.assert_allclose(record.noise, law, rtol=0.15, atol=1e-20)
    biased = stochastic.gradient_noise.record(sampling=stochastic.BIASED)
    assert biased.noise.min() > 0.5  # no batch helps against a bias


def test_the_picture_of_the_noise_shows_the_draws_and_the_measurements():
    record, fig = stochastic.gradient_noise.record(), stochastic.gradient_noise.figure()
    np.testing.assert_allclose(np.transpose(line(fig.axes[0], 0)), record.draws)
    circle = np.transpose(line(fig.axes[0], 1)) - record.full
    np.testing.assert_allclose(np.linalg.norm(circle, axis=1), record.radius)
    np.testing.assert_allclose(line(fig.axes[1], 2), (record.batches, record.noise))


# --- the worst case of gradient descent


def test_both_runs_end_below_the_bound_from_the_step_of_the_theorem_up_to_1_9_and_no_further():
    demo = stochastic.worst_case
    below = [eta for eta in demo.controls["eta"].values if demo.record(k=20, eta=eta).holds]
    assert (below[0], below[-1]) == (1.0, 1.9)


@pytest.mark.parametrize("k", [5, 20, 320])
def test_the_worst_case_reaches_the_bound_at_its_own_step_only(k):
    record = stochastic.worst_case.record(k=k)
    ratio = record.gaps["Huber"][1:] / record.bound
    assert ratio[k - 1] == pytest.approx(1)
    assert (np.delete(ratio, k - 1) < 1 - 1e-6).all()


def test_no_step_size_seems_to_break_the_bound_at_1_and_no_other_keep_it_there():
    verdicts = {eta: headline(stochastic.worst_case.figure(k=20, eta=eta), 1) for eta in (0.95, 1.0)}
    assert verdicts[1.0] == "Bound holds after k steps"
    assert verdicts[0.95].startswith("Bound broken: Huber, 1.0")
    assert " 1 times" not in verdicts[0.95]


def test_the_picture_of_the_worst_case_shows_both_runs_and_the_bound():
    record, fig = stochastic.worst_case.record(), stochastic.worst_case.figure()
    for i, gap in enumerate(record.gaps.values()):
        np.testing.assert_allclose(line(fig.axes[1], i)[1], np.maximum(gap[1:], 1e-30))
    np.testing.assert_allclose(line(fig.axes[1], 2)[1], record.bound)


# --- envelope


def test_the_largest_gap_keeps_the_bound_at_the_right_step_size_and_grows_at_any_other():
    demo = stochastic.envelope
    for b in demo.controls["batch"].values:
        right = demo.record(batch=b, factor=1.0)
        assert right.holds
        assert (right.worst > 0.75 * right.bound).all()
        for factor in demo.controls["factor"].values:
            other = demo.record(batch=b, factor=factor)
            assert factor == 1.0 or (other.worst > right.worst).all()


def test_the_goal_of_the_envelope_takes_a_larger_batch():
    demo = stochastic.envelope
    batches, factors = (demo.controls[name].values for name in ("batch", "factor"))
    below = {b for b in batches for factor in factors if demo.record(batch=b, factor=factor).gap < 0.02}
    assert below == {16}


def test_the_picture_of_the_envelope_shows_the_gaps():
    record, fig = stochastic.envelope.record(), stochastic.envelope.figure()
    np.testing.assert_allclose(line(fig.axes[0], 1), (record.theta, record.gaps))
    np.testing.assert_allclose(line(fig.axes[1], 1), (record.times, record.worst))
    assert number(record.worst_slope) in headline(fig)


# --- mini-batches


def gaps(schedule, unit):
    return convergence.mini_batches.record(schedule=schedule, unit=unit).gaps


def test_larger_batches_are_better_per_step_and_no_better_per_gradient():
    per_step, per_gradient = (gaps("4/√k", unit) for unit in convergence.UNITS)
    assert (np.diff(per_step) < 0).all()
    assert per_gradient[:3].max() < 2.2 * per_gradient[:3].min()
    assert per_gradient[3:].min() > 2 * per_gradient[:3].max()


def test_the_goal_of_the_mini_batches_has_two_solutions():
    demo = convergence.mini_batches
    found = {
        (schedule, b)
        for schedule in convergence.SCHEDULES
        for b in convergence.BATCHES.values
        if demo.reached(demo.record(batch=b, schedule=schedule, unit="gradients"), batch=b)
    }
    assert found == {("1/√k", 1), ("4/√k", 16)}


def test_a_batch_is_said_to_be_closer_where_its_gap_is_smaller():
    demo = convergence.mini_batches
    for unit, word in (("steps", "closer"), ("gradients", "farther")):
        record, fig = demo.record(batch=256, unit=unit), demo.figure(batch=256, unit=unit)
        assert (record.ratio > 1) == (word == "closer")
        assert word in headline(fig)
        np.testing.assert_allclose(line(fig.axes[1], 0), (record.batches, record.gaps))


# --- floor


def test_every_run_with_a_step_size_that_has_a_bound_keeps_it():
    demo = convergence.noise_floor
    for kappa in convergence.KAPPAS.values:
        for b in convergence.FEW.values:
            for eta in convergence.ETAS.values:
                record = demo.record(eta=eta, batch=b, kappa=kappa)
                assert record.holds is (None if eta > 0.5 else True)


def test_the_goal_of_the_floor_takes_a_batch_of_16():
    demo = convergence.noise_floor
    ends = {b: demo.record(batch=b).ends.min() for b in convergence.FEW.values}
    assert [b for b, end in ends.items() if end < 0.01] == [16, 64]


def test_full_batches_shrink_the_distance_by_the_rate_of_the_theorem():
    for kappa in convergence.KAPPAS.values:
        record = convergence.noise_floor.record(kappa=kappa)
        assert record.rate == pytest.approx((kappa - 1) / (kappa + 1))
        factors = (record.full_batch[1:20] / record.full_batch[:19]) ** 0.5
        np.testing.assert_allclose(factors, record.rate, rtol=1e-6)


def test_the_picture_of_the_floor_shows_the_runs_and_the_bound():
    record, fig = convergence.noise_floor.record(), convergence.noise_floor.figure()
    for i, run in enumerate((record.constant, record.shrinking, record.full_batch)):
        np.testing.assert_allclose(line(fig.axes[0], i)[1], np.maximum(run, 1e-30))
    np.testing.assert_allclose(line(fig.axes[0], 3)[1], record.bound)
    shown = np.where(record.ends < 1e30, record.ends, np.nan)  # the last one has diverged
    np.testing.assert_allclose(line(fig.axes[1], 0), (record.etas, shown))


# --- SVRG and SAGA


def test_the_goal_of_svrg_takes_snapshots_that_are_renewed_every_25_steps():
    demo = variance_reduction.svrg_and_saga
    ends = {m: demo.record(inner=m).ends["SVRG"] for m in variance_reduction.INNER.values}
    assert [m for m, end in ends.items() if end < 1e-15] == [25]


def test_sgd_has_a_floor_only_where_the_examples_disagree():
    noisy, fitting = (variance_reduction.svrg_and_saga.record(noise=noise) for noise in (1, 0))
    assert noisy.ends["SGD"] > 0.1
    assert fitting.ends["SGD"] < 1e-20
    for record in (noisy, fitting):
        assert record.ends["SAGA"] < 1e-9
        assert record.holds


def test_the_noise_of_svrg_falls_and_that_of_sgd_stays():
    record, fig = variance_reduction.svrg_and_saga.record(), variance_reduction.svrg_and_saga.figure()
    assert record.noise["SGD"][-1] > 0.5 * record.noise["SGD"][1]
    assert record.noise["SVRG"][-1] < 1e-5 * record.noise["SVRG"][1]
    for i, name in enumerate(record.distances):
        np.testing.assert_allclose(line(fig.axes[0], i), (record.passes[name], record.distances[name]))
