# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 06 · Distributed and streaming selection
#
# **70 minutes.** After this lecture you will be able to
#
# 1. run greedy in two rounds on $m$ machines, and prove a guarantee for any partition of the data;
# 2. say why the answer is the better of the merged set and the best machine's own set;
# 3. compare the running time of GreeDi and greedy, and choose the number of machines;
# 4. select from a stream in one pass without knowing OPT, and prove the guarantee $\frac12-\varepsilon$;
# 5. count what a streaming algorithm keeps in memory, and say what ε changes.
#
# The exercises are in [set 06](../exercises/06_distributed_and_streaming.ipynb). $F$ is monotone and submodular with
# $F(\varnothing)=0$ throughout, and $\mathrm{OPT}=\max_{|S|\le k}F(S)$, as in [lecture 05](05_submodularity.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Repeat the guarantee of greedy from lecture 05 in one line; today's proofs use it as a tool.
# Two situations follow: the data lie in several places, or they pass by once.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Two rounds of greedy: GreeDi
#
# Greedy needs all $n$ elements in one place. **GreeDi** (Mirzasoleiman et al., 2013) partitions them among $m$ machines:
#
# 1. Each machine $p$ runs greedy on its own part $V_p$, at the same time as the others, and sends its $k$ elements $A_p$.
# 2. One machine runs greedy on the union $\bigcup_pA_p$ of at most $mk$ elements and obtains $A_{\text{merged}}$.
# 3. The answer $A$ is the set with the largest $F$ among $A_{\text{merged}},A_1,\dots,A_m$.
#
# There is one round of communication, and it sends $mk$ elements, however large $n$ is.
#
# **Predict.** The elements are points in a square, and $F$ measures how well the chosen points represent all points. Each
# machine holds the points of one vertical strip and knows no others. Which set is worth more on *all* points, the merged
# set or the best machine's own set, and why?
#
# <details><summary>Answer</summary>
#
# The merged set. A machine chooses well for its own strip, but its set says nothing about the other strips. Together, the
# sets of all machines contain good candidates for the whole square.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **8 minutes.** Ask which set is worth more on all points, the merged one or the best machine's own. A usual
# wrong answer is the machine's, since greedy has a guarantee there. That guarantee is about its own strip.
#
# At the start (4 strips) the merged set reaches 100 % of greedy and the best machine alone 65 %. Move to 16
# machines: 99 % and 58 %. Choose *at random*: 100 % and 98 %. The preset *Merged is worse* shows 105 % for a
# machine alone, so step 3 is needed.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.submodular import distributed
from courseware.demos import show

