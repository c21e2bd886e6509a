"""What privacy costs: federated averaging with clipped updates and noise, accuracy against ε.

    z     noise multiplier       S    clip       K    number of clients, among whom
                                                 5,000 images of Fashion-MNIST are shared out
    q     probability of a client per round      δ    1/(10 K)

Test accuracy after each round, three seeds, 50 rounds. ε is computed by Google's accountant dp-accounting
(RDP, neighbours differ by one client added or removed, Poisson sampling), which only this script needs:
`pip install dp-accounting==0.6.0`, then `python -m courseware.studies.private_federated` (120 runs, 4 minutes
on one core) stores results/private_federated.npz.
"""

from functools import cache
from itertools import islice, product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.studies import store, stored
from lsml_core.data import load
from lsml_core.data.clients import iid
from lsml_core.parallel.federated import client_of, partition
from lsml_core.parallel.federated.clients import zeros
from lsml_core.parallel.federated.model import accuracies
from lsml_core.parallel.federated.privacy import epsilon, private_fedavg_rounds

NOISES = (0.0, 0.5, 1.0, 2.0, 4.0)
CLIPS = (0.1, 0.3, 1.0, 3.0)
CLIENTS = (100, 1000)
SAMPLING, ROUNDS, SEEDS = 0.1, 50, 3
LOCAL = {"eta": 0.2, "epochs": 5, "batch": None}


class PrivateRuns(NamedTuple):
    """Test accuracy after 0, 1, …, 50 rounds, and ε then at δ = 1/(10 K)."""

    accuracy: Float[ndarray, "seeds rounds+1"]
    epsilon: Float[ndarray, " rounds+1"]


@cache
def measured(clients: int, clip: float | int, noise: float | int) -> PrivateRuns:
    """The stored runs: clients one of `CLIENTS`, clip one of `CLIPS`, noise one of `NOISES`.

    ValueError for any other.
    """
    table = stored("private_federated")
    places = CLIENTS.index(clients), CLIPS.index(clip), NOISES.index(noise)
    accuracy = table["accuracy"].astype(float)[places]
    return PrivateRuns(accuracy, table["epsilon"][places[0], places[2]])


def table_line(noise: float | int, clip: float | int) -> str:
    """ε by the library and by `privacy.epsilon`, and the accuracy, after all rounds, for both `CLIENTS`.

    noise: one of `NOISES`.   clip: one of `CLIPS`.   ValueError for any other.
    """
    cells = []
    for clients in CLIENTS:
        one = measured(clients, clip, noise)
        ours = float(epsilon(ROUNDS, sampling=SAMPLING, noise=noise, delta=delta(clients)))
        cells.append(f"{one.epsilon[-1]:14.2f}{ours:11.2f}{one.accuracy[:, -1].mean():11.3f}")
    return f"{noise:<14g}" + "".join(cells)


def delta(clients: int) -> float:
    """δ = 1/(10 K): well below one client.   clients: K."""
    return 1 / (10 * clients)


def run(clients: int, clip: float | int, noise: float | int, *, seed: int, rounds: int = ROUNDS) -> ndarray:
    """Test accuracy after 0, 1, … rounds.

    clients: K.   clip: S, the largest norm of an update.   noise: z.   rounds: how many.
    """
    data, test = load("fashion", side=14), [client_of(load("fashion", side=14, split="test"))]
    rng = np.random.default_rng(seed)
    people = partition(data, iid(len(data), clients, rng=rng))
    options = {"clip": clip, "noise": noise, "sampling": SAMPLING, "rng": rng}
    path = private_fedavg_rounds(people, zeros(people), **options, **LOCAL)
    start = accuracies(test, zeros(people))[0]
    return np.array([start, *(accuracies(test, w)[0] for w, _ in islice(path, rounds))])


def library_epsilon(noise: float | int, target: float, rounds: int = ROUNDS) -> ndarray:
    """ε after 0, 1, … rounds at δ = `target`, by dp-accounting.

    noise: z.   target: δ, in (0, 1).   ModuleNotFoundError without dp-accounting, unless noise is 0.
    """
    if noise == 0:
        return np.append(0.0, np.full(rounds, np.inf))
    # optional: only this study needs it
    import dp_accounting as dp  # pyright: ignore[reportMissingImports]
    from dp_accounting.rdp import RdpAccountant  # pyright: ignore[reportMissingImports]

    accountant = RdpAccountant(neighboring_relation=dp.NeighboringRelation.ADD_OR_REMOVE_ONE)
    event, found = dp.PoissonSampledDpEvent(SAMPLING, dp.GaussianDpEvent(float(noise))), [0.0]
    for _ in range(rounds):
        accountant.compose(event)
        found.append(accountant.get_epsilon(target))
    return np.array(found)


def main() -> None:
    """Make all runs, and store them."""
    tasks = [*product(CLIENTS, CLIPS, NOISES, range(SEEDS))]
    runs = [run(K, S, z, seed=s) for K, S, z, s in tqdm(tasks, desc="private runs", unit="run")]
    accuracy = np.array(runs).reshape(len(CLIENTS), len(CLIPS), len(NOISES), SEEDS, -1)
    spent = [[library_epsilon(z, delta(K)) for z in NOISES] for K in CLIENTS]
    store("private_federated", {"accuracy": accuracy.astype(np.float32), "epsilon": np.array(spent)})


if __name__ == "__main__":
    main()
