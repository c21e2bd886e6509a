# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 03 · Parallel SGD
#
# **70 minutes.** After this lecture you will be able to
#
# 1. write the synchronous step of P workers and say what bounds its speed-up;
# 2. say what a large batch costs at equal epochs, and when a longer step makes up for it;
# 3. explain why shuffled epochs beat random draws, and from which point on;
# 4. read a delay τ off a clock, and tell its mean from its maximum;
# 5. say when threads may share weights without a lock, what the bound τ ≤ n/(2Δ_av) promises, and what it does not.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Many workers, one step
#
# P workers share out a batch of B examples. Worker $p$ sends the sum over its share,
# $$\mathbf g_p = \sum_{i\in\mathcal S_p}\nabla\ell\big((\mathbf x_i,y_i);\mathbf w\big),$$
# and all make the same step $\mathbf w\leftarrow\mathbf w-\eta\,\frac1B\sum_p\mathbf g_p$. The sums add up to the
# gradient of the whole batch: workers change how long a step takes, and never what it does. Adding up is the
# *all-reduce*: around a ring it takes $2(P-1)$ rounds, and in each of them every worker sends one message with one P-th of
# the gradient.
#
# **Predict.** Sixteen workers are a little uneven. Are they 16 times as fast as one?
#
# <details><summary>Answer</summary>
# No. Everybody waits for the slowest, so at the default below stragglers alone leave a factor of about 10, and the
# network leaves 4.5.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.parallel import asynchronous, delays, synchronous

synchronous.timeline.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: do the workers change the result?** Pullovers against coats in Fashion-MNIST, a logistic loss, the same
# examples in every step, shared out among 1, 4 and 64 workers (36 of the 64 get two examples, 28 get one).

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np

from lsml_core.data import load
from lsml_core.optimization.finite_sums import Logistic
from lsml_core.parallel.engines import SerialAllReduce
from lsml_core.parallel.synchronous import synchronous_sgd

images = load("fashion", side=14)
pair = images.subset(np.flatnonzero(np.isin(images.y, (2, 4))))
pixels = pair.x.reshape(-1, 196) - pair.x.reshape(-1, 196).mean(axis=0)
f = Logistic(pixels / np.linalg.norm(pixels, axis=1, keepdims=True), np.where(pair.y == 2, -1, 1), l2=0.01)

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
options = {"eta": 1.0, "batch": 100, "steps": 100}
ends = [synchronous_sgd(f, np.zeros(196), engine=SerialAllReduce(P), rng=np.random.default_rng(0), **options).w[-1]
        for P in (1, 4, 64)]
print("loss", [round(float(f.value(w)), 6) for w in ends])
print("largest difference below 1e-12:", max(abs(w - ends[0]).max() for w in ends) < 1e-12)

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# The same function runs on several processes or machines: `with gloo() as engine:` in place of
# `SerialAllReduce(P)`, started by `torchrun --nproc-per-node 2` (see `lsml_core/parallel/engines.py`).
#
# **Notice.** Doubling P halves the computing, but the slowest of more workers is slower, and the all-reduce takes
# longer. In the demo the 28th worker is the first one that costs time.
#
# **Break it.** Uneven workers on a slow network: 64 of them are as fast as one.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Large batches
#
# If the network is the trouble, talk less: a larger batch has fewer steps in an epoch. Sixteen workers of the cluster
# above (a millisecond an example), one epoch of 1.28 million images:

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.parallel.cluster import Cluster
from courseware.studies.large_batch import ALEXNET

cluster, B = Cluster(seconds_per_example=1e-3, spread=0.3, latency=1e-3, transfer=0.05), np.array(ALEXNET.batch)
seconds = 1.28e6 / B * cluster.step(B, 16)
network = cluster.all_reduce(16) / cluster.step(B, 16)
print("batch B            ", *(f"{b:6d}" for b in B))
print("minutes an epoch   ", *(f"{s / 60:6.1f}" for s in seconds))
print("share of network   ", *(f"{share:6.0%}" for share in network))
print("top-1 on the slide ", *(f"{percent:6.2f}" for percent in ALEXNET.top1))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Predict.** The last line is the slide's table: AlexNet on ImageNet. From which batch on does accuracy suffer? Is
# that because the large batch generalises worse, or because it has not been trained to the end?
#
# <details><summary>Answer</summary>
# On the slide from 4096 on, and the slide names both: more passes to the same error, and worse generalisation (Keskar
# et al., ICLR 2017). The net below shows the first: at equal epochs its training loss is still high.
# </details>