distributed.two_rounds.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - In strips no machine alone is good on all points. The second round repairs this.
# - Parts that are drawn at random look alike, so the best machine alone is about as good as greedy on all points.
# - The merged set can be *worse* than a machine's own set (preset *Merged is worse*), because greedy is not optimal.
#   This is why step 3 returns the best one.
# - A value above 100 % means that a set is better than the one that greedy chooses from all points.
#
# **Break it.** Divide the points into 16 strips and skip the second round: the best machine's set then loses more than 40 %.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Theorem.** For every partition, if each machine can evaluate $F$ on subsets of its part,
# $$F(A)\;\ge\;\frac{1-1/e}{\min(m,k)}\,\mathrm{OPT}\qquad\text{(proved below),}\qquad
# F(A)\;\ge\;\Omega\!\Big(\frac{1}{\sqrt{\min(m,k)}}\Big)\mathrm{OPT}\qquad\text{(Mirzasoleiman et al., cited).}$$
# If every element goes to a random machine, $\mathbb E\,F(A)\ge\frac12(1-\frac1e)\,\mathrm{OPT}$ (Barbosa et al., 2015). Such a
# shuffle costs a second round of communication.
#
# <details><summary>By hand: the guarantee for every partition</summary>
#
# Let $S^*$ be an optimal set. It is enough to find one machine $p$ with a good $A_p$, since $F(A)\ge F(A_p)$ *(step 3)*.
#
# **Factor $m$.** Let $O_p=S^*\cap V_p$ be the part of $S^*$ on machine $p$.
# 1. $\mathrm{OPT}=F\big(\bigcup_pO_p\big)\le\sum_{p=1}^mF(O_p)$ *(submodular, $F(\varnothing)=0$: the gain of $O_p$ to a larger set
#    is at most $F(O_p)$)*.
# 2. So some machine has $F(O_p)\ge\mathrm{OPT}/m$.
# 3. $O_p\subseteq V_p$ and $|O_p|\le k$, so greedy's guarantee on $V_p$ gives
#    $F(A_p)\ge(1-\frac1e)F(O_p)\ge(1-\frac1e)\,\mathrm{OPT}/m$ *(monotone, submodular)*.
#
# **Factor $k$.** By the same step 1 for single elements, $\mathrm{OPT}\le\sum_{o\in S^*}F(\{o\})$, so some $o$ has
# $F(\{o\})\ge\mathrm{OPT}/k$ *($|S^*|\le k$)*. On its machine, greedy's first element is at least as good, so
# $F(A_p)\ge F(\{o\})\ge\mathrm{OPT}/k$ *(monotone)*.
#
# The larger of the two bounds is at least $(1-\frac1e)\,\mathrm{OPT}/\min(m,k)$. ∎ This proof does not use the merged
# set.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **8 minutes.** Prove the factor $m$ on the board: split the optimum, take the best part, use greedy's
# guarantee on one machine. Ask where submodularity is used (step 1) and where the size of $O_p$ is (step 3).
# The factor $k$ is three lines and can be left for home. Say that the proof never uses the merged set.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: images in random parts, and sorted by class.** We choose $k=50$ of 5,000 images of Fashion-MNIST with
# facility location as in lecture 05. The images that have to be represented are called *customers* below. Each machine
# has only its own images as customers, so the theorem, which assumes the exact $F$, does not apply. All values below are
# on all images.
#
# *The paper's result* (abstract, NIPS 2013): under natural conditions on the data, GreeDi performs close to greedy on
# all points. The experiments use up to tens of millions of points; the numbers of the figures are not available here.
# *Our run:* three random partitions and one partition sorted by class.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Ask whether images sorted by class are worse than random parts. Most say yes, by far. The
# answer stays within one percent of greedy in all cases; the best machine alone gets worse. Repeat that the
# theorem does not apply here, because each machine knows only its own customers.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np

from lsml_core.data import load
from lsml_core.submodular.distributed import greedi, greedi_on_parts
from lsml_core.submodular.functions import Exemplar, StreamedFacilityLocation
from lsml_core.submodular.greedy import greedy

images, k = load("fashion", side=14), 50
x = images.x.reshape(-1, 196).astype(float)  # in float32, rounding would decide some choices
x -= x.mean(axis=0)
f, by_class = Exemplar(x), np.argsort(images.y, kind="stable")

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
central, machines, seeds = greedy(f, k).value, (4, 16, 64), (0, 1, 2)
drawn = [[greedi(f, k, m, rng=np.random.default_rng(seed)) for seed in seeds] for m in machines]
ordered = [greedi_on_parts(f, k, np.array_split(by_class, m)) for m in machines]
alone = [[max(run.local_values) / central for run in (*some, one)] for some, one in zip(drawn, ordered)]
answer = [[run.value / central for run in (*some, one)] for some, one in zip(drawn, ordered)]
print("  m   random parts, three seeds           sorted by class")
print("      best machine   answer               best machine   answer")
print("\n".join(f"{m:3}   {min(a[:3]):.2f} to {max(a[:3]):.2f}   {min(b[:3]):.3f} to {max(b[:3]):.3f}"
                f" {a[3]:16.2f} {b[3]:12.3f}" for m, a, b in zip(machines, alone, answer)))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - With more machines each one holds fewer images, and the best machine alone gets worse.
