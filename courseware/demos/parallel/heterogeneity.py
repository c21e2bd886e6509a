"""Demos of lecture 04: clients that are late or left behind, and three ways to count the cost."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice
from courseware.demos.engine.legacy import picture_demo
from courseware.plots import federated as plots
from courseware.plots import lines
from courseware.plots.axes import badge, headline, log_axis, told_apart
from courseware.plots.canvas import canvas
from lsml_core.data import load
from lsml_core.data.clients import iid, shards, synthetic, synthetic_iid
from lsml_core.parallel.federated import (
    Client,
    Dropped,
    Partial,
    Run,
    client_of,
    deal,
    distributed_sgd,
    fedavg,
    qffl_exact,
)
from lsml_core.parallel.federated.devices import Devices, uneven
from lsml_core.parallel.federated.model import accuracies, losses, mean, sizes, zeros

# --- stragglers ------------------------------------------------------------------------------------

SEEDS, ROUNDS, LAST = 3, 24, 8
LATE = 0.9  # share of stragglers
DATA = {"differ": (synthetic, (1, 1)), "are alike": (synthetic_iid, ())}
EPOCHS = ("2", "5", "20")
METHODS = {"dropped": (Dropped, 0.0), "kept, μ = 0": (Partial, 0.0), "kept, μ = 1": (Partial, 1.0)}


@cache
def _straggling() -> dict[tuple[str, str], dict[str, ndarray]]:
    """(data, E) -> method -> mean loss of all clients, (seeds, rounds + 1)."""
    found, tasks = {}, [*product(DATA, EPOCHS)]
    for task in tqdm(tasks, desc="federated runs with stragglers", unit="setting", leave=False):
        runs = np.array([_losses(*task, seed) for seed in range(SEEDS)])
        found[task] = dict(zip(METHODS, runs.swapaxes(0, 1), strict=True))
    return found


def _losses(data: str, epochs: str, seed: int) -> list[ndarray]:
    """Of each method, all of them with the same clients, stragglers and batches."""
    make, shape = DATA[data]
    made = make(*shape, clients=30, rng=np.random.default_rng(seed), largest=400)
    clients = [client_of(one) for one in made]
    how = {"eta": 0.1, "epochs": int(epochs), "batch": 10, "participation": 1 / 3}
    found = []
    for slow, mu in METHODS.values():
        rng = np.random.default_rng(seed)
        run = fedavg(clients, zeros(clients), ROUNDS, mu=mu, stragglers=slow(LATE), rng=rng, **how)
        found.append(np.array([mean(losses(clients, w), clients) for w in run.path]))
    return found


def _draw_stragglers(data: str, epochs: str) -> Figure:
    found = _straggling()[data, epochs]
    fig, (left, right) = canvas(2)
    lines.curves(left, np.arange(ROUNDS + 1), {name: v.mean(0) for name, v in found.items()})
    for i, values in enumerate(found.values()):
        lines.band(left, np.arange(ROUNDS + 1), values.min(0), values.max(0), i)
    left.set(xlabel="round", ylabel="loss of all clients", xlim=(0, ROUNDS), ylim=(0.3, 20))
    lines.line_legend(left, list(found))
    ends = {name: v[:, -LAST:].mean(1) for name, v in found.items()}
    plots.every_seed(right, {name.replace("kept, ", ""): v for name, v in ends.items()})
    log_axis(right)
    right.set(xlabel="method", ylabel=f"loss, mean of the last {LAST} rounds", ylim=(0.3, 20))
    dropped, partial, pulled = ends.values()
    headline(left, f"keeping partial work: loss × {(partial / dropped).mean():.2f}")
    wins = int((pulled < partial).sum())
    words = f"the pull: × {(pulled / partial).mean():.2f}, helps on {wins} of {SEEDS}"
    badge(right, wins == SEEDS, words)
    return fig


stragglers = picture_demo(
    draw=_draw_stragglers,
    controls={
        "data": Choice("clients", tuple(DATA), "differ"),
        "epochs": Choice("local epochs E", EPOCHS, "5"),
    },
    title="Nine of ten straggle: throw their work away, or keep what is done",
    goal="find the one setting in which the pull μ = 1 helps on every seed, and one in which even keeping "
    "partial work does not help.",
    notice="Where clients differ, most of the gain comes from keeping partial work. The pull adds to it "
    "where many local epochs let clients drift far, and costs where they do not. Where clients are alike "
    "there is nothing to correct: it only slows everybody down.",
    alt=lambda data, epochs: (
        f"Left: loss of all clients over {ROUNDS} rounds, where clients {data} and nine of ten chosen ones "
        f"straggle, {epochs} local epochs: stragglers dropped, partial work kept, and kept with a proximal "
        f"pull; bands are the range of {SEEDS} seeds. Right: mean of the last {LAST} rounds, a dot a seed."
    ),
    presets={"Long local work": {"epochs": "20"}, "Break it": {"data": "are alike", "epochs": "20"}},
    prepare=_straggling,
)


# --- fairness --------------------------------------------------------------------------------------

POWERS = ("0", "0.5", "1", "2", "5")
L2 = 2e-3


class Fair(NamedTuple):
    """Loss of every client at every q, (powers, clients), and n_k."""

    losses: ndarray
    n: ndarray

    @property
    def means(self) -> ndarray:
        return np.average(self.losses, axis=1, weights=self.n)


@cache
def _fair() -> Fair:
    data = synthetic(0.5, 0.5, 12, rng=np.random.default_rng(1), largest=200)
    clients, bar = [client_of(one) for one in data], tqdm(POWERS, desc="solving q-FFL", unit="q", leave=False)
    solved = [qffl_exact(clients, zeros(clients), q=float(q), l2=L2) for q in bar]
    return Fair(np.array([losses(clients, w) for w in solved]), sizes(clients))


def _draw_fair(q: str) -> Figure:
    found, now = _fair(), POWERS.index(q)
    top = 1.1 * float(found.losses.max())
    fig, (left, right) = canvas(2)
    plots.losses(left, found.losses[now], found.losses[0], found.means[now], found.means[0], top)
    headline(left, f"q = {q}: worst {found.losses[now].max():.2f}, mean {found.means[now]:.2f}")
    deviation = found.losses.std(1)
    plots.trade(
        right, POWERS, {"worst": found.losses.max(1), "mean": found.means, "std. deviation": deviation}, now
    )
    right.set(ylabel="loss", ylim=(0, top))
    fairer = deviation[now] <= deviation[0] / 2
    here, half = told_apart(deviation[now], deviation[0] / 2, ".2f")
    badge(right, bool(fairer), f"deviation {here}, half at q = 0: {half}")
    return fig


fair = picture_demo(
    draw=_draw_fair,
    controls={"q": Choice("q", POWERS, "1")},
    title="q-FFL: the worst client counts more",
    goal="halve the standard deviation of the losses. What does the mean pay for it?",
    notice="As q grows the worst loss falls, and those who were well off pay with theirs. The mean hardly "
    "moves up to q = 1, and pays at q = 5.",
    alt=lambda q: (
        f"Left: losses of twelve clients at q = {q} as bars, marks for their losses at q = 0, "
        "lines for the two means. Right: worst loss, mean loss and standard deviation over q."
    ),
    presets={"The usual mean": {"q": "0"}, "Break it": {"q": "5"}},
    prepare=_fair,
)


# --- the same runs on three axes -------------------------------------------------------------------

AXES = ("rounds", "megabytes sent", "simulated seconds")
DEALS = ("IID", "two shards each")
LINKS = {"slow (100 kB/s)": 1e-5, "fast (10 MB/s)": 1e-7}
PLANS = {"one step": 200, "E = 1": 100, "E = 5": 48, "E = 20": 20}  # and the rounds that each of them runs
TARGET = 0.72
BATCH = 50


class Cost(NamedTuple):
    run: Run
    shown: ndarray  # rounds at which the accuracy was measured
    accuracy: ndarray
    examples: ndarray  # of one epoch of every client
    speeds: ndarray  # seconds an example takes it


@cache
def _plans(seed: int = 0) -> dict[str, dict[str, Cost]]:
    """Deal -> plan -> what it cost and reached: 20 clients, 150 images each, some 1 ms an example."""
    data, test = load("fashion", side=14).subset(range(3000)), load("fashion", side=14, split="test")
    rng, held_out = np.random.default_rng(seed), [client_of(test)]
    parts = {"IID": iid(len(data), 20, rng=rng), "two shards each": shards(data.y, 20, 2, rng=rng)}
    tasks = [*product(DEALS, PLANS)]
    found: dict[str, dict[str, Cost]] = {name: {} for name in DEALS}
    for name, plan in tqdm(tasks, desc="federated runs on Fashion-MNIST", unit="run", leave=False):
        found[name][plan] = _cost(deal(data, parts[name]), plan, held_out, seed)
    return found


def _cost(clients: list[Client], plan: str, held_out: list[Client], seed: int) -> Cost:
    how = {"eta": 0.2, "batch": BATCH, "rng": np.random.default_rng(seed)}
    w, rounds, n = zeros(clients), PLANS[plan], sizes(clients)
    if plan == "one step":
        run, examples = distributed_sgd(clients, w, rounds, **how), np.full(len(n), float(BATCH))
    else:
        run, examples = fedavg(clients, w, rounds, epochs=int(plan[4:]), **how), n
    shown = np.unique(np.geomspace(1, rounds, 24).astype(int))
    reached = np.array([accuracies(held_out, run.path[t])[0] for t in shown])
    return Cost(run, shown, reached, examples, uneven(20, 1e-3, 0.5, rng=np.random.default_rng(seed)))


def _spent(cost: Cost, axis: str, link: str) -> ndarray:
    spent = {
        "rounds": lambda: cost.shown.astype(float),
        "megabytes sent": lambda: cost.run.bytes[cost.shown] / 1e6,
        "simulated seconds": lambda: Devices(cost.speeds, LINKS[link]).seconds(cost.run, cost.examples)[
            cost.shown
        ],
    }
    return spent[axis]()


def _first(spent: ndarray, accuracy: ndarray) -> float:
    """What was spent when the target was first reached; inf if it never was."""
    return float(spent[accuracy >= TARGET].min(initial=np.inf))


def _draw_budget(axis: str, dealt: str, link: str) -> Figure:
    costs = _plans()[dealt]
    lows = {"rounds": 1, "megabytes sent": 0.5, "simulated seconds": 0.05}
    highs = {"rounds": 300, "megabytes sent": 200, "simulated seconds": 200}
    fig, (ax,) = canvas(1)
    spent = {plan: _spent(cost, axis, link) for plan, cost in costs.items()}
    for i, (plan, x) in enumerate(spent.items()):
        lines.measured_points(ax, x, costs[plan].accuracy, i)
    lines.reference_level(ax, TARGET, "")
    log_axis(ax, "x")
    ax.set(xlabel=axis, ylabel="test accuracy", xlim=(lows[axis], highs[axis]), ylim=(0.3, 0.85))
    lines.line_legend(ax, list(spent), marks=True)
    first = {plan: _first(x, costs[plan].accuracy) for plan, x in spent.items()}
    best = min(first, key=lambda plan: first[plan])
    headline(ax, f"first at {TARGET}: {best}, after {first[best]:.3g} {axis}")
    return fig


budget = picture_demo(
    draw=_draw_budget,
    controls={
        "axis": Choice("count", AXES, "simulated seconds"),
        "dealt": Choice("data are dealt", DEALS, "two shards each"),
        "link": Choice("link of a client", tuple(LINKS), "slow (100 kB/s)"),
    },
    title="Local steps save messages, not work",
    goal="find a way of counting, and a link, for which twenty local epochs are not the best choice.",
    notice="By rounds and by bytes, whoever works more between two rounds is at the target sooner. By the "
    "clock it depends: on a slow link talking is dear, on a fast one it is the clients' own work that takes "
    "time. Where clients hold two shards each, twenty epochs are a waste of time on both, and on the fast "
    "one a single step a round arrives with the first.",
    alt=lambda axis, dealt, link: (
        f"Test accuracy on Fashion-MNIST against {axis} for distributed SGD with one step a round and FedAvg "
        f"with 1, 5 and 20 local epochs; data dealt {dealt}, link {link}; the target {TARGET} is dashed."
    ),
    presets={
        "By rounds": {"axis": "rounds"},
        "Break it": {"link": "fast (10 MB/s)"},
    },
    prepare=_plans,
)
