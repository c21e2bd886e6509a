"""Reasons for what pruning does."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    Variant,
    in_words,
)

TOPIC = Topic.PRUNING


WORDS = (
    Variant(
        "A network is pruned once, before training, to 1 % of its weights by **magnitude**, compared over all layers. Which "
        "layer is emptied first, according to the deck?",
        "The widest layer, because its weights are smallest.",
        (
            Mistake("The smallest layer, because it has the fewest weights of all.", "This is what random pruning does."),
            Mistake("The last layer, because its gradients are largest.", "Magnitude does not look at gradients."),
            Mistake("No layer, because every layer keeps 1 %.", "That would be local pruning."),
        ),
        ("Initial weights are smaller in layers with more inputs, so a common threshold removes them all.",),
    ),
    Variant(
        "A network is pruned once, before training, to 1 % of its weights at **random**. Which layer is emptied first, "
        "according to the deck?",
        "The smallest layer, because few of its weights survive.",
        (
            Mistake("The widest layer, because its weights are the smallest of all.", "This is what magnitude pruning does."),
            Mistake("The first layer, because it sees the data.", "Random scores do not depend on the place."),
            Mistake("No layer, because the choice is fair.", "A fair choice leaves a small layer with nothing now and then."),
        ),
        ("Each weight survives with probability 1 %; a layer with few weights easily loses all of them.",),
    ),
    Variant(
        "Why does SynFlow avoid layer collapse?",
        "Its scores are conserved, and it prunes in many rounds.",
        (
            Mistake("Its scores use data, and it prunes the whole network in a single round.", "It uses no data, and many rounds."),
            Mistake("It keeps the same share of every layer.", "It compares scores over the whole network."),
            Mistake("It trains between the rounds.", "It prunes at initialisation, without training."),
        ),
        ("Every layer's scores have the same sum, so a layer with few weights left has large scores.",
         "The scores are recomputed in every round, so a layer's last weight is not removed early."),
    ),
    Variant(
        "You report a compression ratio of 10. Why does the deck want the theoretical speed-up as well?",
        "Weights of different layers are used differently often.",
        (
            Mistake("A pruned network always needs more operations.", "It needs fewer; how many fewer depends on the layers."),
            Mistake("Compression counts biases and speed-up does not.", "This is not why both are needed."),
            Mistake("Speed-up is always the same as compression for convolutional layers.", "There they differ most: a weight is used at every pixel."),
        ),
        ("For the same compression, similar architectures can have widely different speed-ups.",
         "Early convolutions are used at every pixel, so for the same speed-up one must prune more from the end."),
    ),
    Variant(
        "Unstructured and structured pruning at the same compression: which statement of the deck is right?",
        "Unstructured is more precise, structured is easier to speed up.",
        (
            Mistake("Unstructured is easier to speed up, structured more precise.", "Scattered zeros are hard to accelerate."),
            Mistake("Both give the same accuracy and the same speed.", "There is a trade-off between them."),
            Mistake("Structured is more precise and easier to speed up.", "Larger chunks are removed less precisely."),
        ),
        ("The finer the granularity, the more precise the pruning and the harder the acceleration.",),
    ),
    Variant(
        "A pruned architecture is trained from scratch. When does it reach the accuracy of the dense network, "
        "according to the lottery ticket hypothesis?",
        "With the original initial weights of the survivors.",
        (
            Mistake("With new random weights of the same scale as the old ones.", "Re-initialised, it trains worse."),
            Mistake("With the final weights and a new mask.", "The mask belongs to the ticket."),
            Mistake("With twice as many training iterations.", "The hypothesis is about the initial values."),
        ),
        ("Initialising the surviving weights with their original values recovers the accuracy; over 90 % can be pruned.",),
    ),
    Variant(
        "A ticket found on one data set is used on another. What does the deck report, and what does it suggest?",
        "Tickets transfer, so they may serve as a general initialisation.",
        (
            Mistake("Tickets fail, so they only memorise their training set.", "They generalise across data sets and optimizers."),
            Mistake("Tickets transfer, so pruning needs no data at all.", "Transfer does not mean that no data were used to find them."),
            Mistake("Tickets fail, unless the optimizer is the same.", "They generalise across optimizers, too."),
        ),
        ("Tickets act as an inductive bias; one found on a very large data set may serve many tasks.",),
    ),
)  # fmt: skip


@template(
    TOPIC, Kind.JUDGE,
    covers=(
        "layer_collapse", "synflow", "report_both", "granularity", "train_pruned", "winning_ticket", "tickets_transfer",
    ),
    difficulty=1, minutes=2,
)  # fmt: skip
def what_pruning_does(rng: np.random.Generator) -> Draft:
    return in_words(rng, WORDS)


TEMPLATES = templates_in(vars())
