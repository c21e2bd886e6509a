# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 05 · Submodularity
#
# **75 minutes.** After this lecture you will be able to
#
# 1. state diminishing gains in two equivalent ways, and refute a function that does not have them;
# 2. prove that a function is submodular, from the definition or from known parts;
# 3. run greedy, prove its guarantee, and name an instance on which it gets no more than that;
# 4. explain why lazy greedy evaluates fewer gains and chooses the same set, and when it saves nothing;
# 5. choose a few images that represent thousands, without using any label.
#
# The exercises are in [set 05](../exercises/05_submodularity.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Read objective 3 aloud: run it, prove it, and know where it is tight. Write
# $F(e\,|\,A)=F(A\cup e)-F(A)$ on the board and leave it there.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Diminishing gains
#
# A set function $F$ gives a value to every subset of a ground set $\mathcal V$: the area that a set of sprinklers
# waters, the topics that a set of articles covers, how well a set of images represents a data set. We write
# $A\cup e$ for $A\cup\{e\}$, and $F(e\,|\,A)=F(A\cup e)-F(A)$ for the **gain** of $e$ to $A$.
#
# $F$ is **submodular** if the gain of an element never grows when the set grows:
# $$F(A\cup e)-F(A)\;\ge\;F(B\cup e)-F(B)\qquad\text{for all }A\subseteq B\subseteq\mathcal V,\;e\notin B.$$
# $F$ is **monotone** if $F(S)\le F(T)$ whenever $S\subseteq T$.
#
# **Predict.** Let $F$ be the area that is watered; a place counts once, however many sprinklers reach it. The new
# sprinkler $e$ overlaps with one sprinkler of $A$ and with three more of $B\supseteq A$. Can $e$ add more area to $B$
# than to $A$?
#
# <details><summary>Answer</summary>
#
# No. What $e$ adds to $B$ is the area that $e$ reaches and $B$ does not. Because $A\subseteq B$, $A$ does not reach it
# either, so $e$ adds this area to $A$ too.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **8 minutes.** Ask whether $e$ can add more to B than to A. A usual wrong answer is yes, since B has more
# sprinklers that "work together": for an area they only overlap.
#
# At the start $e$ adds 7.08 m² to A and 1.06 to B. Drag $e$ down to y = 2.2: 10.08 and 0.92, and the goal is
# reached. Press *Break it*: only area covered at least twice counts, $e$ adds 2.68 to A and 8.02 to B, so
# this F is not submodular.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.submodular import diminishing_returns, guarantee
from courseware.demos.submodular import greedy as greedy_demos

