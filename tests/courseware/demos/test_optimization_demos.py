"""What the pages of lectures 01 and 02 say about their demos holds, and the pictures show the records."""

import numpy as np
import pytest
from helpers import ROOT

from courseware.demos.optimization import (
    adaptive,
    convergence,
    convergence_runs,
    curvature,
    looks,
    momentum,
    momentum_runs,
    optimizers,
    optimizers_runs,
    stochastic,
    stochastic_runs,
    variance_reduction,
)
from courseware.demos.optimization.phrases import join, spell, spoken
from courseware.plots.axes import number
from courseware.studies import optimizer_comparison
from lsml_core.losses import logistic_derivative
from lsml_core.optimization import steps
from lsml_core.optimization.bounds import (
    log_slope,
    mini_batch_bound,
    mini_batch_step,
    mini_batch_variance,
)
from lsml_core.optimization.objectives import Quadratic
from lsml_core.optimization.rates import (
    gradient_descent_optimum,
    heavy_ball_optimum,
    momentum_spectral_radius,
)
from lsml_core.optimization.schedules import InverseRoot
from lsml_core.optimization.stochastic import sgd

FAIR = (stochastic_runs.WITH, stochastic_runs.WITHOUT)


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
    assert [spoken(name) for name in ("GradientDescent", "RMSProp", "Adam")] == [
        "Gradient descent",
        "RMSProp",
        "Adam",
    ]
    assert [join(names) for names in (["A"], ["A", "B"], ["A", "B", "C"])] == ["A", "A and B", "A, B and C"]


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
    radius = max(momentum_spectral_radius(eta * h, beta) for h in momentum_runs.RAVINE.curvatures)
    bound = record.losses["momentum"][0] * momentum_runs.STEPS**2 * 200 * radius ** (2 * momentum_runs.STEPS)
    assert record.final[0] < bound


def test_no_step_size_reaches_the_goal_of_momentum_without_momentum():
    demo = momentum.momentum
    finals = [demo.record(**s).final[0] for s in settings(demo, beta=0.0)]
    assert momentum_runs.WITHOUT / 3 < min(finals) < 3 * momentum_runs.WITHOUT
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
    assert headline(fig) == "Both runs diverge"
    assert headline(fig, 2) == "This η is too large"
    fig = momentum.momentum.figure(eta=0.1, beta=0.5)
    assert headline(fig) == "Momentum converges, gradient descent diverges"


@pytest.mark.parametrize("seed", range(3))
def test_on_the_curvatures_of_images_momentum_needs_10_to_15_times_fewer_steps(seed):
    """Fewer than √κ = 22, and more for a higher accuracy: the rate describes the end of a run."""
    from lsml_core.data import load

    pixels = load("fashion", side=14).x.reshape(-1, 196)
    images = Quadratic(tuple(np.linalg.eigvalsh(np.cov(pixels.T) + 0.01 * np.eye(196))))
    without_ridge = np.linalg.eigvalsh(np.cov(pixels.T))
    assert without_ridge[0] < 1e-5
    assert without_ridge[-1] / without_ridge[0] > 1e5
    plain, polyak = (best(images.mu, images.L) for best in (gradient_descent_optimum, heavy_ball_optimum))
    rules = steps.GradientDescent(plain.eta), steps.Momentum(polyak.eta, polyak.beta)
    start = np.random.default_rng(seed).normal(size=196) if seed else np.ones(196)
    slow, fast = (images.value(steps.trajectory(rule, images, start, 3500)) for rule in rules)
    ratios = [(slow > e * slow[0]).sum() / (fast > e * fast[0]).sum() for e in (1e-4, 1e-6, 1e-12)]
    np.testing.assert_allclose(ratios, (10, 12, 15), atol=0.6)


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
    assert headline(fig).startswith("RMSProp keeps")


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.0, 0.999), (0.5, 0.9)])
@pytest.mark.parametrize("scale", [0.001, 1.0, 1000.0])
def test_the_first_step_of_adam_is_the_formula_whatever_the_scale(beta1, beta2, scale):
    record = adaptive.adam.record(beta1=beta1, beta2=beta2, scale=scale)
    assert record.moves["uncorrected"][0] == pytest.approx((1 - beta1) / (1 - beta2) ** 0.5, rel=1e-3)
    assert record.moves["corrected"][0] == pytest.approx(1, rel=1e-3)
    fig = adaptive.adam.figure(beta1=beta1, beta2=beta2, scale=scale)
    np.testing.assert_allclose(line(fig.axes[0], 0)[1], record.v)
    np.testing.assert_allclose(line(fig.axes[0], 1)[1], record.root_r)