# - The answer stays within one percent of greedy on all images, for all three seeds and also with the images sorted by
#   class. This agrees with the paper's conclusion.
# - The guarantee is much lower, because it holds for the worst instance and the worst partition.
#
# On a real cluster, `greedi(f, k, m, rng=…, executor=…)` takes any `concurrent.futures` executor, or Dask's. The data
# travel as memory-mapped files, once per machine.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **How does the running time compare with greedy?** We count gains. The example has $n=60{,}000$, $k=200$ and $m=8$.
#
# | | greedy | each machine, round 1 | one machine, round 2 |
# |---|---|---|---|
# | elements held | $n$ = 60,000 | $n/m$ = 7,500 | $mk$ = 1,600 |
# | gains evaluated | $nk$ = 12,000,000 | $nk/m$ = 1,500,000 | $mk^2$ = 320,000 |
#
# The machines of round 1 work at the same time, so GreeDi takes
# $$O\Big(\frac{nk}m+mk^2\Big)\qquad\text{instead of}\qquad O(nk).$$
#
# **Predict.** More machines make round 1 shorter. What do they do to round 2? For which $m$ is the total time smallest?
#
# <details><summary>Answer</summary>
#
# Round 2 becomes longer, because it receives $k$ more elements from every further machine. The two rounds take equally long
# when $nk/m=mk^2$, so at $m=\sqrt{n/k}$, which is also the best $m$: about 17 in the example.
# </details>
#
# <details><summary>By hand: the cost of GreeDi and the best number of machines</summary>
#
# 1. Round 1: for each of its $k$ choices a machine evaluates at most $n/m$ gains *(equal parts)*: $nk/m$.
# 2. Round 2: at most $mk$ elements arrive, and greedy chooses $k$ of them: $mk\cdot k=mk^2$.
# 3. Communication: $mk$ elements, once. A shuffle before round 1 moves all $n$ elements and is a second round.
# 4. The total $T(m)=nk/m+mk^2$ has $T'(m)=-nk/m^2+k^2=0$ at $m=\sqrt{n/k}$, and $T''>0$.
# 5. There $T=2k\sqrt{nk}$. With $m$ above $n/k$, round 2 alone takes longer than greedy on all data.
# </details>
#
# **Exercises:** [2 · Two rounds of greedy and 3 · What one machine cannot know](../exercises/06_distributed_and_streaming.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Write $T(m)=nk/m+mk^2$ on the board and let the room differentiate. A usual wrong answer is
# "as many machines as possible". Round 2 receives $k$ more elements from each further machine. Here the best
# $m$ is about 17. The third and fifth step of the derivation can be left out.

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The algorithm in code.**

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.submodular.distributed import plain_greedi

show_source(plain_greedi)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 One pass: Sieve-Streaming
#
# *As in the papers, $m$ changes its meaning: it was the number of machines, and in this section it is the largest $F(\{e\})$.*
#
# Now the elements pass by once, in any order, and an element that is not kept is lost. Suppose first that we have a
# **guess** $v$ of OPT. The **sieve** for this guess is a set $S$ of at most $k$ elements, empty at first. It keeps an arriving
# element if its gain is at least what $F(S)$ lacks to reach $v/2$, divided by the number of places that are left in $S$:
# $$\text{keep }e\text{ if }|S|<k\text{ and }F(e\,|\,S)\;\ge\;\tau=\frac{v/2-F(S)}{k-|S|}.$$
# A guess that is too low fills its $k$ places with elements of small gain. A guess that is too high keeps too few.
#
# We do not know OPT. But with $m=\max_eF(\{e\})$ we know that $m\le\mathrm{OPT}\le km$: an optimal set is worth at least as
# much as any single element *(monotone)*, and at most the sum of the values of its $k$ elements *(submodular)*.
# **Sieve-Streaming** (Badanidiyuru et al., KDD 2014) runs one sieve for each guess in
# $$O=\{(1+\varepsilon)^i \mid i\in\mathbb Z,\;m\le(1+\varepsilon)^i\le 2km\},$$
# and returns the best set at the end. It also estimates $m$ on the fly: when an element arrives,
# $m\leftarrow\max(m,F(\{e\}))$. Guesses below the new $m$ are dropped, and new guesses up to $2km$ start with an empty set.
#
# **Properties:** one pass; $F(S)\ge(\frac12-\varepsilon)\,\mathrm{OPT}$; $O(k\log k/\varepsilon)$ elements in memory;
# $O(\log k/\varepsilon)$ gains per element.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **7 minutes.** Explain one sieve with a given guess first: the threshold is what $F(S)$ lacks to reach
# $v/2$, divided by the free places. Then the bounds $m\le\mathrm{OPT}\le km$, which the room can prove in a
# minute. Write τ on the board and leave it there. Students confuse the two meanings of $m$; say it now.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Predict.** (a) The largest gain $m$ doubles. What happens to the lowest guesses, and to the highest?
# (b) $\mathrm{OPT}\le km$. Why do the guesses go up to $2km$, and not only to $km$?
#
# <details><summary>Answer</summary>
#
# (a) Guesses below the new $m$ are dropped, because $\mathrm{OPT}\ge m$ shows that they are too low. New guesses appear at
# the top, and their sets are empty.
# (b) A new guess has not seen the earlier elements. It has missed nothing only if it would have rejected all of them.
# The first threshold of guess $v$ is $v/2k$, and all earlier gains were at most the old $m$. A guess that appears
# when $2km$ reaches it has $v/2k$ above the old $m$. A guess that appeared only when $km$ reached it could have missed
# elements with gains between $v/2k$ and $v/k$.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **8 minutes.** Ask (a) and (b) separately. The usual wrong answer to (b) is that it is only a safety
# margin. A new guess has not seen the earlier elements. Since it appears as soon as $2km$ reaches it, its
# first threshold $v/2k$ is above all earlier gains, so it would have rejected them.
#
# Start after 7 images: 10 guesses hold 46 images, and the best set has 56 % of greedy's value. Move to 28
# images: 66 %, to 200: 87 %. Choose Sieve-Streaming++ at 200: 5 guesses hold 21 images, 82 %.

