# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 03 · Parallel SGD
#
# **70 minutes.** After this lecture you will be able to
#
# 1. write the synchronous step of P workers and say what limits its speed-up;
# 2. say what a large batch costs: more passes over the data, and possibly worse generalisation;
# 3. explain why shuffled epochs converge faster than random draws, for one worker and for several;
# 4. show that asynchronous SGD is serial SGD with noise, and find the condition on the delay;
# 5. say when threads may share weights without a lock, and what the memory of a real machine adds to that.
#
# The exercises are in [exercises/03_parallel_sgd.ipynb](../exercises/03_parallel_sgd.ipynb). The appendix (false sharing, matrix
# completion) is not part of the 70 minutes.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Many workers, one step
#
# P workers share a batch of B examples. Worker $p$ sends the sum over its own examples $\mathcal S_p$,
# $$\mathbf g_p = \sum_{i\in\mathcal S_p}\nabla\ell\big((\mathbf x_i,y_i);\mathbf w\big),$$
# and all workers make the same step $\mathbf w\leftarrow\mathbf w-\eta\,\frac1B\sum_p\mathbf g_p$. The sums add up to the
# gradient of the whole batch. So the number of workers changes how long a step takes, and not what it does. The addition is called
# *all-reduce*. Around a ring it takes $2(P-1)$ rounds; in each round every worker sends one message with one P-th of the gradient.
#
# **Predict.** Sixteen workers have slightly uneven speeds. Are they 16 times as fast as one? Name the two things that they wait for.
#
# <details><summary>Answer</summary>
#
# No. In each step all workers wait for the slowest one, and the slowest of sixteen is slower than an average one. Then they wait for the
# network, and a ring of more workers takes longer.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.parallel import asynchronous, delays, minima, synchronous

synchronous.timeline.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: do the workers change the result?** Pullovers against coats in Fashion-MNIST, a logistic loss, the same
# examples in every step, shared by 1, 4 and 64 workers. (Of the 64, 36 get two examples and 28 get one.)

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
# **What to notice**
# - Doubling P halves the time for computing. The wait for the slowest worker and the all-reduce take longer.
# - In the demo's default setting the 28th worker is the first one that makes a step slower.
#
# **Break it.** Uneven workers on a slow network: 64 of them are hardly faster than one.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Large batches
#
# A larger batch needs fewer steps per epoch, and so less communication. The table has sixteen workers of the cluster
# above (1 ms per example), one epoch of 1.28 million images, and the slide's accuracies of AlexNet on ImageNet.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.parallel.cluster import Cluster
from courseware.studies.large_batch import ALEXNET

cluster, B = Cluster(seconds_per_example=1e-3, spread=0.3, latency=1e-3, transfer=0.05), np.array(ALEXNET.batch)
seconds = 1.28e6 / B * cluster.step(B, 16)
network = cluster.all_reduce(16) / cluster.step(B, 16)
print("batch B                    ", *(f"{b:6d}" for b in B))
print("minutes per epoch          ", *(f"{s / 60:6.1f}" for s in seconds))
print("time spent in the network  ", *(f"{share:6.0%}" for share in network))
print("top-1, percent (slide)     ", *(f"{percent:6.2f}" for percent in ALEXNET.top1))
print("top-5, percent (slide)     ", *(f"{percent:6.2f}" for percent in ALEXNET.top5))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Predict.** On the slide accuracy falls from a batch of 4096 on. Two explanations are possible. (a) The network has not been trained to the end: at
# equal epochs a large batch makes fewer steps. (b) It has, and generalises worse. Which quantity tells them apart?
#
# <details><summary>Answer</summary>
#
# The training loss. If it is still high, (a) is at work. If it is as low as with a small batch and the test accuracy is lower, it is (b).
# The slide names both.
# </details>

