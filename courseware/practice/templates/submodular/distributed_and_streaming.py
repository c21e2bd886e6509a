"""GreeDi and sieve-streaming by hand."""

from collections.abc import Callable

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Subset, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.templates.submodular.sets import (
    NAMES,
    as_table,
    clear_winners,
    coverage,
    named,
    random_sets,
)
from courseware.practice.writing import a_set, num
from lsml_core.submodular.distributed import greedi_on_parts
from lsml_core.submodular.facility_location import PlainFacilityLocation
from lsml_core.submodular.greedy import brute_force, plain_greedy
from lsml_core.submodular.streaming import plain_sieve_streaming, powers, sieve_states

TOPIC = Topic.SUBMODULAR


@template(TOPIC, Kind.TRACE, covers=("greedi_algorithm",), difficulty=3, minutes=7)
def value_of_greedi(rng: np.random.Generator) -> Draft | None:
    sets, k = random_sets(rng, 6, 11, 5), 2
    parts = [[0, 1, 2], [3, 4, 5]]
    f = coverage(sets)
    if not all(clear_winners(coverage([sets[e] for e in part]), k) for part in [range(6), *parts]):
        return None
    found, central = greedi_on_parts(f, k, parts), plain_greedy(f, k)
    if max(found.local_values) == found.value or min(found.local_values) == max(found.local_values):
        return None
    mistakes = [
        Mistake(
            max(found.local_values),
            "This is the best machine alone; the second round chooses among both machines' elements.",
        ),
        Mistake(min(found.local_values), "This is the worse machine alone."),
    ]
    if central.value != found.value:
        mistakes.append(
            Mistake(
                central.value, "This is greedy on all elements; a machine dropped an element that it needs."
            )
        )
    prompt = (
        f"$F(S)$ counts the items that $S$ covers.\n\n{as_table(sets)}\n\nMachine 1 holds A, B, C; machine 2 holds D, E, F. "
        "What is the value of **GreeDi**'s answer for $k=2$?"
    )
    solution = (
        f"Machine 1 chooses {named(found.local[0])}, of value {num(found.local_values[0])}.",
        f"Machine 2 chooses {named(found.local[1])}, of value {num(found.local_values[1])}.",
        f"Greedy on these elements chooses {named(found.merged.chosen)}, of value {num(found.merged.value)}.",
        f"The answer is the best of the three sets: {num(found.value)}.",
    )
    return Draft(
        prompt, Number(found.value, tuple(mistakes)), solution, {"sets": sets, "k": k, "parts": parts}
    )