diminishing_returns.marginal_gain.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - The bars on the right are the gains of $e$ to the empty set, to one disc, and so on up to all seven discs.
# - For the covered area these gains never grow, wherever $e$ lies.
# - The square root of the area keeps this property.
#
# **Break it.** Let area count only where at least two discs overlap. The first disc then has value 0, and it makes the
# next disc more valuable. With this $F$, most places of $e$ add more to $B$ than to $A$: $F$ is not submodular.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **An equivalent definition with unions and intersections.** $F$ is submodular if and only if
# $$F(S)+F(T)\;\ge\;F(S\cup T)+F(S\cap T)\qquad\text{for all }S,T\subseteq\mathcal V.$$
#
# *Why coverage satisfies it.* Let $F$ count the items that a set covers, and look at one item:
#
# | the item is covered by | $F(S)+F(T)$ counts it | $F(S\cup T)+F(S\cap T)$ counts it |
# |---|---|---|
# | neither $S$ nor $T$ | 0 times | 0 times |
# | only one of them | once | once, in $F(S\cup T)$ |
# | an element of $S\cap T$ | twice | twice |
# | both, but by different elements | twice | once, in $F(S\cup T)$ |
#
# The left-hand side never counts an item less often. It is larger if both sets cover an
# item and no element of $S\cap T$ does.
#
# <details><summary>By hand: the two definitions are equivalent</summary>
#
# **Diminishing gains ⟹ union and intersection.** Let $T\setminus S=\{t_1,\dots,t_r\}$ and $D=S\cap T$. Add the $t_i$ one
# by one, once to $D$ and once to $S$:
# $$F(T)-F(D)=\sum_{i=1}^rF\big(t_i\,|\,D\cup\{t_1,\dots,t_{i-1}\}\big)
# \;\ge\;\sum_{i=1}^rF\big(t_i\,|\,S\cup\{t_1,\dots,t_{i-1}\}\big)=F(S\cup T)-F(S).$$
# The inequality holds term by term *(diminishing gains, since $D\subseteq S$ and $t_i\notin S\cup\{t_1,\dots,t_{i-1}\}$)*.
#
# **Union and intersection ⟹ diminishing gains.** Let $A\subseteq B$ and $e\notin B$. Take $S=A\cup e$ and $T=B$. Then
# $S\cup T=B\cup e$ *(because $A\subseteq B$)* and $S\cap T=A$ *(because $A\subseteq B$ and $e\notin B$)*, so
# $$F(A\cup e)+F(B)\ge F(B\cup e)+F(A).$$
# Neither direction needs monotonicity or $F(\varnothing)=0$.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Draw two overlapping sets S and T on the board, and write the four values into the picture.
# Prove the direction from unions to diminishing gains (two lines), and give the telescoping sum of the other
# one as an exercise. Ask where monotonicity is used: nowhere.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **How do you show that a function is submodular?** There are two ways.
#
# *From the definition:* write down the gain $F(e\,|\,A)$, and show that no term of it grows when $A$ grows.
#
# *From known parts:*
#
# | part | $F(S)$ | why it is submodular |
# |---|---|---|
# | modular | $\sum_{e\in S}w_e$ | the gain $w_e$ is the same for every set |
# | coverage, $w\ge0$ | weight of all items that $S$ covers | proof below |
# | facility location, $s\ge0$ | $\sum_i\max_{j\in S}s_{ij}$ | proof below |
# | concave over modular, $w\ge0$ | $\varphi\big(\sum_{e\in S}w_e\big)$ | proof below |
# | non-negative sum | $\sum_ta_tF_t$ with $a_t\ge0$ | the inequalities add up |
# | concave over monotone submodular | $\varphi(F(S))$, $\varphi$ concave and non-decreasing | as concave over modular, with smaller increments |
#
# The product, the difference and the minimum of two submodular functions are in general not submodular.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **7 minutes.** Give the two ways, then prove coverage on the board: gain, monotone sets, fewer items. Ask
# which hypothesis makes the last step true ($w\ge0$). Students often believe that the minimum or the product
# of two submodular functions is submodular; say that it is not in general. The other two proofs have the same
# three lines and can be left for home.

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# <details><summary>By hand: coverage is submodular</summary>
#
# Element $e$ covers the items $U_e$. Let $U(A)=\bigcup_{a\in A}U_a$ and $F(A)=\sum_{u\in U(A)}w_u$ with $w_u\ge0$.
# 1. The gain is the weight of what is new: $F(e\,|\,A)=\sum_{u\in U_e\setminus U(A)}w_u$.
# 2. If $A\subseteq B$ then $U(A)\subseteq U(B)$, so $U_e\setminus U(B)\subseteq U_e\setminus U(A)$.
# 3. A sum of non-negative weights over fewer items is not larger *($w\ge0$)*: $F(e\,|\,B)\le F(e\,|\,A)$. ∎
#
# $F$ is also monotone, because every gain is a sum of non-negative weights *($w\ge0$)*.
# </details>
#
# <details><summary>By hand: facility location is submodular</summary>
#
# Let $b_i(A)=\max_{j\in A}s_{ij}$ with $b_i(\varnothing)=0$, and $s_{ij}\ge0$. Then $F(A)=\sum_ib_i(A)$.
# 1. Customer $i$ changes to $e$ only if $e$ is better: $F(e\,|\,A)=\sum_i\max\big(0,\;s_{ie}-b_i(A)\big)$
#    *($s\ge0$: this also holds for $A=\varnothing$)*.
# 2. If $A\subseteq B$ then $b_i(A)\le b_i(B)$, because $B$ offers customer $i$ at least the same choices.
# 3. So $s_{ie}-b_i(B)\le s_{ie}-b_i(A)$, and $\max(0,\cdot)$ keeps the order. Sum over $i$:
#    $F(e\,|\,B)\le F(e\,|\,A)$. ∎
#
# Every gain is at least 0, so $F$ is monotone.
# </details>
#
# <details><summary>By hand: concave over modular is submodular</summary>
#
# Let $F(A)=\varphi(w(A))$ with $w(A)=\sum_{a\in A}w_a$, $w\ge0$ and $\varphi$ concave on $[0,\infty)$.
# 1. The gain is an increment of $\varphi$ over a step of length $w_e$: $F(e\,|\,A)=\varphi(w(A)+w_e)-\varphi(w(A))$.
# 2. If $A\subseteq B$ then $w(A)\le w(B)$ *($w\ge0$)*.
# 3. For a concave function, an increment over a step of fixed length does not grow when the step moves to the right
#    *(concavity)*: $F(e\,|\,B)\le F(e\,|\,A)$. ∎
#
# $F$ is monotone if $\varphi$ is also non-decreasing.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: search for a counterexample.** The ground set is eight images of Fashion-MNIST, and
# $F(S)=\sum_p\varphi\big(\sum_{e\in S}x_{ep}\big)$ is a sum over the 196 pixels $p$, where $x_{ep}\ge0$ is the brightness of
# pixel $p$ in image $e$. `find_violation` searches for sets $A\subset B$ and an element $e$ that violate the definition. It
# returns an $(A,B,e)$ with the smallest $B$, or None.
#
# **Predict.** For which of the three functions $\varphi(t)=\sqrt t$, $\log(1+t)$ and $t^2$ will it find a violation, and why?
#
# <details><summary>Answer</summary>
#
# Only for $t^2$. The other two are concave, so each term is concave over modular, and a sum of submodular functions is
# submodular. The increments of $t^2$ grow with $t$, so an image gains more in a set that already has bright pixels there.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Collect one answer per function. A usual wrong answer is that all three pass, because sums of
# features are "additive". The increments of $t^2$ grow, so two images are enough for a violation. Point to
# the last line: the cut passes this test and decreases, so it is submodular and not monotone.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
import numpy as np