def test_without_correction_adams_steps_first_grow_beyond_6_eta_and_with_it_they_stay_near_eta():
    moves = adaptive.adam.record().moves
    assert 6 < moves["uncorrected"].max() < 7
    assert (np.abs(moves["corrected"] - 1) < 0.15).all()


# --- the curvature


@pytest.mark.parametrize(
    ("pair", "low", "high"),
    [
        (("pullover", "coat"), 0.85, 1.0),
        (("pullover", "shirt"), 0.75, 1.0),
        (("dress", "coat"), 0.7, 0.9),
        (("sandal", "ankle boot"), 0.45, 0.68),  # nearly separable: the penalty keeps the model from fitting
    ],
)
def test_root_r_is_near_the_root_of_the_curvature_where_the_model_fits(pair, low, high):
    f = curvature.images(*pair)
    h = curvature.root_curvature(f, f.minimiser)
    varying = h > 0.01  # leaves out pixels that are nearly constant
    for seed in range(3):
        r = curvature.root_r(f, f.minimiser, (0.999,), 1, np.random.default_rng(seed))[0]
        assert low < np.median(r[varying] / h[varying]) < high
        ranks = (np.argsort(np.argsort(values[varying])) for values in (r, h))
        assert np.corrcoef(*ranks)[0, 1] > 0.75


def test_root_r_is_noisy_for_a_small_beta2_small_for_a_batch_and_large_where_the_model_is_wrong():
    demo = curvature.hessian
    close = {beta2: demo.record(beta2=beta2).close for beta2 in curvature.BETAS}
    assert close[0.9] < close[0.99] < close[0.999]
    for b in curvature.BATCHES.values:
        ratio = demo.record(beta2=0.999, batch=b).ratio
        assert 0.7 < ratio * b**0.5 < 1.1
    assert demo.record(**demo.presets["Break it"]).ratio > 2
    assert 0.95 < demo.record(place=0.0, beta2=0.999).ratio < 1.05


def test_the_maps_of_the_curvature_show_the_record():
    record, fig = curvature.hessian.record(), curvature.hessian.figure()
    points = line(fig.axes[2], 0)
    np.testing.assert_allclose(points, (record.root_h, record.root_r))
    for ax, values in zip(fig.axes[:2], (record.root_h, record.root_r), strict=True):
        shade = np.asarray(ax.images[0].get_array()).ravel()
        order = np.argsort(values)
        assert (np.diff(shade[order]) >= 0).all()


# --- the roster


def test_every_optimizer_has_the_same_colour_in_all_pictures_of_the_lecture():
    roster = looks.by_roster(steps.optimizers(0.1))
    assert momentum.LOOKS["momentum"] == roster["Momentum"]
    assert adaptive.LOOKS["RMSProp"]["color"] == roster["RMSProp"]["color"]
    fig = optimizers.comparison.figure()
    assert [a.get_color() for a in fig.axes[1].lines] == [look["color"] for look in roster.values()]
    colors = [look["color"] for look in (looks.SGD, looks.BATCH, looks.FULL, looks.SVRG, looks.SAGA)]
    assert len({*colors}) == len(colors)


