"""What a round costs on devices of unequal speed: simulated seconds.

example   seconds for the gradient of one example on client k, (clients,)
byte      seconds a byte on a client's own link; links work at the same time
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.parallel.federated.model import PerClient
from lsml_core.parallel.federated.rounds import Run
from lsml_core.validation import check_count, check_not_negative


@dataclass(frozen=True, eq=False)
class Devices:
    """The server waits for the slowest client whose work counts; w travels there and back.

    ValueError: a time that is negative or not finite.
    """

    example: Float[ndarray, " clients"]
    byte: float | int

    def __post_init__(self) -> None:
        check_not_negative(example=self.example, byte=self.byte)
        object.__setattr__(self, "example", np.array(self.example, dtype=float))
        self.example.setflags(write=False)

    def seconds(self, run: Run, examples: PerClient) -> Float[ndarray, " times"]:
        """Since the start, after each round. `examples` are those of one epoch: n_k, or a batch."""
        computing = run.epochs * (examples * self.example)[run.chosen]
        rounds = computing.max(axis=1, initial=0) + 2 * run.w.nbytes * self.byte
        return np.concatenate([[0.0], np.cumsum(rounds)])


def uneven(clients: int, seconds: float | int, spread: float | int, *, rng: np.random.Generator) -> ndarray:
    """Seconds an example: log-normal of mean `seconds`, σ = `spread`."""
    clients = check_count("clients", clients)
    check_not_negative(seconds=seconds, spread=spread)
    return seconds * np.exp(spread * rng.normal(size=clients) - spread**2 / 2)