from lsml_core.data import load
from lsml_core.submodular.functions import Exemplar, FeatureBased, GraphCut, find_decrease, find_violation

images = load("fashion", side=14)
x, rng = images.x.reshape(-1, 196), np.random.default_rng(0)
print({phi.__name__: find_violation(FeatureBased(x[:8], phi), rng=rng) for phi in (np.sqrt, np.log1p, np.square)})
cut = GraphCut(x[:8] @ x[:8].T, redundancy=1.0)
print("cut:", find_violation(cut, rng=rng), "but it decreases:", find_decrease(cut, rng=rng))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - $t^2$ is convex, so its increments grow: two images are enough for a violation, $A=\varnothing$, $B=\{0\}$ and $e=1$.
# - $\sqrt t$ and $\log(1+t)$ are concave, and no violation is found.
# - For at most twelve elements all sets are tried. None is then a proof, up to rounding, but only for these eight images.
# - The last line is about the **cut** of a graph. Its nodes are the images, and an edge weighs as much as the inner product of
#   its two images. $F(S)$ is the weight of all edges between $S$ and the rest. It is submodular but **not monotone**: it
#   decreases again when $S$ is large.
#
# The guarantee of the next section needs both properties.
# **Exercises:** [2 · The smallest violation, and the last question, a proof](../exercises/05_submodularity.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 The greedy algorithm and its guarantee
#
# We look for the best set of at most $k$ elements:
# $$S^*=\operatorname*{arg\,max}_{S\subseteq\mathcal V,\,|S|\le k}F(S),\qquad \mathrm{OPT}=F(S^*).$$
# This problem is NP-hard: maximum coverage is a special case. The **greedy algorithm** starts with the empty set and
# adds the element of largest gain, $k$ times. It evaluates $O(nk)$ gains.
#
# **Theorem** (Nemhauser, Wolsey & Fisher, 1978). If $F$ is monotone and submodular with $F(\varnothing)=0$, greedy's
# set $S$ satisfies
# $$F(S)\;\ge\;\Big(1-\big(1-\tfrac1k\big)^k\Big)\,\mathrm{OPT}\;\ge\;\big(1-\tfrac1e\big)\,\mathrm{OPT}\approx 0.63\,\mathrm{OPT}.$$

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **10 minutes.** This is the proof of the lecture. Write the four lines on the board, and let the room name
# the reason for each: monotone, telescoping, submodular, greedy. Then the recursion for δ. The typical
# mistake is to use submodularity in the first line. The last remark, a bound on OPT after a run, can be
# skipped.

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# <details><summary>By hand: the guarantee of greedy</summary>
#
# Let $S_i$ be greedy's set after $i$ rounds, $S^*=\{o_1,\dots,o_k\}$ and $\delta_i=\mathrm{OPT}-F(S_i)$.
# $$\begin{aligned}
# \mathrm{OPT}&\le F(S_i\cup S^*)&&\text{(monotone)}\\
# &=F(S_i)+\sum_{j=1}^kF\big(o_j\,|\,S_i\cup\{o_1,\dots,o_{j-1}\}\big)&&\text{(telescoping sum)}\\
# &\le F(S_i)+\sum_{j=1}^kF(o_j\,|\,S_i)&&\text{(submodular)}\\
# &\le F(S_i)+k\,\big(F(S_{i+1})-F(S_i)\big)&&\text{(greedy takes the largest gain; }|S^*|\le k).
# \end{aligned}$$
# If $o_j$ is in $S_i$ already, its gain is 0, which is not above greedy's gain either *(monotone)*.
# In terms of $\delta$: $\delta_i\le k\,(\delta_i-\delta_{i+1})$, which is the **recursion** $\delta_{i+1}\le(1-\tfrac1k)\,\delta_i$.
# After $k$ rounds $\delta_k\le(1-\tfrac1k)^k\,\delta_0=(1-\tfrac1k)^k\,\mathrm{OPT}$ *($F(\varnothing)=0$)*. Finally
# $(1-\tfrac1k)^k\le(e^{-1/k})^k=\tfrac1e$ *($1-t\le e^{-t}$)*. ∎
#
# The third line also bounds OPT *after* a run: $\mathrm{OPT}\le F(S)+$ the sum of the $k$ largest gains to $S$.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Predict.** Each of 20 discs reaches the people inside it. Half of the discs are large and lie in one crowded place. You
# may choose five discs. Put three methods in order: greedy, the five discs that reach most people on their own
# (top-k), and five random discs. Why?
#
# <details><summary>Answer</summary>
#
# Greedy is best. Top-k is worst: the five largest discs all lie in the crowd and reach the same people, so four of them
# add little. About half of the random discs lie elsewhere, so on average these are better than top-k. (With $k\le3$
# top-k is still better than random on average.)
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **8 minutes.** Ask for an order of the three methods. The usual wrong answer puts top-k second: the five
# largest discs all lie in the crowd.
#
# At the start (crowded discs, k = 5) greedy reaches 100 % of the optimum; the preset *Best single sets*
# reaches 50 %. Choose *tight instance* with k = 5: greedy reaches 67 %, exactly its bound, and the goal is
# reached; with k = 2 it is 75 %.
#
# On the board: $k$ rows and $k$ columns of a square.

