"""q-FedAvg on the roles of Shakespeare: losses and accuracies of all roles, for several q and rounds.

    q     power of the loss         shown    rounds after which every role was measured
    loss, accuracy                  axes: q, seed, shown round, role; on text that was held out

The authors' suggested number of rounds for Shakespeare is 80, with small q (their published code). Ten roles
a round, drawn with probability ∝ n_k, as in their code; our model is linear in the last three characters
(theirs is an LSTM), and each role's last fifth is held out. `python -m courseware.studies.fair_rounds` makes
15 runs of 200 rounds (five q, three seeds; 2 minutes on one core) and stores results/fair_rounds.npz.
"""

from functools import cache
from itertools import islice, product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from tqdm.auto import tqdm

from courseware.studies import store, stored
from lsml_core.data import next_character, shakespeare
from lsml_core.parallel.federated import Client, qffl_rounds
from lsml_core.parallel.federated.clients import sizes, zeros
from lsml_core.parallel.federated.model import accuracies, losses

POWERS = (0, 0.001, 0.1, 1, 5)
SHOWN = (20, 80, 200)
PER_ROUND, ETA, BATCH, SEEDS = 10, 1.0, 10, 3
CONTEXT, STRIDE = 3, 20
AUTHORS_ROUNDS = 80

Means = Float[ndarray, "*axes"] | float


class FairRounds(NamedTuple):
    """What all roles have on held-out text.   loss, accuracy: mean of a role.   examples: its number."""

    loss: Float[ndarray, "powers seeds shown roles"]
    accuracy: Float[ndarray, "powers seeds shown roles"]
    examples: Int[ndarray, " roles"]


@cache
def measured() -> FairRounds:
    """The stored runs."""
    table = stored("fair_rounds")
    return FairRounds(table["loss"].astype(float), table["accuracy"].astype(float), table["examples"])


def tail_means(values: Float[ndarray, "*axes roles"], share: float = 0.1) -> tuple[Means, Means]:
    """Mean over the lowest and the highest tenth of the roles, "worst 10 %" and "best 10 %" of accuracies.

    values: one per role on the last axis.   share: fraction of the roles that counts, at least one role.
    """
    ordered = np.sort(values, axis=-1)
    few = max(1, round(share * values.shape[-1]))
    return ordered[..., :few].mean(-1), ordered[..., -few:].mean(-1)


def loss_line(q: float | int) -> str:
    """Mean, worst 10 % and variance of the roles' losses at the rounds `SHOWN`: medians of the seeds.

    q: one of `POWERS`.   ValueError for any other.
    """
    loss = measured().loss[POWERS.index(q)]
    columns = loss.mean(-1), tail_means(loss)[1], loss.var(-1)
    cells = np.median(np.array(columns), axis=1).T
    return f"{q:6g}  " + "".join(f"|          {a:8.3f} {b:6.3f} {c:7.3f} " for a, b, c in cells)


def accuracy_line(q: float | int) -> str:
    """Mean, worst and best 10 % and variance of the roles' accuracies after the authors' rounds, percent.

    q: one of `POWERS`.   ValueError for any other.
    """
    accuracy = 100 * measured().accuracy[POWERS.index(q), :, SHOWN.index(AUTHORS_ROUNDS)]
    columns = accuracy.mean(-1), *tail_means(accuracy), accuracy.var(-1)
    a, b, c, d = np.median(np.array(columns), axis=1)
    return f"{q:6g} {a:16.1f} {b:11.1f} {c:10.1f} {d:10.1f}"


def roles() -> tuple[list[Client], list[Client]]:
    """One client per role: the first four fifths of its text, and the last fifth."""
    text = next_character(shakespeare(), context=CONTEXT, stride=STRIDE)
    letters = np.eye(len(text.data.classes))
    x, y = letters[text.data.x.astype(int)].reshape(len(text.data), -1), letters[text.data.y]
    cuts = [(np.sort(mine), len(mine) - max(1, len(mine) // 5)) for mine in text.clients]
    return (
        [Client(x[mine[:cut]], y[mine[:cut]]) for mine, cut in cuts],
        [Client(x[mine[cut:]], y[mine[cut:]]) for mine, cut in cuts],
    )


def run(q: float | int, *, seed: int, shown: tuple[int, ...] = SHOWN) -> tuple[ndarray, ndarray]:
    """Held-out loss and accuracy of every role after the rounds `shown`: two arrays (shown, roles).

    q: at least 0.   seed: of the roles drawn and the batches.   shown: counted from 1, increasing.
    """
    train, test = roles()
    rounds = qffl_rounds(
        train,
        zeros(train),
        q=q,
        eta=ETA,
        epochs=1,
        batch=BATCH,
        participation=PER_ROUND / len(train),
        rng=np.random.default_rng(seed),
    )
    kept = [w for t, (w, _) in enumerate(islice(rounds, max(shown)), 1) if t in shown]
    return np.array([losses(test, w) for w in kept]), np.array([accuracies(test, w) for w in kept])


def main() -> None:
    """Make all runs, and store them."""
    tasks = [*product(POWERS, range(SEEDS))]
    found = np.array([run(q, seed=s) for q, s in tqdm(tasks, desc="q-FedAvg", unit="run")])
    table = found.reshape(len(POWERS), SEEDS, 2, len(SHOWN), -1).astype(np.float32)
    examples = sizes(roles()[1]).astype(int)
    store("fair_rounds", {"loss": table[:, :, 0], "accuracy": table[:, :, 1], "examples": examples})


if __name__ == "__main__":
    main()
