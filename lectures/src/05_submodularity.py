# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 05 · Submodularity
#
# **70 minutes.** After this lecture you will be able to
#
# 1. say what diminishing gains are, in two equivalent ways, and refute a function that does not have them;
# 2. show that a function is submodular by building it from known ones;
# 3. run greedy, say what it promises and against whom, and name an instance on which it gets no more than that;
# 4. explain why lazy greedy chooses the same set after fewer gains, and when it saves nothing;
# 5. choose a handful of images that stand for thousands, without a single label.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Diminishing gains
#
# A function $F$ gives every subset of a ground set $\mathcal V$ a value: the area that sprinklers water, the articles
# that cover the news, the images that stand for a data set. $F$ is **submodular** if an element never adds more to a
# larger set:
# $$F(A\cup e)-F(A)\;\ge\;F(B\cup e)-F(B)\qquad\text{for all }A\subseteq B\subseteq\mathcal V,\;e\notin B,$$
# and it is **monotone** if $F(S)\le F(T)$ whenever $S\subseteq T$. We write $F(e\,|\,A)$ for the gain on the left.
#
# **Predict.** $e$ overlaps with one disc of $A$ and with three more of $B$. The lawn counts as watered once, however
# many discs reach it. Can $e$ add more to $B$ than to $A$?
#
# <details><summary>Answer</summary>
# No: whatever e waters that B does not, A does not water either, because A is a part of B.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.submodular import diminishing_returns, guarantee
from courseware.demos.submodular import greedy as greedy_demos

diminishing_returns.marginal_gain.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The bars on the right are the gains of $e$ to ∅, to one disc, …, to all seven: they only go down. $A$ and
# $B$ are two of them, so one picture holds the inequality for all sets on the way.
#
# **Break it.** If area counts from the second disc on, the first disc is worth nothing by itself and makes the next one
# worth something: gains grow. At three quarters of all places $e$ then adds more to $B$ than to $A$.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The same thing, said with two sets.** $F$ is submodular if and only if
# $$F(S)+F(T)\;\ge\;F(S\cup T)+F(S\cap T)\qquad\text{for all }S,T\subseteq\mathcal V.$$
# **How do you show it?** Seldom from the definition. Usually you build $F$ from parts:
#
# - *modular* functions, $F(S)=\sum_{e\in S}w_e$, and *coverage*, the weight of everything that $S$ reaches;
# - **sums** $\sum_t a_tF_t$ with $a_t\ge0$: inequalities add up;
# - **concave over modular**, $\varphi\big(\sum_{e\in S}w_e\big)$ with $w\ge0$: a concave $\varphi$ is less steep further out;
# - **best of the chosen**, $\sum_i\max_{j\in S}s_{ij}$ (facility location): customer $i$ gains only what exceeds its best
#   so far.
#
# A concave $\varphi$ that never falls may also be put on any monotone submodular function, as the root of the area
# above. A product, a difference or a minimum of two need a proof of their own, and often there is none.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: hunt for a counterexample.** Eight images of Fashion-MNIST, and $F(S)=\sum_f\varphi\big(\sum_{e\in
# S}x_{ef}\big)$ over their 196 pixels. `find_violation` tries every pair of sets $A\subset B$ and returns the
# smallest $(A,B,e)$, or None. For which φ will it find one?

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
import numpy as np

from lsml_core.data import load
from lsml_core.submodular.functions import Exemplar, FeatureBased, GraphCut, find_decrease, find_violation