def test_momentum_is_ahead_on_the_first_page_until_both_diverge():
    demo = optimizers.two_optimizers
    for eta in demo.controls["eta"].values:
        record = demo.record(eta=eta)
        if not record.diverging:
            assert record.losses["Momentum"][40] < record.losses["Gradient descent"][40]
    diverging = {eta: demo.record(eta=eta).diverging for eta in (0.0681, 0.0825, 0.1, 0.121)}
    both = ["Gradient descent", "Momentum"]
    assert [*diverging.values()] == [[], both[:1], both[:1], both]
    assert headline(demo.figure()) == "Momentum's loss is 117 times lower after 40 steps"
    assert [*demo.record(shown=optimizers_runs.ALL).paths] == [*optimizers_runs.NAMES]


def test_all_optimizers_are_drawn_and_named_and_no_two_look_alike():
    fig, record = optimizers.comparison.figure(), optimizers.comparison.record()
    assert [*record.paths] == [spoken(name) for name in steps.optimizers(0.1)]
    drawn = [(a.get_color(), str(a.get_linestyle())) for a in fig.axes[1].lines]
    assert len({*drawn}) == len(record.losses)
    names = [text.get_text() for text in fig.axes[0].texts]
    assert names == [*record.paths]
    for i, loss in enumerate(record.losses.values()):
        np.testing.assert_allclose(line(fig.axes[1], i)[1], np.maximum(loss, 1e-12))


def test_one_more_optimizer_takes_one_line(monkeypatch):
    """Curves, key and words follow the roster."""
    roster, count = steps.optimizers, len(optimizers_runs.NAMES) + 1

    def one_more(eta, beta=0.9):
        return roster(eta, beta) | {"Slow": steps.GradientDescent(eta / 10)}

    monkeypatch.setattr(optimizers_runs, "optimizers", one_more)
    demo = optimizers.comparison
    fig = demo.figure()
    assert [text.get_text() for text in fig.axes[0].texts][-1] == "Slow"
    looks = {(a.get_color(), str(a._unscaled_dash_pattern)) for a in fig.axes[1].lines}
    assert len(looks) == count  # get_linestyle says "--" of every dash pattern
    right = max(t.get_window_extent().x1 for t in fig.axes[0].texts)
    assert right <= fig.bbox.x1, "the key does not fit into the picture"
    ridge = demo.setting(**demo.presets["On the ridge"])
    assert headline(demo.figure(**ridge)) == f"All {spell(count)} optimizers stay on the ridge of the saddle"


def test_the_lectures_count_as_many_optimizers_and_networks_as_there_are():
    """Written by hand there: change the sentence when the list changes, and what is concluded around it."""
    count = len(optimizers_runs.NAMES)
    study = optimizer_comparison
    networks = count * len(study.ETAS) * len(study.SEEDS)
    start, first = "lectures/src/00_start_here.py", "lectures/src/01_momentum_and_adaptive_steps.py"
    sentences = (
        (start, f"*All {spell(count)}* in the list"),
        (first, f"## 7 All {spell(count)} on one surface"),
        (first, f"{spell(count).capitalize()} optimizers, one surface"),
        (first, f"a stored study of {networks} small networks: {spell(count)} optimizers"),
        (first, f"behind the other {spell(count - 1)}"),
        (first, f"all {spell(count)} lie within two points"),
        (first, f"sort the {spell(count)} rules into two groups"),
        (first, f"after eight epochs all {spell(count)}"),
        ("README.md", f"{spell(count)} optimizers in"),
        ("docs/coverage/01.md", f"a study of {spell(count)} optimizers"),
        ("courseware/studies/optimizer_comparison.py", f"trains {networks} networks"),
    )
    wrong = [
        f"{file} must say: {words}" for file, words in sentences if words not in (ROOT / file).read_text()
    ]
    rows = (ROOT / first).read_text().split("## What to take along")[1].lower()
    wrong += [
        f"{first}: the last table needs a row for {name}"
        for name in optimizers_runs.NAMES
        if f"| {name.lower()} |" not in rows
    ]
    shape = (count, len(study.ETAS), len(study.SEEDS), len(study.EPOCHS))
    if study.measured().accuracy.shape != shape:
        wrong += [f"run the study again: it has {study.measured().accuracy.shape} numbers, not {shape}"]
    assert not wrong, "\n".join(wrong)


