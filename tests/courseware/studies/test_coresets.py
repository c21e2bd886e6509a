"""What lecture 08 says about its stored runs must be true of the file, over seeds and stopping times."""

import numpy as np
import pytest

from courseware.studies import stored
from courseware.studies.coreset_readings import passes_to, tuned

SETS = ("digits", "fashion")
IMAGES = pytest.mark.parametrize("images", SETS)


def errors(images):
    found = stored("coresets", "gradient")
    return dict(zip(found["methods"].tolist(), found[f"{images}.error"], strict=True))


@IMAGES
def test_craigs_gradient_error_is_half_that_of_random_subsets_or_less(images):
    """Means of five seeds: below a half of random up to three passes, below 55 % of both at any age."""
    found = {name: values.mean(axis=1) for name, values in errors(images).items()}
    assert (found["CRAIG"][:3] < found["random"][:3] / 2).all()
    for other in ("random", "stratified"):
        assert (found["CRAIG"] < 0.55 * found[other]).all()
        assert (errors(images)["CRAIG"] < errors(images)[other]).all()  # each seed, at any age
    assert found["stratified"][0] < found["random"][0]


@IMAGES
def test_the_bound_holds_and_is_loose(images):
    bound = stored("coresets", "gradient")[f"{images}.bound"]
    assert (errors(images)["CRAIG"] <= bound).all()
    assert (bound > 5 * errors(images)["CRAIG"]).all()


def test_late_in_training_craigs_error_is_as_long_as_the_full_gradient_on_the_digits_only():
    found = stored("coresets", "gradient")
    late = found["ages"].tolist().index(10)
    ratio = {name: errors(name)["CRAIG"].mean(axis=1) / found[f"{name}.full"].mean(axis=1) for name in SETS}
    assert ((ratio["digits"][late:] > 0.85) & (ratio["digits"][late:] < 1.2)).all()
    assert (ratio["fashion"] < 0.2).all()


@pytest.mark.parametrize("threshold", [0.05, 0.1, 0.2, 0.4])
def test_crest_chooses_less_often_in_the_second_quarter_than_in_the_first(threshold):
    """Both have the same step size, which falls at the half."""
    for seed in range(3):
        run = stored("coresets", f"regions.{threshold}.{seed}")
        first, second, *_ = np.histogram(run["refreshes"][:, 0], 4, (0, len(run["loss"])))[0]
        assert first > second


@pytest.mark.parametrize("threshold", [0.05, 0.1, 0.2, 0.4])
def test_crest_chooses_more_often_in_the_first_half(threshold):
    for seed in range(3):
        run = stored("coresets", f"regions.{threshold}.{seed}")
        steps, middle = run["refreshes"][:, 0], len(run["loss"]) / 2
        assert (steps < middle).sum() > (steps >= middle).sum()


def test_a_larger_threshold_needs_fewer_choices():
    counts = [
        [len(stored("coresets", f"regions.{tau}.{seed}")["refreshes"]) for seed in range(3)]
        for tau in (0.05, 0.1, 0.2, 0.4)
    ]
    assert (np.diff(np.array(counts), axis=0) < 0).all()


def best_accuracy():
    """Method -> mean accuracy by epoch, with the best step size for that epoch."""
    found = stored("coresets", "crest")
    return dict(zip(found["methods"].tolist(), found["accuracy"].mean(axis=2).max(axis=1), strict=True))


def test_crest_is_ahead_early_and_level_at_the_end():
    found = best_accuracy()
    for name in ("CREST", "CREST, learned left out"):
        lead = found[name] - found["random"]
        assert lead[0] > 0.06
        assert (lead[[2, 5]] > 0.01).all()
        assert lead[-1] < 0.005
    assert abs(found["CREST"][-1] - found["random"][-1]) < 0.005
    assert (found["CREST, learned left out"][2:] < found["CREST"][2:] + 0.005).all()
    first = tuned_first_epoch()
    assert (first["CREST"] > first["random"].max()).all()  # each seed


def tuned_first_epoch():
    """Method -> accuracy of the seeds after one epoch, with the step size that is best there."""
    found = stored("coresets", "crest")
    best = (tuned(runs, 0)[:, 0] for runs in found["accuracy"])
    return dict(zip(found["methods"].tolist(), best, strict=True))


