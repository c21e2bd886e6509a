"""The Flower app is the course's FedAvg on somebody else's engine: same client function, same weights."""

import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from helpers import ROOT

from lsml_core.data.clients import synthetic
from lsml_core.parallel.federated import client_of, fedavg
from lsml_core.parallel.federated.clients import zeros

APP = ROOT / "examples" / "flower_app"
CONFIG = tomllib.loads((APP / "pyproject.toml").read_text())["tool"]["flwr"]["app"]["config"]
QUIET = {"FLWR_TELEMETRY_ENABLED": "0", "RAY_USAGE_STATS_ENABLED": "0"}
SCRIPT = """
from flwr.simulation import run_simulation
from flower_app import client_app, server_app

resources = {"client_resources": {"num_cpus": 1.0, "num_gpus": 0.0}, "init_args": {"num_cpus": 1}}
run_simulation(server_app.app, client_app.app, num_supernodes=30, backend_config=resources)
"""


def ours():
    data = synthetic(
        1, 1, CONFIG["clients"], rng=np.random.default_rng(CONFIG["seed"]), largest=CONFIG["largest"]
    )
    clients = [client_of(one) for one in data]
    how = {name: CONFIG[name] for name in ("eta", "epochs", "batch", "mu")}
    return fedavg(
        clients, zeros(clients), CONFIG["rounds"], rng=np.random.default_rng(CONFIG["seed"]), **how
    ).w


@pytest.mark.skipif(
    find_spec("flwr") is None,
    reason="flwr is not installed: the Flower app was NOT run (pip install -e .[flower])",
)
def test_three_rounds_of_flower_end_at_the_weights_of_fedavg(tmp_path: Path):
    path = os.pathsep.join([str(APP), str(APP.parents[1]), os.environ.get("PYTHONPATH", "")])
    own = os.environ | QUIET | {"PYTHONPATH": path, "FLWR_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-c", SCRIPT]
    answer = subprocess.run(
        words, cwd=tmp_path, env=own, capture_output=True, text=True, check=False, timeout=300
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    np.testing.assert_allclose(np.load(tmp_path / CONFIG["save"]), ours(), rtol=0, atol=1e-12)


def test_the_app_names_its_two_sides_and_asks_for_one_node_a_client():
    """What can be said without Flower: the components are files of the app, and the settings are complete."""
    app = tomllib.loads((APP / "pyproject.toml").read_text())["tool"]["flwr"]["app"]
    for module in app["components"].values():
        file, name = module.split(":")
        assert f"{name} = " in (APP / f"{file.replace('.', '/')}.py").read_text()
    assert set(CONFIG) == {"clients", "largest", "rounds", "eta", "epochs", "batch", "mu", "seed", "save"}
