"""Federated learning: many clients with their own data, one model; w travels instead of the data.

clients     their examples              model       the losses that they minimise
local       what a client does in a round
engines     who runs the clients        rounds      FedAvg and FedProx
stragglers  clients that are late       fairness    q-FFL
devices     how long a round takes      distributed distributed SGD, one step per round
records     what rounds leave behind    quadratics  where FedAvg converges, in closed form
privacy     clipped updates, noise, ε and δ
"""

from lsml_core.parallel.federated import (
    clients,
    devices,
    distributed,
    engines,
    fairness,
    local,
    model,
    privacy,
    quadratics,
    records,
    rounds,
    stragglers,
)
from lsml_core.parallel.federated.clients import Client, client_of, partition
from lsml_core.parallel.federated.distributed import distributed_sgd, distributed_sgd_rounds
from lsml_core.parallel.federated.engines import BatchedEngine, DistributedEngine, SerialEngine
from lsml_core.parallel.federated.fairness import qffl, qffl_exact, qffl_rounds
from lsml_core.parallel.federated.local import LocalSGD, client_update
from lsml_core.parallel.federated.model import Family, LinearRegression, SoftmaxRegression
from lsml_core.parallel.federated.privacy import private_fedavg_rounds
from lsml_core.parallel.federated.records import FederatedRun, Round
from lsml_core.parallel.federated.rounds import fedavg, fedavg_rounds
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
    "clients",
    "devices",
    "distributed",
    "distributed_sgd",
    "distributed_sgd_rounds",
    "engines",
    "fairness",
    "fedavg",
    "fedavg_rounds",
    "local",
    "model",
    "partition",
    "privacy",
    "private_fedavg_rounds",
    "qffl",
    "qffl_exact",
    "qffl_rounds",
    "quadratics",
    "records",
    "rounds",
    "stragglers",
]
