"""Decisions about set functions and their maximisers: is it submodular, which method, errors in proofs, plots."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from courseware.practice.pictures import LETTERS, maximisers
from courseware.practice.question import Choice, Draft, Mistake, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import (
    Line,
    Pair,
    Slip,
    Variant,
    find_the_error,
    in_words,
    lettered,
    match,
    pick,
    show_that,
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
               f"gains grow: from $|S|$ to $|S|+1$ they are ${num(c)}(2|S|+1)$."),
        Family(rf"F(S)=\min(|S|,\,2)\cdot{num(c)}", lambda S: c * min(len(S), 2),
               f"a concave function of $|S|$ that does not fall: gains are ${num(c)}$, ${num(c)}$, 0, 0."),
        Family(rf"F(S)={num(c)}\,|S|\,(4-|S|)", lambda S: c * len(S) * (4 - len(S)),
               "concave in $|S|$, so gains shrink, but they become negative beyond $|S|=2$."),
        Family(rf"F(S)=\max_{{i\in S}}w_i$ with $w=({shown})", lambda S: max((w[i] for i in S), default=0.0),
               "an element's gain is what it exceeds the maximum by, and the maximum only grows."),
        Family(rf"F(S)=\sum_{{i\in S}}w_i$ with $w=({shown})", total,
               "modular with weights of at least 0: gains never change and are never negative."),
        Family(rf"F(S)=\sqrt{{\sum_{{i\in S}}w_i}}$ with $w=({shown})", lambda S: total(S) ** 0.5,
               "a concave, increasing function of a modular one with non-negative weights."),
        Family(rf"F(S)=\big(\sum_{{i\in S}}w_i\big)^2$ with $w=({shown})", lambda S: total(S) ** 2,
               "the square is convex: an element brings more when the sum is large already."),
        Family(r"F(S)=1$ if $|S|$ is odd, else $0", lambda S: float(len(S) % 2),
               "gains alternate between $+1$ and $-1$, so they fall and then grow again."),
        Family(r"F(S)=$ number of edges between $S$ and the rest, in the path $1-2-3-4", _path_cut,
               "a graph cut: an edge counts less once its other end is in $S$; $F(V)=0$, so it is not monotone."),
        Family(rf"F(S)={num(c)}$ if $\{{1,2\}}\subseteq S$, else $0", lambda S: c * ({0, 1} <= set(S)),
               "element 2 brings nothing alone and something after element 1: gains grow."),
        Family(rf"F(S)=\sum_{{i\in S}}w_i-{num(max(w) + 1)}\cdot\max(0,|S|-2)$ with $w=({shown})",
               lambda S: total(S) - (max(w) + 1) * max(0, len(S) - 2),
               "a modular function minus a convex function of $|S|$: submodular, but gains become negative."),
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
    solution = [f"It is {VERDICTS[truth]}: {family.reason}"]
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
    wrong = tuple(Mistake(LETTERS[order.index(n)], reasons[n]) for n in names if n != asked)
    prompt = (
        "Greedy, lazy greedy and sieve-streaming chose 50 of $n$ elements (facility location, stored study). The plot shows "
        f"how many gains each evaluated. Which line is **{'sieve-streaming' if asked == 'sieve' else asked}**?"
    )
    solution = (reasons[asked], f"At $n={x[at]:.0f}$ the counts are: {facts}.")
    return Draft(prompt, lettered(LETTERS[order.index(asked)], wrong), solution, {"asked": asked}, picture)


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