# %% {"slideshow": {"slide_type": "slide"}}
synchronous.large_batch.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# The study behind the demo trained 90 networks: two rules for η, five batch sizes, three numbers of epochs, three seeds
# (`python -m courseware.studies.large_batch`).
#
# <details><summary>By hand: linear scaling of the step size, and where it ends</summary>
#
# 1. k small steps on batches of b: $\mathbf w_k=\mathbf w_0-\eta\sum_{j<k}\nabla f_{B_j}(\mathbf w_j)$.
# 2. If the gradients hardly change over these steps, $\nabla f_{B_j}(\mathbf w_j)\approx\nabla f_{B_j}(\mathbf w_0)$ (short steps).
# 3. Then $\mathbf w_k\approx\mathbf w_0-k\eta\cdot\frac1k\sum_{j<k}\nabla f_{B_j}(\mathbf w_0)$: one step of size $k\eta$ on the batch of $kb$ examples. So η should grow like B.
# 4. On the quadratic $\frac h2w^2$: k steps give the factor $(1-\eta h)^k=1-k\eta h+\frac{k(k-1)}2(\eta h)^2-\dots$, one long step gives $1-k\eta h$. They agree up to
#    $\frac12(k\eta h)^2$.
# 5. The long step diverges from $k\eta h=2$ on, for the largest curvature $h=L$: linear scaling ends at $B=\frac{2b}{\eta L}$.
# </details>
#
# **What to notice**
# - With B = 512 neither three times the epochs nor a step size proportional to B reaches an accuracy of 0.9 alone. Both together do.
# - With B = 256 each of the two is enough. The longer step costs nothing.
#
# **Break it.** At B = 1437, all images at once, the scaled step is 2.2: after 9 epochs the training loss is above the
# log 10 = 2.3 with which it began.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Why may a large batch generalise worse?** Keskar et al. (ICLR 2017) compared batches of 256 with batches of a tenth of the training data. They present
# numerical evidence that large batches tend to converge to **sharp** minima of the training loss, and small batches to **flat** ones, because of the noise in their gradients.
# In a sharp minimum the loss rises quickly to the sides. The test loss has its minima at slightly different places, so a sharp minimum costs more there.
#
# **Predict.** All runs start on the left of both minima, and all make equally many steps. Which batch sizes end in the sharp minimum, which is met first? Does a high
# test loss follow in any case?
#
# <details><summary>Answer</summary>
#
# Large ones: their gradients have hardly any noise, so nothing carries them out again. Small ones leave the sharp minimum and cannot leave the flat one. If training and test
# loss agree exactly (shift 0), the sharp minimum costs nothing.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
minima.sharp_and_flat.show()

# %% {"slideshow": {"slide_type": "slide"}, "tags": ["answers-predict"]}
from courseware.studies import sharpness