# %% {"slideshow": {"slide_type": "fragment"}}
guarantee.greedy_guarantee.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - The dotted line is greedy's bound. It holds for every instance, even for the worst one.
# - On discs greedy stays far above its bound, and often finds an optimum.
# - Top-k only guarantees $\mathrm{OPT}/k$: by submodularity $\mathrm{OPT}\le\sum_{o\in S^*}F(\{o\})$, so its best element
#   alone reaches this much, and the others do not lower it *(monotone)*.
#
# **Break it.** On the tight instance the bound is reached. $F$ is the covered area of a square, and the elements are $k$
# rows and $k$ columns of it. Each row covers the share $1/k$ of what the rows before it have left of every column, so the
# next row and a column always have equal gains, and ties go to the row. After $k$ rows the
# share $(1-\frac1k)^k$ of the square is not covered, while the $k$ columns cover everything. Greedy gets exactly its
# bound. No algorithm that evaluates $F$ polynomially often has a better guarantee than $1-1/e$ (Nemhauser &
# Wolsey, 1978).
#
# **Exercise:** [6 · The worst case of greedy](../exercises/05_submodularity.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: how far is greedy from the optimum?** We choose five of 24 images, for twenty groups of images. $F$ is
# facility location, as defined in section 4 (`phantom` is the mean image of that section). `brute_force` finds the
# optimum by branch and bound: it abandons a branch if the current value plus the largest remaining gains does not exceed
# the best set found so far. This upper bound is valid because $F$ is submodular.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Ask for a guess before the numbers: how far is greedy from the optimum on real images? The
# guarantee describes the worst case, and real images are far from it: the bound is 0.672, the mean 0.993.
#
# Skip the slide when time is short.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.submodular.greedy import brute_force, greedy, lazy_greedy, random_subset, stochastic_greedy, top_k

