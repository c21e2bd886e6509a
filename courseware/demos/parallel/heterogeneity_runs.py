"""The runs that the demos of `heterogeneity.py` show.

For each demo: a record of arrays, and the function of the controls' values that fills it. How they are drawn
stands in `heterogeneity.py`.
"""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from tqdm.auto import tqdm

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
from lsml_core.parallel.federated.clients import sizes, zeros
from lsml_core.parallel.federated.devices import Devices, random_speeds
from lsml_core.parallel.federated.model import accuracies, losses

# --- stragglers ------------------------------------------------------------------------------------


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


def prepare_fairness() -> None:
    for noisy in NOISY_CLIENT:
        _solutions(noisy)


def compute_fairness(q: float | int, noisy: str) -> Fairness:
    return Fairness(*_solutions(noisy), POWERS.index(q), CONTRADICTORY if noisy == "yes" else None)


# --- the same runs on three axes -------------------------------------------------------------------

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