print("a small network on digits, trained to a training loss of 0.05 with every batch size; medians of three seeds")
print("sharpness: largest eigenvalue of the Hessian of the training loss, where training stopped")
print("        " + " |".join(f"{f'η = {eta:g}':>32}" for eta in sharpness.ETAS))
print("  batch " + " |".join(f"{'epochs':>9} {'sharpness':>11} {'accuracy':>10}" for _ in sharpness.ETAS))
print("\n".join(sharpness.table_line(batch) for batch in sharpness.BATCHES))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - Every batch size reaches the same training loss. A large batch needs many more epochs for it: "more passes to accuracy ε" on the slide.
# - The larger the batch, the sharper the minimum, at both step sizes; at η = 0.8 the sharpness doubles, on each of three seeds.
# - A longer step finds a flatter minimum with every batch size.
# - The test accuracy does **not** fall here. On this small network a sharper minimum does not generalise worse, so the last step of the explanation is not confirmed.
#   Sharpness alone cannot decide it either: a network can be rescaled to any sharpness without changing what it computes (Dinh et al., ICML 2017).
#
# **Break it.** In the demo, set the shift to 0. The runs still end in the sharp minimum, and it costs nothing.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 In which order? And on which worker?
#
# Theory draws examples with replacement; training loops shuffle. In a shuffled epoch each example comes exactly
# once, so the errors of single steps cancel within an epoch. For a smooth and strongly convex loss, in the long run,
# $$\text{drawn: } \lVert \mathbf w-\mathbf w^*\rVert^2 \sim \frac1K,\qquad
# \text{reshuffled: } \lVert \mathbf w-\mathbf w^*\rVert^2 \sim \frac1{K^2}\qquad\text{after } K \text{ epochs, for } \eta\sim\tfrac1K.$$
#
# <details><summary>By hand: within an epoch the errors cancel to first order</summary>
#
# One epoch from $\mathbf w_0$, constant η, examples in the order $\pi$; $n$ examples, twice differentiable $f_i$.
# 1. $\mathbf w_n=\mathbf w_0-\eta\sum_{k}\nabla f_{\pi(k)}(\mathbf w_{k-1})$, and $\mathbf w_{k-1}-\mathbf w_0=O(\eta)$ (bounded gradients).
# 2. So $\nabla f_{\pi(k)}(\mathbf w_{k-1})=\nabla f_{\pi(k)}(\mathbf w_0)+O(\eta)$ (smoothness).
# 3. *Shuffled*: each example occurs once, so $\mathbf w_n=\mathbf w_0-\eta n\nabla f(\mathbf w_0)+O(\eta^2)$. To first order there is no noise, whatever the order is.
# 4. *Drawn*: $\mathbf w_n=\mathbf w_0-\eta\sum_k\nabla f_{i_k}(\mathbf w_0)+O(\eta^2)$. The sum has mean $n\nabla f(\mathbf w_0)$ and variance $n\sigma^2$ (independent draws): noise of
#    order $\eta\sqrt n\,\sigma$.
# </details>
#
# **Predict.** With a constant η, which of the three orders ends lowest: drawn, one shuffle repeated in every epoch, or a new shuffle for every epoch? Which can be
# unlucky as a whole run?
#
# <details><summary>Answer</summary>
#
# A new shuffle ends lowest, drawing highest. A single shuffle lies between them. It can be unlucky: its one order is repeated in all epochs, so its error is repeated, too.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
synchronous.shuffling.show()

# %% {"slideshow": {"slide_type": "slide"}, "tags": ["answers-predict"]}
from lsml_core.parallel.shuffling import PARTITIONS, averaged_epochs, squared_distances

runs = squared_distances(f, np.zeros((10, f.d)), eta=0.3, batch=10, epochs=40, rng=np.random.default_rng(0))
floors = {order: distances[-20:].mean(axis=0) for order, distances in runs.items()}
print("pullovers and coats, η = 0.3, batches of 10: mean ‖w − w*‖² of epochs 21 to 40, ten runs")
print("\n".join(f"{order:18}  mean {v.mean():.3f}   lowest {v.min():.3f}   highest {v.max():.3f}"
                for order, v in floors.items()))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Parallel shuffling: which worker gets which examples?** Four workers each make an epoch of SGD on their own quarter of the data; then their weights are averaged. Three ways
# to deal the examples: the quarters and their order stay the same; each worker shuffles its own quarter, which costs no communication; or all examples are shuffled and dealt anew for every
# epoch.
#
# **Predict.** The examples are sorted by class, so that two workers hold only pullovers and two only coats. Does shuffling within the quarters
# help? What can only the shuffle of everything repair?
#
# <details><summary>Answer</summary>
#
# It helps against the errors of the order. But each worker still sees one class only, so each epoch pulls it away from the common minimum, always in the same direction. Only new quarters
# repair that. (Workers that must keep their data are the topic of lecture 04.)
# </details>

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
by_class = np.argsort(pair.y, kind="stable")
setting = {"workers": 4, "eta": 0.1, "epochs": 25}
found = {name: averaged_epochs(f, np.zeros((3, f.d)), parts=parts, rng=np.random.default_rng(0), **setting)
         for name, parts in {"quarters at random": None, "quarters by class": by_class}.items()}
print("mean ‖w − w*‖² of epochs 16 to 25, range of three runs")
print(f"{'':30}" + "".join(f"{name:>22}" for name in found))
print("\n".join(f"{way:30}" + "".join(f"{d[way][-10:].mean(0).min():13.4f} to {d[way][-10:].mean(0).max():.4f}"
                                      for d in found.values()) for way in PARTITIONS))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - On real data, too, a constant η ends more than ten times lower reshuffled than drawn.
