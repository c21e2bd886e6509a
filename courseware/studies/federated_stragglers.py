"""FedAvg, FedProx with μ = 0 and FedProx with μ = 1 on the authors' synthetic clients, 200 rounds.

    E          local epochs per round; nine of the ten chosen clients straggle
    loss       mean over all training examples   accuracy   on the tenth of each client's data that is held
    out variance   Σ p_k ‖∇F_k(w) − ∇f(w)‖², how far the clients' gradients disagree

The three methods, the clients (30, of very unequal size), ten of them a round, batches of 10, η = 0.01, E =
20 and 200 rounds are those of Li, Sahu, Zaheer, Sanjabi, Talwalkar & Smith (MLSys 2020), as their published
code sets them; we add E = 1 and 5, and five seeds. `python -m courseware.studies.federated_stragglers` makes
90 runs (two kinds of clients, three E, three methods, five seeds; 2 minutes on one core) and stores
results/federated_stragglers.npz.
"""

from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.studies import store, stored
from lsml_core.data.clients import synthetic, synthetic_iid
from lsml_core.data.datasets import Dataset
from lsml_core.parallel.federated import Client, Dropped, Partial, client_of, fedavg
from lsml_core.parallel.federated.clients import zeros
from lsml_core.parallel.federated.model import accuracies, gradient_variance, losses

CLIENTS, PARTICIPATION, BATCH, ETA, ROUNDS, SEEDS = 30, 1 / 3, 10, 0.01, 200, 5
DATA = {"differ": (synthetic, (1, 1)), "are alike": (synthetic_iid, ())}
LOCAL_EPOCHS = (1, 5, 20)
FRACTION = 0.9  # of the chosen clients straggle
METHODS = {"FedAvg": (Dropped, 0.0), "FedProx, μ = 0": (Partial, 0.0), "FedProx, μ = 1": (Partial, 1.0)}
EVERY = 5  # rounds between two measurements
MEASURES = ("loss", "accuracy", "variance")


class Stragglers(NamedTuple):
    """What the three methods measured; axes: method, seed, and round 0, 5, …, 200.

    loss: over all training examples.   accuracy: on held-out examples.   variance: of the clients' gradients.
    """

    loss: Float[ndarray, "methods seeds shown"]
    accuracy: Float[ndarray, "methods seeds shown"]
    variance: Float[ndarray, "methods seeds shown"]


@cache
def measured(data: str, epochs: int) -> Stragglers:
    """The stored runs.

    data: a key of `DATA`.   epochs: E, one of `LOCAL_EPOCHS`.   ValueError or KeyError for any other.
    """
    table = stored("federated_stragglers", _part(data, epochs))
    return Stragglers(*(table[name].astype(float) for name in MEASURES))


def at(stop: int) -> slice:
    """The two measurements that a verdict after `stop` rounds averages: five rounds earlier, and then.

    stop: a multiple of `EVERY`, at least `EVERY`.
    """
    return slice(stop // EVERY - 1, stop // EVERY + 1)


def verdict_line(epochs: int, stops: Sequence[int]) -> str:
    """For each stopping round: on how many seeds μ = 1 has a lower loss than μ = 0, and the median ratio.

    epochs: E, one of `LOCAL_EPOCHS`.   stops: stopping rounds.
    """
    loss, cells = measured("differ", epochs).loss, []
    for stop in stops:
        _, without, with_mu = loss[:, :, at(stop)].mean(-1)
        cells.append(f"{int((with_mu < without).sum())} of {SEEDS}, {np.median(with_mu / without):.2f}")
    return f"E = {epochs:<6}" + "".join(f"{cell:>14}" for cell in cells)


def _part(data: str, epochs: int) -> str:
    return f"{[*DATA].index(data)}_{epochs}"


def run(data: str, epochs: int, *, seed: int, rounds: int = ROUNDS) -> Stragglers:
    """All three methods from one seed, with the same clients, stragglers and batches.

    data: one of `DATA`.   epochs: E.   rounds: number of rounds.   The axis of seeds has length 1.
    """
    make, arguments = DATA[data]
    datasets = make(*arguments, clients=CLIENTS, rng=np.random.default_rng(seed))
    train, test = zip(*(_split(one) for one in datasets), strict=True)
    all_train, all_test, found = _union(train), _union(test), []
    for stragglers, mu in METHODS.values():
        path = fedavg(
            train,
            zeros(train),
            rounds,
            eta=ETA,
            epochs=epochs,
            batch=BATCH,
            mu=mu,
            participation=PARTICIPATION,
            stragglers=stragglers(FRACTION),
            rng=np.random.default_rng(seed),
        ).path
        measures = [(losses([all_train], w)[0], accuracies([all_test], w)[0]) for w in path[::EVERY]]
        variance = [gradient_variance(train, w) for w in path[::EVERY]]
        found.append((*np.array(measures).T, np.array(variance)))
    return Stragglers(*(np.stack(values)[:, None] for values in zip(*found, strict=True)))


def _union(clients: Sequence[Client]) -> Client:
    """One client with the examples of all: its loss is the mean over all examples."""
    return Client(*(np.concatenate(arrays) for arrays in zip(*clients, strict=True)))


def _split(data: Dataset) -> tuple[Client, Client]:
    """Nine tenths to train on, one tenth held out; the examples are in random order already."""
    client, cut = client_of(data), len(data) - max(1, len(data) // 10)
    return Client(client.x[:cut], client.y[:cut]), Client(client.x[cut:], client.y[cut:])


def main() -> None:
    """Make all runs, and store them."""
    arrays = {}
    for task in tqdm([*product(DATA, LOCAL_EPOCHS)], desc="stragglers", unit="setting"):
        runs = [run(*task, seed=seed) for seed in range(SEEDS)]
        for name in MEASURES:
            values = np.concatenate([getattr(one, name) for one in runs], axis=1)
            arrays[f"{_part(*task)}.{name}"] = values.astype(np.float32)
    store("federated_stragglers", arrays)


if __name__ == "__main__":
    main()
