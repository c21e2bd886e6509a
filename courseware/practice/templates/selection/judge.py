"""Decisions about data selection: methods and claims, an error in a bound."""

import numpy as np

from courseware.practice.question import Draft, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import Line, Pair, Slip, find_the_error, match

TOPIC = Topic.SELECTION


METHODS = (
    Pair(
        "CRAIG", "weighted exemplars per class whose gradient is close to the full gradient, chosen by greedy"
    ),
    Pair("CREST", "a new coreset whenever training leaves the region in which the loss is nearly quadratic"),
    Pair("CRUST", "examples whose gradients cluster (low-rank Jacobian), because noisy labels spread out"),
    Pair("EPIC", "k-medoids in gradient space; clusters of size 1 are dropped"),
    Pair("S2L", "clusters of the loss trajectories of a small model; equally many examples from each"),
    Pair("Group DRO", "the group with the largest loss gets a larger weight during training"),
    Pair("EL2N", "the distance between the predicted probabilities and the one-hot label, early in training"),
    Pair("Forgetting score", "how often an example is misclassified after it was classified correctly"),
)


@template(
    TOPIC, Kind.MATCH,
    covers=(
        "craig_algorithm", "crest_regions", "crust_jacobian", "epic_isolated", "s2l_algorithm", "spurious_gdro", "el2n",
        "forgetting_event",
    ),
    difficulty=1, minutes=3,
)  # fmt: skip
def selection_methods_and_claims(rng: np.random.Generator) -> Draft:
    confusions = {
        frozenset(
            ("CRAIG", "CREST")
        ): "CRAIG is the weighted coreset; CREST decides when to choose a new one.",
        frozenset(
            ("CRUST", "EPIC")
        ): "Both look at gradients: CRUST keeps what clusters, EPIC drops what is isolated.",
        frozenset(
            ("EL2N", "Forgetting score")
        ): "EL2N is a distance at one time; forgetting counts changes during training.",
        frozenset(
            ("CRAIG", "S2L")
        ): "S2L clusters loss trajectories, because gradients of language models are too large.",
    }
    return match(rng, "Match each method to its description.", METHODS, confusions)


@template(
    TOPIC, Kind.ERROR, covers=("exemplar_bound", "gradient_coreset", "craig_algorithm", "convex_bound"), difficulty=2,
    minutes=5,
)  # fmt: skip
def error_in_the_coreset_bound(rng: np.random.Generator) -> Draft:
    claim = (
        r"**Claim.** Let $s(i)\in S$ be the exemplar nearest to $i$ in gradient space, and $\gamma_j$ the number of $i$ with "
        r"$s(i)=j$. Then $\big\|\sum_{i\in V}\nabla f_i-\sum_{j\in S}\gamma_j\nabla f_j\big\|\le"
        r"\sum_{i\in V}\min_{j\in S}\|\nabla f_i-\nabla f_j\|$, and greedy finds a good $S$."
    )
    lines = (
        Line(r"$\sum_{j\in S}\gamma_j\nabla f_j=\sum_{i\in V}\nabla f_{s(i)}$", "each exemplar occurs once per member of its cluster."),
        Line(r"The difference is $\sum_{i\in V}(\nabla f_i-\nabla f_{s(i)})$", "both sums run over $V$."),
        Line(r"Its norm is at most $\sum_{i\in V}\|\nabla f_i-\nabla f_{s(i)}\|$, by the triangle inequality", "this is the triangle inequality."),
        Line(r"$\|\nabla f_i-\nabla f_{s(i)}\|=\min_{j\in S}\|\nabla f_i-\nabla f_j\|$, because $s(i)$ is nearest", "this is the definition of $s(i)$."),
        Line(r"$F(S)=\sum_i\max_{j\in S}(D-d_{ij})$ is monotone submodular, so greedy reaches $(1-\frac1e)$ of the best $F$",
             "it is a facility location."),
    )  # fmt: skip
    slips = {
        0: [Slip(r"$\sum_{j\in S}\gamma_j\nabla f_j=\sum_{j\in S}\nabla f_j$", r"the weights $\gamma_j$ are cluster sizes, not 1.")],
        2: [Slip(r"Its norm equals $\sum_{i\in V}\|\nabla f_i-\nabla f_{s(i)}\|$, because norms add up",
                 r"norms do not add up: differences of opposite sign cancel, so it is $\le$ only.")],
        3: [Slip(r"$\|\nabla f_i-\nabla f_{s(i)}\|=\max_{j\in S}\|\nabla f_i-\nabla f_j\|$, because $s(i)$ is nearest",
                 "the nearest exemplar gives the minimum, not the maximum.")],
        4: [Slip(r"$F(S)=\sum_i\max_{j\in S}(D-d_{ij})$ is modular, so greedy finds the optimum",
                 "facility location is submodular and not modular; greedy is within $1-1/e$."),
            Slip(r"$L(S)=\sum_i\min_{j\in S}d_{ij}$ is monotone submodular, so greedy reaches $(1-\frac1e)$ of the best $L$",
                 "$L$ falls when $S$ grows; it is $F$, the saving, that is monotone submodular and is maximised.")],
    }  # fmt: skip
    return find_the_error(rng, claim, lines, slips)


TEMPLATES = templates_in(vars())