def test_adagrad_comes_last_at_the_start_and_first_at_the_two_largest_step_sizes():
    demo = optimizers.comparison
    last = {name: loss[-1] for name, loss in demo.record().losses.items()}
    assert max(last, key=last.get) == "Adagrad", f"the demo's goal is no longer true: {demo.goal}"
    assert demo.record().lowest == ["Nesterov"]
    first = [eta for eta in demo.controls["eta"].values if demo.record(eta=eta).lowest == ["Adagrad"]]
    assert first == [0.681, 1.0]


def test_a_comparison_that_no_optimizer_wins_names_no_winner():
    demo = optimizers.comparison
    record = demo.record(**demo.presets["On the ridge"])
    assert record.stuck
    assert record.lowest == []
    assert "lowest" not in headline(demo.figure(**demo.presets["On the ridge"]))


def test_who_has_left_the_picture_is_counted():
    demo, rules = optimizers.comparison, ["Gradient descent", "Momentum", "Nesterov"]
    record = demo.record(**demo.presets["Break it"])
    assert record.left == rules
    assert headline(demo.figure(**demo.presets["Break it"])) == "RMSProp ends lowest; three left the picture"
    assert demo.record(surface="Rosenbrock").left == rules  # at the η of the first picture


def test_two_optimizers_can_be_compared_alone():
    record = optimizers.comparison.record(shown="Adam")
    assert [*record.paths] == ["Gradient descent", "Adam"]
    np.testing.assert_array_equal(record.paths["Adam"], optimizers.comparison.record().paths["Adam"])


@pytest.mark.parametrize("epochs", optimizer_comparison.EPOCHS)
def test_the_networks_are_as_good_as_the_page_says_at_every_stopping_time(epochs):
    """Part 8 of lecture 01 and the demo's `notice` say this in words: what changes here changes there."""
    records = {eta: optimizers.training.record(eta=eta, epochs=epochs) for eta in optimizer_comparison.ETAS}
    assert {*records[0.001].best} <= {"RMSProp", "Adam"}
    assert not {"RMSProp", "Adam", "Gradient descent"} & {*records[0.1].best}
    assert optimizers.training.reached(records[0.1], eta=0.1, epochs=epochs)
    last = {name: values[-1] for name, values in records[1.0].accuracy.items()}
    assert {name for name, value in last.items() if value < 0.15} == {
        "Momentum",
        "Nesterov",
        "RMSProp",
        "Adam",
    }
    best = {row.name: row for row in optimizer_comparison.best_of_each(epochs)}
    for adaptive_rule in ("RMSProp", "Adam"):
        assert best[adaptive_rule].eta <= best["GradientDescent"].eta / 9


def test_after_two_epochs_gradient_descent_is_behind_and_after_eight_all_are_close():
    two, eight = (
        {row.name: row.mean for row in optimizer_comparison.best_of_each(epochs)} for epochs in (2, 8)
    )
    behind = [mean - two["GradientDescent"] for name, mean in two.items() if name != "GradientDescent"]
    assert (round(min(behind), 1), round(max(behind), 1)) == (2.6, 5.1)
    assert max(eight.values()) - min(eight.values()) < 2
    rmsprop = {row.name: row for row in optimizer_comparison.best_of_each(2)}["RMSProp"]
    assert round(rmsprop.half_range, 1) == 3.5
    assert round(rmsprop.mean - two["GradientDescent"], 1) == 2.6
    assert sorted(two, key=two.get) != sorted(eight, key=eight.get)


