"""Gains, greedy in all its forms, GreeDi and sieve-streaming, on sets that fit on a page."""

from collections.abc import Callable, Sequence
from itertools import chain, combinations

import numpy as np

from courseware.practice.question import Choice, Draft, Mistake, Number, Order, Subset, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.writing import a_set, num, table
from lsml_core.submodular.distributed import greedi_on_parts
from lsml_core.submodular.facility_location import PlainFacilityLocation
from lsml_core.submodular.functions import Modular
from lsml_core.submodular.greedy import brute_force, plain_greedy, plain_lazy_greedy, top_k
from lsml_core.submodular.set_function import state_after
from lsml_core.submodular.streaming import plain_sieve_streaming, powers, sieve_states

TOPIC = Topic.SUBMODULAR
NAMES = "ABCDEFGH"
Sets = list[tuple[int, ...]]


def _random_sets(rng: np.random.Generator, count: int, items: int, most: int) -> Sets:
    """Sets of 1 … most of the items 1 … items."""
    sizes = rng.integers(1, most + 1, size=count)
    return [tuple(sorted((rng.choice(items, size=int(s), replace=False) + 1).tolist())) for s in sizes]


def _coverage(sets: Sets, weights: np.ndarray | None = None) -> PlainFacilityLocation:
    """Coverage as facility location: item i is a customer that is served, with its weight, by the sets that hold it.

    The same function as `functions.Coverage`, and quicker on a few elements. weights: of the items 1, 2, …
    """
    items = range(1, max(chain.from_iterable(sets)) + 1) if weights is None else range(1, len(weights) + 1)
    served = np.array([[float(item in s) for s in sets] for item in items])
    return PlainFacilityLocation(served if weights is None else served * weights[:, None])


def _as_table(sets: Sets) -> str:
    return table(["element", "covers"], [[NAMES[i], f"${a_set(s)}$"] for i, s in enumerate(sets)])


def _names(elements: Sequence[int]) -> str:
    return ", ".join(NAMES[e] for e in elements)


def _gains_given(f: PlainFacilityLocation, chosen: Sequence[int]) -> str:
    rest = [e for e in range(f.n) if e not in chosen]
    gains = f.gains(state_after(f, chosen), rest)
    return ", ".join(f"{NAMES[e]} {num(g)}" for e, g in zip(rest, gains, strict=True))


def _clear_winners(f: PlainFacilityLocation, k: int) -> bool:
    """Whether greedy's largest gain is unique in each of k rounds."""
    state, chosen = f.empty(), []
    for e in plain_greedy(f, k).chosen:
        gains = np.sort(f.gains(state, [i for i in range(f.n) if i not in chosen]))
        if len(gains) > 1 and gains[-1] == gains[-2]:
            return False
        state, chosen = f.add(state, e), [*chosen, e]
    return True


@template(TOPIC, Kind.COMPUTE, covers=("diminishing_gains",), difficulty=1, minutes=3)
def gain_of_an_element(rng: np.random.Generator) -> Draft | None:
    sets = _random_sets(rng, 4, 8, 5)
    f = _coverage(sets)
    gain = float(f.gains(state_after(f, [0, 1]), [3])[0])
    alone = float(len(sets[3]))
    earlier = float(f.gains(state_after(f, [0]), [3])[0])
    if not gain < earlier < alone:
        return None
    mistakes = (
        Mistake(alone, r"This is $F(\{D\})$: items that A or B cover already bring nothing."),
        Mistake(earlier, "This is the gain given A alone; items of B are covered, too."),
        Mistake(f.value([0, 1, 3]), r"This is $F(\{A,B,D\})$, not the difference to $F(\{A,B\})$."),
    )
    prompt = f"$F(S)$ counts the items that $S$ covers.\n\n{_as_table(sets)}\n\nWhat is the gain $F(D\\mid\\{{A,B\\}})$?"
    solution = (
        rf"$A$ and $B$ cover ${a_set(sorted({*sets[0], *sets[1]}))}$.",
        rf"Of $D$'s items, ${a_set(sorted({*sets[3]} - {*sets[0], *sets[1]}))}$ are new: the gain is ${num(gain)}$.",
        rf"Given $A$ alone it was ${num(earlier)}$, and alone ${num(alone)}$: gains diminish.",
    )
    return Draft(prompt, Number(gain, mistakes), solution, {"sets": sets})


