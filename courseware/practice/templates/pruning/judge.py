"""Decisions about pruning: criteria and claims, collapse, retraining, errors in code, plots, designs."""

import numpy as np

from courseware.practice.pictures import LETTERS, lottery_tickets, pruned_before_training
from courseware.practice.question import Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    Line,
    Pair,
    Slip,
    Variant,
    find_the_error,
    in_words,
    lettered,
    match,
    pick,
    show_that,
)

TOPIC = Topic.PRUNING

CRITERIA = (
    Pair("Magnitude", r"$|\theta|$: keeps large weights"),
    Pair("Gradient magnitude", r"$|\theta\cdot\partial\mathcal L/\partial\theta|$ in a *trained* network"),
    Pair("SNIP", r"$|\theta\cdot\partial\mathcal L/\partial\theta|$ *before* training: preserves the loss"),
    Pair("GraSP", r"$-\theta\odot Hg$ before training: preserves the gradient norm"),
    Pair(
        "SynFlow",
        r"$\mathcal R=\mathbb 1^\top\big(\prod_l|\theta^{[l]}|\big)\mathbb 1$, in many rounds and without data",
    ),
    Pair("Random", "in one shot, it fully prunes the smallest layers first"),
)


@template(
    TOPIC, Kind.MATCH, covers=("magnitude_pruning", "gradient_magnitude", "snip", "grasp", "synflow", "layer_collapse"),
    difficulty=1, minutes=3,
)  # fmt: skip
def pruning_criteria_and_claims(rng: np.random.Generator) -> Draft:
    confusions = {
        frozenset(("Gradient magnitude", "SNIP")): "The formula is the same; SNIP is used at initialisation.",
        frozenset(
            ("SNIP", "GraSP")
        ): "SNIP is of first order (the loss); GraSP has the Hessian (the gradient norm).",
        frozenset(("Magnitude", "SynFlow")): "Both ignore data; SynFlow multiplies weights along paths.",
    }
    return match(rng, "Match each criterion to its description.", CRITERIA, confusions)


RETRAINING = (
    Pair("Fine-tuning", "weights: as they are after training; learning rate: a small one, such as the last"),
    Pair(
        "Weight rewinding", "weights: reset to iteration $k$; learning-rate schedule: reset to iteration $k$"
    ),
    Pair(
        "Learning-rate rewinding",
        "weights: as they are after training; learning-rate schedule: reset to iteration $k$",
    ),
    Pair("Original lottery ticket", "weights: reset to iteration 0; learning-rate schedule: from the start"),
    Pair("Random re-initialisation", "weights: drawn anew; the mask of the pruned network is kept"),
)


@template(
    TOPIC,
    Kind.MATCH,
    covers=("rewinding_variants", "imp_rewinding", "winning_ticket", "imp"),
    difficulty=1,
    minutes=3,
)
def retraining_and_what_is_reset(rng: np.random.Generator) -> Draft:
    confusions = {
        frozenset(
            ("Weight rewinding", "Learning-rate rewinding")
        ): "Learning-rate rewinding keeps the trained weights.",
        frozenset(
            ("Fine-tuning", "Learning-rate rewinding")
        ): "Fine-tuning keeps the small learning rate of the end.",
        frozenset(
            ("Weight rewinding", "Original lottery ticket")
        ): "Rewinding goes back to iteration $k$, not to 0.",
    }
    return match(rng, "Match each way to train a pruned network to what it resets.", RETRAINING, confusions)


