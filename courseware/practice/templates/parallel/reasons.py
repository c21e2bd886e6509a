"""Reasons for what large batches, delays and federated methods do."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    Variant,
    in_words,
)

TOPIC = Topic.PARALLEL


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


TEMPLATES = templates_in(vars())