# %% {"slideshow": {"slide_type": "fragment"}}
distributed.sieves.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **What to notice**
#
# - Each row is one guess with its own set of at most eight images. An arriving image is kept in every row whose threshold
#   its gain reaches.
# - Low guesses are full after a few images and never change again. High guesses keep few images.
# - A guess in between is good, and nobody needs to know in advance which one.
# - The best set is far above the bound, $\frac12-\varepsilon$ of greedy's value on what has been seen so far. (OPT is at most
#   1.6 times greedy's value, and the best set is above $\frac12-\varepsilon$ of that, too.)
#
# **Sieve-Streaming++** (Kazemi et al., ICML 2019) keeps a fixed threshold τ for each sieve. It drops all sieves with
# $\tau<\max(\mathrm{LB},m)/2k$, where LB is the best value so far. These are too low, since $\mathrm{OPT}\ge\mathrm{LB}$ and
# $\mathrm{OPT}\ge m$. This leaves $O(k/\varepsilon)$ elements in memory, with the same guarantee. In set 06 you prove what one fixed threshold guarantees.
#
# **Break it.** With ε = 1 the bound is negative, so it promises nothing. If the images with the smallest gains also come
# first, the low guesses are full of them. The best set still ends above 70 % of greedy's value.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Point to one row of each kind: full and low, nearly empty and high, good in between.
# Sieve-Streaming++ drops guesses that its best set shows to be too low. *Break it* has ε = 1, where the bound
# promises nothing, and still ends at 72 %.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Why ½ − ε?** First for one sieve whose guess $v$ is given, then for the best of all guesses.
#
# <details><summary>By hand: the threshold is never above v/2k</summary>
#
# **Claim:** $F(S)\ge v\,|S|/2k$ at all times. Then
# $\tau=\dfrac{v/2-F(S)}{k-|S|}\le\dfrac{(v/2)(1-|S|/k)}{k-|S|}=\dfrac v{2k}$.
#
# Proof by induction. The claim holds for $S=\varnothing$ *($F(\varnothing)=0$)*. Let $s=|S|<k$ and let $e$ be kept. Then
# $$F(S\cup e)\;\ge\;F(S)+\frac{v/2-F(S)}{k-s}=F(S)\,\frac{k-s-1}{k-s}+\frac{v/2}{k-s}\qquad\text{(the test).}$$
# The factor of $F(S)$ is not negative *($s\le k-1$)*, so we may insert $F(S)\ge vs/2k$:
# $$F(S\cup e)\ge\frac v{2k}\cdot\frac{s(k-s-1)+k}{k-s}=\frac v{2k}\cdot\frac{(s+1)(k-s)}{k-s}=\frac{v(s+1)}{2k}.\qquad∎$$
# </details>
#
# <details><summary>By hand: a sieve with guess v ends with at least min(v/2, OPT − v/2)</summary>
#
# **The sieve is full** ($|S|=k$): the claim gives $F(S)\ge v/2$.
#
# **The sieve is not full** ($|S|<k$): every $o\in S^*\setminus S$ has $F(o\,|\,S)<v/2k$ at the end, for one of two reasons.
# - $o$ was rejected: its gain was below $\tau\le v/2k$ then, and it is not larger now *(submodular)*.
# - $o$ came before this sieve existed, when $2km<v$ for the $m$ of that time: then $F(o\,|\,S)\le F(\{o\})\le m<v/2k$ *(submodular)*.
#
# There are at most $k$ such $o$, so
# $\mathrm{OPT}\le F(S\cup S^*)\le F(S)+\sum_{o\in S^*\setminus S}F(o\,|\,S)\le F(S)+v/2$ *(monotone; submodular)*. ∎
# </details>
#
# <details><summary>By hand: some guess gives ½ − ε</summary>
#
# Let $v$ be the largest power of $1+\varepsilon$ with $v\le\mathrm{OPT}$, so $v>\mathrm{OPT}/(1+\varepsilon)$. At the end of the stream
# $m=\max_eF(\{e\})$ over all elements.
#
# **If $v\ge m$**, the sieve for $v$ exists at the end *($v\le\mathrm{OPT}\le km$)*. Since $v\le\mathrm{OPT}$, both cases give at least
# $$\frac v2>\frac{\mathrm{OPT}}{2(1+\varepsilon)}\ge\frac{1-\varepsilon}2\,\mathrm{OPT}\ge\big(\tfrac12-\varepsilon\big)\mathrm{OPT}.$$
# **If $v<m$**, all guesses up to OPT were dropped. The lowest guess is $v'=(1+\varepsilon)v$, with
# $\mathrm{OPT}<v'<(1+\varepsilon)m\le(1+\varepsilon)\,\mathrm{OPT}$ *($v<m\le\mathrm{OPT}$)*, and it exists *($1+\varepsilon\le2k$)*.
# - Full: $F(S)\ge v'/2>\mathrm{OPT}/2$.
# - Not full: $F(S)\ge\mathrm{OPT}-v'/2>\big(1-\tfrac{1+\varepsilon}2\big)\mathrm{OPT}=\big(\tfrac12-\tfrac\varepsilon2\big)\mathrm{OPT}$. ∎
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **12 minutes.** Write the two cases on the board: full gives $v/2$, not full gives $\mathrm{OPT}-v/2$.
# Prove the second case, because students miss it; ask which elements can have a large gain at the end. The
# claim $\tau\le v/2k$ by induction takes five minutes; state it when time is short. The third fold is a
# check of cases for home.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: 5,000 images pass by.** Facility location needs customers, and a stream has none in advance. 300 random
# images serve as customers for all (`StreamedFacilityLocation`). The chosen sets are then judged on all 5,000 images, and
# compared with greedy, which may look at everything.
#
# *The paper's result* (abstract, KDD 2014): on millions of points the streaming method achieves practically the same
# value as previous methods and is about 100 times faster. The numbers of its figures are not available here.
# *Our run:* $k=50$, three draws of customers and orders of the stream.
#
# **Predict.** A smaller ε gives more guesses. What does it do to the memory, and to the value?
#
# <details><summary>Answer</summary>
#
# The memory grows about in proportion to $1/\varepsilon$, as the number of guesses does. The value grows only a little: even
# with few guesses one of them is near OPT, and the sets are far above the bound.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask what a smaller ε does to memory and to the value. A usual wrong answer is that both grow
# alike. From ε = 0.5 to 0.1 the memory grows about four times and the value by less than ten percent. Say
# that our values are 10 to 20 percent below greedy's, and why.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.submodular.streaming import sieve_streaming, sieve_streaming_plus_plus

