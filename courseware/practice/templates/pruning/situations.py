"""Plots of pruning to read, and the choice of a method for a situation."""

import numpy as np

from courseware.practice.pictures import LINE_LETTERS, lottery_tickets, mean_of_seeds, pruned_before_training
from courseware.practice.question import Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    lettered,
    pick,
    show_that,
)

TOPIC = Topic.PRUNING


@template(TOPIC, Kind.READ, covers=("layer_collapse", "synflow", "snip"), difficulty=1, minutes=3)
def read_pruning_before_training(rng: np.random.Generator) -> Draft:
    names = ("random", "magnitude", "SNIP", "SynFlow")
    order = tuple(names[int(i)] for i in rng.permutation(4))
    picture, x, y = pruned_before_training(order)
    at = int(np.argmin(np.abs(x - 316)))
    best = max(names, key=lambda n: float(y[n][at]))
    letter = LINE_LETTERS[order.index(best)]
    wrong = tuple(
        Mistake(
            f"Line {LINE_LETTERS[order.index(n)]}",
            f"Line {LINE_LETTERS[order.index(n)]} is {n}: {100 * y[n][at]:.0f} % at compression {x[at]:.0f}.",
        )
        for n in names
        if n != best
    )
    prompt = (
        "A network was pruned before training by SynFlow (100 rounds), SNIP, magnitude and at random (one shot each), and "
        f"trained on Fashion-MNIST (ten classes; {mean_of_seeds('pruning', 'compression.accuracy')}). Which line must be "
        "**SynFlow**, according to what the deck says about layer collapse?"
    )
    solution = (
        f"At compression {x[at]:.0f}: "
        + ", ".join(f"{n} {100 * y[n][at]:.0f} %" for n in names)
        + "; chance is 10 %.",
        f"Iterative SynFlow keeps a weight in every layer at higher compression than the others, which collapse earlier: line "
        f"{letter}.",
    )
    return Draft(prompt, lettered(f"Line {letter}", wrong), solution, {"best": best}, picture)


@template(TOPIC, Kind.READ, covers=("winning_ticket", "train_pruned"), difficulty=1, minutes=3)
def read_tickets_and_controls(rng: np.random.Generator) -> Draft:
    names = ("ticket", "re-initialised", "shuffled", "random")
    order = tuple(names[int(i)] for i in rng.permutation(4))
    picture, x, y = lottery_tickets(order, 3)
    best = max(names, key=lambda n: float(y[n][-1]))
    letter = LINE_LETTERS[order.index(best)]
    told = {
        "ticket": "the ticket itself, with its mask and its own initial weights",
        "re-initialised": "the ticket's mask on new initial weights",
        "shuffled": "the ticket's weights with a mask shuffled within each layer",
        "random": "a random mask of the same size",
    }
    wrong = tuple(
        Mistake(
            f"Line {LINE_LETTERS[order.index(n)]}",
            f"This line is {told[n]}: {100 * y[n][-1]:.0f} % at compression {x[-1]:.0f}.",
        )
        for n in names
        if n != best
    )
    prompt = (
        "Iterative magnitude pruning found a ticket: a mask with the original initial weights. It is compared with three "
        "controls: the mask on new initial weights, the mask shuffled within each layer, and a random mask. All were trained "
        f"equally long (Fashion-MNIST, {mean_of_seeds('pruning', 'tickets.accuracy')}). Which line is the **ticket**?"
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
