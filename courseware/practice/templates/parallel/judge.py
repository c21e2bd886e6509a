"""Decisions about parallel and federated learning: methods and claims, pseudo-code with an error, plots, designs."""

import numpy as np

from courseware.practice.pictures import large_batches
from courseware.practice.question import Choice, Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    Line,
    Pair,
    Slip,
    Variant,
    find_the_error,
    in_words,
    match,
    pick,
    show_that,
    some,
)
from courseware.practice.writing import num

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


WORDS = (
    Variant(
        "A mini-batch eight times as large is spread over eight times as many workers, and the step size stays the same. "
        "What does the deck say about training for the same number of epochs?",
        "Less communication per epoch, but a worse training error.",
        (
            Mistake("More communication per epoch, but a better training error.", "Fewer steps per epoch mean fewer messages."),
            Mistake("The same training error, because the gradient is unbiased.", "It is unbiased, but there are fewer steps."),
            Mistake("A better training error, because the variance is smaller.", "The smaller variance does not replace the steps."),
        ),
        (
            "A larger batch has fewer steps per epoch, so the workers communicate less often.",
            "With fewer steps, more passes over the data are needed for the same training error.",
        ),
    ),
    Variant(
        "AlexNet on ImageNet: top-1 accuracy is 59.19 % at batch 512 and 55.90 % at batch 8192. Which explanation does the "
        "deck give for the lower test accuracy?",
        "Large batches generalise worse.",
        (
            Mistake("Large batches have a biased gradient.", "A mini-batch gradient is unbiased at every batch size."),
            Mistake("Large batches communicate more.", "They communicate less, and it does not change the accuracy."),
            Mistake("Large batches use stale weights.", "Staleness belongs to asynchronous methods."),
        ),
        ("The deck names worse training per pass and worse generalisation (Keskar et al., ICLR 2017).",),
    ),
    Variant(
        "Why does the deck call Hogwild a *noisy serial* SGD?",
        "Its steps are those of a serial run with perturbed gradients.",
        (
            Mistake("Its locks put the steps of all workers into one fixed serial order.", "Hogwild has no locks."),
            Mistake("Its workers take turns, one step each.", "Nobody waits for a turn; updates overlap."),
            Mistake("Its gradients are computed on noisy labels.", "The noise comes from stale weights, not from labels."),
        ),
        (
            "An update is computed at weights that other workers have changed meanwhile.",
            "That difference acts as noise on a serial run; if delays are bounded, it hardly affects the rate.",
        ),
    ),
    Variant(
        "Four data sets have equally many examples, and Hogwild uses equally many workers on each. On which is it safest by the "
        r"condition $\tau\le n/(2\Delta_{av})$?",
        "Sparse examples whose features are spread out.",
        (
            Mistake("Dense examples with few features.", r"Dense examples all conflict with each other, so $\Delta_{av}=n-1$."),
            Mistake("Sparse examples that share one common feature.", "All pairs conflict in the common feature."),
            Mistake("Dense examples with many features.", "Every pair of dense examples shares a coordinate."),
        ),
        (
            r"$\Delta_{av}$ is the mean number of other examples that share a coordinate with an example.",
            "Spread-out sparse features make it small, and the bound on the delay large.",
        ),
    ),
)  # fmt: skip


@template(
    TOPIC, Kind.JUDGE,
    covers=(
        "communication_cost", "large_batch_training", "large_batch_generalization", "hogwild_serial",
        "asynchronous_noise", "hogwild_delay",
    ),
    difficulty=1, minutes=2,
)  # fmt: skip
def batches_and_asynchrony(rng: np.random.Generator) -> Draft:
    return in_words(rng, WORDS)


FEDERATED = (
    Variant(
        "Half of the chosen devices are too slow to finish their local epochs. What does FedProx do that FedAvg, as "
        "usually run, does not?",
        "It uses what they have done so far.",
        (
            Mistake("It drops them from the round.", "This is what FedAvg does with stragglers."),
            Mistake("It waits until all of them are done.", "Waiting for the slowest is what synchronous SGD does."),
            Mistake("It lets them send their data.", "Data never leave a device in federated learning."),
        ),
        (
            "FedProx incorporates partial work; the proximal term keeps partial and full local work comparable.",
            "Its guarantee needs a bound on the dissimilarity of the devices.",
        ),
    ),
    Variant(
        "With many local steps on very different devices, FedAvg moves slowly or to a wrong point. What does the proximal "
        r"term $\frac\mu2\|w_k-w^t\|^2$ change?",
        "It limits how far local updates move away from the global weights.",
        (
            Mistake("It makes the devices' data more alike.", "The data stay as they are; only the local problem changes."),
            Mistake("It gives devices with a large loss a larger weight in the average loss.", "That is q-FFL."),
            Mistake("It removes the need to average the local weights.", "The server still averages."),
        ),
        (
            "Each device minimises its loss plus a penalty for moving away from $w^t$.",
            r"So heterogeneous local updates cannot drift as far; for $\mu\to\infty$ nothing moves, which is too much.",
        ),
    ),
    Variant(
        "A keyboard model works well for most users and badly for a few. Which change of the objective does the deck offer?",
        r"$\frac{1}{q+1}\sum_kp_kF_k^{q+1}$ with a larger $q$",
        (
            Mistake(r"$\sum_kp_kF_k+\frac\mu2\|w-w^t\|^2$ with a larger $\mu$", "The proximal term limits local moves; it is not about fairness."),
            Mistake(r"$\frac{1}{q+1}\sum_kp_kF_k^{q+1}$ with $q=0$", "$q=0$ is the usual mean."),
            Mistake(r"$\sum_kn_kF_k/\sum_kn_k$ with larger $n_k$", "This weighs devices by data, not by their loss."),
        ),
        (r"A larger $q$ gives large losses more weight; for $q\to\infty$ only the worst device counts.",),
    ),
    Variant(
        "Which two things make FedAvg communicate less than distributed SGD?",
        "Local steps, and only some devices per round.",
        (
            Mistake("Smaller models, and fewer examples per device.", "Model and data are the same in both."),
            Mistake("Larger step sizes, and no averaging.", "FedAvg averages; step sizes do not change the messages."),
            Mistake("Compressed gradients, and no server.", "FedAvg sends whole models to a server."),
        ),
        ("The deck names local updating and communicating with a subset of the devices.",),
    ),
)  # fmt: skip


@template(
    TOPIC, Kind.JUDGE,
    covers=(
        "fedprox_partial", "system_heterogeneity", "fedprox_objective", "qffl_objective", "fedavg_communication",
        "data_heterogeneity",
    ),
    difficulty=1, minutes=2,
)  # fmt: skip
def what_federated_methods_change(rng: np.random.Generator) -> Draft:
    return in_words(rng, FEDERATED)


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
        "A small network was trained on the digits with several batch sizes (mean of three seeds). Every line is for a "
        "fixed number of epochs. Which statement does the plot support?"
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
