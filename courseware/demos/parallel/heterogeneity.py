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
from courseware.plots.axes import headline, log_axis, percentage, plural
from courseware.plots.canvas import canvas
from courseware.studies import federated_stragglers
from lsml_core.data import load
from lsml_core.data.clients import iid, shards, synthetic
from lsml_core.parallel.federated import (
    Client,
    FederatedRun,
    client_of,
    distributed_sgd,
    fedavg,
    partition,
    qffl_exact,
)
from lsml_core.parallel.federated.devices import Devices, random_speeds
from lsml_core.parallel.federated.model import accuracies, losses, sizes, zeros

# --- stragglers ------------------------------------------------------------------------------------

STOPS = (10, 25, 50, 100, 200)
LOSSES = (0.1, 20)  # ends of the axis


class Verdict(NamedTuple):
    """The losses of three methods after every fifth round, and the round at which we stop."""

    loss: Float[ndarray, "methods seeds shown"]
    stop: int

    def ends(self, stop: int | None = None) -> Float[ndarray, "methods seeds"]:
        """Mean loss where we stop and five rounds earlier, per method and seed."""
        return self.loss[:, :, federated_stragglers.at(stop or self.stop)].mean(-1)

    def proximal_wins(self, stop: int | None = None) -> int:
        """Number of seeds on which μ = 1 has a lower loss than μ = 0."""
        _, without, with_mu = self.ends(stop)
        return int((with_mu < without).sum())

    @property
    def seeds(self) -> int:
        return self.loss.shape[1]

    @property
    def gain_of_partial_work(self) -> float:
        """Loss of FedAvg over that of FedProx with μ = 0, median over the seeds."""
        dropped, partial, _ = self.ends()
        return float(np.median(dropped / partial))


def compute_straggling(data: str, epochs: int, stop: int) -> Verdict:
    return Verdict(federated_stragglers.measured(data, epochs).loss, stop)


def draw_straggling(record: Verdict, stop: int, **_: Value) -> Figure:
    fig, (left, right) = canvas(2, height=5.2)
    curves = dict(zip(federated_stragglers.METHODS, record.loss, strict=True))
    plots.losses_until(left, curves, stop, federated_stragglers.EVERY)
    left.set(ylim=LOSSES)
    gain = record.gain_of_partial_work
    lowers = f"lowers the loss {gain:.1f} times" if gain > 1.05 else "does not lower the loss"
    headline(left, f"Partial work {lowers}")
    ends = dict(zip(map(str, ("FedAvg", "μ = 0", "μ = 1")), record.ends(), strict=True))
    plots.points_per_seed(right, ends)
    log_axis(right)
    right.set(xlabel="method", ylabel=f"loss, mean of rounds {stop - 5} and {stop}", ylim=LOSSES)
    headline(right, f"μ = 1 helps on {record.proximal_wins()} of {record.seeds} seeds")
    return fig


def alt_straggling(record: Verdict, data: str, epochs: int, stop: int) -> str:
    ranges = zip(federated_stragglers.METHODS, record.ends(), strict=True)
    ends = "; ".join(f"{name} {e.min():.2f} to {e.max():.2f}" for name, e in ranges)
    return (
        f"After {stop} rounds the losses of {record.seeds} seeds are: {ends}. The proximal term, μ = 1 "
        f"against μ = 0, helps on {record.proximal_wins()} of {record.seeds} seeds. Clients {data}, nine of "
        f"ten chosen ones straggle, {plural(epochs, 'local epoch')}. Left: mean loss over the rounds with "
        "the range of the seeds; a vertical line marks the round at which we stop. Right: one dot per seed "
        "and method."
    )


stragglers = Demo(
    compute=compute_straggling,
    draw=draw_straggling,
    controls={
        "data": Choice("clients", tuple(federated_stragglers.DATA), "differ"),
        "epochs": Numbers("local epochs E", federated_stragglers.LOCAL_EPOCHS, 20),
        "stop": Numbers("stop after round", STOPS, 25),
    },
    title="FedAvg, FedProx with μ = 0, FedProx with μ = 1: the verdict depends on when you stop",
    goal="find the setting and the stopping round at which μ = 1 has the lower loss on every seed. Then stop "
    "earlier: would you have come to the same verdict?",
    reached=lambda record, **_: record.proximal_wins() == record.seeds,
    notice="Where clients differ and E = 20, keeping the partial work of stragglers lowers the loss at "
    "every stopping round; with E = 1 it does so in the first rounds only. What the proximal term adds "
    "depends on E and on the stopping round.",
    alt=alt_straggling,
    presets={"One local epoch": {"epochs": 1}, "Break it": {"data": "are alike", "stop": 50}},
)


# --- fairness --------------------------------------------------------------------------------------

POWERS = (0, 0.5, 1, 2, 3, 5)
L2 = 2e-3
AFFORDABLE = 1.1  # times the mean loss at q = 0
NOISY_CLIENT = ("no", "yes")  # whether one client gives each of its inputs all ten labels: loss ≥ log 10
CONTRADICTORY = 3  # that client


class Fairness(NamedTuple):
    """Loss of every client at every q, n_k, the place of the current q, and a contradictory client."""

    losses: Float[ndarray, "powers clients"]
    n: Float[ndarray, " clients"]
    now: int
    contradictory: int | None

    @property
    def means(self) -> Float[ndarray, " powers"]:
        """Mean loss over all examples at every q."""
        return np.average(self.losses, axis=1, weights=self.n)

    @property
    def statistics(self) -> dict[str, Float[ndarray, " powers"]]:
        """Worst, mean and standard deviation of the losses at every q."""
        return {"worst": self.losses.max(1), "mean": self.means, "std. deviation": self.losses.std(1)}

    @property
    def votes(self) -> Float[ndarray, " clients"]:
        """Each client's weight in the gradient of q-FFL, p_k F_k^q, as a fraction of all."""
        weight = self.n * self.losses[self.now] ** POWERS[self.now]
        return weight / weight.sum()

    @property
    def affordable(self) -> bool:
        """Whether this is the largest q whose mean loss is at most 10 % above that at q = 0."""
        return self.now == int(np.flatnonzero(self.means <= AFFORDABLE * self.means[0])[-1])