@template(TOPIC, Kind.ERROR, covers=("synflow", "layer_collapse"), difficulty=2, minutes=5)
def error_in_synflow(rng: np.random.Generator) -> Draft:
    claim = "**SynFlow**: prune to density $d$ at initialisation in $n$ rounds, without data. As pseudo-code:"
    lines = (
        Line(r"For $i=1,\dots,n$:", "SynFlow needs many rounds."),
        Line(
            r"replace every weight by its absolute value, $|\theta|$, with what is pruned at 0;",
            "the flow is made of absolute values.",
        ),
        Line(
            r"feed an input of ones through the network and let $\mathcal R$ be the sum of the outputs;",
            "no data are used.",
        ),
        Line(
            r"score every weight by $\theta\cdot\partial\mathcal R/\partial\theta$;",
            r"this is the synaptic saliency of $\mathcal R$.",
        ),
        Line(
            r"keep the weights of the largest scores, over the whole network, at density $d^{\,i/n}$.",
            "each round keeps the same share of what is left.",
        ),
        Line(
            r"Give the surviving weights their signs back, and train.",
            "the pruning itself needs no training.",
        ),
    )
    slips = {
        0: [Slip("Once, in a single round ($n=1$):", "in one round SynFlow collapses early; the iterations avoid it.")],
        1: [Slip(r"use the weights $\theta$ with their signs, with what is pruned at 0;", r"with signs, paths would cancel; SynFlow uses $|\theta|$.")],
        2: [Slip(r"feed a batch of training images through the network and let $\mathcal R$ be the loss;", "SynFlow sees no data; this would be SNIP.")],
        4: [Slip(r"keep the weights of the largest scores, over the whole network, at density $1-d^{\,i/n}$.", "the density falls from round to round, down to $d$."),
            Slip(r"keep the weights of the smallest scores, over the whole network, at density $d^{\,i/n}$.", "weights on strong paths, with large scores, are kept.")],
    }  # fmt: skip
    return find_the_error(rng, claim, lines, slips)


@template(TOPIC, Kind.ERROR, covers=("imp", "winning_ticket", "imp_rewinding"), difficulty=2, minutes=4)
def error_in_imp(rng: np.random.Generator) -> Draft:
    claim = "**Iterative magnitude pruning with rewinding** to iteration $k$, as pseudo-code. The mask $m$ starts with ones only."
    lines = (
        Line(
            r"Initialise the weights, train to iteration $k$, and store them as $w_k$.",
            "with $k=0$ this is the original procedure.",
        ),
        Line(r"Train the masked network $m\odot w$ to the end.", "magnitudes are taken after training."),
        Line(
            r"Remove the 20 % of the *surviving* weights that have the smallest $|w|$.",
            "the share refers to what is left.",
        ),
        Line(
            r"Set the surviving weights back to their values in $w_k$.",
            "without their early values the ticket does not win.",
        ),
        Line(
            r"Go on with line 2 until the network is small enough.",
            "several rounds find sparser tickets than one.",
        ),
    )
    slips = {
        1: [Slip(r"Leave out training: the magnitudes of $m\odot w_k$ are used.", "tickets are found from trained weights, not from initial ones.")],
        2: [Slip(r"Remove the 20 % of the *surviving* weights that have the largest $|w|$.", "the smallest weights are removed."),
            Slip(r"Remove 20 % of the weights at random.", "a random mask of this density reaches a lower accuracy.")],
        3: [Slip(r"Draw the surviving weights anew from the initial distribution.", "re-initialised, pruned networks train worse.")],
    }  # fmt: skip
    return find_the_error(rng, claim, lines, slips)


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


@template(TOPIC, Kind.READ, covers=("layer_collapse", "synflow", "snip"), difficulty=1, minutes=3)
def read_pruning_before_training(rng: np.random.Generator) -> Draft:
    names = ("random", "magnitude", "SNIP", "SynFlow")
    order = tuple(names[int(i)] for i in rng.permutation(4))
    picture, x, y = pruned_before_training(order)
    at = int(np.argmin(np.abs(x - 316)))
    best = max(names, key=lambda n: float(y[n][at]))
    letter = LETTERS[order.index(best)]
    wrong = tuple(
        Mistake(
            f"Line {LETTERS[order.index(n)]}",
            f"Line {LETTERS[order.index(n)]} is {n}: {100 * y[n][at]:.0f} % at compression {x[at]:.0f}.",
        )
        for n in names
        if n != best
    )
    prompt = (
        "A network was pruned before training by SynFlow (100 rounds), SNIP, magnitude and at random (one shot each), and "
        "trained on Fashion-MNIST (ten classes; mean of two seeds). Which line must be **SynFlow**, according to what the "
        "deck says about layer collapse?"
    )
    solution = (
        f"At compression {x[at]:.0f} three of the networks are at chance (10 %); line {letter} is at {100 * y[best][at]:.0f} %.",
        "Iterative SynFlow keeps a weight in every layer at higher compression than the others, which collapse earlier.",
    )
    return Draft(prompt, lettered(f"Line {letter}", wrong), solution, {"best": best}, picture)


