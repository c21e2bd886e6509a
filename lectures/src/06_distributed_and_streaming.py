# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 06 · Distributed and streaming selection
#
# **60 minutes.** After this lecture you will be able to
#
# 1. run greedy in two rounds on m machines, and say what is promised for parts as they lie and for random parts;
# 2. explain why the better of the merged set and the best single one is returned;
# 3. select from a stream in one pass without knowing the optimum, by keeping a ladder of guesses;
# 4. count what a sieve keeps in memory, and say what ε buys;
# 5. read a chart of costs, and tell a count of gains from seconds.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Two rounds: GreeDi
#
# Greedy needs all n elements in one place, k times. **GreeDi** (Mirzasoleiman et al., 2013) deals them to m machines:
#
# 1. machine $p$ runs greedy on its part, all at the same time, and sends its $k$ elements $A_p$;
# 2. one machine runs greedy on $\bigcup_pA_p$, at most $mk$ elements, and gets $A_{\text{merged}}$;
# 3. the answer $A$ is the best of $A_{\text{merged}},A_1,\dots,A_m$.
#
# One round of communication: $mk$ elements, however large $n$ is. For monotone submodular $F$ and any partition
# $$F(A)\;\ge\;\Omega\!\Big(\tfrac{1}{\sqrt{\min(m,k)}}\Big)\,\mathrm{OPT};\qquad
# \text{dealt at random}\quad \mathbb E\,F(A)\ge\tfrac12\big(1-\tfrac1e\big)\mathrm{OPT}$$
# (Barbosa et al., 2015), for one more round to shuffle.
#
# **Predict.** Points in a square, k = 16, sixteen machines, each holds a vertical strip. Which is worth more, measured
# on all points: the best machine's own set, or the merged one? By much or by little?
#
# <details><summary>Answer</summary>
# The merged one, by much: it reaches 0.999 of greedy on all points, the best machine alone 0.56. A machine knows only
# its own strip, but knows it well. (With k = 8 it is 0.994 and 0.58.)
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.submodular import distributed
from courseware.demos import show

distributed.two_rounds.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Random parts look alike, so each machine alone is nearly as good as all together. Strips do not, and the
# second round is what saves them. With random parts and k = 4 the merged set can be *worse* than a machine's own (the
# preset: 1.000 against 1.046): greedy is not optimal, and picking from good candidates does not make it so. That is
# what step 3 is for. A value above 1 says that somebody beat greedy on all points.
#
# **Break it.** Strips: whoever skips the second round and returns the best machine's set loses 44 %.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: images sorted by kind.** 5,000 images of Fashion-MNIST, k = 50, facility location as in lecture 05,
# dealt at random or sorted by their label. Each machine counts only its own images as customers, so it never sees the
# others.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np

from lsml_core.data import load
from lsml_core.submodular.distributed import greedi, greedi_on_parts
from lsml_core.submodular.functions import Exemplar, StreamedFacilityLocation
from lsml_core.submodular.greedy import greedy

images, k = load("fashion", side=14), 50
x = images.x.reshape(-1, 196).astype(float)  # in float32, rounding differs between machines and decides some picks
x -= x.mean(axis=0)
f, by_label = Exemplar(x), np.argsort(images.y, kind="stable")

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
central, machines = greedy(f, k).value, (4, 16, 64)
dealt = {m: greedi(f, k, m, rng=np.random.default_rng(0)) for m in machines}
sorted_ = {m: greedi_on_parts(f, k, np.array_split(by_label, m)) for m in machines}
print("            random parts            sorted by kind")
print("  m    best machine  answer    best machine  answer")
print("\n".join(f"{m:3} {max(a.local_values) / central:14.2f} {a.value / central:7.2f}"
                f" {max(b.local_values) / central:15.2f} {b.value / central:7.2f}"
                for m, a, b in zip(machines, dealt.values(), sorted_.values())))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The more machines, the less each one knows: alone, the best of 64 random ones reaches 0.89. The answer
