"""Greedy and lazy greedy by hand: sets, values, evaluations and guarantees."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Order, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.templates.submodular.sets import (
    NAMES,
    as_table,
    clear_winners,
    coverage,
    gains_given,
    named,
    random_sets,
)
from courseware.practice.writing import num, table
from lsml_core.submodular.facility_location import PlainFacilityLocation
from lsml_core.submodular.functions import Modular
from lsml_core.submodular.greedy import brute_force, plain_greedy, plain_lazy_greedy, top_k

TOPIC = Topic.SUBMODULAR


@template(TOPIC, Kind.TRACE, covers=("cardinality_problem", "greedy_cost"), difficulty=2, minutes=5)
def value_of_greedy(rng: np.random.Generator) -> Draft | None:
    sets, k = random_sets(rng, 5, 9, 5), 2
    f = coverage(sets)
    found, best, alone = plain_greedy(f, k), brute_force(f, k), top_k(f, k)
    if not clear_winners(f, k) or alone.value == found.value:
        return None
    mistakes = [
        Mistake(
            alone.value,
            "This takes the two largest sets; greedy asks for the largest *gain* in the second round.",
        ),
        Mistake(float(len(sets[found.chosen[0]])), "This is the value after one element; $k=2$."),
    ]
    if best.value > found.value:
        mistakes.append(
            Mistake(
                best.value, "This is the optimum, which greedy misses here: it never takes a choice back."
            )
        )
    prompt = (
        f"$F(S)$ counts the items that $S$ covers.\n\n{as_table(sets)}\n\nWhat is $F(S)$ for the set that **greedy** chooses "
        "with $k=2$?"
    )
    solution = (
        rf"Round 1: the largest set is {named(found.chosen[:1])}, with ${num(found.gains[0])}$ items.",
        rf"Round 2: the largest gain is that of {named(found.chosen[1:])}, ${num(found.gains[1])}$ new items.",
        rf"$F(S)={num(found.value)}$. (The optimum is ${num(best.value)}$.)",
    )
    return Draft(prompt, Number(found.value, tuple(mistakes)), solution, {"sets": sets, "k": k})


@template(TOPIC, Kind.TRACE, covers=("cardinality_problem", "lazy_greedy"), difficulty=2, minutes=5)
def order_of_greedy(rng: np.random.Generator) -> Draft | None:
    sets = random_sets(rng, 4, 8, 5)
    f = coverage(sets)
    order = plain_greedy(f, 3).chosen
    if len(order) < 3 or not clear_winners(f, 3):
        return None
    by_size = tuple(int(e) for e in np.argsort([-len(s) for s in sets], kind="stable"))
    right = (*order, *(e for e in range(4) if e not in order))
    if len({len(s) for s in sets}) < 4 or by_size == right:
        return None
    mistakes = (
        Mistake(by_size, r"This ranks the elements by $F(\{e\})$; gains change with what is chosen before."),
    )
    prompt = (
        f"$F(S)$ counts the items that $S$ covers.\n\n{as_table(sets)}\n\nIn which order does **greedy** choose the "
        "elements (what it would choose last goes to the last place)?"
    )
    solution = (
        f"Gains at the empty set: {gains_given(f, [])}.",
        f"Given {named(order[:1])}: {gains_given(f, order[:1])}.",
        f"Given {named(order[:2])}: {gains_given(f, order[:2])}. The order is {named(right)}.",
    )
    return Draft(prompt, Order(tuple(NAMES[:4]), right, (), mistakes), solution, {"sets": sets})


@template(TOPIC, Kind.TRACE, covers=("lazy_greedy", "lazy_worst_case"), difficulty=3, minutes=8)
def evaluations_of_lazy_greedy(rng: np.random.Generator) -> Draft | None:
    """Without ties, so that the count does not depend on how equal gains are handled."""
    sets, k, weights = random_sets(rng, 5, 8, 4), 3, rng.integers(1, 10, size=8).astype(float)
    f = coverage(sets, weights)
    lazy, eager, steps = plain_lazy_greedy(f, k), plain_greedy(f, k), _lazy_steps(f, k)
    if steps is None or lazy.evaluations >= eager.evaluations:
        return None
    count = float(lazy.evaluations)
    mistakes = (
        Mistake(float(eager.evaluations), "This is what plain greedy evaluates: $n+(n-1)+(n-2)$."),
        Mistake(float(f.n), "The first round needs all $n$ gains, but later rounds need some, too."),
        Mistake(count - f.n, "The $n$ gains of the first round count as well."),
    )
    header, row = ["item", *map(str, range(1, 9))], ["weight", *map(num, weights)]
    prompt = (
        f"$F(S)$ is the total weight of the items that $S$ covers.\n\n{as_table(sets)}\n\n{table(header, [row])}\n\nHow "
        "many gains does **lazy greedy** evaluate for $k=3$, the first five included?"
    )
    solution = (*steps, rf"In all ${num(count)}$ evaluations; plain greedy needs $5+4+3=12$.")
    return Draft(prompt, Number(count, mistakes), solution, {"sets": sets, "weights": weights, "k": k})


def _lazy_steps(f: PlainFacilityLocation, k: int) -> tuple[str, ...] | None:
    """What lazy greedy does, in words; None if two bounds are equal where the larger one decides."""
    bounds = dict(enumerate(f.gains(f.empty(), range(f.n)).tolist()))
    steps = [f"All five gains: {', '.join(f'{NAMES[e]} {num(g)}' for e, g in bounds.items())}."]
    state, fresh = f.empty(), set(bounds)
    for turn in range(k):
        words = []
        while True:
            largest = sorted(bounds.values(), reverse=True)
            if len(largest) > 1 and largest[0] == largest[1]:
                return None
            top = max(bounds, key=lambda e: bounds[e])
            if top in fresh:
                break
            bounds[top] = float(f.gains(state, [top])[0])
            fresh.add(top)
            words.append(f"{NAMES[top]} again: {num(bounds[top])}")
        steps.append(f"Round {turn + 1}: {'; '.join([*words, f'{NAMES[top]} is chosen'])}.")
        state, fresh = f.add(state, top), set()
        del bounds[top]
    return tuple(steps)


@template(TOPIC, Kind.COMPUTE, covers=("greedy_cost", "lazy_worst_case"), difficulty=1, minutes=3)
def evaluations_of_greedy(rng: np.random.Generator) -> Draft:
    n, k = pick(rng, [10, 20, 50, 100]), pick(rng, [3, 4, 5])
    count = float(plain_greedy(Modular(np.ones(n)), k).evaluations)
    mistakes = (
        Mistake(float(n * k), "This is the bound nk; elements that are chosen need no further evaluation."),
        Mistake(float(n + k), "Every round asks for the gains of all remaining elements."),
        Mistake(float(n), "One evaluation per element is enough for the first round only."),
    )
    prompt = (
        f"Greedy chooses $k={k}$ of $n={n}$ elements and evaluates the gain of every element that is left, in every round. "
        "How many gains does it evaluate?"
    )
    solution = (
        "Round $j$ has $n-(j-1)$ elements left.",
        rf"${' + '.join(str(n - j) for j in range(k))}={num(count)}$.",
        r"This is $O(nk)$. Lazy greedy may need far fewer, but not in the worst case.",
    )
    return Draft(prompt, Number(count, mistakes), solution, {"n": n, "k": k})


@template(TOPIC, Kind.COMPUTE, covers=("greedy_guarantee",), difficulty=2, minutes=4)
def bound_from_the_guarantee(rng: np.random.Generator) -> Draft:
    k = pick(rng, [2, 3])
    share = 1 - (1 - 1 / k) ** k
    value = float(pick(rng, [6, 9, 12, 15, 18])) if k == 2 else float(pick(rng, [19, 38, 57]))
    bound = value / share
    mistakes = (
        Mistake(
            value * share,
            r"The guarantee is $F(S)\ge\text{share}\cdot OPT$: $OPT$ is at most $F(S)$ divided by the share.",
        ),
        Mistake(value * k, "This holds, too, but it is weaker than greedy's guarantee."),
        Mistake(value, "This would mean that greedy is always optimal."),
    )
    prompt = (
        rf"$F$ is monotone submodular. Greedy found $F(S)={num(value)}$ with $k={k}$. Its guarantee for this $k$ is "
        rf"$F(S)\ge\big(1-(1-\frac1k)^k\big)\,OPT$. What is the largest value that $OPT$ can have?"
    )
    solution = (
        rf"$1-(1-\tfrac1{k})^{k}={num(share)}$.",
        rf"$OPT\le{num(value)}/{num(share)}={num(bound)}$.",
        r"For large $k$ the share falls to $1-1/e\approx0.63$.",
    )
    return Draft(prompt, Number(bound, mistakes), solution, {"k": k, "value": value})


TEMPLATES = templates_in(vars())
