"""Decisions about set functions: which are submodular, guarantees, errors in a proof and in an algorithm."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from courseware.practice.question import Choice, Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    Line,
    Pair,
    Slip,
    find_the_error,
    match,
)
from courseware.practice.writing import a_set, num
from lsml_core.submodular.functions import ByValue, find_decrease, find_violation

TOPIC = Topic.SUBMODULAR


class Family(NamedTuple):
    """A set function of a formula, with the reason for what it is; `value` computes it on the ground set {0 … n−1}."""

    latex: str
    value: Callable[[tuple[int, ...]], float]
    reason: str


def _families(c: float | int, w: list[float]) -> list[Family]:
    """Formulas on four elements with weights w and a number c."""
    total = lambda S: sum(w[i] for i in S)
    shown = ", ".join(num(x) for x in w)
    return [
        Family(rf"F(S)={num(c)}\,|S|^2", lambda S: c * len(S) ** 2,
               f"gains grow, because an element that is added to $S$ brings ${num(c)}(2|S|+1)$."),
        Family(rf"F(S)=\min(|S|,\,2)\cdot{num(c)}", lambda S: c * min(len(S), 2),
               f"it is a concave function of $|S|$ that does not fall, with gains ${num(c)}$, ${num(c)}$, 0, 0."),
        Family(rf"F(S)={num(c)}\,|S|\,(4-|S|)", lambda S: c * len(S) * (4 - len(S)),
               "it is concave in $|S|$, so gains shrink, but they become negative beyond $|S|=2$."),
        Family(rf"F(S)=\max_{{i\in S}}w_i$ with $w=({shown})", lambda S: max((w[i] for i in S), default=0.0),
               "an element's gain is what it exceeds the maximum by, and the maximum only grows."),
        Family(rf"F(S)=\sum_{{i\in S}}w_i$ with $w=({shown})", total,
               "it is modular with weights of at least 0, so gains never change and are never negative."),
        Family(rf"F(S)=\sqrt{{\sum_{{i\in S}}w_i}}$ with $w=({shown})", lambda S: total(S) ** 0.5,
               "it is a concave, increasing function of a modular one with non-negative weights."),
        Family(rf"F(S)=\big(\sum_{{i\in S}}w_i\big)^2$ with $w=({shown})", lambda S: total(S) ** 2,
               "the square is convex, so an element brings more when the sum is large already."),
        Family(r"F(S)=1$ if $|S|$ is odd, else $0", lambda S: float(len(S) % 2),
               "gains alternate between $+1$ and $-1$, so they fall and then grow again."),
        Family(r"F(S)=$ number of edges between $S$ and the rest, in the path $1-2-3-4", _path_cut,
               "it is a graph cut, where an edge counts less once its other end is in $S$; $F(V)=0$, so it is not monotone."),
        Family(rf"F(S)={num(c)}$ if $\{{1,2\}}\subseteq S$, else $0", lambda S: c * ({0, 1} <= set(S)),
               "element 2 brings nothing alone and something after element 1, so gains grow."),
        Family(rf"F(S)=\sum_{{i\in S}}w_i-{num(max(w) + 1)}\cdot\max(0,|S|-2)$ with $w=({shown})",
               lambda S: total(S) - (max(w) + 1) * max(0, len(S) - 2),
               "it is a modular function minus a convex function of $|S|$, so it is submodular, but gains become negative."),
    ]  # fmt: skip


def _path_cut(S: tuple[int, ...]) -> float:
    return float(sum((i in S) != (i + 1 in S) for i in range(3)))


VERDICTS = {
    (True, True): "submodular and monotone",
    (True, False): "submodular, but not monotone",
    (False, True): "monotone, but not submodular",
    (False, False): "neither submodular nor monotone",
}


@template(
    TOPIC, Kind.JUDGE, covers=("prove_submodular", "monotone", "diminishing_gains"), difficulty=2, minutes=4
)
def is_it_submodular(rng: np.random.Generator) -> Draft:
    c, w = float(rng.integers(2, 6)), [float(x) for x in rng.choice(np.arange(1, 10), size=4, replace=False)]
    families = _families(c, w)
    which = int(rng.integers(len(families)))
    family = families[which]
    f, search = ByValue(4, family.value), np.random.default_rng(0)  # all sets are tried: nothing is drawn
    increase, decrease = find_violation(f, rng=search), find_decrease(f, rng=search)
    truth = (increase is None, decrease is None)
    because = {
        0: "Submodularity compares gains of the same element for a smaller and a larger set.",
        1: "Monotone means that no gain is negative.",
    }
    wrong = tuple(
        Mistake(text, because[0] if key[0] != truth[0] else because[1])
        for key, text in VERDICTS.items()
        if key != truth
    )
    prompt = (
        rf"On the ground set $V=\{{1,2,3,4\}}$, with $F(\varnothing)=0$:" f"\n\n${family.latex}$.\n\n$F$ is …"
    )
    solution = [f"It is {VERDICTS[truth]}. The reason: {family.reason}"]
    if increase:
        A, B, e = increase
        gains = [f.value((*S, e)) - f.value(S) for S in (A, B)]
        solution.append(
            f"Counterexample: element {e + 1} brings {num(gains[0])} to ${_set(A)}$ and {num(gains[1])} to ${_set(B)}$."
        )
    if decrease:
        solution.append(f"Not monotone: $F({_set(decrease[0])})={num(f.value(decrease[0]))}$ and "
                        f"$F({_set(decrease[1])})={num(f.value(decrease[1]))}$.")  # fmt: skip
    return Draft(
        prompt, Choice(VERDICTS[truth], wrong), solution, {"family": which, "c": c, "w": w, "truth": truth}
    )


def _set(S: tuple[int, ...]) -> str:
    return a_set(i + 1 for i in S)


CLAIMS = (
    Pair("Greedy", r"$(1-1/e)\,OPT$ for monotone submodular $F$, with $O(nk)$ gains"),
    Pair(
        "Lazy greedy", "the same set as greedy, usually with far fewer gains, but as many in the worst case"
    ),
    Pair("GreeDi", r"$\Omega(1/\sqrt{\min(m,k)})\,OPT$ with one round of communication"),
    Pair("Sieve-streaming", r"$(1/2-\epsilon)\,OPT$ in one pass, with $O(k\log k/\epsilon)$ memory"),
    Pair(
        "GreeDi with shuffling",
        "one round of communication more, which deals the elements to random machines",
    ),
)


@template(
    TOPIC, Kind.MATCH,
    covers=("greedy_guarantee", "lazy_worst_case", "greedi_guarantee", "greedi_cost", "sieve_guarantee", "sieve_memory"),
    difficulty=1, minutes=3,
)  # fmt: skip
def maximisers_and_guarantees(rng: np.random.Generator) -> Draft:
    confusions = {
        frozenset(
            ("Greedy", "Sieve-streaming")
        ): "$1-1/e$ belongs to greedy, which sees all elements in every round.",
        frozenset(
            ("Greedy", "Lazy greedy")
        ): "Lazy greedy is the one with fewer evaluations; both choose the same set.",
        frozenset(
            ("GreeDi", "GreeDi with shuffling")
        ): "Without shuffling one round is enough; shuffling costs another.",
    }
    return match(rng, "Match each method to what holds for it.", CLAIMS, confusions)


@template(
    TOPIC, Kind.ERROR, covers=("greedy_guarantee", "monotone", "diminishing_gains"), difficulty=3, minutes=6
)
def error_in_the_greedy_proof(rng: np.random.Generator) -> Draft:
    claim = (
        r"**Claim.** $F$ is monotone and submodular with $F(\varnothing)=0$. Greedy's sets $S_0=\varnothing,S_1,\dots,S_k$ "
        r"satisfy $F(S_k)\ge(1-1/e)\,OPT$, where $OPT=F(S^*)$ and $|S^*|=k$."
    )
    lines = (
        Line(r"$OPT\le F(S^*\cup S_i)$, by monotonicity", "adding elements does not lower $F$."),
        Line(r"$F(S^*\cup S_i)\le F(S_i)+\sum_{e\in S^*}F(e\mid S_i)$, by submodularity",
             "added one by one, each element brings at most its gain given $S_i$ alone."),
        Line(r"$F(e\mid S_i)\le F(S_{i+1})-F(S_i)$ for every $e$, by the greedy choice", "greedy takes the largest gain."),
        Line(r"$OPT-F(S_i)\le k\,\big(F(S_{i+1})-F(S_i)\big)$, because $|S^*|=k$", "this puts the lines above together."),
        Line(r"$OPT-F(S_{i+1})\le(1-\frac1k)\,\big(OPT-F(S_i)\big)$", "this is the line above, rearranged."),
        Line(r"$OPT-F(S_k)\le(1-\frac1k)^k\,OPT\le\frac1e\,OPT$", r"$k$ steps from $F(\varnothing)=0$, and $(1-\frac1k)^k\le\frac1e$."),
    )  # fmt: skip
    slips = {
        0: [Slip(r"$OPT\le F(S^*\cup S_i)$, by submodularity", "it is monotonicity: a submodular function can fall.")],
        1: [Slip(r"$F(S^*\cup S_i)\le F(S_i)+\sum_{e\in S^*}F(e\mid S_i)$, by monotonicity",
                 "monotonicity does not bound a union by single gains; diminishing gains do."),
            Slip(r"$F(S^*\cup S_i)\ge F(S_i)+\sum_{e\in S^*}F(e\mid S_i)$, by submodularity",
                 "the inequality is the wrong way round: gains shrink while elements are added.")],
        2: [Slip(r"$F(e\mid S_i)\ge F(S_{i+1})-F(S_i)$ for every $e$, by the greedy choice",
                 "greedy's gain is the largest, so other gains are at most as large.")],
        4: [Slip(r"$OPT-F(S_{i+1})\le\frac1k\,\big(OPT-F(S_i)\big)$",
                 "a step closes at least $1/k$ of the gap, so a fraction $1-1/k$ of it remains.")],
        5: [Slip(r"$OPT-F(S_k)\le(1-\frac1k)\,OPT\le\frac1e\,OPT$", "$k$ steps give the $k$-th power.")],
    }  # fmt: skip
    return find_the_error(rng, claim, lines, slips)


@template(TOPIC, Kind.ERROR, covers=("sieve_thresholds", "sieve_guarantee"), difficulty=3, minutes=6)
def error_in_sieve_streaming(rng: np.random.Generator) -> Draft:
    claim = r"**Sieve-streaming** for budget $k$ and $\epsilon>0$, as pseudo-code. $F$ is monotone and submodular."
    lines = (
        Line(r"For each element $e$ of the stream: $m\leftarrow\max(m,F(\{e\}))$,", "$m$ is the largest single value so far."),
        Line(r"keep a set $S_v$ for every $v=(1+\epsilon)^i$ with $m\le v\le2km$; new ones are empty,",
             "$OPT$ lies between $m$ and $km$, and a guess above $2km$ could not have kept anything."),
        Line(r"and for every $v$ with $|S_v|<k$: if $F(e\mid S_v)\ge\frac{v/2-F(S_v)}{k-|S_v|}$, add $e$ to $S_v$.",
             "the threshold is what is missing to $v/2$, per free place."),
        Line(r"At the end, return the $S_v$ of largest $F(S_v)$.", "one of the guesses is close to OPT."),
    )  # fmt: skip
    slips = {
        0: [Slip(r"For each element $e$ of the stream: $m\leftarrow m+F(\{e\})$,", "$m$ is a maximum, not a sum.")],
        1: [Slip(r"keep a set $S_v$ for every $v=(1+\epsilon)^i$ with $1\le v\le m$; new ones are empty,",
                 "the optimum lies between $m$ and $km$, so guesses of at most $m$ are too low."),
            Slip(r"keep a set $S_v$ for every $v=(1+\epsilon)^i$ with $m\le v\le2km$; for new ones, read the stream again,",
                 "one pass is enough: a new guess would have rejected everything that came before.")],
        2: [Slip(r"and for every $v$ with $|S_v|<k$: if $F(e\mid S_v)\ge\frac{v-F(S_v)}{k-|S_v|}$, add $e$ to $S_v$.",
                 "the threshold aims at $v/2$; with $v$, a sieve could stay nearly empty and nothing would be guaranteed."),
            Slip(r"and for every $v$ with $|S_v|<k$: if $F(\{e\})\ge\frac{v/2-F(S_v)}{k-|S_v|}$, add $e$ to $S_v$.",
                 "what counts is the gain given $S_v$, not the value alone.")],
        3: [Slip(r"At the end, return the $S_v$ of the largest $v$.", "the largest guess may have kept nothing.")],
    }  # fmt: skip
    return find_the_error(rng, claim, lines, slips)


TEMPLATES = templates_in(vars())