# %% {"slideshow": {"slide_type": "slide"}}
synchronous.large_batch.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# The study behind the demo trained 90 nets (two rules for η, five batches, three numbers of epochs, three seeds);
# `python -m courseware.studies.large_batch` trains them again in half a minute.
#
# **Notice.** At B = 256 three times the passes do it, and so does a step that grows like B. The second costs nothing,
# as long as the longer step is not too long for the curvature (lecture 01: η < 2/L).
#
# **Break it.** At B = 1437, all images at once, the scaled step is 2.2: after 9 epochs the training loss is above the
# log 10 = 2.3 with which it began.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 In which order?
#
# Theory draws examples with replacement; training loops shuffle. In a shuffled epoch every example comes exactly
# once, so the errors of single steps cancel within an epoch. For a smooth and strongly convex loss, in the long run,
# $$\text{drawn: } \lVert w-w^*\rVert^2 \sim \frac1K,\qquad
# \text{shuffled: } \lVert w-w^*\rVert^2 \sim \frac1{K^2}\qquad\text{after } K \text{ epochs, for } \eta\sim\tfrac1K.$$
#
# **Predict.** Twenty examples, drawn with replacement: how many of them does an epoch leave out?
#
# <details><summary>Answer</summary>
# Each is missed with probability (1 − 1/20)²⁰ = 0.36: about seven.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
synchronous.shuffling.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** Pullovers and coats again, batches of 10, 40 epochs with a constant η, ten runs from one seed: the
# mean of $\lVert w-w^*\rVert^2$ over the last 20 epochs, and the lowest and highest run.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.parallel.shuffling import squared_distances

