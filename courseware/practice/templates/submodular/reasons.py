"""Reasons for why the maximisers of submodular functions work."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    Variant,
    in_words,
)

TOPIC = Topic.SUBMODULAR


WORDS = (
    Variant(
        "Lazy greedy keeps old gains in a queue. Which property makes it right to stop as soon as a fresh gain is on top?",
        "Old gains are upper bounds, because gains only shrink.",
        (
            Mistake("Old gains are lower bounds, because a monotone $F$ only grows.", "An old gain is at least as large as the new one."),
            Mistake("Old gains are exact, because $F$ is modular.", "For modular $F$ no gain changes; here they shrink."),
            Mistake("Old gains are sorted, because the queue is a heap.", "The order alone says nothing about new gains."),
        ),
        (r"By submodularity $F(e\mid S)$ cannot be larger than $F(e\mid S')$ for an earlier set $S'\subseteq S$.",
         "So a fresh gain that is at least every old one is the largest gain."),
    ),
    Variant(
        "On which data does lazy greedy save nothing compared with greedy?",
        "All gains change so much that each is evaluated in every round.",
        (
            Mistake("The gains never change, because $F$ is modular.", "Then the second round needs a single evaluation."),
            Mistake("The elements are very different, so hardly any of the old gains change.", "Then most old gains stay right, and it saves most."),
            Mistake("The ground set is very large compared with $k$.", "Size alone does not hurt; it saves most on large $n$."),
        ),
        ("If every choice lowers all other gains a lot, the top of the queue is stale again and again.",
         r"The worst case is $\Omega(nk)$, as the deck says."),
    ),
    Variant(
        "GreeDi runs on data that are sorted by class. What does one more round of communication buy?",
        "Shuffling: every machine then holds a fair sample.",
        (
            Mistake("Sharing: every machine then knows the elements of all others.", "A machine still holds $n/m$ elements."),
            Mistake("Merging: greedy runs on the chosen elements.", "This is part of GreeDi already, in its one round."),
            Mistake("Voting: the best machine's answer is taken.", "This needs no further communication of data."),
        ),
        ("Without shuffling GreeDi needs one round of communication, and with shuffling two.",
         "Random parts make the local choices representative, whatever the order of the data was."),
    ),
    Variant(
        "Why does sieve-streaming need guesses of OPT at all?",
        "Its thresholds depend on OPT.",
        (
            Mistake("The budget $k$ has to be derived from $OPT$.", "$k$ is given."),
            Mistake("The stream has to be sorted by OPT.", "A stream cannot be sorted."),
            Mistake("The value $F(S)$ cannot be computed without $OPT$.", "$F$ is evaluated directly."),
        ),
        ("With too low a threshold $S$ fills with poor elements, and with too high a one nothing is kept.",
         r"A guess within a factor $1+\epsilon$ of $OPT$ is right enough; powers of $1+\epsilon$ between $m$ and $2km$ contain one."),
    ),
    Variant(
        "Greedy is run on a monotone function that is **not** submodular. What does the deck's theorem promise?",
        "Nothing, because diminishing gains are assumed.",
        (
            Mistake(r"At least $(1-1/e)\,OPT$, because $F$ is monotone.", "Monotonicity alone is not enough."),
            Mistake(r"At least $\frac12\,OPT$, because greedy is a heuristic.", "There is no such guarantee."),
            Mistake("The optimum, because every step takes the best element.", "Even for submodular $F$ greedy can miss it."),
        ),
        ("The proof uses submodularity to bound OPT by single gains; without it elements may be worth something only together.",),
    ),
)  # fmt: skip


@template(
    TOPIC, Kind.JUDGE,
    covers=("lazy_greedy", "lazy_worst_case", "greedi_cost", "greedi_algorithm", "sieve_thresholds", "greedy_guarantee"),
    difficulty=1, minutes=2,
)  # fmt: skip
def why_the_methods_work(rng: np.random.Generator) -> Draft:
    return in_words(rng, WORDS)


TEMPLATES = templates_in(vars())