def test_the_picture_of_the_networks_shows_the_study():
    record, fig = optimizers.training.record(eta=0.1), optimizers.training.figure(eta=0.1)
    curves = [a for a in fig.axes[1].lines if len(a.get_xdata()) == len(record.etas)]
    for curve, values in zip(curves, record.accuracy.values(), strict=False):
        np.testing.assert_allclose(curve.get_ydata(), values)
    study = optimizer_comparison.measured()
    assert record.accuracy["Adam"][-1] == pytest.approx(study.accuracy[5, 6, :, 1].mean())


@pytest.mark.parametrize(
    ("eta", "taught", "abolishing"), [(0.1, (8, 10.5), (24, 44.6)), (1.0, (12, 28.5), (450, 810))]
)
def test_after_a_real_pass_rare_words_have_the_steps_of_the_page(eta, taught, abolishing):
    from lsml_core.data import bag_of_words

    words = bag_of_words()
    place = {word: words.vocabulary.index(word) for word in ("the", "taught", "abolishing")}
    x = words.x.tocsr()
    found = []
    for seed in range(3):
        w, r = np.zeros(x.shape[1]), np.zeros(x.shape[1])
        for i in np.random.default_rng(seed).permutation(x.shape[0]):
            row = slice(x.indptr[i], x.indptr[i + 1])
            j, values = x.indices[row], x.data[row].astype(float)
            slope = logistic_derivative(np.array([values @ w[j]]), words.y[i : i + 1].astype(float))
            w[j], r[j] = steps.Adagrad(eta).step(lambda _, g=slope * values: g, w[j], r[j])
        found.append([1 / r[k] ** 0.5 for k in place.values()])
    the, *rare = np.transpose(found)
    assert ((the > 0.07) & (the < 0.12)).all()
    for steps_of_word, (low, high) in zip(rare, (taught, abolishing), strict=True):
        assert ((steps_of_word >= low) & (steps_of_word <= high)).all()


# --- the noise of a gradient


@pytest.mark.parametrize("batch", [1, 16, 128])
def test_fair_draws_have_the_full_gradient_as_their_mean_and_the_others_do_not(batch):
    demo = stochastic.gradient_noise
    for sampling in demo.controls["sampling"].values:
        for again in demo.controls["again"].values:
            record = demo.record(batch=batch, sampling=sampling, again=again)
            assert record.unbiased == (sampling in FAIR), (sampling, again)


def test_the_measured_noise_is_what_theory_says():
    for sampling, n in zip(FAIR, (None, stochastic_runs.EXAMPLES), strict=True):
        record = stochastic.gradient_noise.record(sampling=sampling)
        law = mini_batch_variance(record.batches, variance=1.0, n=n)
        np.testing.assert_allclose(record.noise, law, rtol=0.15, atol=1e-20)
    biased = stochastic.gradient_noise.record(sampling=stochastic_runs.BIASED)
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


@pytest.mark.parametrize("designed", stochastic_runs.DESIGNED.values)
def test_the_ball_on_hubers_function_touches_the_bar_at_its_own_step_only(designed):
    demo = stochastic.worst_case
    shares = {k: demo.record(k=k, designed=designed).shares for k in demo.controls["k"].values}
    huber = {k: share[stochastic_runs.HUBER] for k, share in shares.items()}
    assert huber.pop(designed) == pytest.approx(1)
    assert max(huber.values()) < 1 - 1e-6
    assert max(share[stochastic_runs.SQUARE] for share in shares.values()) < 1


def test_no_step_size_seems_to_break_the_bound_at_1_and_no_other_keep_it_there():
    verdicts = {eta: headline(stochastic.worst_case.figure(k=20, eta=eta)) for eta in (0.95, 1.0)}
    assert verdicts[1.0] == "Huber's function is exactly at the bound"
    assert verdicts[0.95].startswith("Huber's function is at 1.0")
    assert " 1 times" not in verdicts[0.95]