runs = squared_distances(f, np.zeros((10, f.d)), eta=0.3, batch=10, epochs=40, rng=np.random.default_rng(0))
floors = {order: distances[-20:].mean(axis=0) for order, distances in runs.items()}
print("\n".join(f"{order:18}  mean {v.mean():.3f}   runs {v.min():.3f} to {v.max():.3f}"
                for order, v in floors.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** A constant η ends about 14 times lower reshuffled than drawn, here on real data; in the demo it is up to
# 400 times. One shuffle that is kept lies between them, and some runs have bad luck with their only order. (Bottou
# 2009 saw it. Gürbüzbalaban, Ozdaglar & Parrilo and Rajput, Gupta & Papailiopoulos (ICML 2020) prove such rates. An
# earlier explanation, the noncommutative AM-GM conjecture of Recht & Ré, is false in general: Lai & Lim, ICML 2020.)
#
# **Break it.** With the smallest η nothing has settled after 200 epochs: all three orders are still on their way
# from the start. Reshuffling ends only about twice as low as drawing.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Nobody waits
#
# *Asynchronous* workers read w, compute, and write their step whenever they are done. The gradient then belongs to
# weights that have changed meanwhile: it is **stale** by τ, the number of updates between its reading and its
# writing.
# $$w_{k+1}=w_k-\eta\,\nabla f_{i_k}(w_{k-\tau_k})$$
#
# **Predict.** Eight workers, no two alike. What is the mean of τ?
#
# <details><summary>Answer</summary>
# Seven. While one worker computes, each of the seven others writes once, on average.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
asynchronous.timeline.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Nobody waits, so uneven workers lose nothing: sixteen of spread 0.5 make 2.2 times the updates of
# synchronous ones. The mean delay stays P − 1. The largest one does not: at spread 0 it is 15, at 0.5 it is 127.
#
# **Break it.** Workers that lose their core now and then come back with gradients that are a thousand updates old.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 Hogwild: threads without a lock
#
# Threads of one machine share the weights in memory. A lock around every step makes them serial again. Niu, Recht, Ré
# & Wright (2011) took it away: read, compute, and write, whatever the others do. If examples are **sparse**, a step
# touches few weights and seldom one that another thread is just changing.
#
# **Predict.** Writing is half of a step. Workers compute at the same time and write in turn. How much faster than one
# can they be, however many they are?
#
# <details><summary>Answer</summary>
# Twice: then somebody is always writing. With the time for the lock it is 1.8.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
asynchronous.locks.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real, on your machine.** Logistic regression on 8,000 paragraphs of State of the Union addresses, words that
# are in at most 5 % of them. Real threads, compiled loops, one array of weights, from one thread to all cores. In a
# round every setting runs once over each paragraph four times; the round is *undisturbed* if every thread had a core
# for nine tenths of that time. Beside it: what the simulator predicts, which knows the speeds of one thread and, in the
# last column, how long eight weights take from core to core.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.data import bag_of_words
from courseware.studies.thread_comparison import compare

text = bag_of_words(max_document_frequency=0.05)
often = np.tile(np.arange(8000), 4)
print(compare(text.x[often], text.y[often], eta=1.0, rounds=21, rng=np.random.default_rng(0)))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Read the table with care.** The numbers are of this machine at this hour. If it says *machine busy*, no round was
# undisturbed: close other programs and run the cell again. The simulator gives every worker a core of its own. Where it
# promises more than was measured, the threads were held up by something that it does not know, such as handing over
# the turn, or knows only by guess, such as lines of memory that a core fetches in advance.
#
# *global* is one lock for all steps. *coordinate* is a lock for each coordinate (the paper's AIG): nobody waits long,
# and every coordinate pays. *round robin* writes in turn. *atomic* has no lock, but makes each addition in one piece.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Why one core is held up by another: lines.** Cores hand memory to each other in lines of 64 bytes, eight weights.
# Two threads add to two counters of their own, and the counters lie closer and closer (*false sharing*): nanoseconds
# for one addition on your machine.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.studies.thread_speed import false_sharing

lines = false_sharing()
print(f"one thread alone {np.median(lines.alone):.1f} ns")
print(f"undisturbed rounds: {lines.undisturbed.sum()} of {len(lines.undisturbed)}")
print("bytes apart     ", *(f"{d:6d}" for d in lines.distance))
print("two threads, ns ", *(f"{t:6.1f}" for t in np.median(lines.two_threads, axis=0)))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Does it still learn?** Two epochs at η = 10, one thread and all cores, three orders of the examples each. Then the
# same loop counts: each update adds exactly 1, so what is missing in the end was overwritten. Threads that share a
# core lose nothing, so the last number says for how much of the time every thread had one.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.data.sparse import zipf_examples
from lsml_core.parallel.hogwild import train
from courseware.studies.thread_speed import count_updates
from lsml_core.parallel.threads import cores

ends = {P: [train(text.x, text.y, threads=P, epochs=2, eta=10.0, rng=np.random.default_rng(s)).loss[-1]
            for s in range(3)] for P in (1, cores())}
print("\n".join(f"P = {P}: loss {np.min(e):.4f} to {np.max(e):.4f}" for P, e in ends.items()))
hot = zipf_examples(100_000, 16, 4, exponent=0, max_frequency=0.5, rng=np.random.default_rng(0)).x
counts = {(name, lock): count_updates(x, threads=max(2, cores()), epochs=1, lock=lock, rng=np.random.default_rng(0))
           for name, x in {"text": text.x, "4 weights of 16": hot}.items() for lock in (None, "atomic")}
print("\n".join(f"{name}, lock {lock}: {t.lost:.4%} lost, {t.core_share[0]:.0%}" for (name, lock), t in counts.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The losses of one thread and of all lie in the same range: the order of the examples matters more. On
# the text few updates are lost, well below one in a hundred; on sixteen hot weights it can be several in a hundred, if
# the threads really run at the same time. With atomic additions none is lost, ever.
#
# **Break it.** In the demo: dense examples and many workers. Every update starts from weights that have changed.
# Whether that does harm is the next question.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 Who meets whom, and how late is too late
#
# Join two examples that share a coordinate: the **conflict graph**. Let $\Omega$ be the largest number of coordinates
# of an example, $\Delta$ the share of the examples that have the commonest coordinate, $\rho$ the largest share that
# one example meets, and $\Delta_{av}$ the mean number of examples that one meets. Hogwild is serial SGD with noise,
# and
# $$\text{if the delay stays below}\quad\tau\le\frac{n}{2\Delta_{av}},\quad\text{the noise does not affect convergence}$$
# (up to constants, for a suitable η: Mania et al. 2017). Then P threads are P times as fast: in the worst case that
# theory covers, and on a machine that makes P times the updates.
#
# **Predict.** The bound is 0.6: it does not even allow one update of delay. Does a delay of 16 harm?
#
# <details><summary>Answer</summary>
# Nothing follows from the bound: it is sufficient, not necessary. In the demo, 32 coordinates and η = 0.9: a delay of
# 16 changes the loss by less than a half, one of 32 diverges.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
delays.conflict_graph.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the conflict graph of the State of the Union**, with words that are in at most the given share of the
# paragraphs.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.parallel.conflicts import conflicts

found = {most: conflicts(bag_of_words(max_document_frequency=most).x) for most in (1.0, 0.05, 0.005)}
print("words in at most    Ω      Δ      ρ   Δ_av   n/2Δ_av")
print("\n".join(f"{most:16.1%} {c.omega:4d} {c.delta:6.3f} {c.rho:6.3f} {c.mean_degree:6.0f} {c.delay_bound:9.1f}"
                for most, c in found.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** With stop words everybody meets everybody. Words in at most 5 % allow a delay of 1.6: two threads, says
# the promise. The exact limit of descent with old gradients says something else: it asks how strongly examples
# overlap (the largest curvature L) and how long the steps are,
# $$\eta L<2\sin\frac{\pi}{2(2\tau+1)}.$$
#
# **Break it.** Two coordinates, η = 1.5: the promise covers delays up to 60, and at 32 the loss is ten times larger.
# The theorem's "suitable η" is part of the theorem.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Sparse by nature: ratings.** A rating of item v by user u is predicted as $U_u\cdot V_v$, so a step touches one
# row of each. Threads meet only on the same user or the same item: 57,000 ratings of a matrix of rank 4 with noise
# 0.1.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.data.sparse import ratings
from lsml_core.parallel.matrix_completion import complete

stars = ratings(2000, 1000, 4, 60_000, rng=np.random.default_rng(0))
print(f"a rating conflicts with {conflicts(stars.x).mean_degree:.0f} others; bound {conflicts(stars.x).delay_bound:.0f}")
errors = {P: complete(stars, rank=4, threads=P, epochs=10, eta=0.1, rng=np.random.default_rng(0)).rmse
          for P in (1, cores())}
print("\n".join(f"P = {P}: root mean square error {e[0]:.3f}, after 10 epochs {e[-1]:.3f}"
                for P, e in errors.items()))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 7 Sixty-four workers
#
# You may not have 64 cores. The simulator has any number: one update after the other, on one core, each made from
# weights as old as they would be. With one worker it makes exactly the run of one real thread.
#
# **Predict.** Speed apart: does the loss after two epochs depend on the number of workers? With all words, with rare
# ones?
#
# <details><summary>Answer</summary>
# With rare words it does not, up to 64 workers and at every η of the slider, as far as three seeds can tell. With all
# words it depends on η: at 0.3 it hardly does, at 10 already eight workers end 25 % higher.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
delays.many_workers.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The promise allowed rare words a delay of 1.6; a mean delay of 63 does no harm. On the left, 64 workers
# need 1/64 of the time: that is the simulator's ideal memory, not a measurement. What a real machine makes of it
# stands in section 5.
#
# **Break it.** All words, η = 32: sixteen workers and more end above the loss of w = 0, which is log 2 = 0.69.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | | waits for | gradient is | good at | fails when |
# |---|---|---|---|---|
# | synchronous | the slowest, then the network | exact, of a large batch | equal machines, short messages | stragglers; too large a batch |
# | asynchronous | nobody | stale: P − 1 updates on average | uneven machines | ηL is too large for the delay |
# | one lock | its turn | exact | nothing | always: it is serial |
# | Hogwild | nobody | stale, and now and then lost | sparse examples | hot weights and long steps |
#
# **Exercises.** `exercises/03_parallel_sgd.ipynb`: the synchronous step, reshuffling, a clock, two bounds, and a data
# set that threads half forget.
#
# **Read on.** Niu, Recht, Ré & Wright, *Hogwild!* (NIPS 2011) · Mania et al., *Perturbed iterate analysis for
# asynchronous stochastic optimization* (SIAM J. Optim. 2017) · Keskar et al., *On large-batch training* (ICLR 2017) ·
# Goyal et al., *Accurate, large minibatch SGD* (2017) · Bottou, *Curiously fast convergence of some SGD algorithms*
# (2009). The code of this lecture: `lsml_core/parallel/`, first `synchronous.py` and `hogwild.py`, then
# `staleness.py`.
