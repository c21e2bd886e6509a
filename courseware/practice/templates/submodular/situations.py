"""A plot of costs to read, and the choice of a maximiser for a situation."""

import numpy as np

from courseware.practice.pictures import LINE_LETTERS, maximisers
from courseware.practice.question import Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    lettered,
    pick,
    show_that,
)

TOPIC = Topic.SUBMODULAR


@template(TOPIC, Kind.READ, covers=("lazy_greedy", "greedy_cost", "sieve_memory"), difficulty=1, minutes=3)
def read_the_cost_of_maximisers(rng: np.random.Generator) -> Draft:
    names = ("greedy", "lazy greedy", "sieve")
    order = tuple(names[int(i)] for i in rng.permutation(3))
    picture, x, y = maximisers(order)
    asked = pick(rng, names)
    at = len(x) // 2
    facts = ", ".join(f"{name} {y[name][at]:,.0f}" for name in names)
    reasons = {
        "greedy": "Greedy evaluates nearly nk gains: the highest line.",
        "lazy greedy": "Lazy greedy evaluates about two gains per element here: the lowest line.",
        "sieve": "Each sieve looks at each element once: between the two others.",
    }
    wrong = tuple(Mistake(LINE_LETTERS[order.index(n)], reasons[n]) for n in names if n != asked)
    prompt = (
        "Greedy, lazy greedy and sieve-streaming chose 50 of $n$ elements (facility location, stored study). The plot shows "
        f"how many gains each evaluated. Which line is **{'sieve-streaming' if asked == 'sieve' else asked}**?"
    )
    solution = (reasons[asked], f"At $n={x[at]:.0f}$ the counts are: {facts}.")
    return Draft(
        prompt, lettered(LINE_LETTERS[order.index(asked)], wrong), solution, {"asked": asked}, picture
    )


SITUATIONS = (
    (
        "A camera delivers a picture per second, without end. At any time you must be able to show a good summary of 50 "
        "pictures, and you cannot store the stream.",
        r"Sieve-streaming: one pass, memory $O(\frac{k\log k}\epsilon)$, an answer at any time.",
        r"Greedy and GreeDi need all elements at hand; the price is $1/2-\epsilon$ instead of $1-1/e$.",
    ),
    (
        "A hundred million documents lie on 200 machines, sorted by date; no machine can hold them all. You want 500 "
        "exemplars, and have an evening for it.",
        "GreeDi with shuffling: greedy on each machine, then greedy on the union.",
        "$n/m$ documents per machine, two rounds of communication; sorted parts would be unfair samples, so shuffle.",
    ),
    (
        "Twenty thousand images fit into memory, and you want 100 of them that represent all. You need the best guarantee.",
        r"Lazy greedy: the same set as greedy, $(1-1/e)\,OPT$, with far fewer gains.",
        "All data are at hand, so nothing weaker than $1-1/e$ has to be accepted.",
    ),
)


@template(
    TOPIC, Kind.DESIGN, covers=("sieve_guarantee", "greedi_algorithm", "greedi_cost", "lazy_greedy"), difficulty=2,
    minutes=6,
)  # fmt: skip
def choose_a_maximiser(rng: np.random.Generator) -> Draft:
    situation, choice, reason = pick(rng, SITUATIONS)
    claim = f"{situation} Which algorithm do you choose, what does it guarantee, and what does it cost in memory and time?"
    steps = (
        (1, f"Names a fitting algorithm: {choice}"),
        (2, f"Gives the reasons from the situation, with the guarantee: {reason}"),
        (1, r"Gives memory or time in terms of $n$, $k$, $m$ or $\epsilon$."),
    )
    return show_that(
        claim, steps, (choice, reason, r"Cost in terms of $n$, $k$, $m$ or $\epsilon$, as on the slides.")
    )


TEMPLATES = templates_in(vars())