@template(TOPIC, Kind.READ, covers=("winning_ticket", "train_pruned"), difficulty=1, minutes=3)
def read_tickets_and_controls(rng: np.random.Generator) -> Draft:
    names = ("ticket", "re-initialised", "shuffled", "random")
    order = tuple(names[int(i)] for i in rng.permutation(4))
    picture, x, y = lottery_tickets(order, 3)
    best = max(names, key=lambda n: float(y[n][-1]))
    letter = LETTERS[order.index(best)]
    told = {
        "ticket": "the ticket itself, with its mask and its own initial weights",
        "re-initialised": "the ticket's mask on new initial weights",
        "shuffled": "the ticket's weights with a mask shuffled within each layer",
        "random": "a random mask of the same size",
    }
    wrong = tuple(
        Mistake(
            f"Line {LETTERS[order.index(n)]}",
            f"This line is {told[n]}: {100 * y[n][-1]:.0f} % at compression {x[-1]:.0f}.",
        )
        for n in names
        if n != best
    )
    prompt = (
        "Iterative magnitude pruning found a ticket: a mask with the original initial weights. It is compared with three "
        "controls: the mask on new initial weights, the mask shuffled within each layer, and a random mask. All were trained "
        "equally long (Fashion-MNIST, mean of two seeds). Which line is the **ticket**?"
    )
    solution = (
        f"At compression {x[-1]:.0f}: " + ", ".join(f"{n} {100 * y[n][-1]:.0f} %" for n in names) + ".",
        f"With its original initial weights the ticket loses least: line {letter}.",
    )
    return Draft(prompt, lettered(f"Line {letter}", wrong), solution, {"best": best}, picture)


SITUATIONS = (
    (
        "A trained convolutional network must run four times as fast on a phone with an ordinary dense library.",
        "Structured pruning of filters, mostly where operations are (early layers), then fine-tuning or rewinding.",
        "Dense code gains nothing from scattered zeros; smaller matrices are faster. The measure is the speed-up.",
        "the measured time and the accuracy after retraining",
    ),
    (
        "A trained network must fit into a tenth of its memory for download; it may run slowly.",
        "Unstructured global magnitude pruning, in rounds, with learning-rate or weight rewinding.",
        "Compression counts, not speed; the finest granularity is the most precise.",
        "the compression ratio and the accuracy against the dense network",
    ),
    (
        "You cannot afford to train the dense network even once, have no labelled data yet, and may keep only 1 % of the weights.",
        "SynFlow in many rounds at initialisation, for single weights (unstructured).",
        "It needs no data and no training, and avoids layer collapse at this compression.",
        "that every layer has weights and a path, and later the accuracy",
    ),
    (
        "You may use a batch of labelled data, but not train before pruning, and may keep a tenth of the weights.",
        "SNIP or GraSP at initialisation, for single weights (unstructured), with random pruning as a reference.",
        "SNIP preserves the loss to first order, GraSP the gradient norm; a tenth does not cause collapse yet.",
        "which layers lose most, and the accuracy with a re-initialised control",
    ),
)


@template(
    TOPIC, Kind.DESIGN,
    covers=("granularity", "theoretical_speedup", "report_both", "imp_rewinding", "synflow", "grasp"), difficulty=2,
    minutes=6,
)  # fmt: skip
def choose_a_pruning_method(rng: np.random.Generator) -> Draft:
    situation, choice, reason, measure = pick(rng, SITUATIONS)
    claim = f"{situation} Which pruning method and granularity do you choose, why, and what do you report?"
    steps = (
        (1, f"Names a fitting method: {choice}"),
        (2, f"Gives the reason from the situation: {reason}"),
        (1, f"Says what to report, such as {measure}."),
    )
    return show_that(claim, steps, (choice, reason, f"Report {measure}."))


TEMPLATES = templates_in(vars())
