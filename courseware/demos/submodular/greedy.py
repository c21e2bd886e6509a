"""Demos of lecture 05: the queue of lazy greedy, and exemplars of Fashion-MNIST."""

from functools import cache
from itertools import islice
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Doubling, Slider
from courseware.demos.engine.demo import Demo
from courseware.demos.engine.handles import Handle
from courseware.plots import submodular as plots
from courseware.plots.axes import headline, percentage, plural, told_apart
from courseware.plots.canvas import canvas
from lsml_core.data.datasets import Dataset, load
from lsml_core.submodular.functions import Exemplar, FeatureBased
from lsml_core.submodular.greedy import Round, greedy_rounds, lazy_rounds, random_subset, top_k
from lsml_core.submodular.set_function import state_after

# --- the lazy queue --------------------------------------------------------------------------------

ARTICLES, PICKS, SHOWN = 200, 20, 30  # articles, rounds, positions of the queue in the picture
SAVING = 16


class Queue(NamedTuple):
    """The first positions of lazy greedy's queue in one round, and the gains evaluated after every round.

    order: free articles, largest bound first.   before, now: their bounds before and after the round.
    true: their gains.   fresh: evaluated in this round.   pick: position of the pick, from 0.
    lazy, full: gains evaluated after each round by lazy greedy and by greedy.
    value_lazy, value_full: their F(S) after this round.
    """

    order: Int[ndarray, " free"]
    before: Float[ndarray, " free"]
    now: Float[ndarray, " free"]
    true: Float[ndarray, " free"]
    fresh: Bool[ndarray, " free"]
    pick: int
    top: float
    lazy: Int[ndarray, " rounds"]
    full: Int[ndarray, " rounds"]
    value_lazy: float
    value_full: float

    @property
    def evaluated(self) -> int:
        """In this round."""
        return int(np.count_nonzero(self.fresh))

    def saving(self, rounds: int) -> float:
        """Greedy's evaluations over lazy greedy's, after this many rounds."""
        return float(self.full[rounds - 1] / self.lazy[rounds - 1])


@cache
def articles(topics: int, spread: float) -> FeatureBased:
    """Every article is about one topic; F(S) is the sum over topics of √(length of S's articles on it)."""
    rng = np.random.default_rng(0)
    about, length = rng.integers(topics, size=ARTICLES), np.exp(spread * rng.normal(size=ARTICLES))
    return FeatureBased((about[:, None] == np.arange(topics)) * length[:, None])


@cache
def both_runs(topics: int, spread: float) -> tuple[list[Round], list[Round]]:
    """The first rounds of lazy greedy, and of greedy."""
    f = articles(topics, spread)
    return [*islice(lazy_rounds(f), PICKS)], [*islice(greedy_rounds(f), PICKS)]


def compute_queue(pick: int, topics: int, spread: float) -> Queue:
    f, (lazy, full) = articles(topics, spread), both_runs(topics, spread)
    earlier, now = [r.e for r in lazy[: pick - 1]], lazy[pick - 1]
    before = lazy[max(pick - 2, 0)].bounds.copy()
    before[earlier] = -np.inf
    order = np.argsort(-before, kind="stable")[: ARTICLES - len(earlier)]
    return Queue(
        order,
        before[order],
        now.bounds[order],
        f.gains(state_after(f, earlier), order),
        now.fresh[order],
        int(np.flatnonzero(order == now.e)[0]),
        float(lazy[0].bounds.max()),
        np.array([r.evaluations for r in lazy]),
        np.array([r.evaluations for r in full]),
        sum(r.gain for r in lazy[:pick]),
        sum(r.gain for r in full[:pick]),
    )


def draw_queue(record: Queue, pick: int, topics: int, spread: float) -> Figure:
    del topics, spread
    fig, (left, right) = canvas(2, widths=(3.0, 2.0))
    window = slice(max(0, record.pick - SHOWN + 1), max(SHOWN, record.pick + 1))
    bars = (record.before[window], record.now[window], record.true[window], record.fresh[window])
    positions = np.arange(len(record.order))[window] + 1
    plots.lazy_queue(left, positions, *bars, record.pick + 1, 1.1 * record.top)
    headline(left, f"Round {pick} evaluates {record.evaluated} of {len(record.order)} gains")
    plots.evaluations(right, record.full, record.lazy, pick, ARTICLES * PICKS)
    saving = record.saving(pick)
    headline(right, f"Lazy needs {saving:.1f} times fewer" if saving > 1 else "Lazy greedy saves nothing")
    return fig


def fewer(saving: float) -> str:
    """How lazy greedy's evaluations compare with greedy's: "5.7 times fewer gains than".

    saving: greedy's evaluations over those of lazy greedy.
    """
    return f"{saving:.1f} times fewer gains than" if saving > 1 else "as many gains as"


