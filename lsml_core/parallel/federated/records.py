"""What rounds leave behind: the weights, who took part, and how many bytes were sent.

w    global weights (d, c)      m    clients chosen per round      path[t]   w after t rounds
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from lsml_core.parallel.federated.clients import ModelWeights, StartWeights
from lsml_core.validation import Count, check_count

ClientIds = Int64[ndarray, " m"]


class RoundLog(NamedTuple):
    """Who took part in a round: the clients that received w, and how many epochs each of them completed."""

    chosen: ClientIds
    epochs: ClientIds

    @property
    def used(self) -> Int64[ndarray, " s"]:
        """The clients whose work goes into the average."""
        return self.chosen[self.epochs > 0]


class Round(NamedTuple):
    """The global weights after a round, and who took part in it."""

    w: ModelWeights
    log: RoundLog


class FederatedRun(NamedTuple):
    """A run of several rounds.

    path: weights after 0, 1, … rounds.   chosen, epochs: one `RoundLog` per row.
    bytes: all that was sent in both directions until then; path[t] and bytes[t] are after t rounds.
    """

    path: Float64[ndarray, "rounds+1 *shape"]
    chosen: Int64[ndarray, "rounds m"]
    epochs: Int64[ndarray, "rounds m"]
    bytes: Int64[ndarray, " rounds+1"]

    @property
    def w(self) -> ModelWeights:
        """The final weights."""
        return self.path[-1]


def run_rounds(every_round: Iterator[Round], w: StartWeights, rounds: Count) -> FederatedRun:
    """The first `rounds` rounds from the start w, with the bytes sent.

    every_round: such as `fedavg_rounds(…)`.   w: the start.   rounds: how many, 0 or more.
    A client that is chosen receives w; one whose work is used sends as many numbers back.
    """
    rounds, w = check_count("rounds", rounds, 0), np.asarray(w, dtype=float)
    taken = [*islice(every_round, rounds)]
    sent = [(len(log.chosen) + len(log.used)) * w.nbytes for _, log in taken]
    m = len(taken[0].log.chosen) if taken else 0
    chosen, epochs = (np.array([r.log[i] for r in taken], dtype=int).reshape(rounds, m) for i in (0, 1))
    path = np.stack([w, *(r.w for r in taken)])
    return FederatedRun(path, chosen, epochs, np.cumsum([0, *sent]))
