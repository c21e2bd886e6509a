"""The course's FedAvg on Flower's machines: `flwr run`, or `run_simulation` with these two apps."""