# stays within one percent of greedy on all images, also with one kind of garment per machine. The theorem promises
# far less: it holds for the worst instance and the worst partition.
#
# **For real machines.** `greedi(f, k, m, rng=…, executor=…)` takes any `concurrent.futures` executor, or Dask's. The
# data go there as memory-mapped files, once for all processes of a machine.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **How does the running time compare?** Count gains, for $n=60{,}000$, $k=200$, and similarities for facility location,
# where a machine compares its $n/m$ points with each other only.
#
# | | greedy | each of m = 8 machines | then merging |
# |---|---|---|---|
# | elements it holds | n = 60,000 | n/m = 7,500 | mk = 1,600 |
# | gains | nk = 12,000,000 | nk/m = 1,500,000 | mk² = 320,000 |
# | similarities | n² = 3.6·10⁹ | (n/m)² = 5.6·10⁷ | n·mk = 9.6·10⁷ |
#
# **Predict.** From how many machines on does merging take longer than the first round, counted in gains?
#
# <details><summary>Answer</summary>
# When mk² exceeds nk/m, so for m above √(n/k): here from 18 machines on.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 One pass: Sieve-Streaming
#
# Elements pass by once, and nobody can go back. If we knew OPT we would keep an element whenever it brings a fair share
# of what is missing to half of it:
# $$\text{keep } e \text{ if } |S|<k \text{ and } F(e\,|\,S)\;\ge\;\frac{v/2-F(S)}{k-|S|},\qquad v\approx\mathrm{OPT}.$$
# *Why half.* Fix a guess $v\le\mathrm{OPT}$. By induction $F(S)\ge|S|\,v/2k$, so the threshold is never above $v/2k$. If
# the sieve is full at the end ($|S|=k$), its last test gives $F(S)\ge v/2$. If it is not, each $o\in S^*$ outside $S$ was
# rejected when it came, so its gain was below $v/2k$ then, and by submodularity is below it now. There are at most $k$ of
# them, so by monotonicity $\mathrm{OPT}\le F(S\cup S^*)<F(S)+v/2$. Either way $F(S)\ge\min(v/2,\mathrm{OPT}-v/2)\ge v/2$.
# With a guess between $\mathrm{OPT}/(1+\varepsilon)$ and OPT this is at least $(\frac12-\varepsilon)\,\mathrm{OPT}$.
#
# We do not know OPT, but with $m=\max_eF(\{e\})$ it lies between $m$ and $km$. So try **all guesses at once**, one set
# for each rung of a ladder, and estimate $m$ on the fly:
# $$O=\{(1+\varepsilon)^i \mid m\le(1+\varepsilon)^i\le 2km\},\qquad m\leftarrow\max(m,F(\{e\})).$$
# Badanidiyuru et al. (KDD 2014): one pass, $F(S)\ge(\frac12-\varepsilon)\,\mathrm{OPT}$, $O(k\log k/\varepsilon)$
# elements in memory, $O(\log k/\varepsilon)$ gains for each element.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Predict.** k = 8 and ε = 0.316: how many rungs does the ladder have? When $m$ doubles, what happens to the sets on
# the lowest rungs? And what has a new rung at the top missed, that was not there when the first elements passed?
#
# <details><summary>Answer</summary>
# log 16 / log 1.316 ≈ 10. The sets below the new m are thrown away: their guess is refuted. The new rung missed
# nothing: an element that passed earlier had F({e}) ≤ old m, and the new rung v > 2k · old m asks its first one for
# v/2k.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
distributed.sieves.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Notice.** Walk through the first images: rungs appear when $m$ grows, low ones fill up at once and then never
# change. At the end the best set sits on a rung between about 1 and 2 (greedy = 1). The dashed line is the bound,
# $(\frac12-\varepsilon)$ times greedy on what was seen, which OPT can only exceed; at ε ≥ ½ nothing is promised.
#
# **Sieve-Streaming++** (Kazemi et al., ICML 2019), on the right, keeps a fixed threshold τ on each rung and drops
# those that are too low given the best set so far, $\tau<\max(\mathrm{LB},m)/2k$. That leaves $O(k/\varepsilon)$
# elements in memory.
#
# **Break it.** ε = 1 and the smallest gains first: nothing is promised, and the low rungs are full of images that
# add little. The best sets still end at 0.72 and 0.75 of greedy.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: all 5,000 images pass by.** $F$ needs customers to serve, and a stream has none: 300 random images stand
# for all (`StreamedFacilityLocation`). Sets are then judged on all 5,000, against greedy that may look at everything.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.submodular.streaming import sieve_streaming, sieve_streaming_plus_plus

customers = x[np.random.default_rng(0).choice(5000, 300, replace=False)]
F = StreamedFacilityLocation(customers)
runs = {(eps, name): find(F, iter(x), k, eps) for eps in (0.5, 0.3, 0.1)
        for name, find in {"sieve": sieve_streaming, "++": sieve_streaming_plus_plus}.items()}
