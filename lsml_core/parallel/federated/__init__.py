"""Federated learning: many clients with their own data, one model; w travels instead of the data.

model       clients and losses          local       what a client does in a round
engines     who runs the clients        rounds      FedAvg, FedProx, distributed SGD
stragglers  clients that are late       fairness    q-FFL
devices     how long a round takes      quadratics  where it converges, in closed form
"""

from lsml_core.parallel.federated import (
    devices,
    engines,
    fairness,
    local,
    model,
    quadratics,
    rounds,
    stragglers,
)
from lsml_core.parallel.federated.engines import BatchedEngine, DistributedEngine, SerialEngine
from lsml_core.parallel.federated.fairness import qffl, qffl_exact, qffl_rounds
from lsml_core.parallel.federated.local import LocalSGD, client_update
from lsml_core.parallel.federated.model import (
    Client,
    Family,
    LinearRegression,
    SoftmaxRegression,
    client_of,
    partition,
)
from lsml_core.parallel.federated.rounds import (
    FederatedRun,
    Round,
    distributed_sgd,
    distributed_sgd_rounds,
    fedavg,
    fedavg_rounds,
)
from lsml_core.parallel.federated.stragglers import Dropped, Partial

__all__ = [
    "BatchedEngine",
    "Client",
    "DistributedEngine",
    "Dropped",
    "Family",
    "FederatedRun",
    "LinearRegression",
    "LocalSGD",
    "Partial",
    "Round",
    "SerialEngine",
    "SoftmaxRegression",
    "client_of",
    "client_update",
    "devices",
    "distributed_sgd",
    "distributed_sgd_rounds",
    "engines",
    "fairness",
    "fedavg",
    "fedavg_rounds",
    "local",
    "model",
    "partition",
    "qffl",
    "qffl_exact",
    "qffl_rounds",
    "quadratics",
    "rounds",
    "stragglers",
]
