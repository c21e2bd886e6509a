"""The server lets Flower's FedAvg, an average weighted by n_k, do the rounds, and saves the weights."""

import numpy as np
from flwr.app import ArrayRecord, Context
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg

from flower_app import task
from lsml_core.parallel.federated.clients import zeros

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    config = task.settings(context)
    w = zeros(task.clients(config["clients"], config["largest"], config["seed"]))
    everybody = {"min_train_nodes": config["clients"], "min_available_nodes": config["clients"]}
    strategy = FedAvg(fraction_evaluate=0.0, **everybody)
    result = strategy.start(grid, initial_arrays=ArrayRecord([w]), num_rounds=config["rounds"])
    np.save(config["save"], result.arrays.to_numpy_ndarrays()[0])
