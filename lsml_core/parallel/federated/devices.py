"""What a round costs on devices of unequal speed: simulated seconds."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.parallel.federated.clients import PerClient
from lsml_core.parallel.federated.records import FederatedRun
from lsml_core.validation import Count, check_count, check_not_negative, check_rng


@dataclass(frozen=True, eq=False)
class Devices:
    """How fast each client computes and communicates; all links work at the same time.

    seconds_per_example: to compute the gradient of one example on each client, (clients,).
    seconds_per_byte: on a client's own link.
    ValueError: a time that is negative or not finite.
    """

    seconds_per_example: Float[ndarray, " clients"]
    seconds_per_byte: float | int

    def __post_init__(self) -> None:
        check_not_negative(**vars(self))
        own = np.array(self.seconds_per_example, dtype=float)
        own.setflags(write=False)
        object.__setattr__(self, "seconds_per_example", own)

    def seconds(self, run: FederatedRun, examples: PerClient) -> Float[ndarray, " times"]:
        """Seconds from the start until after 0, 1, … rounds.

        run: a run of `fedavg` or one of its relatives.
        examples: number of examples that each client uses per epoch: n_k, or a batch.
        The server waits for the slowest client whose work is used; w is sent out and back.
        """
        check_not_negative(examples=examples)
        computing = run.epochs * (examples * self.seconds_per_example)[run.chosen]
        rounds = computing.max(axis=1, initial=0) + 2 * run.w.nbytes * self.seconds_per_byte
        return np.concatenate([[0.0], np.cumsum(rounds)])


def random_speeds(
    clients: Count, seconds: float | int, spread: float | int, *, rng: np.random.Generator
) -> Float[ndarray, " clients"]:
    """Seconds per example of every client: log-normal of mean `seconds`.

    clients: number of clients.   spread: standard deviation of the logarithm of these seconds; 0: all alike.
    """
    clients = check_count("clients", clients)
    check_not_negative(seconds=seconds, spread=spread)
    return seconds * np.exp(spread * check_rng(rng).normal(size=clients) - spread**2 / 2)
