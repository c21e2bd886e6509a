"""Proofs about set functions and greedy, to be written on paper, with a rubric line per step."""

import numpy as np

from courseware.practice.question import Draft, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick, show_that

TOPIC = Topic.SUBMODULAR


@template(
    TOPIC, Kind.SHOW, covers=("prove_submodular", "diminishing_gains", "monotone"), difficulty=2, minutes=6
)
def show_coverage_is_submodular(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Element $e$ covers a set $C_e$ of items, item $u$ has weight $w_u\ge0$, and $F(S)=\sum_{u\in\bigcup_{e\in S}C_e}w_u$. "
        "Show that $F$ is monotone and submodular, from the definition by gains."
    )
    steps = (
        (1, r"Writes the gain $F(e\mid A)$ as the weight of $C_e$ without what $A$ covers."),
        (1, "Says that it is at least 0, because all weights are: $F$ is monotone."),
        (
            1,
            r"Uses that $B\supseteq A$ covers all that $A$ covers, so $C_e$ minus the items of $B$ is a subset of $C_e$ minus those of $A$.",
        ),
        (1, r"Concludes $F(e\mid A)\ge F(e\mid B)$, again because weights are not negative."),
    )
    model = (
        r"With $U_A=\bigcup_{a\in A}C_a$: $F(e\mid A)=\sum_{u\in C_e\setminus U_A}w_u$.",
        r"All $w_u\ge0$, so $F(e\mid A)\ge0$, and $F$ is monotone.",
        r"$A\subseteq B$ gives $U_A\subseteq U_B$, so $C_e\setminus U_B\subseteq C_e\setminus U_A$.",
        r"A sum of fewer non-negative weights is not larger: $F(e\mid B)\le F(e\mid A)$.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("prove_submodular", "monotone"), difficulty=2, minutes=6)
def show_facility_location_is_submodular(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"$F(S)=\sum_{i\in V}\max_{j\in S}s_{ij}$ with $s_{ij}\ge0$ and $\max_\varnothing=0$. Show that $F$ is monotone and "
        "submodular."
    )
    steps = (
        (
            1,
            "Considers one customer $i$, and says that sums of submodular (monotone) functions are submodular (monotone).",
        ),
        (1, r"Writes the customer's gain as $\max(0,\,s_{ie}-b_i(A))$ with $b_i(A)=\max_{j\in A}s_{ij}$."),
        (1, "Says that it is not negative: monotone."),
        (1, r"Uses $b_i(A)\le b_i(B)$ for $A\subseteq B$, so the gain cannot grow."),
    )
    model = (
        r"Gains of a sum are sums of gains, so it is enough to consider one $i$, with $b_i(S)=\max_{j\in S}s_{ij}$.",
        r"$b_i(A\cup e)-b_i(A)=\max(0,\,s_{ie}-b_i(A))$.",
        r"This is at least 0.",
        r"For $A\subseteq B$, $b_i(A)\le b_i(B)$, so $\max(0,s_{ie}-b_i(B))\le\max(0,s_{ie}-b_i(A))$.",
    )
    return show_that(claim, steps, model)


@template(
    TOPIC,
    Kind.SHOW,
    covers=("union_intersection", "diminishing_gains", "prove_submodular"),
    difficulty=3,
    minutes=8,
)
def show_gains_imply_union_intersection(rng: np.random.Generator) -> Draft:
    direction = pick(rng, ["gains to sets", "sets to gains"])
    if direction == "sets to gains":
        claim = (
            r"Suppose $F(S)+F(T)\ge F(S\cup T)+F(S\cap T)$ for all $S,T\subseteq V$. Show that "
            r"$F(A\cup e)-F(A)\ge F(B\cup e)-F(B)$ for all $A\subseteq B$ and $e\notin B$."
        )
        steps = (
            (2, r"Chooses $S=A\cup\{e\}$ and $T=B$."),
            (1, r"Computes $S\cup T=B\cup\{e\}$ and $S\cap T=A$, using $A\subseteq B$ and $e\notin B$."),
            (1, "Inserts both and rearranges."),
        )
        model = (
            r"Take $S=A\cup e$ and $T=B$.",
            r"$S\cup T=B\cup e$; $S\cap T=A$, because $A\subseteq B$ and $e\notin B$.",
            r"$F(A\cup e)+F(B)\ge F(B\cup e)+F(A)$; rearranged, this is the claim.",
        )
        return show_that(claim, steps, model, direction=direction)
    claim = (
        r"Suppose $F(A\cup e)-F(A)\ge F(B\cup e)-F(B)$ for all $A\subseteq B$ and $e\notin B$. Show that "
        r"$F(S)+F(T)\ge F(S\cup T)+F(S\cap T)$ for all $S,T\subseteq V$."
    )
    steps = (
        (1, r"Adds the elements of $S\setminus T$ one after another: $e_1,\dots,e_r$."),
        (
            2,
            r"Compares each gain for $S\cap T$ plus the earlier ones with that for $T$ plus the earlier ones.",
        ),
        (1, r"Sums up: both sums telescope, to $F(S)-F(S\cap T)$ and $F(S\cup T)-F(T)$."),
    )
    model = (
        r"Let $S\setminus T=\{e_1,\dots,e_r\}$ and $D_i=\{e_1,\dots,e_i\}$.",
        r"$(S\cap T)\cup D_{i-1}\subseteq T\cup D_{i-1}$, and $e_i$ is in neither, so $F(e_i\mid(S\cap T)\cup D_{i-1})\ge "
        r"F(e_i\mid T\cup D_{i-1})$.",
        r"Summed over $i$: $F(S)-F(S\cap T)\ge F(S\cup T)-F(T)$, which is the claim.",
    )
    return show_that(claim, steps, model, direction=direction)


@template(TOPIC, Kind.SHOW, covers=("prove_submodular", "monotone"), difficulty=2, minutes=7)
def show_concave_of_cardinality(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"$F(S)=\varphi(|S|)$ with $\varphi$ concave on $0,1,\dots,n$, that is, $\varphi(t+1)-\varphi(t)$ does not grow with "
        r"$t$. Show that $F$ is submodular. Which further property of $\varphi$ makes it monotone? Show by an example that "
        r"a convex $\varphi$ can fail."
    )
    steps = (
        (1, r"Writes the gain as $\varphi(|A|+1)-\varphi(|A|)$: it depends on the size only."),
        (1, r"Uses $|A|\le|B|$ and concavity for the inequality of gains."),
        (1, r"Says that $F$ is monotone if $\varphi$ does not fall."),
        (1, r"Gives a counterexample, such as $\varphi(t)=t^2$ with gains 1 and 3."),
    )
    model = (
        r"For $e\notin A$: $F(e\mid A)=\varphi(|A|+1)-\varphi(|A|)$.",
        r"$A\subseteq B$ has $|A|\le|B|$, and the differences of $\varphi$ do not grow: $F(e\mid A)\ge F(e\mid B)$.",
        r"If $\varphi(t+1)\ge\varphi(t)$ for all $t$, all gains are at least 0.",
        r"$\varphi(t)=t^2$: the gain is 1 at the empty set and 3 after one element.",
    )
    return show_that(claim, steps, model)


@template(
    TOPIC, Kind.SHOW, covers=("greedy_guarantee", "cardinality_problem", "monotone"), difficulty=3, minutes=10
)
def show_greedy_guarantee(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"$F$ is monotone and submodular with $F(\varnothing)=0$, and $S^*$ is an optimal set of $k$ elements. Show that "
        r"greedy's set $S_k$ satisfies $F(S_k)\ge\big(1-(1-\frac1k)^k\big)F(S^*)\ge(1-\frac1e)F(S^*)$. Mark where "
        "monotonicity and submodularity are used."
    )
    steps = (
        (1, r"$F(S^*)\le F(S^*\cup S_i)$, by monotonicity."),
        (1, r"$F(S^*\cup S_i)\le F(S_i)+\sum_{e\in S^*}F(e\mid S_i)$, by submodularity."),
        (
            1,
            r"Each of the $k$ gains is at most greedy's next gain, so $F(S^*)-F(S_i)\le k\,(F(S_{i+1})-F(S_i))$.",
        ),
        (1, r"Rearranges: the gap shrinks by the factor $1-\frac1k$ in each step."),
        (1, r"Starts from $F(\varnothing)=0$, takes $k$ steps, and uses $(1-\frac1k)^k\le\frac1e$."),
    )
    model = (
        r"$F(S^*)\le F(S^*\cup S_i)$ (monotone).",
        r"$\le F(S_i)+\sum_{e\in S^*}F(e\mid S_i)$ (submodular).",
        r"$\le F(S_i)+k\,(F(S_{i+1})-F(S_i))$ (greedy takes the largest gain).",
        r"With $\delta_i=F(S^*)-F(S_i)$: $\delta_i\le k(\delta_i-\delta_{i+1})$, so $\delta_{i+1}\le(1-\frac1k)\delta_i$.",
        r"$\delta_k\le(1-\frac1k)^k\delta_0=(1-\frac1k)^kF(S^*)\le\frac1eF(S^*)$.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("lazy_greedy", "diminishing_gains"), difficulty=2, minutes=6)
def show_lazy_greedy_is_greedy(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"Lazy greedy keeps for every element a gain that was computed for an earlier set. It re-evaluates the element on "
        "top of the list and takes it if its fresh gain is at least every other number of the list. Show that it takes an "
        "element of largest gain. Where is submodularity used, and why does the proof not need monotonicity?"
    )
    steps = (
        (1, "Says that the sets grow, so an old gain belongs to a subset of the present $S$."),
        (1, "Uses submodularity: an old gain is an upper bound on the present gain."),
        (
            1,
            "Concludes that the fresh gain is at least the bound, so at least the gain, of every other element.",
        ),
        (1, "Says that the signs of the gains play no role."),
    )
    model = (
        r"An old gain is $F(e\mid S')$ with $S'\subseteq S$.",
        r"By submodularity $F(e\mid S)\le F(e\mid S')$.",
        r"If $F(t\mid S)\ge F(e\mid S'_e)$ for all other $e$, then $F(t\mid S)\ge F(e\mid S)$.",
        r"Only the order of gains was used, not their signs.",
    )
    return show_that(claim, steps, model)


@template(TOPIC, Kind.SHOW, covers=("sieve_guarantee", "sieve_thresholds"), difficulty=3, minutes=10)
def show_a_sieve_reaches_half(rng: np.random.Generator) -> Draft:
    del rng
    claim = (
        r"$F$ is monotone and submodular. A sieve with the guess $v\le OPT$ reads the whole stream and keeps $e$ if $|S|<k$ "
        r"and $F(e\mid S)\ge\frac{v/2-F(S)}{k-|S|}$. Show that $F(S)\ge v/2$ at the end if $|S|=k$, and "
        r"$F(S)\ge OPT-v/2$ if $|S|<k$ and $F(S)<v/2$. You may use that every threshold is at most $\frac{v}{2k}$."
    )
    steps = (
        (1, r"Full sieve: the last kept element has $k-|S|=1$, so its own test gives $F(S)\ge v/2$."),
        (
            1,
            r"Not full: an optimal element $o$ outside $S$ was rejected when it came, so its gain then was below $\frac v{2k}$.",
        ),
        (1, r"By submodularity its gain given the final $S$ is below $\frac v{2k}$, too."),
        (1, r"Sums over at most $k$ such elements: $\sum_oF(o\mid S)<\frac v2$."),
        (1, r"Uses monotonicity and submodularity: $OPT\le F(S\cup S^*)\le F(S)+\sum_oF(o\mid S)$."),
    )
    model = (
        r"When the $k$-th element came, $k-|S|=1$, so $F(e\mid S)\ge v/2-F(S)$: afterwards $F\ge v/2$.",
        r"If $|S|<k$, each $o\in S^*\setminus S$ was tested and rejected: $F(o\mid S_{then})<\frac{v}{2k}$.",
        r"$S_{then}\subseteq S$, so $F(o\mid S)\le F(o\mid S_{then})<\frac v{2k}$.",
        r"At most $k$ such elements: $\sum_oF(o\mid S)<\frac v2$.",
        r"$OPT\le F(S\cup S^*)\le F(S)+\sum_oF(o\mid S)<F(S)+\frac v2$.",
    )
    return show_that(claim, steps, model)


TEMPLATES = templates_in(vars())