def test_the_balls_are_drawn_where_the_runs_are():
    record, fig = stochastic.worst_case.record(), stochastic.worst_case.figure()
    for ax, (name, height) in zip(fig.axes, record.heights.items(), strict=True):
        points = [np.transpose(line(ax, i)) for i in range(len(ax.lines))]
        ball = np.array([record.paths[name][-1], height[-1]])
        assert any(p.shape == (1, 2) and np.allclose(p[0], ball) for p in points)
        assert any(len(p) == 2 and np.allclose(p[:, 1], record.bound) for p in points)
    away = stochastic.worst_case.figure(**stochastic.worst_case.presets["Break it"])
    assert headline(away, 1) == "On ½w² the run diverges"


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
    times = {factor: demo.record(factor=factor) for factor in (0.1, 3.16)}
    assert (times[0.1].worst / times[0.1].bound).max() == pytest.approx(5, abs=0.3)
    assert (times[3.16].worst / times[3.16].bound).max() < 1.6


def test_the_worst_slope_shrinks_like_one_over_root_bk():
    demo, theta = stochastic.envelope, np.array(stochastic_runs.SLOPES.values)
    for b in (1, 4):
        record = demo.record(batch=b)
        scaled = theta[record.gaps.argmax(0)] * np.sqrt(b * record.times)
        assert ((scaled > 1.5) & (scaled < 5.5)).all()


def test_the_goal_of_the_envelope_takes_a_slope_between_steep_and_flat():
    demo, slopes = stochastic.envelope, stochastic_runs.SLOPES.values
    reached = [
        theta for theta in slopes if demo.reached(demo.record(theta=theta), **demo.setting(theta=theta))
    ]
    assert reached
    assert slopes[0] < reached[0] < reached[-1] < slopes[-1]


def test_the_picture_of_the_envelope_shows_the_gaps():
    record, fig = stochastic.envelope.record(), stochastic.envelope.figure()
    drawn = [np.atleast_1d(a.get_ydata()) for a in fig.axes[1].lines]
    for expected in (*record.gaps, record.quadratic, record.bound):
        assert any(len(y) == len(expected) and np.allclose(y, expected) for y in drawn)
    assert f"{100 * record.share:.0f} %" in headline(fig)


# --- mini-batches


def gaps(schedule, unit):
    return convergence.mini_batches.record(schedule=schedule, unit=unit).gaps


def test_larger_batches_are_better_per_step_and_no_better_per_gradient():
    per_step, per_gradient = (gaps("4/√k", unit) for unit in convergence_runs.UNITS)
    assert (np.diff(per_step) < 0).all()
    assert per_gradient[:3].max() < 2.2 * per_gradient[:3].min()
    assert per_gradient[3:].min() > 2 * per_gradient[:3].max()