mean = x.mean(axis=0)
groups = [Exemplar(x[i : i + 24], phantom=mean) for i in range(0, 480, 24)]
shares = np.array([greedy(f, 5).value / brute_force(f, 5).value for f in groups])
print(f"greedy over the optimum: mean {shares.mean():.3f}, lowest {shares.min():.3f}, bound {1 - (4 / 5) ** 5:.3f}")
print("greedy finds an optimum in", (shares > 1 - 1e-6).sum(), "of 20 groups")

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The algorithm in code.**

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.submodular.greedy import plain_greedy

show_source(plain_greedy)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 Lazy greedy
#
# Greedy evaluates $n+(n-1)+\dots$ gains, and most of them are too small to win. **Lazy greedy** (Minoux, 1978) uses
# submodularity to avoid many of them. A gain that was computed for an *earlier, smaller* $S$ is an upper bound on
# today's gain. Keep all bounds in a priority queue. In each round, re-evaluate the element with the largest bound. If its
# fresh gain is still at least as large as the next bound, no other element can beat it, and it is chosen.
#
# Lazy greedy chooses what greedy chooses. In practice it is often faster by orders of magnitude, but in the worst case
# it still evaluates $\Omega(nk)$ gains.
#
# **Predict.** There are 200 articles of different lengths, each on one of several topics. An article adds less if more
# articles of its topic are chosen. (a) Will lazy greedy save more with many topics or with few? (b) Describe articles
# for which it saves nothing.
#
# <details><summary>Answer</summary>
#
# (a) With many topics. Choosing an article lowers only the gains of articles on the same topic; with many topics almost
# all bounds stay exact. (b) All articles are equally long and on one topic. Each choice lowers every gain by the same amount,
# so a fresh gain is always below all old bounds, and all of them are evaluated again.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **7 minutes.** A usual wrong answer to (a) is few topics, because there is less to keep in order. With many
# topics a choice changes few bounds, so nearly all stay exact.
#
# Start at round 1: all 200 gains are evaluated. Move to round 2: one of 199. At round 20 lazy greedy has
# evaluated 8.5 times fewer gains in all. *Break it* has one topic and equal lengths: 195 of 195, and nothing
# is saved.

# %% {"slideshow": {"slide_type": "fragment"}}
greedy_demos.lazy_queue.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - A hatched bar is an old gain, and is never below the true gain (the dot).
# - Only the solid bars were evaluated in this round. Our code evaluates 1, then 2, then 4, … of the largest bounds together,
#   because this takes less time per gain. It evaluates at most about twice as many gains as one at a time would.
# - The first round always evaluates all gains.
#
# **Break it.** With one topic and articles of equal length, every round evaluates every gain: lazy greedy saves nothing.
# With equal lengths it saves little or nothing for many topics, too, but for another reason: nearly all bounds are equal,
# and our code evaluates all bounds that equal the largest, so that it breaks ties as greedy does.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: 5,000 images, k = 100.** *Stochastic greedy* (Mirzasoleiman et al., AAAI 2015) evaluates only the gains of
# $\frac nk\ln\frac1\varepsilon$ random elements per round and guarantees $1-1/e-\varepsilon$ in expectation.
#
# *The paper's result* (abstract, AAAI 2015): stochastic greedy practically achieves the value of lazy greedy and runs much faster.
# In many cases it does not evaluate all data points even once. The numbers behind its figures are not available here.
# *Our run:* ε = 0.1, five seeds.
#
# **Predict.** With ε = 0.1, about what part of the 5,000 images is never in a sample?
#
# <details><summary>Answer</summary>
#
# About ε, one tenth. A sample holds the share $\ln(1/\varepsilon)/k$ of all images. All $k$ samples miss an image with
# probability about $(1-\ln(1/\varepsilon)/k)^k\approx e^{-\ln(1/\varepsilon)}=\varepsilon$.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** The usual wrong answer is that every image must be in some sample, since 100 samples are
# drawn. The share that is never sampled is about ε. Say what is counted: gains are not seconds, and greedy
# takes less time than lazy greedy here. Mention that our runs lose one to two percent, where the paper
# speaks of practically the same value.

