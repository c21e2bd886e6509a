"""Demos of lecture 05: the queue of lazy greedy, and exemplars of Fashion-MNIST."""

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Choice, Doubling, Slider
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import submodular as plots
from courseware.plots.axes import badge, headline, told_apart
from courseware.plots.canvas import canvas
from lsml_core.data.datasets import Dataset, load
from lsml_core.submodular.functions import Exemplar, FeatureBased, SetFunction
from lsml_core.submodular.greedy import Round, greedy_rounds, lazy_rounds, random_subset, top_k

# --- the lazy queue --------------------------------------------------------------------------------

ARTICLES, PICKS, HEAD = 200, 20, 30  # articles, rounds, places of the queue that are shown


class Race(NamedTuple):
    lazy: list[Round]
    full: list[Round]


def _articles(topics: int, spread: float) -> FeatureBased:
    """Every article is about one topic; F(S) is the sum over topics of the root of what S says about it."""
    rng = np.random.default_rng(0)
    about, length = rng.integers(topics, size=ARTICLES), np.exp(spread * rng.normal(size=ARTICLES))
    return FeatureBased((about[:, None] == np.arange(topics)) * length[:, None])


@cache
def _race(topics: int, spread: float) -> Race:
    f = _articles(topics, spread)
    lazy, full = (
        [r for r, _ in zip(rounds(f), range(PICKS), strict=False)] for rounds in (lazy_rounds, greedy_rounds)
    )
    return Race(lazy, full)


def _true_gains(f: SetFunction, picks: list[int]) -> ndarray:
    """All gains once these are chosen."""
    state = f.empty()
    for e in picks:
        state = f.add(state, e)
    return f.gains(state, np.arange(f.n))


def _queue_before(race: Race, pick: int) -> tuple[ndarray, ndarray]:
    """The free articles as the round finds them, largest bound first, and these bounds."""
    bounds = race.lazy[max(pick - 2, 0)].bounds.copy()
    bounds[[r.e for r in race.lazy[: pick - 1]]] = -np.inf
    order = np.argsort(-bounds, kind="stable")[: ARTICLES - pick + 1]
    return order, bounds[order]


def _draw_queue(pick: int, topics: int, spread: float) -> Figure:
    race = _race(topics, spread)
    now, (order, before) = race.lazy[pick - 1], _queue_before(race, pick)
    asked = {name: np.array([r.evaluations for r in rounds]) for name, rounds in race._asdict().items()}
    new = int(asked["lazy"][pick - 1] - (asked["lazy"][pick - 2] if pick > 1 else 0))
    fig, (left, right) = canvas(2, widths=(3.0, 2.0))
    winner = int(np.flatnonzero(order == now.e)[0])
    window = slice(max(0, winner - HEAD + 1), max(HEAD, winner + 1))
    shown, true = order[window], _true_gains(_articles(topics, spread), [r.e for r in race.lazy[: pick - 1]])
    places = np.arange(window.start, window.stop) + 1
    top = 1.1 * float(race.lazy[0].bounds.max())
    bars = (before[window], now.bounds[shown], true[shown], now.fresh[shown])
    plots.queue(left, places, *bars, winner + 1, top)
    headline(left, f"round {pick}: asked for {new} of {ARTICLES - pick + 1}")
    series = {"greedy": asked["full"], "lazy greedy": asked["lazy"]}
    plots.evaluations(right, series, pick, ARTICLES * PICKS)
    lazy, full = (sum(r.gain for r in rounds[:pick]) for rounds in race)
    same = abs(lazy - full) < 1e-9 * full  # of equal gains, rounding may prefer another
    saved = asked["full"][pick - 1] / asked["lazy"][pick - 1]
    badge(right, same, f"{'same' if same else 'other'} F(S), {saved:.1f}× fewer")
    return fig