def test_the_goal_of_the_mini_batches_has_two_solutions():
    demo = convergence.mini_batches
    found = {
        (schedule, b)
        for schedule in convergence_runs.SCHEDULES
        for b in convergence_runs.BATCHES.values
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


def test_the_full_batch_is_behind_at_first_and_ahead_after_about_ten_passes():
    one, _, full = convergence.mini_batches.record(unit="gradients").curves
    at = {passes: np.interp(1000 * passes, one.gradients, one.gap) for passes in (1, 8)}
    assert full.gap[0] / at[1] == pytest.approx(7, abs=1)
    assert full.gap[7] > at[8]
    assert full.gap[10] < one.gap[-1]


@pytest.mark.parametrize("seed", range(3))
def test_the_slopes_of_sgd_on_images_are_those_of_the_page(seed):
    f, times = convergence_runs.garments(), np.array([100, 400, 1600])
    best, R, rng = f.value(f.minimiser), np.linalg.norm(f.minimiser), np.random.default_rng(seed)
    facts = {"b": 1, "L": f.L, "R": R, "sigma": 1}
    etas = [mini_batch_step(int(k), **facts) for k in times]
    runs = [
        sgd(f, np.zeros((10, f.d)), eta=eta, steps=int(k), rng=rng)
        for eta, k in zip(etas, times, strict=True)
    ]
    constant = np.array([f.value(run.w[1:].mean(0)).mean() - best for run in runs])
    run = sgd(f, np.zeros((10, f.d)), eta=InverseRoot(R), steps=1600, rng=rng)
    shrinking = np.array([f.value(run.w[k // 2 : k + 1].mean(0)).mean() - best for k in times])
    assert log_slope(times, constant) == pytest.approx(-0.52, abs=0.05)
    assert log_slope(times, shrinking) == pytest.approx(-0.96, abs=0.06)
    last_half = np.array([f.value(run.w[len(run.w) // 2 :].mean(0)).mean() - best for run in runs])
    assert log_slope(times, last_half) == pytest.approx(-0.79, abs=0.06)
    ratio = mini_batch_bound(times, **facts) / constant
    assert ((ratio > 4.8) & (ratio < 6.5)).all()


def test_a_gap_of_0_005_takes_fewest_steps_with_large_batches_and_fewest_gradients_with_small_ones():
    f = convergence_runs.garments()
    for seed in range(3):
        setting = {"eta": InverseRoot(4), "every": 10, "rng": np.random.default_rng(seed)}
        runs = [
            sgd(f, np.zeros((10, f.d)), steps=k, batch=b, **setting)
            for b, k in ((1, 2000), (16, 300), (256, 150))
        ]
        there = [(f.value(run.w).mean(-1) - f.value(f.minimiser) < 0.005).argmax() for run in runs]
        assert min(there) > 0
        taken = [run.steps[i] for run, i in zip(runs, there, strict=True)]
        cost = [run.evaluations[i] for run, i in zip(runs, there, strict=True)]
        assert taken == sorted(taken, reverse=True)
        assert cost == sorted(cost)


def test_half_the_step_size_has_about_half_the_floor_at_two_stopping_times():
    f, eta = convergence_runs.garments(), np.array([4, 2, 1, 0.5])
    assert 1 / (2 * f.L_max) == pytest.approx(1.92, abs=0.005)
    first = None
    for seed in range(3):
        rng = np.random.default_rng(seed)
        run = sgd(f, np.zeros((10, f.d)), eta=eta[:, None, None], steps=4000, every=50, rng=rng)
        gap = (f.value(run.w) - f.value(f.minimiser)).mean(2)
        late, early = gap[-20:].mean(0), gap[-40:-20].mean(0)
        first = late if first is None else first
        np.testing.assert_allclose(early, late, rtol=0.2)
        np.testing.assert_allclose(late, first, rtol=0.16)
        assert ((late[:-1] / late[1:] > 1.8) & (late[:-1] / late[1:] < 2.7)).all()


# --- floor


def test_every_run_with_a_step_size_that_has_a_bound_keeps_it():
    demo = convergence.noise_floor
    for kappa in convergence_runs.KAPPAS.values:
        for b in convergence_runs.FEW.values:
            for eta in convergence_runs.ETAS.values:
                record = demo.record(eta=eta, batch=b, kappa=kappa)
                assert record.holds is (None if eta > 0.5 else True)


def test_the_goal_of_the_floor_takes_a_batch_of_16():
    demo = convergence.noise_floor
    ends = {b: demo.record(batch=b).ends.min() for b in convergence_runs.FEW.values}
    assert [b for b, end in ends.items() if end < 0.01] == [16, 64]


def test_full_batches_shrink_the_distance_by_the_rate_of_the_theorem():
    for kappa in convergence_runs.KAPPAS.values:
        record = convergence.noise_floor.record(kappa=kappa)
        assert record.rate == pytest.approx((kappa - 1) / (kappa + 1))
        factors = (record.full_batch[1:20] / record.full_batch[:19]) ** 0.5
        np.testing.assert_allclose(factors, record.rate, rtol=1e-6)


def test_the_picture_of_the_floor_shows_the_runs_and_the_bound():
    record, fig = convergence.noise_floor.record(), convergence.noise_floor.figure()
    for i, run in enumerate((record.constant, record.shrinking, record.full_batch)):
        np.testing.assert_allclose(line(fig.axes[0], i)[1], run, atol=1e-30)
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