orders = [np.random.default_rng(seed).permutation(5000) for seed in seeds]
functions = [StreamedFacilityLocation(x[order[:300]]) for order in orders]
algorithms = {"Sieve-Streaming": sieve_streaming, "Sieve-Streaming++": sieve_streaming_plus_plus}
rows = [(eps, name, [find(F, iter(x[order]), k, eps) for F, order in zip(functions, orders)])
        for eps in (0.5, 0.3, 0.1) for name, find in algorithms.items()]
values = [[f.value(order[list(run.chosen)]) / central for run, order in zip(runs, orders)] for *_, runs in rows]
print("  ε                     images held  gains per image   value over greedy's, three seeds")
print("\n".join(f"{eps:4}  {name:17} {np.mean([r.stored for r in runs]):13,.0f} {runs[0].evaluations / 5000:16.1f}"
                f"   {min(value):.2f} to {max(value):.2f}" for (eps, name, runs), value in zip(rows, values)))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - From ε = 0.5 to 0.1 the memory grows about four times, and the value by less than ten percent.
# - Sieve-Streaming++ holds about a quarter of the images, and the values of its sets are up to 0.07 lower.
# - An image costs fewer gains than there are sieves, because $F(e\,|\,S)\le F(\{e\})$: if the threshold of a sieve exceeds
#   $F(\{e\})$, its gain need not be evaluated.
# - Our values are not "practically the same" as greedy's: they are 10 to 20 percent lower. What differs from the paper:
#   our stream is short, and $F$ is estimated from 300 customers.
#
# **Exercises:** [4 · The guesses of OPT, 5 · One sieve, 6 · All sieves in one pass, 7 · In your own words, and 8, a
# proof](../exercises/06_distributed_and_streaming.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The algorithm in code.**

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.submodular.streaming import plain_sieve_streaming