@cache
def _solutions(noisy: str) -> tuple[ndarray, ndarray]:
    """Losses of all clients at every q, and n_k."""
    data = synthetic(0.5, 0.5, 12, rng=np.random.default_rng(1), largest=200)
    clients = [client_of(one) for one in data]
    if noisy == "yes":
        x, y = clients[CONTRADICTORY]
        few, classes = max(1, len(x) // y.shape[1]), y.shape[1]
        clients[CONTRADICTORY] = Client(
            np.repeat(x[:few], classes, axis=0), np.tile(np.eye(classes), (few, 1))
        )
    bar = tqdm(POWERS, desc="solving q-FFL", unit="q", leave=False)
    solved = [qffl_exact(clients, zeros(clients), q=q, l2=L2) for q in bar]
    return np.array([losses(clients, w) for w in solved]), sizes(clients)


def _prepare_fairness() -> None:
    for noisy in NOISY_CLIENT:
        _solutions(noisy)


def compute_fairness(q: float | int, noisy: str) -> Fairness:
    return Fairness(*_solutions(noisy), POWERS.index(q), CONTRADICTORY if noisy == "yes" else None)


def draw_fairness(record: Fairness, q: float | int, **_: Value) -> Figure:
    fig, (left, right) = canvas(2)
    top, now = 1.1 * float(record.losses.max()), record.now
    means = float(record.means[now]), float(record.means[0])
    plots.client_losses(left, record.losses[now], record.losses[0], means, record.contradictory)
    left.set(ylim=(0, top))
    worst = record.losses.max(1)
    before = f", not {worst[0]:.2f}" if q else ""
    found = f"With q = {q:g} the worst loss is {worst[now]:.2f}{before}"
    if record.contradictory is not None:
        found = f"The hatched client has {percentage(record.votes[record.contradictory])} of the weight"
    headline(left, found)
    plots.fairness_tradeoff(right, POWERS, record.statistics, now)
    right.set(ylim=(0, top))
    change = means[0] / means[1] - 1
    moves = f"{'rises' if change > 0 else 'falls'} by {percentage(abs(change))}"
    headline(right, f"The mean loss {moves if now else 'is lowest for q near 0'}")
    return fig


def alt_fairness(record: Fairness, q: float | int, noisy: str) -> str:
    shown = ", ".join(
        f"{name} {values[record.now]:.2f} (at q = 0: {values[0]:.2f})"
        for name, values in record.statistics.items()
    )
    votes = (
        f" The contradictory client has {percentage(record.votes[CONTRADICTORY])} of the weight in the "
        "gradient."
        if noisy == "yes"
        else ""
    )
    return (
        f"At q = {q:g} the losses of twelve clients have {shown}.{votes} Left: losses as bars, with marks "
        "for the losses at q = 0 and lines for the two means. Right: worst loss, mean loss and standard "
        "deviation against q."
    )


def reached_fairness(record: Fairness, q: float | int, noisy: str) -> bool:  # noqa: ARG001 - one signature
    return noisy == "no" and record.affordable


fairness = Demo(
    compute=compute_fairness,
    draw=draw_fairness,
    controls={
        "q": Numbers("q", POWERS, 1),
        "noisy": Choice("one client contradicts itself", NOISY_CLIENT, "no"),
    },
    title="q-FFL: a client with a larger loss gets more weight",
    goal="without the contradictory client, lower the worst loss as far as you can while the mean rises "
    "by at most 10 %. What does halving the standard deviation cost?",
    reached=reached_fairness,
    notice="As q grows the largest loss falls, and the smallest losses rise. A client whose loss cannot fall "
    "gets nearly all the weight: its own loss hardly changes, and all others rise.",
    alt=alt_fairness,
    presets={"The usual mean": {"q": 0}, "Very fair": {"q": 5}, "Break it": {"q": 5, "noisy": "yes"}},
    prepare=_prepare_fairness,
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
    cost = f"after {record.first[best]:.3g} {axis}"
    headline(ax, f"The plan “{best}” is first to reach accuracy {TARGET}: {cost}")
    return fig


def alt_cost(record: Cost, axis: str, data: str, link: str) -> str:
    first = ", ".join(f"{plan}: {spent:.3g}" for plan, spent in record.first.items())
    return (
        f"Counted in {axis}, the plan “{record.best}” is the first to reach a test accuracy of {TARGET} on "
        f"Fashion-MNIST. The plans need {first} {axis} (data {data}, link {link}). The curves show test "
        f"accuracy against {axis} for distributed SGD with one step per round and FedAvg with 1, 5 and 20 "
        "local epochs."
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
    notice="Counted in rounds or bytes, the plan with more local work reaches the target sooner. Counted in "
    "seconds it depends on the link: on a slow one communication takes the time, on a fast one the clients' "
    "computing does. Where clients hold two shards each, twenty epochs take longest on both links, and on "
    "the fast one a single step per round is among the fastest plans.",
    alt=alt_cost,
    presets={
        "By bytes": {"axis": "megabytes sent"},
        "Break it": {"link": "fast (10 MB/s)"},
    },
    prepare=plan_runs,
)
