"""Values and gains of set functions by hand, and counterexamples to submodularity."""

from itertools import combinations

import numpy as np

from courseware.practice.question import Choice, Draft, Mistake, Number, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.submodular.sets import NAMES, as_table, coverage, random_sets
from courseware.practice.writing import a_set, num, table
from lsml_core.submodular.facility_location import PlainFacilityLocation
from lsml_core.submodular.set_function import state_after

TOPIC = Topic.SUBMODULAR


@template(TOPIC, Kind.COMPUTE, covers=("diminishing_gains",), difficulty=1, minutes=3)
def gain_of_an_element(rng: np.random.Generator) -> Draft | None:
    sets = random_sets(rng, 4, 8, 5)
    f = coverage(sets)
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
    prompt = f"$F(S)$ counts the items that $S$ covers.\n\n{as_table(sets)}\n\nWhat is the gain $F(D\\mid\\{{A,B\\}})$?"
    solution = (
        rf"$A$ and $B$ cover ${a_set(sorted({*sets[0], *sets[1]}))}$.",
        rf"Of $D$'s items, ${a_set(sorted({*sets[3]} - {*sets[0], *sets[1]}))}$ are new: the gain is ${num(gain)}$.",
        rf"Given $A$ alone it was ${num(earlier)}$, and alone ${num(alone)}$: gains diminish.",
    )
    return Draft(prompt, Number(gain, mistakes), solution, {"sets": sets})


@template(TOPIC, Kind.COMPUTE, covers=("union_intersection",), difficulty=2, minutes=4)
def union_and_intersection(rng: np.random.Generator) -> Draft | None:
    sets = random_sets(rng, 3, 7, 4)
    f = coverage(sets)
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
        f"$F(S)$ counts the items that $S$ covers.\n\n{as_table(sets)}\n\nFor $S=\\{{A,B\\}}$ and $T=\\{{B,C\\}}$, how much "
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