def test_crest_chooses_more_often_early_and_pays_with_forward_passes():
    found = stored("coresets", "crest")
    early, late = (
        found["refreshes"][1:, :, :, part].sum(axis=(2, 3)) for part in (slice(0, 6), slice(6, 12))
    )
    assert (early > late).all()
    assert (found["forward_evaluations"][1:].mean(axis=2) > 10 * found["steps"] * 32).all()


def test_crest_chooses_harder_images_as_training_goes_on():
    found = stored("coresets", "crest")
    difficulty, mean = found["difficulty"][1:], found["mean_events"]
    assert (difficulty[..., 0] < 1.1 * mean).all()
    assert (difficulty[..., -1] > 1.5 * mean).all()
    never = found["picks"][1:, ..., 0].mean(axis=2) / found["share"][0]
    assert (never[..., 0] > 0.9).all()
    often = found["picks"][1:, ..., -1].mean(axis=2) / found["share"][-1]
    assert (often[..., 0] < 0.85).all()
    assert (never[..., -1] < 0.65).all()


# --- convex training ---


def ratios(images, level):
    """Gradient evaluations to this loss, relative to all data; inf where a seed never arrives."""
    found = stored("coresets", "convex")
    reached = [
        passes_to(runs, found["passes"], found[f"{images}.etas"], level).passes.mean()
        for runs in found[f"{images}.loss"]
    ]
    return {name: value / reached[0] for name, value in zip(found["methods"].tolist(), reached, strict=True)}


LEVELS = {"digits": (0.5, 0.25, 0.15), "fashion": (1.0, 0.7, 0.55)}


def fastest(images, level):
    """Method -> when each seed reaches this loss with the best step size."""
    found = stored("coresets", "convex")
    return {
        name: passes_to(runs, found["passes"], found[f"{images}.etas"], level)
        for name, runs in zip(found["methods"].tolist(), found[f"{images}.loss"], strict=True)
    }


@pytest.mark.parametrize(("images", "level"), [("digits", 0.25), ("fashion", 0.7)])
def test_craig_reaches_a_middle_loss_with_fewer_gradients_in_the_mean_and_a_random_tenth_never(images, level):
    found = ratios(images, level)
    assert found["CRAIG"] < 0.95
    assert 1.4 < found["stratified"] < np.inf
    assert np.isinf(found["random"])


def test_the_lead_at_a_middle_loss_is_a_third_on_the_digits_and_not_in_every_seed_on_fashion():
    assert ratios("digits", 0.25)["CRAIG"] == pytest.approx(2 / 3, abs=0.05)
    runs = fastest("digits", 0.25)
    assert (runs["CRAIG"].passes < runs["full"].passes).all()
    runs = fastest("fashion", 0.7)
    assert np.count_nonzero(runs["CRAIG"].passes < runs["full"].passes) == 2


def test_at_high_losses_craig_is_ahead_on_the_digits_and_level_on_fashion():
    assert ratios("digits", 0.5)["CRAIG"] < 0.6
    assert ratios("fashion", 1.0)["CRAIG"] == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("images", "level"), [(name, level) for name in SETS for level in LEVELS[name]])
def test_the_best_step_size_is_not_at_an_end_of_the_grid(images, level):
    """Of every method of which all seeds arrive; all data do at every level, so the test is never empty."""
    etas = stored("coresets", "convex")[f"{images}.etas"]
    arrived = {name: run.eta for name, run in fastest(images, level).items() if np.isfinite(run.passes).all()}
    assert "full" in arrived
    for eta in arrived.values():
        assert etas.min() < eta < etas.max()


@IMAGES
def test_at_the_step_size_that_is_fastest_to_a_low_loss_all_data_rise_above_it_again(images):
    found, level = stored("coresets", "convex"), LEVELS[images][-1]
    eta = fastest(images, level)["full"].eta
    for run in found[f"{images}.loss"][0, found[f"{images}.etas"].tolist().index(eta)]:
        assert run[np.flatnonzero(run <= level)[0] :].max() > level