@template(TOPIC, Kind.COMPUTE, covers=("union_intersection",), difficulty=2, minutes=4)
def union_and_intersection(rng: np.random.Generator) -> Draft | None:
    sets = _random_sets(rng, 3, 7, 4)
    f = _coverage(sets)
    S, T = [0, 1], [1, 2]
    values = [f.value(x) for x in (S, T, [0, 1, 2], [1])]
    slack = values[0] + values[1] - values[2] - values[3]
    common = len({*sets[0]} & {*sets[2]})
    if slack < 1:
        return None
    mistakes = (
        Mistake(
            values[0] + values[1] - values[2], r"$F(S\cap T)$ is missing: $S\cap T=\{B\}$ covers items, too."
        ),
        Mistake(0.0, "Equality would hold for a modular function; here items are covered twice."),
        Mistake(
            float(common), r"Items of A and C that B covers, too, do not count: they are in $F(S\cap T)$."
        ),
    )
    prompt = (
        f"$F(S)$ counts the items that $S$ covers.\n\n{_as_table(sets)}\n\nFor $S=\\{{A,B\\}}$ and $T=\\{{B,C\\}}$, how much "
        r"larger is the left side of $F(S)+F(T)\ge F(S\cup T)+F(S\cap T)$ than the right side?"
    )
    solution = (
        rf"$F(S)={num(values[0])}$ and $F(T)={num(values[1])}$.",
        rf"$F(S\cup T)={num(values[2])}$ and $F(S\cap T)=F(\{{B\}})={num(values[3])}$.",
        rf"The difference is ${num(slack)}$: items that $A$ and $C$ share and $B$ does not have.",
    )
    return Draft(prompt, Number(slack, mistakes), solution, {"sets": sets})


@template(TOPIC, Kind.COMPUTE, covers=("diminishing_gains", "cardinality_problem"), difficulty=1, minutes=4)
def gain_in_facility_location(rng: np.random.Generator) -> Draft | None:
    similarity = rng.integers(0, 10, size=(4, 3)).astype(float)
    f = PlainFacilityLocation(similarity)
    gain = float(f.gains(state_after(f, [0]), [2])[0])
    both = f.value([0, 2])
    mistakes = (
        Mistake(
            float(similarity[:, 2].sum()),
            r"This is $F(\{3\})$: customers that element 1 serves well gain less.",
        ),
        Mistake(both, r"This is $F(\{1,3\})$, not the difference to $F(\{1\})$."),
        Mistake(
            float((similarity[:, 2] - similarity[:, 0]).sum()),
            "A customer keeps the better element: negative differences count 0.",
        ),
    )
    if gain <= 0:
        return None
    rows = [[f"customer {i + 1}", *(num(s) for s in row)] for i, row in enumerate(similarity)]
    prompt = (
        r"Facility location, $F(S)=\sum_i\max_{j\in S}s_{ij}$, with the similarities"
        "\n\n" + table(["$s_{ij}$", "element 1", "element 2", "element 3"], rows) + "\n\n"
        r"What is the gain $F(\{1,3\})-F(\{1\})$?"
    )
    terms = np.maximum(similarity[:, 2] - similarity[:, 0], 0)
    solution = (
        r"A customer gains $\max(0,\,s_{i3}-s_{i1})$.",
        rf"These are ${', '.join(num(t) for t in terms)}$.",
        rf"The sum is ${num(gain)}$.",
    )
    return Draft(prompt, Number(gain, mistakes), solution, {"similarity": similarity})


@template(TOPIC, Kind.TRACE, covers=("cardinality_problem", "greedy_cost"), difficulty=2, minutes=5)
def value_of_greedy(rng: np.random.Generator) -> Draft | None:
    sets, k = _random_sets(rng, 5, 9, 5), 2
    f = _coverage(sets)
    found, best, alone = plain_greedy(f, k), brute_force(f, k), top_k(f, k)
    if not _clear_winners(f, k) or alone.value == found.value:
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
        f"$F(S)$ counts the items that $S$ covers.\n\n{_as_table(sets)}\n\nWhat is $F(S)$ for the set that **greedy** chooses "
        "with $k=2$?"
    )
    solution = (
        rf"Round 1: the largest set is {_names(found.chosen[:1])}, with ${num(found.gains[0])}$ items.",
        rf"Round 2: the largest gain is that of {_names(found.chosen[1:])}, ${num(found.gains[1])}$ new items.",
        rf"$F(S)={num(found.value)}$. (The optimum is ${num(best.value)}$.)",
    )
    return Draft(prompt, Number(found.value, tuple(mistakes)), solution, {"sets": sets, "k": k})


@template(TOPIC, Kind.TRACE, covers=("cardinality_problem", "lazy_greedy"), difficulty=2, minutes=5)
def order_of_greedy(rng: np.random.Generator) -> Draft | None:
    sets = _random_sets(rng, 4, 8, 5)
    f = _coverage(sets)
    order = plain_greedy(f, 3).chosen
    if len(order) < 3 or not _clear_winners(f, 3):
        return None
    by_size = tuple(int(e) for e in np.argsort([-len(s) for s in sets], kind="stable"))
    right = (*order, *(e for e in range(4) if e not in order))
    if len({len(s) for s in sets}) < 4 or by_size == right:
        return None
    mistakes = (
        Mistake(by_size, r"This ranks the elements by $F(\{e\})$; gains change with what is chosen before."),
    )
    prompt = (
        f"$F(S)$ counts the items that $S$ covers.\n\n{_as_table(sets)}\n\nIn which order does **greedy** choose the "
        "elements (what it would choose last goes to the last place)?"
    )
    solution = (
        f"Gains at the empty set: {_gains_given(f, [])}.",
        f"Given {_names(order[:1])}: {_gains_given(f, order[:1])}.",
        f"Given {_names(order[:2])}: {_gains_given(f, order[:2])}. The order is {_names(right)}.",
    )
    return Draft(prompt, Order(tuple(NAMES[:4]), right, (), mistakes), solution, {"sets": sets})


