"""A plot of large batches to read, and the choice of a method for a situation."""

import numpy as np

from courseware.practice.pictures import large_batches, mean_of_seeds
from courseware.practice.question import Choice, Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    pick,
    show_that,
    some,
)
from courseware.practice.writing import num

TOPIC = Topic.PARALLEL


@template(TOPIC, Kind.READ, covers=("large_batch_training", "communication_cost"), difficulty=1, minutes=3)
def read_large_batches(rng: np.random.Generator) -> Draft:
    """Right and wrong statements are decided by the record itself."""
    picture, x, y = large_batches(bool(rng.integers(2)))
    names = [*y]
    first, last = {n: float(v[0]) for n, v in y.items()}, {n: float(v[-1]) for n, v in y.items()}
    statements = {
        f"At batch size {num(x[0])}, more epochs give a lower loss.": first[names[0]] > first[names[1]] > first[names[2]],
        f"At 9 epochs, batch size {num(x[-1])} has less than half the loss of batch size {num(x[0])}.":
            last["9 epochs"] < first["9 epochs"] / 2,
        f"9 epochs at batch size {num(x[-1])} reach a lower loss than 3 epochs at batch size {num(x[0])}.":
            last["9 epochs"] < first["3 epochs"],
        f"27 epochs at batch size {num(x[-1])} reach a lower loss than 9 epochs at batch size {num(x[0])}.":
            last["27 epochs"] < first["9 epochs"],
        f"At 27 epochs, batch sizes {num(x[0])}, {num(x[1])} and {num(x[2])} differ by less than 10 %.":
            bool(np.ptp(y["27 epochs"][:3]) < 0.1 * y["27 epochs"][:3].min()),
        "At 27 epochs, every larger batch size has a clearly higher loss (by more than 20 %).":
            bool((y["27 epochs"][1:] > 1.2 * y["27 epochs"][:-1]).all()),
    }  # fmt: skip
    true, false = (
        [s for s, holds in statements.items() if holds],
        [s for s, holds in statements.items() if not holds],
    )
    wrong = tuple(
        Mistake(s, "Compare the heights of the points: the plot shows the opposite.")
        for s in some(rng, false, 3)
    )
    solution = (
        "Read each statement as a comparison of two points of the picture.",
        f"At batch size {num(x[0])} the losses are {', '.join(f'{first[n]:.2f} ({n})' for n in names)}; at "
        f"{num(x[-1])} they are {', '.join(f'{last[n]:.2f} ({n})' for n in names)}.",
        "Large batches make fewer steps per epoch, so they need more passes over the data.",
    )
    prompt = (
        "A small network was trained on the digits with several batch sizes "
        f"({mean_of_seeds('large_batch', '0_3.train_loss')}). Every line is for a fixed number of epochs. Which "
        "statement does the plot support?"
    )
    return Draft(prompt, Choice(pick(rng, true), wrong), solution, {}, picture)


SITUATIONS = (
    (
        "Ten thousand phones hold text typed by their users, who write very differently. At night about a third of the "
        "chosen phones stop before they have finished their local epochs.",
        "FedProx (or FedAvg with partial work): local steps, a subset of the phones, a proximal term, partial work kept.",
        "Data cannot be moved, messages are expensive, clients differ, and dropping stragglers would lose their users.",
    ),
    (
        "One machine with 16 cores trains a linear model on documents with a vocabulary of a million words; a document has "
        "about 50 words, and very common words were removed.",
        "Hogwild: all cores update one shared weight vector without locks.",
        r"Sparse examples rarely conflict, so the delays satisfy $\tau\le n/(2\Delta_{av})$, and waiting or locking would cost more.",
    ),
    (
        "Eight equal machines in one rack train a convolutional network; the network between them is fast, and results must "
        "be exactly reproducible.",
        "Synchronous SGD with the mini-batch shared among the machines, data shuffled anew in each epoch.",
        "Equal machines wait little, and the sum of the workers' gradients is that of one machine.",
    ),
    (
        "A hospital network trains one model on data that may not leave the hospitals. The mean accuracy is good, but two "
        "small hospitals have a much higher error than the others.",
        "q-FFL with $q>0$, solved with local steps as in FedAvg.",
        "The objective must weigh large losses more; the data stay where they are.",
    ),
)


@template(
    TOPIC, Kind.DESIGN,
    covers=("system_heterogeneity", "data_heterogeneity", "hogwild_speedup", "synchronous_sum", "qffl_objective"),
    difficulty=2, minutes=6,
)  # fmt: skip
def choose_a_parallel_method(rng: np.random.Generator) -> Draft:
    situation, choice, reason = pick(rng, SITUATIONS)
    claim = f"{situation} Which training method do you choose, and why? Name one risk, and how you would notice it."
    steps = (
        (1, f"Names a fitting method: {choice}"),
        (2, f"Gives the reasons from the situation: {reason}"),
        (
            1,
            "Names a true risk of the choice and something to measure, such as the worst client's loss or the delays.",
        ),
    )
    return show_that(claim, steps, (choice, reason, "Any true risk with something to measure counts."))


TEMPLATES = templates_in(vars())