# - One shuffle that is kept lies between them, and its runs differ most.
# - With four workers that average once per epoch, shuffling everything ends lowest; most of all if the quarters are sorted by class.
#
# (Bottou observed it in 2009. Gürbüzbalaban, Ozdaglar & Parrilo and Rajput, Gupta & Papailiopoulos (ICML 2020) prove such rates. An
# earlier explanation, the noncommutative AM-GM conjecture of Recht & Ré, is false in general: Lai & Lim, ICML 2020.)
#
# **Break it.** With the smallest η nothing has settled after 200 epochs: all three orders are still on their way
# from the start, and reshuffling ends only about twice as low as drawing.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Asynchronous SGD: no worker waits
#
# *Asynchronous* workers read w, compute, and write their step whenever they are ready. The gradient then belongs to
# weights that have changed meanwhile. It is **stale** by the delay τ, the number of updates between its reading and its writing:
# $$\mathbf w_{k+1}=\mathbf w_k-\eta\,\nabla f_{i_k}(\mathbf w_{k-\tau_k}).$$
#
# **Predict.** Eight workers, no two equally fast. What is the mean of τ? Does it depend on how uneven they are?
#
# <details><summary>Answer</summary>
#
# Seven. While one worker computes, each of the seven others writes once, on average, however uneven they are. Unevenness changes the largest delay.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
asynchronous.timeline.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Asynchronous SGD is noisy serial SGD.** What a late gradient has missed are the last $\tau_k$ updates. Put them back:
# $$\mathbf w_{k+1}=\mathbf w_k-\eta\,\nabla f_{i_k}(\mathbf w_k+\mathbf n_k),\qquad
# \mathbf n_k=\mathbf w_{k-\tau_k}-\mathbf w_k=\eta\!\!\sum_{j=k-\tau_k}^{k-1}\!\!\mathbf g_j,\qquad \mathbf g_j=\nabla f_{i_j}(\mathbf w_j+\mathbf n_j).$$
# This is a serial step whose gradient is taken at perturbed weights. If the noise is bounded, it does little harm:
#
# <details><summary>By hand: when the delay does not affect convergence (Mania et al., 2017)</summary>
#
# Let $\hat{\mathbf w}_k=\mathbf w_k+\mathbf n_k$ and $a_k=\mathbb E\lVert\mathbf w_k-\mathbf w^*\rVert^2$; f is m-strongly convex, all $\lVert\mathbf g_j\rVert\le M$, all delays ≤ τ, $i_k$ is uniform and independent of $\hat{\mathbf w}_k$.
# 1. $\lVert\mathbf w_{k+1}-\mathbf w^*\rVert^2=\lVert\mathbf w_k-\mathbf w^*\rVert^2-2\eta\langle\hat{\mathbf w}_k-\mathbf w^*,\mathbf g_k\rangle+2\eta\langle\mathbf n_k,\mathbf g_k\rangle+\eta^2\lVert\mathbf g_k\rVert^2$.
# 2. $\mathbb E\langle\hat{\mathbf w}_k-\mathbf w^*,\mathbf g_k\rangle\ge m\,\mathbb E\lVert\hat{\mathbf w}_k-\mathbf w^*\rVert^2\ge\frac m2a_k-m\,\mathbb E\lVert\mathbf n_k\rVert^2$ (independence; strong convexity; $\lVert a\rVert^2\le2\lVert a+b\rVert^2+2\lVert b\rVert^2$).
# 3. So $a_{k+1}\le(1-\eta m)a_k+\eta^2M^2+\underbrace{2\eta m\,\mathbb E\lVert\mathbf n_k\rVert^2}_{\text{how far off}}+\underbrace{2\eta\,\mathbb E\langle\mathbf n_k,\mathbf g_k\rangle}_{\text{in which direction}}$: serial SGD and **two more terms**.
# 4. $\langle\mathbf g_j,\mathbf g_k\rangle\ne0$ only if the examples conflict, which has probability at most $2\Delta_{av}/n$ (sparsity; $\Delta_{av}\ge1$; uniform $i$). So
#    $2\eta\,\mathbb E\langle\mathbf n_k,\mathbf g_k\rangle\le2\eta^2M^2\,\tau\frac{2\Delta_{av}}n\le2\eta^2M^2$ **if** $\tau\le\frac n{2\Delta_{av}}$.
# 5. Likewise $\mathbb E\lVert\mathbf n_k\rVert^2\le\eta^2M^2\big(\tau+\tau^2\frac{2\Delta_{av}}n\big)\le2\tau\eta^2M^2$, and $2\eta m$ times this is at most $\eta^2M^2$ if $\eta\le\frac1{4m\tau}$ (suitable η).
# 6. $a_{k+1}\le(1-\eta m)a_k+4\eta^2M^2$: the recursion of serial SGD with four times the noise constant, so the same rate.
# </details>
#
# **What to notice** (demo)
# - Uneven workers lose nothing: sixteen with spread 0.5 make 2.2 times the updates of synchronous ones.
# - The mean delay stays at P − 1. The largest does not: it is 15 at spread 0, and 127 at spread 0.5.
#
# **Break it.** Workers that lose their core now and then return with gradients that are a thousand updates old.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 Hogwild: threads without a lock
#
# Threads of one machine share the weights in memory. With a lock around every step they are serial again. Niu, Recht, Ré
# & Wright (2011) removed it: each thread reads, computes and writes, whatever the others do. If examples are **sparse**, a step
# touches few weights, and seldom one that another thread is changing at this moment.
#
# **Predict.** Writing takes half of a step. Workers compute at the same time and write in turn. How much faster than one
# worker can they be, however many there are? Why?
#
# <details><summary>Answer</summary>
#
# Twice: then some worker is always writing, and no more writes fit in. (The time for the turn itself takes a little of that.)
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
asynchronous.locks.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: sparse data over a million weights.** Logistic regression on 25,000 examples of 30 entries. Real threads, compiled loops, one array of weights. In each round every
# setting makes one pass; a round is *undisturbed* if every thread had a core for nine tenths of the time.
#
# **Predict.** Order these for all cores of your machine: no lock, a lock for each coordinate, one lock for everything. Which is the fastest, and which is slower than one thread alone?

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from courseware.studies import hogwild_speedup
from courseware.studies.thread_comparison import compare