# %% {"slideshow": {"slide_type": "fragment"}}
f, k = Exemplar(x, phantom=mean), 100
full, lazy = greedy(f, k), lazy_greedy(f, k)
some = [stochastic_greedy(f, k, epsilon=0.1, rng=np.random.default_rng(seed)) for seed in range(5)]
shares = [run.value / full.value for run in some]
print(f"greedy       {full.evaluations:8,} gains   value 1")
print(f"lazy greedy  {lazy.evaluations:8,} gains   value {lazy.value / full.value:.4f},",
      "same images" if lazy.chosen == full.chosen else "other images")
print(f"stochastic   {some[0].evaluations:8,} gains   value {min(shares):.4f} to {max(shares):.4f}, five seeds")
print(f"lazy greedy evaluates {full.evaluations / lazy.evaluations:.0f} times fewer gains than greedy")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - Lazy greedy chooses the same images as greedy and evaluates far fewer gains.
# - Stochastic greedy evaluates even fewer and loses between one and two percent of the value, where the paper speaks of
#   practically the same value.
# - The number of evaluated gains is not the running time. For facility location each choice changes the best similarity
#   of few images $i$. So `greedy` here keeps the gains of all elements up to date (`FacilityLocation.track_gains`), and
#   takes less time than lazy greedy.
#
# Lazy greedy makes the same choices as greedy, ties included. One exception is known: facility location of float32
# features whose similarity matrix is not stored, where rounding differs between the two algorithms.
# **Exercises:** [4 · Greedy, 5 · Lazy greedy and 7 · In your own words](../exercises/05_submodularity.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The algorithm in code.** A heap holds the upper bounds; a bound is fresh if it was computed for the present set.

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.submodular.greedy import plain_lazy_greedy

show_source(plain_lazy_greedy)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Images that represent a data set
#
# Let $s_{ij}$ say how well image $j$ represents image $i$. **Facility location** is $F(S)=\sum_i\max_{j\in S}s_{ij}$:
# every image counts the similarity to its best representative. We use squared distances, with the mean image $\bar x$
# as a representative that is always there: $s_{ij}=\max(0,\|x_i-\bar x\|^2-\|x_i-x_j\|^2)$. $F(S)$ is then the decrease
# of the $k$-medoid loss, the sum of the squared distances from each image to its nearest representative:
# $$F(S)=\sum_i\|x_i-\bar x\|^2-\sum_i\min\Big(\|x_i-\bar x\|^2,\;\min_{j\in S}\|x_i-x_j\|^2\Big).$$
# Divided by the first sum, it is the share of the variance that $S$ explains, between 0 and 1.
#
# **Predict.** Compare the ten images that explain most *on their own* with ten images chosen greedily. Which ten
# explain more together? What do you expect to see among the ten best single images?
#
# <details><summary>Answer</summary>
#
# The greedy ten. The best single images are similar to each other: the first three are all sneakers. Each of them
# explains the same part of the data, so the second and the third add almost nothing.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **7 minutes.** Ask what the ten best single images look like. Nobody expects sneakers.
#
# Start at k = 10 by greedy: 53 % of the variance, 8 classes. Choose *top-k*: 30 %, 3 classes; its first
# three images are of one class. Back to greedy at k = 8: 50 %, which is the goal. Five greedy images
# explain 44 %, and the demo's twenty random ones 41 %.