images = load("fashion", side=14)
x, rng = images.x.reshape(-1, 196), np.random.default_rng(0)
print({phi.__name__: find_violation(FeatureBased(x[:8], phi), rng=rng) for phi in (np.sqrt, np.log1p, np.square)})
cut = GraphCut(x[:8] @ x[:8].T, redundancy=1.0)
print("cut:", find_violation(cut, rng=rng), "but it falls:", find_decrease(cut, rng=rng))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The square is convex: already $A=\varnothing$, $B=\{0\}$, $e=1$ refutes it. For at most twelve elements
# all sets are tried, so *None* is a proof, for these eight images. The last line is a function that is submodular and
# **not monotone**: the weight of the edges between $S$ and the rest falls again once $S$ is large. What follows about
# greedy needs both.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Greedy, and what it promises
#
# $$S^*=\operatorname*{arg\,max}_{S\subseteq\mathcal V,\,|S|\le k}F(S)$$
# is NP-hard: coverage alone contains maximum coverage. **Greedy** starts with ∅ and adds the element of largest gain, k
# times: $O(nk)$ gains.
#
# **Theorem** (Nemhauser, Wolsey & Fisher, 1978). If $F$ is monotone and submodular with $F(\varnothing)=0$, greedy
# ends at
# $$F(S)\;\ge\;\Big(1-\big(1-\tfrac1k\big)^k\Big)F(S^*)\;\ge\;\big(1-\tfrac1e\big)F(S^*)\approx 0.63\,F(S^*).$$
# *Why.* Let $S_i$ be greedy's set after $i$ rounds.
# $$F(S^*)\le F(S_i\cup S^*)\le F(S_i)+\sum_{e\in S^*}F(e\,|\,S_i)\le F(S_i)+k\,\big(F(S_{i+1})-F(S_i)\big).$$
# The first step uses monotonicity, the second submodularity (gains shrink), the third that greedy takes the largest gain.
# Rearranged, $F(S^*)-F(S_{i+1})\le(1-\tfrac1k)\,(F(S^*)-F(S_i))$: each round leaves at most $1-\tfrac1k$ of the gap, and
# $F(\varnothing)=0$ starts it at $F(S^*)$.
#
# **Predict.** Half of 20 discs crowd in one place. You may open five. What share of the optimum do the five best single
# discs reach? Five random ones? Greedy?
#
# <details><summary>Answer</summary>
# Over ten draws 0.63, 0.71 and 0.97 on average: the best single discs all reach the same people.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
guarantee.greedy_guarantee.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Notice.** The dotted bound is for the worst instance. On discs greedy stays far above it (0.84 of the optimum at
# worst, in twenty instances and all k), and often *is* the optimum. The headline compares every method with
# greedy's bound, though only greedy has this guarantee.
#
# **Break it.** In the tight instance each row takes a $k$-th of what is left of all columns, so a row and a column
# always gain the same, and the tie goes to the row. After k rows $(1-\frac1k)^k$ of the square is dry, and the k columns would
# have watered all of it. Greedy gets exactly its bound. No algorithm that asks for polynomially many values of $F$
# promises more than $1-1/e$ (Nemhauser & Wolsey, 1978).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: how far from the optimum?** Five of 24 images, for twenty such groups. $F$ is facility location, in the
# form of section 4; `brute_force` finds the optimum by branch and bound: a branch is cut off if even its largest gains,
# added up, do not reach the best set so far. (Also a use of submodularity.)

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.submodular.greedy import brute_force, greedy, lazy_greedy, random_subset, stochastic_greedy, top_k

mean = x.mean(axis=0)
groups = [Exemplar(x[i : i + 24], phantom=mean) for i in range(0, 480, 24)]
shares = np.array([greedy(f, 5).value / brute_force(f, 5).value for f in groups])
print(f"greedy over the optimum: mean {shares.mean():.3f}, lowest {shares.min():.3f}, bound {1 - (4 / 5) ** 5:.3f}")
print("it is the optimum in", (shares > 1 - 1e-6).sum(), "of 20 groups")

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 Lazy greedy
#
# Greedy asks for $n+(n-1)+\dots$ gains, and most of them lose. Minoux (1978): a gain for an *earlier* $S$ is an upper
# bound, because gains only shrink. Keep them in a queue, largest first. Ask the first one again; if it is still as
# large as the next bound, nobody can beat it.
#
# **Predict.** 200 articles on 16 topics, an article brings less the more is chosen of its topic. Twenty rounds of
# greedy ask for 3,810 gains. How many does lazy greedy ask for? What if all articles are alike and on one topic?
#
# <details><summary>Answer</summary>
# About 450, of which 200 are the first round's. If all are alike, all 3,810: each pick makes every bound too high, and
# a fresh gain never reaches an old bound.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
greedy_demos.lazy_queue.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: 5,000 images, k = 100.** Gains asked for, and the value, by greedy, by lazy greedy, and by *stochastic*
# greedy (Mirzasoleiman et al., AAAI 2015), which looks at $\frac nk\ln\frac1\varepsilon$ random elements in each round
# and promises $1-1/e-\varepsilon$ on average.

# %% {"slideshow": {"slide_type": "fragment"}}
f, k = Exemplar(x, phantom=mean), 100
runs = {
    "greedy": greedy(f, k),
    "lazy greedy": lazy_greedy(f, k),
    "stochastic": stochastic_greedy(f, k, epsilon=0.1, rng=np.random.default_rng(0)),
}
print("\n".join(f"{name:12} {run.evaluations:8,} gains   value {run.value / runs['greedy'].value:.4f}"
                for name, run in runs.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Lazy greedy asks for 24 times fewer gains and chooses the same images. Stochastic greedy gives up about
# one percent (with this seed) and asks for about half as many. A count of gains is not a time: for facility location
# a pick changes few customers, so `greedy` here keeps all gains up to date in a few passes over the similarities, and
# is the fastest of the three. See `FacilityLocation.track_gains`.
#
# Lazy greedy equals greedy pick by pick, ties included, with one exception: facility location of float32 features
# whose similarity matrix is not kept, where rounding made 3 of 210 measured runs differ.
#
# **Break it.** One topic, no spread: each round asks for every gain again. Minoux's queue promises nothing beyond
# $O(nk)$.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Images that speak for the others
#
# Let $s_{ij}$ say how well image $j$ stands for image $i$. **Facility location** is $F(S)=\sum_i\max_{j\in S}s_{ij}$.
# With squared distances, and the mean image $\bar x$ as the stand-in that is always there, it says by how much the
# loss of a $k$-medoid clustering falls:
# $$F(S)=\sum_i\|x_i-\bar x\|^2-\sum_i\min_{j\in S\cup\{\bar x\}}\|x_i-x_j\|^2.$$
# Divided by the first sum it is the share of the variance that $S$ explains, between 0 and 1.
#
# **Predict.** The best single exemplar explains 13 % of the variance. What do the ten best single ones explain
# together? Ten chosen greedily?
#
# <details><summary>Answer</summary>
# 30 %, and 53 %. The three best single ones are sneakers, and the second and third add one point together.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
greedy_demos.exemplars.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: label only these.** Give the k chosen images their labels, and every test image the label of its nearest
# one. Accuracy on 2,000 test images; ten draws of random images, lowest to highest.

# %% {"slideshow": {"slide_type": "fragment"}}
test = load("fashion", split="test", side=14)
distance = (x**2).sum(axis=1) - 2 * test.x.reshape(-1, 196) @ x.T  # up to the test image's own norm
budgets = (10, 20, 50, 100)
draws = [[random_subset(f, k, rng=np.random.default_rng(seed)).chosen for seed in range(10)] for k in budgets]
sets = [[runs["greedy"].chosen[:k], top_k(f, k).chosen, *some] for k, some in zip(budgets, draws)]
labels = [[images.y[np.array(S)[distance[:, S].argmin(axis=1)]] for S in row] for row in sets]
right = np.array([[np.mean(guess == test.y) for guess in row] for row in labels])
print("   k  greedy  top-k  random: mean (range)")
print("\n".join(f"{k:4} {r[0]:7.3f} {r[1]:6.3f}   {r[2:].mean():.3f} ({r[2:].min():.3f} to {r[2:].max():.3f})"
                for k, r in zip(budgets, right)))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** With ten labels greedy's images are worth nine points more than an average draw, and about as much as
# the luckiest of ten. At a hundred the lead is smaller than the luck of the draw: then chance covers the kinds too.
# $F$ knows no labels and never promised accuracy; it promised to be close to everything.
#
# **Break it.** The best single images: at k = 100 they classify worse than ten random ones.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | maximiser | gains | F(S) over the optimum's | needs |
# |---|---|---|---|
# | brute force | all it cannot cut off | 1 | a small ground set |
# | greedy | nk | 1 − (1 − 1/k)ᵏ ≥ 1 − 1/e | monotone, submodular |
# | lazy greedy | never more than greedy, usually far fewer | as greedy: the same set | the same |
# | stochastic greedy | n ln(1/ε) | 1 − 1/e − ε, on average | the same |
# | best single elements | n | 1/k, and no more | the same |
#
# Where elements have costs, take the better of greedy by gain and greedy by gain per cost (`knapsack_greedy`).
#
# **Now you.** [Exercises 05](../exercises/05_submodularity.ipynb): hunt for counterexamples, write the gains of
# facility location, and a lazy greedy with a budget of gains. Next: [what to do when the data do not fit on one
# machine, or pass by only once](06_distributed_and_streaming.ipynb).
#
# **Read on.** Nemhauser, Wolsey & Fisher, *An analysis of approximations for maximizing submodular set functions*
# (Mathematical Programming 1978) · Minoux, *Accelerated greedy algorithms* (1978) · Krause & Golovin, *Submodular
# function maximization* (2014) · Mirzasoleiman et al., *Lazier than lazy greedy* (AAAI 2015) · Gomes & Krause,
# *Budgeted nonparametric learning from data streams* (ICML 2010). The code of this lecture: `lsml_core/submodular/`,
# first `set_function.py` and `greedy.py`, then `facility_location.py`.
