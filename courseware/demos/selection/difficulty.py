"""Demos of lecture 07: what a network forgets. Stored runs: `courseware.studies.difficulty`."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import difficulty as plots
from courseware.plots.axes import headline, legend, percentage
from courseware.plots.canvas import canvas
from courseware.studies import stored
from lsml_core.selection.difficulty import auc, event_shares, forgetting_events, unforgettable
from lsml_core.selection.keep import ranked


@cache
def correct_record(name: str, presentations: int) -> Bool[ndarray, "presentations n seeds"]:
    """A stored record of correct classifications, which is packed into bits."""
    return np.unpackbits(stored("difficulty")[name], axis=0)[:presentations].astype(bool)


# --- forgetting, example by example -----------------------------------------------------------------

SETS = {"MNIST": "mnist", "MNIST, pixels permuted": "permuted", "Fashion-MNIST": "fashion"}
PRESENTATIONS, ROWS, MOST_EVENTS = 25, 60, 7


class Forgetting(NamedTuple):
    """The records of sixty images, shares by number of events (seed 0), and unforgettable shares by seed."""

    rows: Bool[ndarray, "presentations rows"]
    shares: Float[ndarray, " bars"]
    unforgettable: Float[ndarray, " seeds"]

    @property
    def forgotten(self) -> float:
        """Share of the images with at least one forgetting event."""
        return float(self.shares[1:-1].sum())


@cache
def shown_images(name: str) -> Int[ndarray, " rows"]:
    """Images evenly spaced in the ranking by the whole run."""
    order = ranked(forgetting_events(correct_record(f"{SETS[name]}_runs", PRESENTATIONS)[..., 0]))
    return order[np.linspace(0, len(order) - 1, ROWS).round().astype(int)]


def compute_forgetting(name: str, epochs: int) -> Forgetting:
    runs = correct_record(f"{SETS[name]}_runs", PRESENTATIONS)[:epochs]
    safe = [unforgettable(runs[..., seed]).mean() for seed in range(runs.shape[-1])]
    shares = event_shares(forgetting_events(runs[..., 0]), MOST_EVENTS)
    return Forgetting(runs[:, shown_images(name), 0], shares, np.array(safe))


def never_forgotten(record: Forgetting) -> str:
    """The unforgettable share in percent, or its range over the seeds."""
    low, high = (f"{100 * share:.0f}" for share in (record.unforgettable.min(), record.unforgettable.max()))
    return f"{low} %" if low == high else f"{low} to {high} %"


def draw_forgetting(record: Forgetting, name: str, epochs: int) -> Figure:
    del name, epochs
    fig, (rows, histogram) = canvas(2)
    plots.learning_record(rows, record.rows, PRESENTATIONS)
    headline(rows, f"{100 * record.forgotten:.0f} % were forgotten at least once")
    plots.event_histogram(histogram, {"images": record.shares}, [plots.IMAGES], "share of the images")
    headline(histogram, f"{never_forgotten(record)} were never forgotten")
    return fig


forgetting = Demo(
    compute=compute_forgetting,
    draw=draw_forgetting,
    controls={
        "name": Choice("images", tuple(SETS), "MNIST"),
        "epochs": Slider("epochs", 2, PRESENTATIONS, 1, PRESENTATIONS),
    },
    title="Which images does a network forget?",
    goal="find images and a number of epochs for which a quarter of the images (24 to 26 %) were forgotten "
    "at least once. Then go through the epochs of MNIST: the share of unforgettable images rises first and "
    "falls later. Why both?",
    reached=lambda record, **_: 0.24 <= record.forgotten <= 0.26,
    notice="Most images stay correct once they are learned; a few are learned and forgotten until the end. "
    "Fashion-MNIST has about three times as many forgotten images as MNIST.",
    alt=lambda record, name, epochs: (
        f"After {epochs} epochs on {name}, {never_forgotten(record)} of the images were learned and never "
        f"forgotten, and {percentage(record.forgotten)} were forgotten at least once. Left: sixty images, "
        "one row each, dark where classified correctly. Right: share of the images by number of forgetting "
        "events."
    ),
    presets={"Fashion-MNIST": {"name": "Fashion-MNIST"}, "Break it": {"epochs": 2}},
)


# --- wrong labels -----------------------------------------------------------------------------------

NOISES = (10, 20, 40)
NOISY_EPOCHS, EVERY, MOST_NOISY = 80, 5, 12
OTHERS, THEMSELVES = COMPARED = ("the other examples", "the same examples, original labels")
RIGHT_NAMES = {OTHERS: "right labels", THEMSELVES: "same images, original labels"}
GOAL = 0.95


class LabelNoise(NamedTuple):
    """Forgetting events of wrong labels and of what they are compared with (seed 0); AUC by epoch and seed.

    shares: by number of events.   events: mean per learned example, of the compared and of the wrong.
    never_learned: share of the wrong labels.   at: epochs.
    as_infinity, as_zero: AUC at these epochs, with the two rules for what is never learned.   now: of them,
    at the slider's epoch.
    """

    shares: dict[str, Float[ndarray, " bars"]]
    events: tuple[float, float]
    never_learned: float
    at: Int[ndarray, " times"]
    as_infinity: Float[ndarray, "times seeds"]
    as_zero: Float[ndarray, "times seeds"]
    now: int

    @property
    def ratio(self) -> float:
        """How many times as often a wrong label is forgotten."""
        return self.events[1] / max(self.events[0], 1e-9)


@cache
def noisy_run(noise: int) -> tuple[Bool[ndarray, "epochs n seeds"], Bool[ndarray, "n seeds"]]:
    """Correct classifications, and which labels are wrong."""
    correct = correct_record(f"noise{noise / 100:g}_correct_runs", NOISY_EPOCHS)
    return correct, stored("difficulty")[f"noise{noise / 100:g}_wrong_runs"]


@cache
def auc_of_forgetting(noise: int, as_infinity: bool) -> Float[ndarray, "times seeds"]:
    """By epoch and seed, with ∞ or with 0 for what is never learned."""
    (correct, wrong), times = noisy_run(noise), range(EVERY, NOISY_EPOCHS + 1, EVERY)
    events = ([forgetting_events(correct[:end, :, s]) for s in range(wrong.shape[1])] for end in times)
    never = np.inf if as_infinity else 0.0
    return np.array(
        [[auc(np.where(np.isinf(e), never, e), wrong[:, s]) for s, e in enumerate(seeds)] for seeds in events]
    )


def compute_label_noise(noise: int, compared: str, epochs: int) -> LabelNoise:
    correct, wrong = (runs[..., 0] for runs in noisy_run(noise))
    events = forgetting_events(correct[:epochs])
    if compared == OTHERS:
        others = events[~wrong]
    else:
        original = correct_record("original_correct_runs", NOISY_EPOCHS)[:epochs, :, 0]
        others = forgetting_events(original)[wrong]
    kinds = {RIGHT_NAMES[compared]: others, "wrong labels": events[wrong]}
    low, high = (float(e[np.isfinite(e)].mean()) if np.isfinite(e).any() else 0.0 for e in kinds.values())
    return LabelNoise(
        {kind: event_shares(e, MOST_NOISY) for kind, e in kinds.items()},
        (low, high),
        float(np.isinf(events[wrong]).mean()),
        np.arange(EVERY, NOISY_EPOCHS + 1, EVERY),
        auc_of_forgetting(noise, True),
        auc_of_forgetting(noise, False),
        epochs // EVERY - 1,
    )


def forgotten_in_words(record: LabelNoise) -> str:
    """How much more often wrong labels are forgotten, or that most are not learned yet."""
    if record.never_learned >= 0.5:
        return f"{100 * record.never_learned:.0f} % of wrong labels are not learned yet"
    return f"Wrong ones are forgotten {record.ratio:.2g} times as often"


def naive_in_words(record: LabelNoise) -> str:
    """What the count of 0 for never-learned examples does at this epoch."""
    worst = record.as_zero[record.now].min()
    if record.as_zero[record.now].mean() < 0.5:
        return "Counting 0 is worse than guessing"
    if worst >= GOAL:
        return "Both counts find the wrong labels"
    return f"Counting 0 costs {(record.as_infinity - record.as_zero)[record.now].mean():.2f} of AUC"


def draw_label_noise(record: LabelNoise, noise: int, compared: str, epochs: int) -> Figure:
    del noise, compared
    fig, (left, right) = canvas(2)
    plots.event_histogram(left, record.shares, [plots.RIGHT, plots.WRONG], "share of these images")
    headline(left, forgotten_in_words(record))
    lines = {"never learned = ∞": record.as_infinity, "never learned = 0": record.as_zero}
    looks = dict(zip(lines, (plots.FORGETTING_LINE, plots.NAIVE_LINE), strict=True))
    for name, runs in lines.items():
        plots.mean_and_range(right, record.at, runs, looks[name])
    legend(right, looks)
    plots.random_guessing(right, NOISY_EPOCHS)
    plots.epoch_mark(right, epochs)
    right.set(xlabel="epochs", ylabel="AUC of forgetting", xlim=(0, NOISY_EPOCHS), ylim=(0, 1.02))
    headline(right, naive_in_words(record))
    return fig


label_noise = Demo(
    compute=compute_label_noise,
    draw=draw_label_noise,
    controls={
        "noise": Numbers("wrong labels, percent", NOISES, 20),
        "compared": Choice("compare wrong labels with", COMPARED, OTHERS),
        "epochs": Slider("epochs", EVERY, NOISY_EPOCHS, EVERY, 10),
    },
    title="Are wrong labels forgotten more often?",
    goal=f"find an epoch at which even a program that counts never-learned examples as 0 finds the wrong "
    f"labels with an AUC of {GOAL} on every seed.",
    reached=lambda record, **_: bool(record.as_zero[record.now].min() >= GOAL),
    notice="Early in training most wrong labels have not been learned, so they cannot be forgotten: counted "
    "as 0 events they look easy. Later they have been learned by heart and forgotten several times, more "
    "often than the same images with their original labels.",
    alt=lambda record, noise, compared, epochs: (
        f"After {epochs} epochs with {noise} % wrong labels: {forgotten_in_words(record)}, "
        f"{record.events[1]:.1f} forgetting events per learned image, against {record.events[0]:.1f} of "
        f"{compared}. Labels that were never learned: {naive_in_words(record)} (AUC "
        f"{record.as_zero[record.now].mean():.2f}); counted as infinitely many events they give an AUC of "
        f"{record.as_infinity[record.now].mean():.2f}."
    ),
    presets={
        "Same examples": {"compared": THEMSELVES, "epochs": 40},
        "Break it": {"noise": 40, "epochs": 10},
    },
    live=("noise", "compared", "epochs"),
)
