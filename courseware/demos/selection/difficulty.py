"""Demos of lecture 07, first half: which examples are hard. Stored runs: `courseware.studies.difficulty`."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Numbers, Slider
from courseware.demos.engine.demo import Demo
from courseware.plots import difficulty as plots
from courseware.plots.axes import headline
from courseware.plots.canvas import canvas
from courseware.plots.lines import line_legend
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
    most_events: int
    unforgettable: Float[ndarray, " seeds"]


@cache
def shown_images(name: str) -> Int[ndarray, " rows"]:
    """Images evenly spaced in the ranking by the whole run."""
    order = ranked(forgetting_events(correct_record(f"{SETS[name]}_runs", PRESENTATIONS)[..., 0]))
    return order[np.linspace(0, len(order) - 1, ROWS).round().astype(int)]


def compute_forgetting(name: str, epochs: int) -> Forgetting:
    runs = correct_record(f"{SETS[name]}_runs", PRESENTATIONS)[:epochs]
    events = forgetting_events(runs[..., 0])
    safe = [unforgettable(runs[..., seed]).mean() for seed in range(runs.shape[-1])]
    most = int(events[np.isfinite(events)].max())
    return Forgetting(runs[:, shown_images(name), 0], event_shares(events, MOST_EVENTS), most, np.array(safe))


def draw_forgetting(record: Forgetting, name: str, epochs: int) -> Figure:
    del name, epochs
    fig, (rows, whole, zoomed) = canvas(3)
    plots.learning_record(rows, record.rows, PRESENTATIONS)
    for ax, top in ((whole, 1.0), (zoomed, 0.1)):
        plots.event_histogram(ax, {"images": record.shares}, [plots.RIGHT], top, "share of the images")
    low, high = (f"{100 * share:.0f}" for share in (record.unforgettable.min(), record.unforgettable.max()))
    headline(whole, f"{low if low == high else f'{low} to {high}'} % unforgettable")
    headline(zoomed, f"Zoom; most events: {record.most_events}")
    return fig


forgetting = Demo(
    compute=compute_forgetting,
    draw=draw_forgetting,
    controls={
        "name": Choice("images", tuple(SETS), "MNIST"),
        "epochs": Slider("epochs", 2, PRESENTATIONS, 1, PRESENTATIONS),
    },
    title="What a network forgets: one presentation of each image per epoch",
    goal="find images of which at least a third has been forgotten at least once. Then go through the epochs "
    "of MNIST: the share of unforgettable images rises first and falls later. Why both?",
    reached=lambda record, **_: bool(record.shares[1:-1].sum() >= 1 / 3),
    notice="Most images stay correct once they are learned; a few are learned and forgotten to the end. "
    "Nearly nine in ten images of MNIST are never forgotten, and six in ten of Fashion-MNIST.",
    alt=lambda record, name, epochs: (
        f"Left: sixty images of {name}, one row each, {epochs} epochs, dark where classified correctly. "
        f"Middle: histogram of forgetting events, {record.shares[0]:.0%} of the images with none, at most "
        f"{record.most_events} events. Right: the same, zoomed."
    ),
    presets={"Fashion-MNIST": {"name": "Fashion-MNIST"}, "Break it": {"epochs": 2}},
)


# --- wrong labels -----------------------------------------------------------------------------------

NOISES = (10, 20, 40)
NOISY_EPOCHS, EVERY, MOST_NOISY = 80, 5, 12
AS_ZERO, AS_INFINITY = NEVER = ("0 events", "infinitely many events")
GOAL = 0.95


class LabelNoise(NamedTuple):
    """Shares by number of events for right and wrong labels (seed 0), and AUC by epoch and seed.

    at, forgetting: epochs, and AUC of forgetting events then.   el2n: AUC before training and by epoch.
    now: AUC of forgetting at the slider's epoch, by seed.   never_learned: share of the wrong labels.
    """

    shares: dict[str, Float[ndarray, " bars"]]
    never_learned: float
    at: Int[ndarray, " times"]
    forgetting: Float[ndarray, "times seeds"]
    el2n: Float[ndarray, "epochs seeds"]
    now: Float[ndarray, " seeds"]


@cache
def noisy_run(noise: int) -> tuple[Bool[ndarray, "epochs n seeds"], Bool[ndarray, "n seeds"]]:
    """Correct classifications, and which labels are wrong."""
    correct = correct_record(f"noise{noise / 100:g}_correct_runs", NOISY_EPOCHS)
    return correct, stored("difficulty")[f"noise{noise / 100:g}_wrong_runs"]


def events_counting(correct: Bool[ndarray, "epochs n"], never: str) -> Float[ndarray, " n"]:
    """Forgetting events, with 0 or ∞ for what is never learned."""
    events = forgetting_events(correct)
    return events if never == AS_INFINITY else np.where(np.isinf(events), 0, events)


@cache
def auc_of_forgetting(noise: int, never: str) -> Float[ndarray, "times seeds"]:
    (correct, wrong), times = noisy_run(noise), range(EVERY, NOISY_EPOCHS + 1, EVERY)
    return np.array(
        [
            [auc(events_counting(correct[:end, :, s], never), wrong[:, s]) for s in range(wrong.shape[1])]
            for end in times
        ]
    )


@cache
def auc_of_el2n(noise: int) -> Float[ndarray, "epochs seeds"]:
    scores, (_, wrong) = (
        stored("difficulty")[f"noise{noise / 100:g}_el2n_runs"].astype(float),
        noisy_run(noise),
    )
    return np.array([[auc(score[:, s], wrong[:, s]) for s in range(wrong.shape[1])] for score in scores])


def compute_label_noise(noise: int, never: str, epochs: int) -> LabelNoise:
    correct, wrong = (runs[..., 0] for runs in noisy_run(noise))
    events, at = events_counting(correct[:epochs], never), np.arange(EVERY, NOISY_EPOCHS + 1, EVERY)
    kinds = {"right labels": events[~wrong], "wrong labels": events[wrong]}
    reached = auc_of_forgetting(noise, never)
    return LabelNoise(
        {kind: event_shares(e, MOST_NOISY) for kind, e in kinds.items()},
        float((~correct[:epochs, wrong].any(axis=0)).mean()),
        at,
        reached,
        auc_of_el2n(noise),
        reached[epochs // EVERY - 1],
    )


def draw_label_noise(record: LabelNoise, noise: int, never: str, epochs: int) -> Figure:
    del noise, never
    fig, (left, right) = canvas(2)
    plots.event_histogram(left, record.shares, [plots.RIGHT, plots.WRONG], 1.0, "share of these labels")
    headline(left, f"{record.never_learned:.0%} of the wrong labels never learned")
    plots.mean_and_range(right, record.at, record.forgetting, 0)
    plots.mean_and_range(right, np.arange(len(record.el2n)), record.el2n, 1)
    plots.random_guessing(right, NOISY_EPOCHS)
    plots.epoch_mark(right, epochs)
    line_legend(right, ("forgetting", "EL2N, 10 nets"))
    right.set(xlabel="epochs", ylabel="AUC", xlim=(0, NOISY_EPOCHS), ylim=(0, 1.02))
    low, high = (f"{value:.3f}" for value in (record.now.min(), record.now.max()))
    headline(right, f"AUC of forgetting: {low} to {high}")
    return fig


label_noise = Demo(
    compute=compute_label_noise,
    draw=draw_label_noise,
    controls={
        "noise": Numbers("wrong labels, percent", NOISES, 20),
        "never": Choice("never learned counts as", NEVER, AS_ZERO),
        "epochs": Slider("epochs", EVERY, NOISY_EPOCHS, EVERY, 20),
    },
    title="Are wrong labels forgotten more often?",
    goal=f"let forgetting tell wrong labels from right ones with an AUC of {GOAL} on every seed. There are "
    "two ways.",
    reached=lambda record, **_: bool(record.now.min() >= GOAL),
    notice="Early in training hardly any wrong label has been learned, so none is forgotten: counted as 0 "
    "events they look as easy as the rest, counted as infinitely many they stand out from the first epochs "
    "on. After 80 epochs nearly all have been learned and forgotten, and both counts agree.",
    alt=lambda record, noise, never, epochs: (
        f"Left: forgetting events after {epochs} epochs for right labels and for {noise} percent wrong ones, "
        f"never learned counting as {never}; {record.never_learned:.0%} of the wrong labels are never "
        f"learned. Right: AUC of forgetting and of EL2N by epoch; forgetting has {record.now.min():.2f} to "
        f"{record.now.max():.2f} over the seeds."
    ),
    presets={
        "Trained long": {"epochs": NOISY_EPOCHS},
        "Break it": {"noise": 40, "never": AS_ZERO, "epochs": 10},
    },
)