lazy_queue = Demo(
    compute=compute_queue,
    draw=draw_queue,
    controls={
        "pick": Slider("round", 1, PICKS, 1, 6),
        "topics": Doubling("topics of the 200 articles", 1, 128, 16),
        "spread": Slider("spread of the articles' lengths", 0.0, 0.6, 0.1, 0.3),
    },
    title="Lazy greedy's priority queue: an old gain is an upper bound",
    goal=f"find articles for which lazy greedy evaluates {SAVING} times fewer gains than greedy in all "
    f"{PICKS} rounds together.",
    reached=lambda record, pick, **_: pick == PICKS and record.saving(PICKS) >= SAVING,
    notice="Gains never grow, so an old gain is an upper bound. A fresh gain that is at least as large as "
    "all bounds wins, although most of the queue was not evaluated. If all articles are alike and on one "
    "topic, every old bound is too high, and all gains are evaluated again.",
    alt=lambda record, pick, topics, spread: (
        f"After round {pick} lazy greedy has evaluated {fewer(record.saving(pick))} greedy, with "
        f"{plural(topics, 'topic')} and lengths of spread {spread:g}. Left: bars of the first {SHOWN} "
        "positions of the queue, hatched where the gain is old, solid where it was evaluated in this round: "
        f"{record.evaluated} of {len(record.order)}. Right: gains evaluated by both over {PICKS} rounds."
    ),
    presets={
        "Last round": {"pick": 20},
        "Break it": {"topics": 1, "spread": 0.0},
    },
    live=("pick", "topics"),
    positions={"pick": (1, 2, 3, 6, 10, 15, 20)},
)


# --- exemplars -------------------------------------------------------------------------------------

ROWS, COLUMNS, SEEDS = 4, 5, 10
GOAL = 0.5
METHODS = ("greedy", "top-k", "random")


class Choices(NamedTuple):
    """What a method chooses, in order, and the variance that the first 1 … 20 explain, (seeds, 20)."""

    order: tuple[int, ...]
    explained: Float[ndarray, "seeds ks"]


class Exemplars(NamedTuple):
    """The chosen images and their classes, and the variance that each method's images explain."""

    images: Float[ndarray, "k side side"]
    classes: Int[ndarray, " k"]
    explained: dict[str, Float[ndarray, "seeds ks"]]

    @property
    def kinds(self) -> int:
        return len(np.unique(self.classes))


@cache
def garments() -> Dataset:
    return load("fashion")


@cache
def choices() -> dict[str, Choices]:
    """Method -> its choice. The variance is the sum of squared distances from the mean image."""
    x = load("fashion", side=14).x.reshape(len(garments()), -1)
    f, k = Exemplar(x, phantom=x.mean(axis=0)), ROWS * COLUMNS
    variance = float(((x - x.mean(axis=0)) ** 2).sum())
    rounds = [*islice(greedy_rounds(f), k)]
    chance = [random_subset(f, k, rng=np.random.default_rng(seed)) for seed in range(SEEDS)]
    best = top_k(f, k)
    gains = ([[r.gain for r in rounds]], [best.gains], [s.gains for s in chance])
    orders = (tuple(r.e for r in rounds), best.chosen, chance[0].chosen)
    return {
        method: Choices(order, np.cumsum(g, axis=1) / variance)
        for method, order, g in zip(METHODS, orders, gains, strict=True)
    }


def compute_exemplars(k: int, method: str) -> Exemplars:
    order, images = list(choices()[method].order[:k]), garments()
    return Exemplars(images.x[order], images.y[order], {m: c.explained for m, c in choices().items()})


def draw_exemplars(record: Exemplars, k: int, method: str) -> Figure:
    fig, (left, right) = canvas(2)
    plots.image_grid(left, record.images, ROWS, COLUMNS)
    headline(left, f"The chosen are from {record.kinds} of 10 classes")
    plots.shares_explained(right, record.explained, (method, k), 0.7)
    percent = told_apart(100 * explained(record, k, method), 100 * GOAL, ".0f")[0]
    explain = "explain" if k > 1 else "explains"
    headline(right, f"{plural(k, 'image')} {explain} {percent} %")
    return fig


def explained(record: Exemplars, k: int, method: str) -> float:
    """The share of the variance, for `random` with the seed whose images are shown.

    record: the values of each method.   k: how many images.   method: its name.
    """
    return float(record.explained[method][0, k - 1])


exemplars = Demo(
    compute=compute_exemplars,
    draw=draw_exemplars,
    controls={
        "k": Slider("budget k", 1, ROWS * COLUMNS, 1, 10),
        "method": Choice("chosen by", METHODS, METHODS[0]),
    },
    title="A few images that represent 5,000",
    goal="explain half of the variance with as few images as possible.",
    reached=lambda record, k, method: (
        explained(record, k, method) >= GOAL and explained(record, k - 1, method) < GOAL
    ),
    notice="No label was used, and the first seven images that greedy chooses are from seven classes. Most "
    "of the best single images are sneakers. Five images chosen by greedy explain as much as twenty random "
    "images do on average.",
    alt=lambda record, k, method: (
        f"{plural(k, 'image')} of Fashion-MNIST, chosen "
        f"{'at random' if method == 'random' else f'by {method}'}, {'explains' if k == 1 else 'explain'} "
        f"{percentage(explained(record, k, method))} of the variance and {'is' if k == 1 else 'are'} from "
        f"{plural(record.kinds, 'class', 'classes')}. Left: the images. Right: the variance that 1 to "
        f"{ROWS * COLUMNS} images explain, for greedy, the best single images (top-k) and random images "
        f"(range of {SEEDS} seeds)."
    ),
    presets={
        "Twenty": {"k": 20},
        "Break it": {"k": 20, "method": "top-k"},
    },
    prepare=choices,
    handles=(Handle("the budget k", 1, lambda record, k, method: (k, explained(record, k, method)), x="k"),),
)