work = hogwild_speedup.workloads()
sparse, small = work[hogwild_speedup.SPARSE], work[hogwild_speedup.SMALL]
print(compare(sparse.x, sparse.y, eta=0.5, rounds=9, rng=np.random.default_rng(0)))
print("\n" + hogwild_speedup.stored_table())

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Read the table with care.** The numbers are those of this machine at this moment. If it says *machine busy*, no round was undisturbed: close other programs and run the cell again. The last two
# columns are predictions of the simulator, from the speeds of one thread: if a line of weights comes from another core in no time, and if it takes as long as measured in the appendix.
#
# *global* is one lock for all steps. *coordinate* is a lock for each coordinate (the paper's AIG). *round robin* writes in turn (the paper's RR). *atomic* has no lock, but makes each
# addition in one piece, so that none is lost.
#
# **The paper first.** On ten cores Niu et al. report speed-ups between about 3 (RCV1) and 9 times (DBLife), and that RR is slower than one thread on nearly all of their data sets; the values are readings of their
# plots. They used far more cores and larger data than this page, so only the order of the methods can be compared.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Break it: few weights.** A core does not fetch single weights. It fetches *cache lines* of 64 bytes, eight weights. When two cores write to the same line in turn, the line moves between them, even if they write
# different weights in it: this is *false sharing*. Now the State of the Union addresses, with a few thousand weights.
#
# **Predict.** The examples have about as many conflicts per coordinate as the bound allows for two threads. Is Hogwild still faster than one thread? Count the conflicts by line instead.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.parallel.conflicts import conflicts, in_cache_lines