queue = picture_demo(
    draw=_draw_queue,
    controls={
        "pick": Slider("round", 1, PICKS, 1, 6),
        "topics": Doubling("topics of the 200 articles", 1, 128, 16),
        "spread": Slider("spread of the articles' lengths", 0.0, 0.6, 0.1, 0.3),
    },
    title="Lazy greedy's queue: yesterday's gains are today's bounds",
    goal="make lazy greedy ask for 15 times fewer gains than greedy in 20 rounds. Then make it save nothing.",
    notice="Gains only fall, so an old gain is a bound. Only the head of the queue is asked again, until a "
    "fresh bar is as high as every old one: it wins, though the rest is unknown. The chosen set is greedy's. "
    "If all articles are alike and on one topic, every old bar is too high, and all must be asked again.",
    alt=lambda pick, topics, spread: (
        f"Left: bars of the first {HEAD} places of the queue in round {pick}, hatched where the bound is "
        "old, solid where it was asked again. Right: gains asked for by greedy and by lazy greedy over "
        f"{PICKS} rounds, with {topics} topics and lengths of spread {spread:g}."
    ),
    presets={
        "Many topics": {"topics": 128, "pick": 20},
        "Break it": {"topics": 1, "spread": 0.0},
    },
)


# --- exemplars -------------------------------------------------------------------------------------

ROWS, COLUMNS, SEEDS = 4, 5, 10
GOAL = 0.5
METHODS = ("facility location", "random", "top-k")


class Chosen(NamedTuple):
    """What a method chooses, in order, and the share of the spread that the first 1 … 20 explain, by seed."""

    order: tuple[int, ...]
    share: ndarray


@cache
def _images() -> Dataset:
    return load("fashion")


@cache
def _exemplars() -> dict[str, Chosen]:
    """Method -> its choice. All is relative to the sum of squared distances from the mean image."""
    x = load("fashion", side=14).x.reshape(len(_images()), -1)
    f, k = Exemplar(x, phantom=x.mean(axis=0)), ROWS * COLUMNS
    spread = float(((x - x.mean(axis=0)) ** 2).sum())
    rounds = [r for r, _ in zip(greedy_rounds(f), range(k), strict=False)]
    chance = [random_subset(f, k, rng=np.random.default_rng(seed)) for seed in range(SEEDS)]
    best = top_k(f, k)
    gains = ([[r.gain for r in rounds]], [s.gains for s in chance], [best.gains])
    orders = (tuple(r.e for r in rounds), chance[0].chosen, best.chosen)
    return {
        method: Chosen(order, np.cumsum(g, axis=1) / spread)
        for method, order, g in zip(METHODS, orders, gains, strict=True)
    }


def _draw_exemplars(k: int, method: str) -> Figure:
    chosen, images = _exemplars(), _images()
    order = list(chosen[method].order[:k])
    kinds = len(np.unique(images.y[order]))
    fig, (left, right) = canvas(2)
    plots.gallery(left, images.x[order], ROWS, COLUMNS)
    headline(left, f"{method}: {kinds} of 10 kinds")
    plots.shares_explained(right, {m: c.share for m, c in chosen.items()}, (method, k), 0.7)
    share = float(chosen[method].share[0, k - 1])
    percent = told_apart(100 * share, 100 * GOAL, ".0f")[0]
    badge(right, share >= GOAL, f"k = {k} explains {percent} % of the spread")
    return fig


exemplars = picture_demo(
    draw=_draw_exemplars,
    controls={
        "k": Slider("budget k", 1, ROWS * COLUMNS, 1, 10),
        "method": Choice("chosen by", METHODS, METHODS[0]),
    },
    title="A few images that speak for 5,000",
    goal="with how few exemplars do you explain half of the spread? Do twenty random images?",
    notice="No label was used, and the first seven exemplars are of seven kinds. The best single images are "
    "typical of all, and mostly the same shoe again. Five exemplars explain as much as twenty random images "
    "do on average.",
    alt=lambda k, method: (
        f"Left: the {k} images of Fashion-MNIST chosen by {method}. Right: the share of the spread that 1 to "
        f"{ROWS * COLUMNS} images explain, for facility location, random images (range of {SEEDS} seeds) and "
        "the best single ones."
    ),
    presets={
        "Twenty": {"k": 20},
        "Break it": {"k": 20, "method": "top-k"},
    },
    prepare=_exemplars,
)
