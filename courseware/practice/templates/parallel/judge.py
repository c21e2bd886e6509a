"""Decisions about parallel and federated SGD: methods and claims, an error in FedAvg."""

import numpy as np

from courseware.practice.question import Draft, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    Line,
    Pair,
    Slip,
    find_the_error,
    match,
)

TOPIC = Topic.PARALLEL


METHODS = (
    Pair(
        "Synchronous SGD",
        "the same steps as one worker with the same mini-batch, but every worker waits for the slowest",
    ),
    Pair(
        "Hogwild",
        "no lock and no waiting: updates may use stale weights, which acts like noise in a serial run",
    ),
    Pair(
        "FedAvg",
        "several local steps on each device, then a mean of the models weighted by the numbers of examples",
    ),
    Pair(
        "FedProx",
        "a term that holds the local weights near the global ones; partial work of slow devices counts",
    ),
    Pair(
        "q-FFL",
        "devices with a large loss get a larger weight in the objective, so that accuracy is more uniform",
    ),
    Pair(
        "Data shuffling",
        "the examples are dealt to the workers anew for every epoch, which speeds up convergence",
    ),
)


@template(
    TOPIC, Kind.MATCH,
    covers=("synchronous_sum", "hogwild_serial", "fedavg_round", "fedprox_objective", "qffl_objective", "shuffling"),
    difficulty=1, minutes=3,
)  # fmt: skip
def parallel_methods_and_claims(rng: np.random.Generator) -> Draft:
    confusions = {
        frozenset(("FedAvg", "FedProx")): "Both average local models; only FedProx adds a proximal term.",
        frozenset(
            ("Synchronous SGD", "Hogwild")
        ): "Hogwild is the one without waiting; synchronous SGD waits at every step.",
        frozenset(
            ("FedProx", "q-FFL")
        ): "FedProx limits the local moves; q-FFL changes the weights of the devices' losses.",
    }
    return match(rng, "Match each method to its description.", METHODS, confusions)


@template(
    TOPIC,
    Kind.ERROR,
    covers=("fedavg_round", "fedavg_versus_distributed", "fedavg_sizes"),
    difficulty=2,
    minutes=4,
)
def error_in_fedavg(rng: np.random.Generator) -> Draft:
    claim = "**One round of FedAvg**, as pseudo-code. At step $t$, device $k$ uses its example $i_t$, with loss $f_{i_t}$."
    lines = (
        Line(
            r"The server chooses some devices and sends them $w$.",
            "only some of the devices take part in a round.",
        ),
        Line(r"Device $k$ starts with $w_k=w$.", "all local runs start at the global weights."),
        Line(
            r"For $t=1,\dots,T$ device $k$ computes $\nabla f_{i_t}(w_k)$,",
            "the gradient is taken at the local weights, which move.",
        ),
        Line(
            r"and steps: $w_k\leftarrow w_k-\alpha\nabla f_{i_t}(w_k)$.",
            "the local weights move at every step.",
        ),
        Line(
            r"Device $k$ sends $w_k$ once, after its $T$ steps.", "one message per round saves communication."
        ),
        Line(
            r"The server sets $w=\sum_kn_kw_k/\sum_kn_k$ over these devices.",
            "devices count in proportion to their data.",
        ),
    )
    slips = {
        2: [Slip(r"For $t=1,\dots,T$ device $k$ computes $\nabla f_{i_t}(w)$ at the global weights $w$,",
                 "with gradients at $w$ only, $T$ local steps are one large mini-batch step: this is distributed SGD.")],
        4: [Slip(r"Device $k$ sends $w_k$ after every one of its $T$ steps.",
                 "then a round would cost $T$ messages per device; local steps would save nothing.")],
        5: [Slip(r"The server sets $w=\frac1K\sum_kw_k$ over these $K$ devices, whatever their $n_k$.",
                 "devices hold different numbers of examples, so they are weighted by $n_k$."),
            Slip(r"The server sets $w=\sum_kn_kw_k$ over these devices.",
                 "the weights have to be divided by their sum, or $w$ grows with the amount of data.")],
    }  # fmt: skip
    return find_the_error(rng, claim, lines, slips)


TEMPLATES = templates_in(vars())
