"""A plot of scores to read, and the choice of a selection method for a situation."""

import numpy as np

from courseware.practice.pictures import noisy_labels
from courseware.practice.question import Choice, Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick, show_that

TOPIC = Topic.SELECTION


@template(TOPIC, Kind.READ, covers=("el2n_noise", "el2n"), difficulty=1, minutes=3)
def read_scores_of_noisy_labels(rng: np.random.Generator) -> Draft:
    swapped = bool(rng.integers(2))
    picture, shares = noisy_labels(swapped)
    noisy = "A" if swapped else "B"
    clean = "B" if swapped else "A"
    half = len(shares["wrong labels"]) // 2
    high = {name: float(values[half:].sum()) for name, values in shares.items()}
    right = f"{noisy}; keep the examples of lower score."
    wrong = (
        Mistake(
            f"{clean}; keep the examples of lower score.",
            "Wrong labels contradict the prediction, so their scores are higher.",
        ),
        Mistake(f"{noisy}; keep the examples of higher score.", "That would keep the wrong labels."),
        Mistake(
            f"{clean}; keep the examples of higher score.", "The group of higher scores has the wrong labels."
        ),
    )
    prompt = (
        "A small network was trained for five epochs on digits; 20 % of the labels had been changed at random. The plot shows "
        "EL2N scores of the examples with right and with wrong labels, lettered. Which group has the **wrong labels**, and "
        "what should one keep in order to have few of them?"
    )
    solution = (
        f"Of the wrong labels {100 * high['wrong labels']:.0f} % are in the upper half of the scores, of the right ones "
        f"{100 * high['right labels']:.0f} %.",
        f"So {noisy} has the wrong labels, and a window of lower scores avoids most of them.",
    )
    return Draft(prompt, Choice(right, wrong), solution, {"noisy": noisy}, picture)


SITUATIONS = (
    (
        "You want to train a ten-class image classifier with a tenth of the gradient computations. Labels are clean, the "
        "model is a deep network.",
        "Coresets by gradients, renewed during training (CRAIG with refreshes, or CREST).",
        "Weighted exemplars keep the gradient close to the full one; for networks distances must be updated.",
        "the cost of choosing, or the gradient error of an outdated coreset",
    ),
    (
        "Crowd workers labelled your images; you estimate that 30 % of the labels are wrong.",
        "CRUST, or a window of EL2N or forgetting scores that leaves out the hardest examples.",
        "Clean gradients cluster, wrong labels spread out and have the highest scores.",
        "rare but correct examples that are dropped with the wrong ones",
    ),
    (
        "Anybody can upload images to your training set, and you fear an attack on single test images.",
        "EPIC: cluster by k-medoids in gradient space and drop clusters of size 1 during training.",
        "Effective poisons are isolated in gradient space; ineffective ones may stay.",
        "clean examples that are dropped as well, and so a lower accuracy",
    ),
    (
        "A classifier of birds is right for 95 % of the test images, but only for 30 % of the land birds over water.",
        "Cluster the outputs early in training, then upsample the small clusters or use group DRO.",
        "The background is a spurious feature, learned early; the minority groups must count more.",
        "a lower mean accuracy, or clusters that do not match the groups",
    ),
    (
        "You fine-tune a 3-billion-parameter language model on a million question-answer pairs and can afford a tenth of "
        "them.",
        "S2L: loss trajectories of a small proxy model, clusters, equally many examples from each.",
        "Gradients are too large to store; similar trajectories mean similar gradients when curvature is small.",
        "a proxy whose trajectories do not resemble those of the large model",
    ),
)


@template(
    TOPIC, Kind.DESIGN,
    covers=(
        "network_bound", "crust_jacobian", "epic_isolated", "spurious_upsample", "spurious_gdro", "s2l_algorithm",
        "llm_gradients",
    ),
    difficulty=2, minutes=6,
)  # fmt: skip
def choose_a_selection_method(rng: np.random.Generator) -> Draft:
    situation, choice, reason, risk = pick(rng, SITUATIONS)
    claim = f"{situation} Which method of the course do you use, why does it fit, and what would you measure to notice that it fails?"
    steps = (
        (1, f"Names a fitting method: {choice}"),
        (2, f"Gives the reason from the situation: {reason}"),
        (1, f"Names something to measure, such as {risk}."),
    )
    return show_that(claim, steps, (choice, reason, f"Measure, for instance, {risk}."))


TEMPLATES = templates_in(vars())
