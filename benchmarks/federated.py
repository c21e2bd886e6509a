"""A FedAvg round over 30 ragged clients, and 1,000 of them: `python benchmarks/federated.py [part …]`.

round       `BatchedEngine` against `SerialEngine`, and against a loop in torch with autograd, as in most
            federated code; CPU ms of this process, best of several. Two models and two sets of sizes; "work"
            is that of the clients alone, the other columns include choosing, shuffling and averaging
flower      one more round of Flower's simulation with the same client function, wall seconds, if flwr is here
many        100 rounds on 1,000 clients, a tenth of them a round, and the peak of memory
stragglers  synthetic(1, 1), 9 of 10 chosen clients straggle: loss of FedAvg that drops them, FedProx with
            mu = 0 and mu = 1, per seed, for several steps and sizes
"""

import os

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from lsml_core.data.clients import synthetic
from lsml_core.parallel.federated import (
    BatchedEngine,
    Client,
    Dropped,
    LocalSGD,
    Partial,
    SerialEngine,
    client_of,
    fedavg,
)
from lsml_core.parallel.federated.clients import mean, zeros
from lsml_core.parallel.federated.model import losses

CLIENTS, REPEATS = 30, 7
ROUND = {"eta": 0.01, "epochs": 1, "batch": 10}
ROOT = Path(__file__).resolve().parents[1]
FLOWER = """
import sys
from flwr.simulation import run_simulation
from flower_app import client_app, server_app, task
own = task.settings
task.settings = lambda context: {**own(context), "rounds": int(sys.argv[1])}
resources = {"client_resources": {"num_cpus": 1.0, "num_gpus": 0.0}, "init_args": {"num_cpus": 1}}
run_simulation(server_app.app, client_app.app, num_supernodes=30, backend_config=resources)
"""


def some_clients(count: int = CLIENTS, largest: int | None = 400, seed: int = 0) -> list[Client]:
    data = synthetic(1, 1, count, rng=np.random.default_rng(seed), largest=largest)
    return [client_of(one) for one in data]


def small(clients: list[Client]) -> list[Client]:
    """Ten inputs and two classes: the cost of calling numpy outweighs the sums."""
    return [Client(np.ascontiguousarray(x[:, -11:]), np.ascontiguousarray(y[:, :2])) for x, y in clients]


def milliseconds(way: Callable[[list[Client]], object], clients: list[Client]) -> float:
    begin = time.process_time()
    way(clients)
    return 1e3 * (time.process_time() - begin)


def our_round(clients: list[Client], engine: SerialEngine | BatchedEngine, rounds: int = 1) -> np.ndarray:
    return fedavg(clients, zeros(clients), rounds, engine=engine, rng=np.random.default_rng(0), **ROUND).w


def our_work(clients: list[Client], engine: SerialEngine | BatchedEngine) -> np.ndarray:
    orders = [np.arange(len(client.y))[None] for client in clients]
    return engine.run(clients, zeros(clients), orders, LocalSGD(ROUND["eta"], ROUND["batch"]))


def torch_loop(clients: list[Client]) -> np.ndarray:
    """A module, an optimizer and a loss a client; the mean of what they end at, weighted by n_k."""
    import torch
    from torch.nn.functional import cross_entropy

    shuffle, total = np.random.default_rng(0), 0.0
    for x, y in clients:
        layer = torch.nn.Linear(x.shape[1], y.shape[1], bias=False, dtype=torch.float64)
        torch.nn.init.zeros_(layer.weight)
        optimizer = torch.optim.SGD(layer.parameters(), lr=ROUND["eta"])
        inputs, labels = torch.from_numpy(x), torch.from_numpy(y.argmax(axis=1))
        for batch in torch.from_numpy(shuffle.permutation(len(y))).split(ROUND["batch"]):
            optimizer.zero_grad()
            cross_entropy(layer(inputs[batch]), labels[batch]).backward()
            optimizer.step()
        total = total + len(y) * layer.weight.detach().numpy().T
    return np.asarray(total / sum(len(y) for _, y in clients))


