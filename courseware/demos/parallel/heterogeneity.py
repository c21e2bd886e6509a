"""Demos of lecture 04: clients that are late or left behind, and three ways to count the cost."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.demos.engine.controls import Choice, Numbers, Value
from courseware.demos.engine.demo import Demo
from courseware.plots import federated as plots
from courseware.plots import lines
from courseware.plots.axes import headline, log_axis
from courseware.plots.canvas import canvas
from lsml_core.data import load
from lsml_core.data.clients import iid, shards, synthetic, synthetic_iid
from lsml_core.parallel.federated import (
    Client,
    Dropped,
    FederatedRun,
    Partial,
    client_of,
    distributed_sgd,
    fedavg,
    partition,
    qffl_exact,
)
from lsml_core.parallel.federated.devices import Devices, random_speeds
from lsml_core.parallel.federated.model import accuracies, losses, mean, sizes, zeros

# --- stragglers ------------------------------------------------------------------------------------

SEEDS, ROUNDS, LAST = 3, 24, 8
LATE = 0.9  # fraction of stragglers
DATA = {"differ": (synthetic, (1, 1)), "are alike": (synthetic_iid, ())}
LOCAL_EPOCHS = (2, 5, 20)
METHODS = {"dropped": (Dropped, 0.0), "kept, μ = 0": (Partial, 0.0), "kept, μ = 1": (Partial, 1.0)}


class Straggling(NamedTuple):
    """Mean loss of all clients after every round, (seeds, rounds + 1): dropped, partial work, and FedProx."""

    dropped: Float[ndarray, "seeds rounds+1"]
    partial: Float[ndarray, "seeds rounds+1"]
    proximal: Float[ndarray, "seeds rounds+1"]

    @property
    def ends(self) -> dict[str, Float[ndarray, " seeds"]]:
        """Method -> mean loss of the last rounds, per seed."""
        return {name: loss[:, -LAST:].mean(1) for name, loss in zip(METHODS, self, strict=True)}

    @property
    def gain_of_partial_work(self) -> float:
        """Loss with partial work over loss without, mean over the seeds."""
        dropped, partial, _ = self.ends.values()
        return float((partial / dropped).mean())

    @property
    def proximal_wins(self) -> int:
        """Number of seeds on which the proximal term lowers the loss."""
        _, partial, proximal = self.ends.values()
        return int((proximal < partial).sum())


@cache
def _all_losses() -> dict[tuple[str, int], Straggling]:
    """(data, E) -> the runs of all seeds."""
    records, tasks = {}, [*product(DATA, LOCAL_EPOCHS)]
    for task in tqdm(tasks, desc="federated runs with stragglers", unit="setting", leave=False):
        runs = np.array([_losses(*task, seed) for seed in range(SEEDS)])
        records[task] = Straggling(*runs.swapaxes(0, 1))
    return records


def _losses(data: str, epochs: int, seed: int) -> list[ndarray]:
    """Of each method, all of them with the same clients, stragglers and batches."""
    make, arguments = DATA[data]
    datasets = make(*arguments, clients=30, rng=np.random.default_rng(seed), largest=400)
    clients = [client_of(one) for one in datasets]
    options = {"eta": 0.1, "epochs": epochs, "batch": 10, "participation": 1 / 3}
    curves = []
    for stragglers, mu in METHODS.values():
        rng = np.random.default_rng(seed)
        start = zeros(clients)
        run = fedavg(clients, start, ROUNDS, mu=mu, stragglers=stragglers(LATE), rng=rng, **options)
        curves.append(np.array([mean(losses(clients, w), clients) for w in run.path]))
    return curves


def compute_straggling(data: str, epochs: int) -> Straggling:
    return _all_losses()[data, epochs]


def draw_straggling(record: Straggling, **_: Value) -> Figure:
    curves = dict(zip(METHODS, record, strict=True))
    fig, (left, right) = canvas(2)
    lines.curves(left, np.arange(ROUNDS + 1), {name: loss.mean(0) for name, loss in curves.items()})
    for i, loss in enumerate(curves.values()):
        lines.band(left, np.arange(ROUNDS + 1), loss.min(0), loss.max(0), i)
    left.set(xlabel="round", ylabel="loss of all clients", xlim=(0, ROUNDS), ylim=(0.3, 20))
    lines.line_legend(left, list(curves))
    headline(left, f"Partial work: {record.gain_of_partial_work:.2f} times the loss")
    plots.points_per_seed(right, {name.replace("kept, ", ""): end for name, end in record.ends.items()})
    log_axis(right)
    right.set(xlabel="method", ylabel=f"loss, mean of the last {LAST} rounds", ylim=(0.3, 20))
    headline(right, f"μ = 1 helps on {record.proximal_wins} of {SEEDS} seeds")
    return fig


def alt_straggling(record: Straggling, data: str, epochs: int) -> str:
    ends = ", ".join(f"{name} {end.mean():.2f}" for name, end in record.ends.items())
    return (
        f"Left: loss of all clients over {ROUNDS} rounds, where clients {data} and nine of ten chosen ones "
        f"straggle, {epochs} local epochs: stragglers dropped, partial work kept, and kept with a proximal "
        f"term; bands are the range of {SEEDS} seeds. Right: mean of the last {LAST} rounds, one dot per "
        f"seed: {ends}. The proximal term helps on {record.proximal_wins} of {SEEDS} seeds."
    )


stragglers = Demo(
    compute=compute_straggling,
    draw=draw_straggling,
    controls={
        "data": Choice("clients", tuple(DATA), "differ"),
        "epochs": Numbers("local epochs E", LOCAL_EPOCHS, 5),
    },
    title="Nine of ten straggle: discard their work, or keep what is done",
    goal="find the one setting in which the proximal term, μ = 1, helps on every seed. Where does even "
    "keeping partial work not help?",
    reached=lambda record, **_: record.proximal_wins == SEEDS,
    notice="Where clients differ, most of the gain comes from keeping partial work. The proximal term adds "
    "to it where many local epochs let clients drift far, and costs where they do not. Where clients are "
    "alike there is nothing to correct: it only slows everybody down.",
    alt=alt_straggling,
    presets={"Short local work": {"epochs": 2}, "Break it": {"data": "are alike", "epochs": 20}},
    prepare=_all_losses,
)


# --- fairness --------------------------------------------------------------------------------------

POWERS = (0, 0.5, 1, 2, 3, 5)
L2 = 2e-3
AFFORDABLE = 1.1  # times the mean loss at q = 0


class Fairness(NamedTuple):
    """Loss of every client at every q, n_k, and the place of the current q."""

    losses: Float[ndarray, "powers clients"]
    n: Float[ndarray, " clients"]
    now: int

    @property
    def means(self) -> Float[ndarray, " powers"]:
        """Mean loss over all examples at every q."""
        return np.average(self.losses, axis=1, weights=self.n)

    @property
    def statistics(self) -> dict[str, Float[ndarray, " powers"]]:
        """Worst, mean and standard deviation of the losses at every q."""
        return {"worst": self.losses.max(1), "mean": self.means, "std. deviation": self.losses.std(1)}

    @property
    def affordable(self) -> bool:
        """Whether this is the largest q whose mean loss is at most 10 % above that at q = 0."""
        return self.now == int(np.flatnonzero(self.means <= AFFORDABLE * self.means[0])[-1])


@cache
def _solutions() -> tuple[ndarray, ndarray]:
    """Losses of all clients at every q, and n_k."""
    data = synthetic(0.5, 0.5, 12, rng=np.random.default_rng(1), largest=200)
    clients = [client_of(one) for one in data]
    bar = tqdm(POWERS, desc="solving q-FFL", unit="q", leave=False)
    solved = [qffl_exact(clients, zeros(clients), q=q, l2=L2) for q in bar]
    return np.array([losses(clients, w) for w in solved]), sizes(clients)


def compute_fairness(q: float | int) -> Fairness:
    return Fairness(*_solutions(), POWERS.index(q))


def draw_fairness(record: Fairness, q: float | int) -> Figure:
    fig, (left, right) = canvas(2)
    top, now = 1.1 * float(record.losses.max()), record.now
    means = float(record.means[now]), float(record.means[0])
    plots.client_losses(left, record.losses[now], record.losses[0], means)
    left.set(ylim=(0, top))
    worst = record.losses.max(1)
    headline(left, f"q = {q:g}: the worst loss is {worst[now]:.2f} (was {worst[0]:.2f})")
    plots.fairness_tradeoff(right, POWERS, record.statistics, now)
    right.set(ylim=(0, top))
    change = means[0] / means[1] - 1
    effect = f"{'rises' if change > 0 else 'falls'} by {abs(change):.0%}" if now else "is lowest for q near 0"
    headline(right, f"The mean loss {effect}")
    return fig


def alt_fairness(record: Fairness, q: float | int) -> str:
    shown = ", ".join(
        f"{name} {values[record.now]:.2f} (at q = 0: {values[0]:.2f})"
        for name, values in record.statistics.items()
    )
    return (
        f"Left: losses of twelve clients at q = {q:g} as bars, with marks for their losses at q = 0 and "
        f"lines for the two means. Right: worst loss, mean loss and standard deviation over q. Now: {shown}."
    )


fairness = Demo(
    compute=compute_fairness,
    draw=draw_fairness,
    controls={"q": Numbers("q", POWERS, 1)},
    title="q-FFL: the worst client gets more weight",
    goal="lower the worst loss as far as you can while the mean rises by at most 10 %. What does halving the "
    "standard deviation cost?",
    reached=lambda record, **_: record.affordable,
    notice="As q grows the worst loss falls, and the losses of those who were well off rise. The mean hardly "
    "changes up to q = 1, and rises by more than a quarter at q = 5.",
    alt=alt_fairness,
    presets={"The usual mean": {"q": 0}, "Break it": {"q": 5}},
    prepare=_solutions,
)


# --- the same runs on three axes -------------------------------------------------------------------

AXES = {"rounds": (1, 300), "megabytes sent": (0.5, 200), "simulated seconds": (0.05, 200)}
PARTITIONS = ("IID", "two shards each")
LINKS = {"slow (100 kB/s)": 1e-5, "fast (10 MB/s)": 1e-7}
PLANS = {"one step": 0, "E = 1": 1, "E = 5": 5, "E = 20": 20}  # local epochs; 0 is distributed SGD
RUN_ROUNDS = {"one step": 200, "E = 1": 100, "E = 5": 48, "E = 20": 20}
TARGET = 0.72
BATCH = 50


class PlanRun(NamedTuple):
    """A run of one plan, with the accuracy at some of its rounds."""

    run: FederatedRun
    shown: ndarray  # rounds at which the accuracy was measured
    accuracy: ndarray
    examples: ndarray  # of one epoch of every client
    speeds: ndarray  # seconds per example of every client

    def spent(self, axis: str, link: str) -> Float[ndarray, " shown"]:
        """What the run has cost at the shown rounds, counted in `axis`."""
        if axis == "rounds":
            return self.shown.astype(float)
        if axis == "megabytes sent":
            return self.run.bytes[self.shown] / 1e6
        return Devices(self.speeds, LINKS[link]).seconds(self.run, self.examples)[self.shown]


class Cost(NamedTuple):
    """Plan -> what it has spent, and its accuracy then."""

    spent: dict[str, Float[ndarray, " shown"]]
    accuracy: dict[str, Float[ndarray, " shown"]]

    @property
    def first(self) -> dict[str, float]:
        """Plan -> what was spent when the target was first reached; inf if it never was."""
        reached = {plan: accuracy >= TARGET for plan, accuracy in self.accuracy.items()}
        return {p: float(spent[reached[p]].min(initial=np.inf)) for p, spent in self.spent.items()}

    @property
    def best(self) -> str:
        """The plan that reaches the target at the lowest cost."""
        return min(self.first, key=lambda plan: self.first[plan])


@cache
def plan_runs(seed: int = 0) -> dict[str, dict[str, PlanRun]]:
    """Partition -> plan -> its run: 20 clients, 150 images each, some 1 ms per example."""
    data, test = load("fashion", side=14).subset(range(3000)), load("fashion", side=14, split="test")
    rng, held_out = np.random.default_rng(seed), [client_of(test)]
    parts = {"IID": iid(len(data), 20, rng=rng), "two shards each": shards(data.y, 20, 2, rng=rng)}
    tasks = [*product(PARTITIONS, PLANS)]
    runs: dict[str, dict[str, PlanRun]] = {name: {} for name in PARTITIONS}
    for name, plan in tqdm(tasks, desc="federated runs on Fashion-MNIST", unit="run", leave=False):
        runs[name][plan] = _plan_run(partition(data, parts[name]), plan, held_out, seed)
    return runs


def _plan_run(clients: list[Client], plan: str, held_out: list[Client], seed: int) -> PlanRun:
    options = {"eta": 0.2, "batch": BATCH, "rng": np.random.default_rng(seed)}
    w, rounds, n = zeros(clients), RUN_ROUNDS[plan], sizes(clients)
    if plan == "one step":
        run, examples = distributed_sgd(clients, w, rounds, **options), np.full(len(n), float(BATCH))
    else:
        run, examples = fedavg(clients, w, rounds, epochs=PLANS[plan], **options), n
    shown = np.unique(np.geomspace(1, rounds, 24).astype(int))
    accuracy = np.array([accuracies(held_out, run.path[t])[0] for t in shown])
    speeds = random_speeds(20, 1e-3, 0.5, rng=np.random.default_rng(seed))
    return PlanRun(run, shown, accuracy, examples, speeds)


def compute_cost(axis: str, data: str, link: str, seed: int = 0) -> Cost:
    runs = plan_runs(seed)[data]
    spent = {plan: run.spent(axis, link) for plan, run in runs.items()}
    return Cost(spent, {plan: run.accuracy for plan, run in runs.items()})


def draw_cost(record: Cost, axis: str, **_: Value) -> Figure:
    fig, (ax,) = canvas(1)
    for i, (plan, spent) in enumerate(record.spent.items()):
        lines.measured_points(ax, spent, record.accuracy[plan], i)
    lines.reference_level(ax, TARGET, "")
    log_axis(ax, "x")
    ax.set(xlabel=axis, ylabel="test accuracy", xlim=AXES[axis], ylim=(0.3, 0.85))
    lines.line_legend(ax, list(record.spent), marks=True)
    best = record.best
    headline(ax, f"First to reach accuracy {TARGET}: {best}, after {record.first[best]:.3g} {axis}")
    return fig


def alt_cost(record: Cost, axis: str, data: str, link: str) -> str:
    first = ", ".join(f"{plan} after {spent:.3g}" for plan, spent in record.first.items())
    return (
        f"Test accuracy on Fashion-MNIST against {axis} for distributed SGD with one step per round and "
        f"FedAvg with 1, 5 and 20 local epochs; data {data}, link {link}. The target {TARGET} is dashed and "
        f"first reached by {first}."
    )


communication_cost = Demo(
    compute=compute_cost,
    draw=draw_cost,
    controls={
        "axis": Choice("count", tuple(AXES), "simulated seconds"),
        "data": Choice("data of the clients", PARTITIONS, "IID"),
        "link": Choice("link of a client", tuple(LINKS), "slow (100 kB/s)"),
    },
    title="Local steps save messages, not work",
    goal="find a way of counting and a link for which twenty local epochs take more than three times as long "
    "as one.",
    reached=lambda record, **_: record.first["E = 20"] > 3 * record.first["E = 1"],
    notice="By rounds and by bytes, the plan with more work between two rounds reaches the target sooner. By "
    "the clock it depends: on a slow link communication is expensive, on a fast one it is the clients' own "
    "work that takes time. Where clients hold two shards each, twenty epochs waste time on both, and on the "
    "fast one a single step per round reaches it with the first.",
    alt=alt_cost,
    presets={
        "By bytes": {"axis": "megabytes sent"},
        "Break it": {"link": "fast (10 MB/s)"},
    },
    prepare=plan_runs,
)