print("               weights   by coordinate: Δ   Δ_av/n   n/2Δ_av   by line: Δ   Δ_av/n   n/2Δ_av")
seen = {name: (w.x[:8000], in_cache_lines(w.x[:8000])) for name, w in work.items()}
print("\n".join(f"{name:<18}{x.shape[1]:>8,}{'':6}" + f"{'':3}".join(
    f"{c.delta:11.3f}{c.mean_degree / 8000:9.3f}{c.delay_bound:10.1f}" for c in (conflicts(x), conflicts(lines)))
    for name, (x, lines) in seen.items()))
print("\n" + str(compare(small.x, small.y, eta=0.5, rounds=9, rng=np.random.default_rng(0))))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - Over a million weights two examples seldom share even a line. There Hogwild pays.
# - In the text nearly every pair of examples shares a line, and each addition may have to wait for a line from another core. More threads can then be slower than one.
# - What counts for *correctness* are shared coordinates. What counts for *speed* are shared lines.
# - A next idea after Hogwild: sort the examples into batches that do not conflict at all, so that neither is a problem (Pan et al., *CYCLADES*, NIPS 2016).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Does it still learn?** Two epochs at η = 10 on the text, one thread and all cores, three orders of the examples each. Then the
# same loop counts: each update adds exactly 1, so what is missing in the end was overwritten. Threads that share a
# core lose nothing, so the last number says for which part of the time every thread had one.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.data import bag_of_words
from lsml_core.data.sparse import zipf_examples
from lsml_core.parallel.hogwild import train
from courseware.studies.thread_speed import count_updates
from lsml_core.parallel.threads import cores

text = bag_of_words(max_document_frequency=0.05)
ends = {P: [train(text.x, text.y, threads=P, epochs=2, eta=10.0, rng=np.random.default_rng(s)).loss[-1]
            for s in range(3)] for P in (1, cores())}
print("\n".join(f"P = {P}: loss {np.min(e):.4f} to {np.max(e):.4f}" for P, e in ends.items()))

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
hot = zipf_examples(100_000, 16, 4, exponent=0, max_frequency=0.5, rng=np.random.default_rng(0)).x
counts = {(name, lock): count_updates(x, threads=max(2, cores()), epochs=1, lock=lock, rng=np.random.default_rng(0))
           for name, x in {"text": text.x, "4 weights of 16": hot}.items() for lock in (None, "atomic")}