@template(TOPIC, Kind.COMPUTE, covers=("greedi_cost", "greedy_cost"), difficulty=2, minutes=4)
def cost_of_greedi(rng: np.random.Generator) -> Draft:
    machines, k, n = pick(rng, [4, 5, 10]), pick(rng, [5, 10, 20]), pick(rng, [10_000, 20_000, 100_000])
    each, merging = n // machines * k, machines * k * k
    mistakes = (
        Mistake(float(n * k), "This is centralised greedy: a machine holds only $n/m$ elements."),
        Mistake(float(each), "The second round is missing: greedy on the $mk$ elements that were chosen."),
        Mistake(
            float(n // machines + machines * k), "Each of the $k$ picks looks at all elements that are left."
        ),
    )
    prompt = (
        rf"Count greedy on $n$ elements as $nk$ gain evaluations. **GreeDi** runs on $m={machines}$ machines with $n={n}$ "
        rf"and $k={k}$; all machines work at the same time, then one of them does the second round. How many evaluations "
        "pass one after another, from the start to the answer?"
    )
    solution = (
        rf"Round 1: $\frac nm\cdot k={each}$ per machine, at the same time.",
        rf"Round 2: greedy on $mk={machines * k}$ elements, $mk\cdot k={merging}$.",
        rf"In all ${each + merging}$, against $nk={n * k}$ on one machine.",
    )
    return Draft(prompt, Number(float(each + merging), mistakes), solution, {"n": n, "k": k, "m": machines})


@template(TOPIC, Kind.COMPUTE, covers=("sieve_thresholds", "sieve_memory"), difficulty=2, minutes=5)
def guesses_of_the_sieves(rng: np.random.Generator) -> Draft:
    k, m, epsilon = pick(rng, [2, 3, 4, 5, 8]), float(pick(rng, [3, 5, 6, 7, 10])), 1.0
    guesses = powers(1 + epsilon, m, 2 * k * m)
    up_to_km = float(len(powers(1 + epsilon, m, k * m)))
    from_one = float(len(powers(1 + epsilon, 1.0, 2 * k * m)))
    mistakes = (
        Mistake(up_to_km, "The guesses go up to 2km, not to km."),
        Mistake(from_one, "No guess below $m$ is needed: the element that gives $m$ has this value alone."),
        Mistake(float(2 * k), "The guesses are spaced by factors, not evenly."),
    )
    prompt = (
        rf"Sieve-streaming with $k={k}$ and $\epsilon=1$ reads a stream; the largest value $F(\{{e\}})$ of an element so far is $m={num(m)}$. How "
        r"many guesses $v=(1+\epsilon)^i$ with $m\le v\le2km$ does it keep now?"
    )
    solution = (
        rf"The guesses are powers of 2 between ${num(m)}$ and ${num(2 * k * m)}$.",
        rf"They are ${', '.join(num(v) for v in guesses)}$: ${len(guesses)}$ of them.",
        r"In general there are about $\log(2k)/\log(1+\epsilon)$, which is $O(\log k/\epsilon)$; each keeps at most $k$ "
        "elements.",
    )
    return Draft(prompt, Number(float(len(guesses)), mistakes), solution, {"k": k, "m": m})


@template(TOPIC, Kind.TRACE, covers=("sieve_thresholds", "sieve_guarantee"), difficulty=3, minutes=7)
def one_sieve_on_five_elements(rng: np.random.Generator) -> Draft | None:
    sets, k = random_sets(rng, 5, 9, 4), 2
    f = coverage(sets)
    *_, end = sieve_states(f, range(5), k, 1.0, block=1)
    rich = [(v, s) for v, s in end.sieves.items() if len(s.chosen) >= 1]
    if not rich:
        return None
    v, sieve = rich[int(rng.integers(len(rich)))]
    right = frozenset(sieve.chosen)
    if right == {0, 1}:
        return None
    fixed = _kept_by(f, lambda _value, _size: v / (2 * k), k)
    whole = _kept_by(f, lambda value, size: (v - value) / (k - size), k)
    if right in (fixed, whole) and rng.integers(3):
        return None
    mistakes = [m for m in (
        Mistake(whole, "The threshold was taken from $v$; sieve-streaming asks for $v/2$ only."),
        Mistake(fixed, r"The threshold changes with $F(S)$ and $|S|$: $\frac{v/2-F(S)}{k-|S|}$."),
    ) if m.answer != right]  # fmt: skip
    if len({m.answer for m in mistakes}) < len(mistakes):
        mistakes = mistakes[:1]
    prompt = (
        f"$F(S)$ counts the items that $S$ covers. The elements come in this order:\n\n{as_table(sets)}\n\n"
        rf"The sieve with the guess $v={num(v)}$ and $k=2$ keeps an element $e$ if $|S|<k$ and "
        r"$F(e\mid S)\ge\frac{v/2-F(S)}{k-|S|}$. Which elements does it keep?"
    )
    solution = _sieve_steps(f, v, k)
    return Draft(
        prompt, Subset(tuple(NAMES[:5]), right, tuple(mistakes)), solution, {"sets": sets, "v": v, "k": k}
    )


def _kept_by(f: PlainFacilityLocation, threshold: Callable[[float, int], float], k: int) -> frozenset[int]:
    """What a sieve keeps whose threshold is a function of F(S) and |S|."""
    state, kept, value = f.empty(), [], 0.0
    for e in range(f.n):
        if len(kept) < k:
            gain = float(f.gains(state, [e])[0])
            if gain >= threshold(value, len(kept)):
                state, value, kept = f.add(state, e), value + gain, [*kept, e]
    return frozenset(kept)


def _sieve_steps(f: PlainFacilityLocation, v: float | int, k: int) -> tuple[str, ...]:
    state, kept, value, steps = f.empty(), 0, 0.0, []
    for e in range(f.n):
        if kept == k:
            steps.append("$S$ is full, so the rest is passed over.")
            break
        gain, bar = float(f.gains(state, [e])[0]), (v / 2 - value) / (k - kept)
        keeps = gain >= bar
        steps.append(
            rf"{NAMES[e]}: gain ${num(gain)}$, threshold ${num(bar)}$: {'kept' if keeps else 'passed over'}."
        )
        if keeps:
            state, value, kept = f.add(state, e), value + gain, kept + 1
    return tuple(steps)


@template(TOPIC, Kind.TRACE, covers=("sieve_guarantee", "sieve_thresholds"), difficulty=3, minutes=9)
def value_of_sieve_streaming(rng: np.random.Generator) -> Draft | None:
    sets, k = random_sets(rng, 5, 8, 4), 2
    f = coverage(sets)
    found, best, central = plain_sieve_streaming(f, range(5), k, 1.0), brute_force(f, k), plain_greedy(f, k)
    first = f.value([0, 1])
    if found.value >= best.value or first == found.value:
        return None
    mistakes = [
        Mistake(
            best.value, "This is the optimum; a sieve decides when an element passes and cannot go back."
        ),
        Mistake(first, "The first two elements are not always kept: each sieve has its threshold."),
    ]
    if central.value not in (best.value, found.value, first):
        mistakes.append(Mistake(central.value, "This is greedy, which sees all elements in every round."))
    *_, end = sieve_states(f, range(5), k, 1.0, block=1)
    prompt = (
        f"$F(S)$ counts the items that $S$ covers. The elements come in this order, once:\n\n{as_table(sets)}\n\n"
        r"**Sieve-streaming** with $k=2$ and $\epsilon=1$ keeps the guesses $v\in\{1,2,4,8,\dots\}$ with $m\le v\le2km$, "
        r"where $m$ is the largest $F(\{e\})$ so far, and keeps $e$ if $F(e\mid S)\ge\frac{v/2-F(S)}{k-|S|}$ and $|S|<k$. A "
        "new guess begins with an empty set. What is the value of the best set at the end?"
    )
    solution = (
        rf"At the end $m={num(max(len(s) for s in sets))}$, and the guesses are ${', '.join(num(v) for v in sorted(end.sieves))}$.",
        *(
            rf"$v={num(v)}$ keeps ${a_set(NAMES[e] for e in sieve.chosen)}$, of value ${num(sieve.value)}$."
            for v, sieve in sorted(end.sieves.items())
        ),
        rf"The best value is ${num(found.value)}$; the optimum is ${num(best.value)}$.",
    )
    return Draft(prompt, Number(found.value, tuple(mistakes)), solution, {"sets": sets, "k": k})


TEMPLATES = templates_in(vars())