def one_round() -> None:
    print(
        f"one round, {CLIENTS} clients, E = 1, B = 10; CPU ms, best of {REPEATS}; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"{'clients':<40}{'torch':>7}{'serial':>7}{'batched':>9}{'torch/B':>9}{'ser./B':>8}"
        f"{'work: serial':>13}{'batched':>9}{'ser./B':>8}"
    )
    engines = SerialEngine(), BatchedEngine()
    for name, largest in {"n_k ≤ 400": 400, "n_k without limit": None}.items():
        full = some_clients(largest=largest)
        for shape, clients in {"60 inputs, 10 classes": full, "10 inputs, 2 classes": small(full)}.items():
            torch = best(torch_loop, clients)
            loop, batched = (best(partial(our_round, engine=e, rounds=10), clients) / 10 for e in engines)
            work = [best(partial(our_work, engine=e), clients) for e in engines]
            print(
                f"{name + ', ' + shape:<40}{torch:>7.1f}{loop:>7.1f}{batched:>9.2f}{torch / batched:>8.0f}x"
                f"{loop / batched:>7.1f}x{work[0]:>13.1f}{work[1]:>9.2f}{work[0] / work[1]:>7.1f}x"
            )


def best(way: Callable[[list[Client]], object], clients: list[Client]) -> float:
    return min(milliseconds(way, clients) for _ in range(REPEATS))


def flower() -> None:
    if find_spec("flwr") is None:
        print("flower: flwr is not installed here, so Flower's simulation was NOT measured")
        return
    few, more = 2, 22
    clients, rng = some_clients(), np.random.default_rng(0)
    fedavg(clients, zeros(clients), 1, rng=rng, **ROUND)  # compiles
    print("one round, wall s")
    print(f"{'BatchedEngine':>10}{'Flower':>10}{'ratio':>8}")
    for _ in range(5):
        begin = time.perf_counter()
        fedavg(clients, zeros(clients), more - few, rng=rng, **ROUND)
        ours = (time.perf_counter() - begin) / (more - few)
        theirs = (flower_seconds(more) - flower_seconds(few)) / (more - few)
        print(f"{ours:>10.4f}{theirs:>10.3f}{theirs / ours:>7.0f}x", flush=True)


def flower_seconds(rounds: int) -> float:
    """As the strategy itself reports it: without the start of Ray."""
    path = os.pathsep.join(map(str, (ROOT / "examples" / "flower_app", ROOT)))
    own = os.environ | {"PYTHONPATH": path, "FLWR_TELEMETRY_ENABLED": "0", "RAY_USAGE_STATS_ENABLED": "0"}
    words = [sys.executable, "-c", FLOWER, str(rounds)]
    answer = subprocess.run(
        words, env=own, capture_output=True, text=True, check=True, cwd=own.get("TMPDIR", "/tmp")
    )
    (seconds,) = re.findall(r"execution finished in ([\d.]+)s", answer.stdout + answer.stderr)
    return float(seconds)


def many() -> None:
    clients = some_clients(1000, largest=200)
    megabytes = sum(a.nbytes for c in clients for a in c) / 1e6
    begin, peaks = time.process_time(), []
    for rounds in (10, 100):
        fedavg(clients, zeros(clients), rounds, participation=0.1, rng=np.random.default_rng(0), **ROUND)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)
    print(
        f"1,000 clients, {megabytes:.0f} MB of examples: 110 rounds in "
        f"{time.process_time() - begin:.1f} CPU s; peak"
    )
    print(f"of memory {peaks[0]:.0f} MB after 10 rounds, {peaks[1]:.0f} MB after 100 more")


def stragglers() -> None:
    print("mean loss of the last 20 of 60 rounds, 10 of 30 clients, E = 20, B = 10, share of stragglers 0.9")
    print(f"{'':<26}{'seed':>6}{'dropped':>10}{'partial':>10}{'mu = 1':>10}")
    methods = ((0.0, Dropped(0.9)), (0.0, Partial(0.9)), (1.0, Partial(0.9)))
    for eta, largest in ((0.03, 400), (0.01, 400), (0.01, None)):
        for seed in range(4):
            clients, found = some_clients(largest=largest, seed=seed), []
            for mu, slow in methods:
                how = {
                    "eta": eta,
                    "epochs": 20,
                    "batch": 10,
                    "participation": 1 / 3,
                    "mu": mu,
                    "stragglers": slow,
                }
                run = fedavg(clients, zeros(clients), 60, rng=np.random.default_rng(100 + seed), **how)
                found.append(np.mean([mean(losses(clients, w), clients) for w in run.path[-20:]]))
            limit = "no limit" if largest is None else f"n_k ≤ {largest}"
            print(f"eta = {eta}, {limit:<14}{seed:>6}" + "".join(f"{v:>10.3f}" for v in found), flush=True)


if __name__ == "__main__":
    parts = {"round": one_round, "flower": flower, "many": many, "stragglers": stragglers}
    for part in sys.argv[1:] or parts:
        parts[part]()
