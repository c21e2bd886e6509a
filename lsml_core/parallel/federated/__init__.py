"""Federated learning: many clients with data of their own, one model, and w travels instead of the data.

model       clients and losses          local       what a client does in a round
engines     who does it                 rounds      FedAvg, FedProx, distributed SGD
fairness    q-FFL                       quadratics  where it ends, in closed form
devices     how long it takes
"""

from lsml_core.parallel.federated import devices, engines, fairness, local, model, quadratics, rounds
from lsml_core.parallel.federated.engines import Batched, Distributed, Loop
from lsml_core.parallel.federated.fairness import qffl, qffl_exact
from lsml_core.parallel.federated.local import Work, client_update
from lsml_core.parallel.federated.model import Client, Softmax, Squares, client_of, deal
from lsml_core.parallel.federated.rounds import Dropped, Partial, Run, distributed_sgd, fedavg

__all__ = [
    "Batched",
    "Client",
    "Distributed",
    "Dropped",
    "Loop",
    "Partial",
    "Run",
    "Softmax",
    "Squares",
    "Work",
    "client_of",
    "client_update",
    "deal",
    "devices",
    "distributed_sgd",
    "engines",
    "fairness",
    "fedavg",
    "local",
    "model",
    "qffl",
    "qffl_exact",
    "quadratics",
    "rounds",
]