show_source(plain_sieve_streaming)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 Running time, from a thousand to a million elements
#
# We choose 50 of $n$ elements on one thread. $F$ is concave over modular with 16 features, so that a gain costs the
# same for every $S$. For GreeDi we count the time of the slowest of eight machines, and what cannot run in parallel. One
# more curve shows greedy with facility location, which looks at all $n^2$ pairs.
#
# **Predict.** (a) Lazy greedy evaluates far fewer gains than greedy. Give a reason why it may still take longer.
# (b) Why are eight machines not eight times as fast as one?
#
# <details><summary>Answer</summary>
#
# (a) Greedy evaluates many gains at once, which is cheap per gain. Lazy greedy evaluates a few gains at a time and has
# to maintain a priority queue. If one gain is cheap, this costs more than it saves.
# (b) $F$ has to be sent to the machines, and round 2 runs on one machine only. (Round 2 is short here: at most
# 8 · 50² = 20,000 gains, while round 1 takes 6 million on each machine if $n$ is a million.)
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask (a) first. The usual wrong answer is that fewer gains always mean less time. Greedy
# evaluates many gains at once, which is cheap per gain. For (b) name the two parts that do not run in
# parallel. Read exponents and not single points, because the machine had other work.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.studies import stored
from courseware.plots.distributed import costs
from courseware.plots.canvas import canvas

measured = stored("submodular_scaling")
fig, (ax,) = canvas(1)
costs(ax, measured["sizes"], dict(zip(measured["methods"].tolist(), measured["seconds"])), "CPU seconds")
show(fig, alt="CPU seconds against the number of elements, both logarithmic. Five methods grow roughly like n, "
              "stochastic greedy is the fastest, and greedy with facility location grows like n squared.")
print(f"measured by {measured['command']}: {measured['machine']}")

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
seconds, gains, value = (measured[name][:5] for name in ("seconds", "gains", "value"))
slope = np.log10(seconds[:, -1] / seconds[:, 2]) / 2
print("a million elements     gains  value over greedy's  seconds over greedy's  exponent from 10⁴ to 10⁶")
print("\n".join(f"{name:16} {g:12,.0f} {v:14.3f} {s:21.2f} {p:20.1f}" for name, g, v, s, p
                in zip(measured["methods"], gains[:, -1], value[:, -1], seconds[:, -1] / seconds[0, -1], slope)))