@IMAGES
def test_choosing_takes_less_than_a_twentieth_of_a_training_run(images):
    found = stored("coresets", "convex")
    assert (20 * found[f"{images}.selection_seconds"][-1] < found[f"{images}.training_seconds"][-1]).all()


def test_a_low_loss_takes_craig_longer_or_for_ever():
    assert ratios("digits", 0.15)["CRAIG"] > 2
    assert np.isinf(ratios("fashion", 0.55)["CRAIG"])


# --- deep networks ---


def deep(field):
    """Method -> the field of the best step size at that time, mean over seeds, by time."""
    found = stored("coresets", "deep")
    best = found["accuracy"].mean(axis=2).argmax(axis=1)
    values = np.take_along_axis(found[field].mean(axis=2), best[:, None], axis=1)[:, 0]
    return dict(zip(found["methods"].tolist(), values, strict=True)), found["at"].tolist()


def deep_lead(of, over):
    """Accuracy of one method above another, of each seed at the smaller step size, (seeds, times)."""
    found = stored("coresets", "deep")
    place = found["methods"].tolist().index
    return (found["accuracy"][place(of), 0] - found["accuracy"][place(over), 0]).astype(float)


def test_the_smaller_step_size_is_the_better_one_from_15_passes_on():
    found = stored("coresets", "deep")
    best = found["accuracy"].mean(axis=2).argmax(axis=1)
    assert not best[:, found["at"].tolist().index(15) :].any()
    assert found["accuracy"].shape[2] == 12


def test_craig_anew_is_ahead_in_the_middle_of_the_training_and_level_in_the_end():
    lead, at = deep_lead("CRAIG, anew", "random, anew"), stored("coresets", "deep")["at"]
    for passes in (15, 30):
        d = lead[:, at == passes].ravel()
        assert d.mean() > max(0.01, 2 * d.std(ddof=1) / len(d) ** 0.5)
    assert (abs(lead[:, at >= 40].mean(axis=0)) < 0.0055).all()
    for name in ("CRAIG, anew", "random, anew"):
        assert abs(deep_lead(name, "full")[:, -1].mean()) < 0.01


@pytest.mark.parametrize("passes", [30, 60])
def test_a_coreset_chosen_once_ends_between_those_chosen_anew_and_a_random_one_that_stays(passes):
    now = stored("coresets", "deep")["at"] == passes
    assert deep_lead("CRAIG, anew", "CRAIG, once")[:, now].mean() == pytest.approx(0.02, abs=0.005)
    assert deep_lead("CRAIG, once", "random, once")[:, now].mean() > 0.01
    assert abs(deep_lead("CRAIG, anew", "CRAIG, every 10 passes")[:, now].mean()) < 0.01


def test_single_seeds_differ_by_several_points():
    found = stored("coresets", "deep")["accuracy"][:, 0, :, -1]
    assert np.ptp(found, axis=1).max() > 0.03


def test_an_old_coreset_is_as_far_off_as_a_random_subset_and_a_fresh_one_ten_times_closer():
    found, at = deep("error")
    for passes in (30, 60):
        now = {name: values[at.index(passes)] for name, values in found.items()}
        assert now["CRAIG, anew"] < now["random, anew"] / 6
        assert now["CRAIG, once"] > 0.8 * now["random, anew"]


# --- readings ---


def test_a_level_between_two_readings_is_reached_in_between():
    loss = np.array([[[4.0, 2.0, 1.0], [4.0, 3.0, 1.0]], [[4.0, 4.0, 4.0], [4.0, 1.0, 1.0]]])
    found = passes_to(loss, np.array([0.0, 1.0, 2.0]), np.array([0.1, 0.2]), 1.5)
    assert found.eta == 0.1
    np.testing.assert_allclose(found.passes, [1.5, 1.75])


def test_a_level_that_no_seed_reaches_takes_for_ever():
    found = passes_to(np.full((1, 2, 3), 2.0), np.arange(3.0), np.array([0.1]), 1.0)
    assert np.isinf(found.passes).all()


def test_the_step_size_is_that_of_the_best_mean_at_the_stop():
    accuracy = np.array([[[0.1, 0.9]], [[0.5, 0.6]]])
    assert tuned(accuracy, 0)[0, 0] == 0.5
    assert tuned(accuracy, 1)[0, 1] == 0.9