@template(TOPIC, Kind.TRACE, covers=("lazy_greedy", "lazy_worst_case"), difficulty=3, minutes=8)
def evaluations_of_lazy_greedy(rng: np.random.Generator) -> Draft | None:
    """Without ties, so that the count does not depend on how equal gains are handled."""
    sets, k, weights = _random_sets(rng, 5, 8, 4), 3, rng.integers(1, 10, size=8).astype(float)
    f = _coverage(sets, weights)
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
        f"$F(S)$ is the total weight of the items that $S$ covers.\n\n{_as_table(sets)}\n\n{table(header, [row])}\n\nHow "
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


@template(TOPIC, Kind.TRACE, covers=("greedi_algorithm",), difficulty=3, minutes=7)
def value_of_greedi(rng: np.random.Generator) -> Draft | None:
    sets, k = _random_sets(rng, 6, 11, 5), 2
    parts = [[0, 1, 2], [3, 4, 5]]
    f = _coverage(sets)
    if not all(_clear_winners(_coverage([sets[e] for e in part]), k) for part in [range(6), *parts]):
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
        f"$F(S)$ counts the items that $S$ covers.\n\n{_as_table(sets)}\n\nMachine 1 holds A, B, C; machine 2 holds D, E, F. "
        "What is the value of **GreeDi**'s answer for $k=2$?"
    )
    solution = (
        f"Machine 1 chooses {_names(found.local[0])}, of value {num(found.local_values[0])}.",
        f"Machine 2 chooses {_names(found.local[1])}, of value {num(found.local_values[1])}.",
        f"Greedy on these elements chooses {_names(found.merged.chosen)}, of value {num(found.merged.value)}.",
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
    sets, k = _random_sets(rng, 5, 9, 4), 2
    f = _coverage(sets)
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
        f"$F(S)$ counts the items that $S$ covers. The elements come in this order:\n\n{_as_table(sets)}\n\n"
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
    sets, k = _random_sets(rng, 5, 8, 4), 2
    f = _coverage(sets)
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
        f"$F(S)$ counts the items that $S$ covers. The elements come in this order, once:\n\n{_as_table(sets)}\n\n"
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


@template(TOPIC, Kind.JUDGE, covers=("diminishing_gains", "prove_submodular"), difficulty=2, minutes=5)
def find_a_violation(rng: np.random.Generator) -> Draft | None:
    """A table of values on three elements with exactly one violated inequality among those offered."""
    values: dict[tuple[int, ...], float] = {(): 0.0}
    for size in (1, 2, 3):
        for S in combinations(range(3), size):
            values[S] = float(rng.integers(2 * size, 3 + 3 * size))
    claims, broken = [], []
    for A, (b, e) in ((S, pair) for r in (0, 1) for S in combinations(range(3), r) for pair in _pairs(S)):
        B = tuple(sorted((*A, b)))
        small = values[tuple(sorted((*A, e)))] - values[A]
        large = values[tuple(sorted((*B, e)))] - values[B]
        text = rf"$A={_latex(A)},\ B={_latex(B)},\ e={NAMES[e].lower()}$"
        (broken if small < large else claims).append(
            Mistake(text, rf"Here $F(e\mid A)={num(small)}\ge F(e\mid B)={num(large)}$: no violation.")
        )
    if not 1 <= len(broken) <= 4 or len(claims) < 3:
        return None
    right = broken[int(rng.integers(len(broken)))].answer
    wrong = tuple(claims[int(i)] for i in rng.permutation(len(claims))[:3])
    rows = [[f"${_latex(S)}$", num(v)] for S, v in values.items()]
    prompt = (
        f"A function on three elements:\n\n{table(['$S$', '$F(S)$'], rows)}\n\nWhich of these shows that $F$ is **not** "
        "submodular?"
    )
    solution = (
        r"A violation is a gain that grows: $F(A\cup e)-F(A)<F(B\cup e)-F(B)$ with $A\subset B$.",
        f"This holds for {right}.",
        "For the others the gain does not grow.",
    )
    return Draft(prompt, Choice(right, wrong), solution, {"values": values, "right": right})


def _pairs(A: tuple[int, ...]) -> list[tuple[int, int]]:
    rest = [i for i in range(3) if i not in A]
    return [(b, e) for b in rest for e in rest if b != e]


def _latex(S: tuple[int, ...]) -> str:
    return a_set(NAMES[e].lower() for e in S) if S else r"\varnothing"


TEMPLATES = templates_in(vars())