print("\n".join(f"{name}, lock {lock or 'none'}: {t.lost:.4%} lost, every thread on a core {t.core_share[0]:.0%} of the time"
                for (name, lock), t in counts.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - The losses of one thread and of all threads lie in the same range: the order of the examples matters more.
# - On the text few updates are lost. On sixteen weights that are written all the time it can be several percent, if the threads really run at the same time.
# - With atomic additions none is lost.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 How late is too late?
#
# Join two examples that share a coordinate: the **conflict graph**. Let $\Omega$ be the largest number of coordinates
# of an example, $\Delta$ the fraction of the examples that have the most frequent coordinate, $\rho$ the largest fraction with which
# one example conflicts, and $\Delta_{av}$ the mean number of examples with which one conflicts. Section 4 shows:
# $$\text{if the delay stays below}\quad\tau\le\frac{n}{2\Delta_{av}},\quad\text{the noise does not affect convergence}$$
# (up to constants, for a suitable η: Mania et al. 2017). Then P threads are P times as fast, *in terms of worst-case
# convergence*, on a machine that makes P times the updates.
#
# **Predict.** For some data the bound is 0.6: it does not even allow a delay of one update. Must a delay of 16 do harm?
#
# <details><summary>Answer</summary>
#
# No. The bound is sufficient, not necessary. In the demo, with 32 coordinates and η = 0.9, a delay of
# 16 changes the loss by less than a half; one of 32 diverges.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
delays.conflict_graph.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the conflict graph of the State of the Union**, with words that are in at most the given fraction of the
# paragraphs.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
graphs = {most: conflicts(bag_of_words(max_document_frequency=most).x) for most in (1.0, 0.05, 0.005)}
print("words in at most    Ω      Δ      ρ   Δ_av   n/2Δ_av")
print("\n".join(f"{most:16.1%} {c.omega:4d} {c.delta:6.3f} {c.rho:6.3f} {c.mean_degree:6.0f} {c.delay_bound:9.1f}"
                for most, c in graphs.items()))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Sixty-four workers, simulated.** The simulator makes one update after another on one core, each from weights as old as they would be. With one worker it makes exactly the run of one real thread.
#
# **Predict.** Apart from the time: does the loss after two epochs depend on the number of workers? With all words? With rare ones?
#
# <details><summary>Answer</summary>
#
# With rare words it does not, up to 64 workers and at every η of the slider, as far as three seeds can tell. With all
# words it depends on η: texts that share many words make the curvature L large, and stale gradients need ηL small.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
delays.many_workers.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - With stop words all examples conflict. Words in at most 5 % allow a delay of 1.6, which are two threads; a mean delay of 63 does no harm there.
# - The exact limit of gradient descent with old gradients depends on the curvature and the step, not on conflicts: $\eta L<2\sin\frac{\pi}{2(2\tau+1)}$. (Exercise 9 shows it for τ = 1.)
#
# **Break it.** In the first demo: two coordinates, η = 1.5. The bound allows delays up to 60, and at 32 the loss is ten times as large: the "suitable η" is part of the theorem. In the
# second: all words, η = 32. Sixteen workers and more end above the loss of w = 0, which is log 2 = 0.69.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to remember
#
# | | waits for | gradient is | good for | fails when |
# |---|---|---|---|---|
# | synchronous | the slowest worker, then the network | exact, of a large batch | equal machines, short messages | there are stragglers; the batch is too large |
# | asynchronous | nobody | stale: P − 1 updates on average | uneven machines | ηL is too large for the delay |
# | one lock | its turn | exact | nothing | always: it is serial |
# | Hogwild | nobody | stale, and now and then lost | sparse examples over many weights | few weights (lines are shared), long steps |
#
# | order of the examples | one worker | several workers |
# |---|---|---|
# | drawn with replacement | noise in every step | the same |
# | shuffled | errors cancel within an epoch | within each worker's part only |
# | everything reshuffled | the same, with new luck in each epoch | parts are mixed, too; costs communication |
#
# **Exercises.** [exercises/03_parallel_sgd.ipynb](../exercises/03_parallel_sgd.ipynb): the synchronous step, reshuffling, the time of a cluster, a large
# batch, two bounds on the delay, data of which half of the updates are lost, and a proof about delays.
#
# **Read on.** Niu, Recht, Ré & Wright, *Hogwild!* (NIPS 2011) · Mania et al., *Perturbed iterate analysis for
# asynchronous stochastic optimization* (SIAM J. Optim. 2017) · Keskar et al., *On large-batch training* (ICLR 2017) ·
# Goyal et al., *Accurate, large minibatch SGD* (2017) · Bottou, *Curiously fast convergence of some SGD algorithms*
# (2009). The code of this lecture: `lsml_core/parallel/`, first `synchronous.py` and `hogwild.py`, then
# `staleness.py`.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Appendix
#
# **False sharing.** Two threads add to two counters of their own, which lie closer and closer together: nanoseconds
# for one addition on your machine. Below a distance of 64 bytes they share a line.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from courseware.studies.thread_speed import false_sharing

lines = false_sharing()
print(f"one thread alone {np.median(lines.alone):.1f} ns")
print(f"undisturbed rounds: {lines.undisturbed.sum()} of {len(lines.undisturbed)}")
print("bytes apart     ", *(f"{d:6d}" for d in lines.distance))
print("two threads, ns ", *(f"{t:6.1f}" for t in np.median(lines.two_threads, axis=0)))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Matrix completion: sparse by nature.** A rating of item v by user u is predicted as $U_u\cdot V_v$, so a step touches one
# row of each. Threads conflict only on the same user or the same item: 57,000 ratings of a matrix of rank 4 with noise
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
