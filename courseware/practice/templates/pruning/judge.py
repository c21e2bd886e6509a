"""Decisions about pruning: criteria and claims, what is reset before retraining, errors in algorithms."""

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


TEMPLATES = templates_in(vars())