print("  ε          sieves  images held  gains an image  F over greedy's")
print("\n".join(f"{eps:4} {name:6} {run.sieves:9} {run.stored:12,} {run.evaluations / run.seen:15.1f}"
                f" {f.value(run.chosen) / central:16.2f}" for (eps, name), run in runs.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** From ε = 0.5 to 0.1 the memory grows four times, for four points. ++ holds less than a third of the
# images, for four to six points. The sieves ask for far fewer gains than there are rungs: $F(e\,|\,S)\le F(\{e\})$,
# so a rung whose threshold exceeds the singleton gain need not be asked. Memory does not depend on how long the
# stream is.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 What it costs, from a thousand to a million
#
# Fifty elements out of n, for a function whose gains cost the same for every $S$ (concave over 16 features), one
# thread. For GreeDi, eight machines: the time of the slowest, and what cannot be shared. In the last line the
# function itself is facility location, which looks at all $n^2$ pairs.
#
# **Predict.** Lazy greedy asks for 25 times fewer gains than greedy. Is it 25 times faster? And are eight machines
# eight times as fast as one?
#
# <details><summary>Answer</summary>
# Neither. At a million elements lazy greedy takes longer than greedy, and GreeDi between a fourth and a fifth of
# greedy's time.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.studies import stored
from courseware.plots.distributed import costs
from courseware.plots.canvas import canvas

measured = stored("submodular_scaling")
fig, (ax,) = canvas(1)
costs(ax, measured["sizes"], dict(zip(measured["methods"].tolist(), measured["seconds"])), "CPU seconds")
show(fig, alt="CPU seconds against the number of elements, both logarithmic: greedy, lazy greedy, stochastic greedy, "
              "GreeDi on eight machines and sieve-streaming with slope one, greedy over all pairs with slope two.")
print(f"measured by {measured['command']}: {measured['machine']}")

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
print("a million elements     gains   F over greedy's")
print("\n".join(f"{name:16} {gains:12,.0f} {value:15.3f}" for name, gains, value
                in zip(measured["methods"], measured["gains"][:, -1], measured["value"][:, -1]) if gains > 0))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** From 3,000 elements on the first five lines grow roughly like n (greedy's has one jump, where its arrays no
# longer fit into the cache). A gain of this function is cheap when many are asked for at once, and
# looking after the queue costs more than it saves: lazy greedy pays where a single gain is dear. GreeDi's machines
# work at the same time, but F has to be sent to them. Stochastic greedy is the fastest, for 2 % of the value. The
# sieve takes more than half of greedy's time and ends at 0.85: you come to it for one pass and little memory.
#
# **Break it.** Facility location over all pairs: ten times the points take 25 times the seconds at first,
# and more than a hundred times from some thousands on, where all pairs no longer fit into the cache. A million would take
# an hour or longer (extrapolated). Let a sample stand for the customers, as above, or keep the nearest pairs
# only: `FacilityLocation.from_features(x, neighbors=32)`.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | | passes over the data | in memory | promise | use it when |
# |---|---|---|---|---|
# | greedy | k | n | 1 − 1/e | it fits |
# | GreeDi | k on each machine, at the same time | n/m a machine, mk to merge | 1/√min(m, k), up to a constant | it fits on m machines |
# | GreeDi on random parts | the same, and a shuffle | the same | ½(1 − 1/e) on average | the parts may be unlike |
# | Sieve-Streaming | 1 | k log k / ε | ½ − ε | it passes by once |
# | Sieve-Streaming++ | 1 | k/ε | ½ − ε | and memory is short |
#
# **Now you.** [Exercises 06](../exercises/06_distributed_and_streaming.ipynb): merge what the machines found, and
# build a sieve whose ladder grows.
#
# **Read on.** Mirzasoleiman, Karbasi, Sarkar & Krause, *Distributed submodular maximization* (NIPS 2013; JMLR 2016) ·
# Barbosa, Ene, Nguyen & Ward, *The power of randomization* (ICML 2015) · Badanidiyuru, Mirzasoleiman, Karbasi &
# Krause, *Streaming submodular maximization* (KDD 2014) · Kazemi et al., *Submodular streaming in all its glory*
# (ICML 2019). The code of this lecture: `lsml_core/submodular/distributed.py` and `streaming.py`; larger
# measurements: `benchmarks/greedi.py` and `benchmarks/sieve.py`.