# %% {"slideshow": {"slide_type": "fragment"}}
greedy_demos.exemplars.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: label only the chosen images.** Only the $k$ chosen images get their label. Every test image then gets the
# label of its nearest chosen image. We compare greedy, top-k and ten draws of random images, on 2,000 test images.
#
# **Predict.** Is the lead of greedy over random images larger with ten labels or with a hundred?
#
# <details><summary>Answer</summary>
#
# With ten. Ten random images easily miss a whole kind of garment. A hundred random images contain every kind as well,
# so there is less left to win.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Ask for ten or a hundred labels. Many choose a hundred, because greedy has chosen for longer.
# A hundred random images contain every kind as well, so there is less to win. Say that the guarantee is about
# F and not about accuracy.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
test = load("fashion", split="test", side=14)
distance = (x**2).sum(axis=1) - 2 * test.x.reshape(-1, 196) @ x.T  # up to the test image's own norm
budgets = (10, 20, 50, 100)
draws = [[random_subset(f, k, rng=np.random.default_rng(seed)).chosen for seed in range(10)] for k in budgets]
sets = [[full.chosen[:k], top_k(f, k).chosen, *drawn] for k, drawn in zip(budgets, draws)]
labels = [[images.y[np.array(S)[distance[:, S].argmin(axis=1)]] for S in row] for row in sets]
accuracy = np.array([[np.mean(guess == test.y) for guess in row] for row in labels])
print("   k  greedy  top-k  random: mean (range)   greedy's lead over the mean")
print("\n".join(f"{k:4} {r[0]:7.3f} {r[1]:6.3f}   {r[2:].mean():.3f} ({r[2:].min():.3f} to {r[2:].max():.3f})"
                f" {r[0] - r[2:].mean():15.3f}" for k, r in zip(budgets, accuracy)))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - With ten labels greedy's images are worth much more than an average random draw.
# - With a hundred labels the lead is much smaller than the range of the ten random draws.
# - $F$ does not use labels, and its guarantee is about $F$, not about accuracy.
#
# **Break it.** The best single images classify badly: a hundred of them are worse than ten random images.
# **Exercises:** [1 · The gains of facility location and 3 · Top-k can fail](../exercises/05_submodularity.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Summary
#
# | algorithm | gains evaluated | guarantee, as a share of OPT | needs |
# |---|---|---|---|
# | brute force | up to all sets | 1 | a small ground set |
# | greedy | $nk$ | $1-(1-1/k)^k\ge1-1/e$ | monotone, submodular |
# | lazy greedy | at most as many as greedy, usually far fewer | the same: it chooses the same set | the same |
# | stochastic greedy | $n\ln(1/\varepsilon)$ | $1-1/e-\varepsilon$ in expectation | the same |
# | top-k | $n$ | $1/k$ | the same |
#
# If the elements have costs and the total cost is limited, take the better of two runs: greedy by gain, and greedy by
# gain per cost (`knapsack_greedy`).

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Cover the column of guarantees and let the room fill it in. Ask where greedy and lazy greedy
# use submodularity: greedy only for its guarantee, lazy greedy already to choose the same set as greedy.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Three proofs to remember**
#
# | to show | write down | then use |
# |---|---|---|
# | $F$ is submodular | the gain $F(e\,\vert\,A)$ | $A\subseteq B$: no term grows |
# | greedy's guarantee | $\mathrm{OPT}\le F(S_i\cup S^*)$ | monotone, submodular, largest gain, recursion |
# | lazy greedy is exact | an old gain is an upper bound | submodular |
#
# **Now you.** [Exercises 05](../exercises/05_submodularity.ipynb): search for violations, write greedy and lazy greedy,
# build greedy's worst case, and prove that a function is submodular. Next:
# [data that do not fit on one machine, or that pass by only once](06_distributed_and_streaming.ipynb).
#
# **Read on.** Nemhauser, Wolsey & Fisher, *An analysis of approximations for maximizing submodular set functions*
# (Mathematical Programming 1978) · Minoux, *Accelerated greedy algorithms* (1978) · Krause & Golovin, *Submodular
# function maximization* (2014) · Mirzasoleiman et al., *Lazier than lazy greedy* (AAAI 2015) · Gomes & Krause,
# *Budgeted nonparametric learning from data streams* (ICML 2010). The code of this lecture is in
# `lsml_core/submodular/`: start with `set_function.py` and `greedy.py`, then read `facility_location.py`.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Leave this table on the screen while questions come: it is the plan of every proof of this
# topic.