pairs = measured["seconds"][5]
print(f"all pairs: exponent {np.log10(pairs[2] / pairs[0]):.1f} from 10³ to 10⁴,",
      f"{np.log10(pairs[3] / pairs[1]):.1f} from 3·10³ to 3·10⁴")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - The times of the five methods grow roughly in proportion to $n$: their exponents are near 1.
# - Lazy greedy evaluates 25 times fewer gains than greedy, and at a million elements it still takes longer.
# - Eight machines take between a fourth and a fifth of greedy's time.
# - Stochastic greedy is the fastest, and loses less than two percent of the value.
# - Sieve-Streaming takes more than half of greedy's time here, and not a hundredth as in the paper, whose functions and
#   baselines are different. Its advantages are one pass and little memory.
#
# The counts of gains are exact. The seconds are of one run on a machine with other work (its load is printed above), so
# single points can be off: read the exponents, not one point.
#
# **Break it.** The time of facility location over all pairs grows like $n^2$ for large $n$. A million elements have
# $10^{12}$ similarities, 4 TB in float32. Use a sample of customers, as above, or only the nearest neighbours:
# `FacilityLocation.from_features(x, neighbors=32)`.
#
# **Exercise:** [1 · A step of stochastic greedy](../exercises/06_distributed_and_streaming.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Summary
#
# | | passes over the data | elements in memory | guarantee, as a share of OPT | use it when |
# |---|---|---|---|---|
# | greedy | $k$ | $n$ | $1-1/e$ | the data fit on one machine |
# | GreeDi, any partition | $k$ on each machine, in parallel | $n/m$, then $mk$ | $(1-1/e)/\min(m,k)$; $\Omega(1/\sqrt{\min(m,k)})$ | the data fit on $m$ machines |
# | GreeDi, random partition | the same, and a shuffle | the same | $\frac12(1-1/e)$ in expectation | the data can be shuffled first |
# | Sieve-Streaming | 1 | $O(k\log k/\varepsilon)$ | $\frac12-\varepsilon$ | the data pass by once |
# | Sieve-Streaming++ | 1 | $O(k/\varepsilon)$ | $\frac12-\varepsilon$ | the same, with less memory |

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Cover the column of guarantees and let the room fill it in. Ask which two rows differ in
# memory only.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Four proofs to remember**
#
# | to show | write down | then use |
# |---|---|---|
# | GreeDi: factor $m$ | $\mathrm{OPT}\le\sum_pF(S^*\cap V_p)$ | submodular, greedy's guarantee on one machine |
# | GreeDi: factor $k$ | $\mathrm{OPT}\le\sum_{o\in S^*}F(\{o\})$ | submodular, monotone |
# | a full sieve | $F(S)\ge v\,\vert S\vert/2k$ | induction over the kept elements |
# | a sieve that is not full | $\mathrm{OPT}\le F(S)+k\cdot v/2k$ | monotone, submodular, threshold at most $v/2k$ |
#
# **Now you.** [Exercises 06](../exercises/06_distributed_and_streaming.ipynb): merge what the machines chose, build the
# sieves, and prove the guarantee of a sieve with a fixed threshold.
#
# **Read on.** Mirzasoleiman, Karbasi, Sarkar & Krause, *Distributed submodular maximization* (NIPS 2013; JMLR 2016) ·
# Barbosa, Ene, Nguyen & Ward, *The power of randomization* (ICML 2015) · Badanidiyuru, Mirzasoleiman, Karbasi &
# Krause, *Streaming submodular maximization* (KDD 2014) · Kazemi et al., *Submodular streaming in all its glory*
# (ICML 2019). The code of this lecture is in `lsml_core/submodular/distributed.py` and `streaming.py`. Larger
# measurements: `benchmarks/greedi.py` and `benchmarks/sieve.py`.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Leave this table on the screen while questions come: it is the plan of all proofs of the
# lecture.
