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

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Draw one picture that you keep on the board: P workers, one vector w. Everything in this
# lecture is about who waits for whom, and about which w a gradient belongs to. The appendix is not part of
# the 70 minutes.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Many workers, one step
#
# P workers share a batch of B examples. Worker $p$ sends the sum over its own examples $\mathcal S_p$,
# $$\mathbf g_p = \sum_{i\in\mathcal S_p}\nabla\ell\big((\mathbf x_i,y_i);\mathbf w\big),$$
# and all workers make the same step $\mathbf w\leftarrow\mathbf w-\eta\,\frac1B\sum_p\mathbf g_p$. Divided by B, the sum of all $\mathbf g_p$ is
# the gradient of the mean loss on the whole batch. So the number of workers changes how long a step takes, but not its result (up to
# rounding). The addition is called *all-reduce*. Around a ring it takes $2(P-1)$ rounds; in each round every worker sends one message with one
# P-th of the gradient.
#
# **Predict.** Sixteen workers have slightly uneven speeds. Are they 16 times as fast as one? Name the two things that they wait for.
#
# <details><summary>Answer</summary>
#
# No. In each step all workers wait for the slowest one, and the slowest of sixteen is slower than an average one. Then they wait for the
# all-reduce, which takes longer around a ring of more workers.
# </details>
#
# The *spread* in the demo says how uneven the workers are: it is the standard deviation of the logarithm of a worker's computing time. At 0
# all workers are equally fast. At 0.3 two thirds of the computing times lie between 0.74 and 1.35 times the median.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Ask for the two things that the workers wait for. A usual answer is "the network" alone; the
# slowest worker is forgotten.
#
# At the start 16 workers are 4.5 times as fast as one; without the network they would be 9.7 times. Move P to
# 27, where the speed-up is largest, 4.8 (the goal), then to 64: 4.0. Press *Break it*: 64 workers are as fast
# as one.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.parallel import asynchronous, delays, minima, synchronous

synchronous.timeline.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: do the workers change the result?** Pullovers against coats in Fashion-MNIST, a logistic loss, the same
# examples in every step, shared by 1, 4 and 64 workers. (Of the 64, 36 get two examples and 28 get one.)

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Ask whether 1, 4 and 64 workers give the same weights. They do, up to rounding: the sum is
# the same. Say that this holds for synchronous steps only.
#
# Skip the code when time is short.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np

from lsml_core.data import load
from lsml_core.optimization.finite_sums import Logistic
from lsml_core.parallel.engines import SerialAllReduce
from lsml_core.parallel.synchronous import synchronous_sgd
from courseware.plots.axes import percentage

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
# - Doubling P halves the mean computing time of a worker. The time for the slowest worker shrinks less.
# - The all-reduce takes longer with every further worker.
# - In the demo's default setting the 28th worker is the first one that makes a step slower.
#
# **Break it.** Uneven workers on a slow network: 64 of them are hardly faster than one. (Exercises 1 and 3 compute the step and its time.)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Large batches
#
# A larger batch needs fewer steps per epoch, and so less communication. The table combines two sources. Times are simulated: sixteen workers of the
# cluster above (1 ms per example), one epoch of 1.28 million images. Accuracies are the slide's, of AlexNet on ImageNet.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Give the two explanations and let the room find the quantity that separates them. The usual
# wrong answer is the test accuracy; it is low in both cases. Only the training loss tells them apart.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.parallel.cluster import Cluster
from courseware.studies.large_batch import ALEXNET

cluster, B = Cluster(seconds_per_example=1e-3, spread=0.3, latency=1e-3, transfer=0.05), np.array(ALEXNET.batch)
seconds = 1.28e6 / B * cluster.step(B, 16)
network = cluster.all_reduce(16) / cluster.step(B, 16)
print("batch B                    ", *(f"{b:6d}" for b in B))
print("minutes per epoch          ", *(f"{s / 60:6.1f}" for s in seconds))
print("time spent in the network  ", *(f"{percentage(share):>6}" for share in network))
print("top-1, percent (slide)     ", *(f"{percent:6.2f}" for percent in ALEXNET.top1))
print("top-5, percent (slide)     ", *(f"{percent:6.2f}" for percent in ALEXNET.top5))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Predict.** On the slide the accuracy with batches of 4096 and 8192 is below that with 256. Two explanations are possible. (a) The network has not been
# trained to the end: at equal epochs a large batch makes fewer steps. (b) It has, and generalises worse. Which quantity tells them apart?
#
# <details><summary>Answer</summary>
#
# The training loss. If it is still high, (a) is at work. If it is as low as with a small batch and the test accuracy is lower, it is (b).
# The slide names both.
# </details>

# %% {"slideshow": {"slide_type": "slide"}}
synchronous.large_batch.show()

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** At the start (9 epochs, the same step for every B) B = 512 has a training loss of 1.71: the
# network has not been trained to the end. Choose 27 epochs: accuracy 0.88. Choose *proportional to B* with 9
# epochs: 0.84. Only both together reach 0.92, which is the goal.
#
# On the board: steps 1 to 3 of linear scaling. At B = 1437 the scaled step is too long, and the accuracy is
# 0.24 even after 27 epochs.

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# The study behind the demo trained 90 networks: two rules for η, five batch sizes, three numbers of epochs, three seeds
# (`python -m courseware.studies.large_batch`).
#
# <details><summary>By hand: linear scaling of the step size, and where it ends</summary>
#
# 1. k small steps on batches of b examples: $\mathbf w_k=\mathbf w_0-\eta\sum_{j<k}\mathbf g_j(\mathbf w_j)$, where $\mathbf g_j$ is the mean gradient on batch $j$.
# 2. If the gradients hardly change over these steps, $\mathbf g_j(\mathbf w_j)\approx\mathbf g_j(\mathbf w_0)$ (short steps).
# 3. Then $\mathbf w_k\approx\mathbf w_0-k\eta\cdot\frac1k\sum_{j<k}\mathbf g_j(\mathbf w_0)$: one step of size $k\eta$ on the batch of $B=kb$ examples. So η should grow like B.
# 4. On the quadratic $\frac h2w^2$: k steps give the factor $(1-\eta h)^k=1-k\eta h+\frac{k(k-1)}2(\eta h)^2-\dots$, one long step gives $1-k\eta h$. They differ by at most
#    $\frac12(k\eta h)^2$ ($\eta h\le1$).
# 5. Repeated long steps converge only if $k\eta h<2$, also for the largest curvature $h=L$: linear scaling ends at $B=\frac{2b}{\eta L}$. (Exercise 4.)
# </details>
#
# **What to notice**
# - With B = 512 neither three times the epochs (27) nor a step size proportional to B reaches a mean accuracy of 0.9 alone. Both together do.
# - With B = 256 each of the two is enough, and the longer step needs no further epochs.
#
# **Break it.** At B = 1437, all images at once, the scaled step is 2.2, too long for the curvature. After 27 epochs the training loss is above 2.0 on each of
# the three seeds (it begins near log 10 = 2.3). With the step that is the same for every B it is below 1.8 on each.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Why may a large batch generalise worse?** Keskar et al. (ICLR 2017) compared batches of 256 with batches of a tenth of the training data. They present
# numerical evidence that large batches tend to converge to **sharp** minima of the training loss, and small batches to **flat** ones, because of the noise in their gradients.
# Around a sharp minimum the loss rises quickly in some direction. The test loss has its minima at slightly different weights, so it is higher at a sharp minimum than at a flat one.
#
# **Predict.** In the demo all runs start to the left of both minima, and all make equally many steps. They reach the sharp minimum first. Which batch sizes stay there? Is their
# test loss always high?
#
# <details><summary>Answer</summary>
#
# Large ones: their gradients have hardly any noise, so the runs cannot leave the sharp minimum. Runs with small batches leave it, and seldom leave the flat one. The test loss is
# not always high: if training and test loss agree exactly (shift 0), the sharp minimum is as good as the flat one.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** A usual wrong answer is that a sharp minimum always generalises badly.
#
# Start at b = 256: all runs end in the sharp minimum. Move b to 16: 31 %, to 8: 4 %, which is the goal. At b
# = 1 it is 10 % again, because the noise carries runs back, and their training loss is higher. *Break it*
# sets the shift to 0: all runs are in the sharp minimum, and the test loss is as low as the training loss.

# %% {"slideshow": {"slide_type": "fragment"}}
minima.sharp_and_flat.show()

# %% {"slideshow": {"slide_type": "slide"}, "tags": ["answers-predict"]}
from courseware.studies import sharpness

print("a small network on digits, trained to a training loss of 0.05 with every batch size; medians of three seeds")
print("sharpness: largest eigenvalue of the Hessian of the training loss, where training stopped")
print("        " + " |".join(f"{f'η = {eta:g}':>32}" for eta in sharpness.ETAS))
print("  batch " + " |".join(f"{'epochs':>9} {'sharpness':>11} {'accuracy':>10}" for _ in sharpness.ETAS))
print("\n".join(sharpness.table_line(batch) for batch in sharpness.BATCHES))

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Read two columns only: sharpness and accuracy at η = 0.8. The sharpness doubles, the
# accuracy does not fall. Say openly that the last step of the explanation is not confirmed on this small
# network. Name Dinh et al.: a ReLU network can be rescaled to any sharpness without a change of its
# function.

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - Every batch size reaches the same training loss. A large batch needs many more epochs for it: "more passes to accuracy ε" on the slide.
# - At η = 0.8 a larger batch finds a sharper minimum. From the smallest to the largest batch the sharpness doubles, on each of three seeds.
# - At η = 0.2 it rises by only a tenth, less than the seeds differ at the smallest batch.
# - The longer step finds a flatter minimum with every batch size.
# - The test accuracy does **not** fall here: on this small network a sharper minimum does not generalise worse.
#
# So the last step of the explanation is not confirmed here. Where does our run differ? The network and the data are small, all runs stop at one training loss, and Keskar et al. measure
# sharpness as the largest loss in a small box. Sharpness alone cannot decide the question either: a ReLU network can be rescaled to arbitrary sharpness without changing the function that it computes (Dinh et al., ICML 2017).
#
# **Break it.** In the demo, set the shift to 0. The runs still end in the sharp minimum, and their test loss is not higher.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 In which order? And on which worker?
#
# Theory draws examples with replacement; training loops shuffle. In a shuffled epoch each example occurs exactly
# once, so the errors of single steps cancel within an epoch, to first order in η. If the losses are smooth and their mean is strongly convex, then for large K
# (up to logarithms)
# $$\text{drawn: } \mathbb E\lVert \mathbf w-\mathbf w^*\rVert^2 \sim \frac1K,\qquad
# \text{reshuffled: } \mathbb E\lVert \mathbf w-\mathbf w^*\rVert^2 \sim \frac1{K^2}\qquad\text{after } K \text{ epochs, for } \eta\sim\tfrac1K.$$
#
# <details><summary>By hand: within an epoch the errors cancel to first order</summary>
#
# One epoch from $\mathbf w_0$, constant η, examples in the order $\pi$; $n$ examples with smooth losses $f_i$ and mean $f$.
# 1. $\mathbf w_n=\mathbf w_0-\eta\sum_{k}\nabla f_{\pi(k)}(\mathbf w_{k-1})$, and $\mathbf w_{k-1}-\mathbf w_0=O(\eta)$ (bounded gradients).
# 2. So $\nabla f_{\pi(k)}(\mathbf w_{k-1})=\nabla f_{\pi(k)}(\mathbf w_0)+O(\eta)$ (smoothness).
# 3. *Shuffled*: each example occurs once, so $\mathbf w_n=\mathbf w_0-\eta n\nabla f(\mathbf w_0)+O(\eta^2)$. To first order there is no noise, whatever the order is.
# 4. *Drawn*: $\mathbf w_n=\mathbf w_0-\eta\sum_k\nabla f_{i_k}(\mathbf w_0)+O(\eta^2)$. The sum has mean $n\nabla f(\mathbf w_0)$ and variance $n\sigma^2$ (independent draws, where
#    $\sigma^2$ is the variance of one gradient): noise of order $\eta\sqrt n\,\sigma$.
# 5. Over $K$ epochs with $\eta\sim\frac1K$ (a rough count): the variances of step 4 add up to $K\cdot O(\eta^2)=O(\frac1K)$. The errors of second order add up to at most
#    $K\cdot O(\eta^2)=O(\frac1K)$ in $\mathbf w$, so $O(\frac1{K^2})$ in the squared distance.
# </details>
#
# **Predict.** With a small constant η, which of the three orders ends lowest: drawn, one shuffle repeated in every epoch, or a new shuffle for every epoch? For which of them does
# a single random choice affect the whole run?
#
# <details><summary>Answer</summary>
#
# A new shuffle ends lowest, drawing highest. A single shuffle lies between them. Its one order is repeated in all epochs, so its second-order error is the same every time and
# does not average out: some runs end much lower than others.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** The usual wrong answer is that a repeated single shuffle is as good as a new one, because
# both visit every example once. Its second-order error is the same in every epoch and does not average out.
#
# At the start (0.1) reshuffling ends 111 times lower than drawing; move the step to 0.0464: 414 times, and
# the goal is reached.
#
# On the board: steps 3 and 4 of the proof side by side. *Break it* has a very short step: the runs have not
# converged, and the factor is only 2.

# %% {"slideshow": {"slide_type": "fragment"}}
synchronous.shuffling.show()

# %% {"slideshow": {"slide_type": "slide"}, "tags": ["answers-predict"]}
from lsml_core.parallel.shuffling import PARTITIONS, averaged_epochs, squared_distances

runs = squared_distances(f, np.zeros((10, f.d)), eta=0.3, batch=10, epochs=40, rng=np.random.default_rng(0))
floors = {order: distances[-20:].mean(axis=0) for order, distances in runs.items()}
print("pullovers and coats, η = 0.3, batches of 10: mean ‖w − w*‖² of epochs 21 to 40, ten runs")
print("\n".join(f"{order:18}  mean {v.mean():.3f}   lowest {v.min():.3f}   highest {v.max():.3f}"
                for order, v in floors.items()))

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** On real data the three ways rank as in the demo. Look at the range of the single shuffle.
#
# Skip the slide when time is short.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Parallel shuffling: which worker gets which examples?** Four workers each make an epoch of SGD on their own quarter of the data; then their weights are averaged. There are three ways
# to distribute the examples: the quarters and their order stay the same; each worker shuffles its own quarter, which costs no communication; or all examples are shuffled and distributed
# again for every epoch.
#
# **Predict.** The examples are sorted by class, so that two workers hold only pullovers and two only coats. Which error does shuffling within the quarters
# reduce? Which error remains unless all examples are shuffled?
#
# <details><summary>Answer</summary>
#
# It reduces the error that comes from a fixed order. But each worker still sees one class only, so in each epoch its local steps move away from the common minimum, always in the same
# direction. Only new quarters change that. (Workers that must keep their data are the topic of lecture 04.)
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Draw four boxes on the board, two with pullovers and two with coats. Ask what shuffling
# inside a box can repair. A usual wrong answer is "everything, in the long run". Each worker still sees one
# class, so its local steps leave the common minimum in the same direction in every epoch.

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
# - On real data, too, reshuffling ends more than ten times lower than drawing, with the same constant η.
# - A single shuffle lies between them, and its runs differ most, relative to their mean.
# - Four workers that average once per epoch: if the quarters are sorted by class, shuffling everything ends two to three times lower than shuffling within the quarters.
# - If the quarters are random, the two hardly differ: shuffling within the quarters, which costs no communication, is enough.
#
# Bottou observed the effect in 2009. Gürbüzbalaban, Ozdaglar & Parrilo and Rajput, Gupta & Papailiopoulos (ICML 2020) prove such rates. An
# earlier explanation, the noncommutative AM-GM conjecture of Recht & Ré, is false in general (Lai & Lim, ICML 2020). (Exercise 2 writes the shuffled epoch.)
#
# **Break it.** With the smallest η the runs have not converged after 200 epochs. The distance to the minimum still depends on the start,
# and reshuffling ends only about twice as low as drawing.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Asynchronous SGD: no worker waits
#
# *Asynchronous* workers read w, compute, and write their step whenever they are ready. Meanwhile other workers have changed w, so the gradient
# was computed at old weights. It is **stale** by the delay τ, the number of updates by others between its reading and its writing:
# $$\mathbf w_{k+1}=\mathbf w_k-\eta\,\nabla f_{i_k}(\mathbf w_{k-\tau_k}).$$
#
# **Predict.** Eight workers, no two equally fast, none of them ever idle. What is the mean of τ over all updates? Does it depend on how uneven they are?
# Hint: in how many delays is one given update counted?
#
# <details><summary>Answer</summary>
#
# Seven. When one worker writes, each of the seven others is computing. So each update counts once in the delay of seven other updates, and the mean delay is seven, however
# uneven the workers are (except at the start and the end of the run). Unevenness changes the largest delay.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Let the room count before the demo: in how many delays is one update counted? Most students
# expect that uneven workers have a larger mean delay.
#
# Start with P = 8: the mean is 7. Move P to 16 and the spread to 0.5: 2.2 times the updates of synchronous
# SGD (the goal), the mean delay is 15 and the largest 127. With spread 1.2 the mean is still 15, and the
# largest delay 1574.

# %% {"slideshow": {"slide_type": "fragment"}}
asynchronous.timeline.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Asynchronous SGD is noisy serial SGD.** A late gradient has missed the last $\tau_k$ updates. Write them as noise on the weights:
# $$\mathbf w_{k+1}=\mathbf w_k-\eta\,\nabla f_{i_k}(\mathbf w_k+\mathbf n_k),\qquad
# \mathbf n_k=\mathbf w_{k-\tau_k}-\mathbf w_k=\eta\!\!\sum_{j=k-\tau_k}^{k-1}\!\!\mathbf g_j,\qquad \mathbf g_j=\nabla f_{i_j}(\mathbf w_j+\mathbf n_j).$$
# This is a serial step whose gradient is taken at perturbed weights. If the noise is bounded, it does little harm:
#
# <details><summary>By hand: when the delay does not affect convergence (Mania et al., 2017)</summary>
#
# Let $\hat{\mathbf w}_k=\mathbf w_k+\mathbf n_k$ and $a_k=\mathbb E\lVert\mathbf w_k-\mathbf w^*\rVert^2$; f is μ-strongly convex, all $\lVert\mathbf g_j\rVert\le M$, all delays ≤ τ, $i_k$ is uniform, independent
# of all earlier draws and of $\hat{\mathbf w}_k$. Two of the $n$ examples *conflict* if they share a coordinate; $\Delta_{av}\ge1$ is the mean number of others with which an example conflicts. A gradient is 0
# outside the coordinates of its example.
# 1. $\lVert\mathbf w_{k+1}-\mathbf w^*\rVert^2=\lVert\mathbf w_k-\mathbf w^*\rVert^2-2\eta\langle\hat{\mathbf w}_k-\mathbf w^*,\mathbf g_k\rangle+2\eta\langle\mathbf n_k,\mathbf g_k\rangle+\eta^2\lVert\mathbf g_k\rVert^2$.
# 2. $\mathbb E\langle\hat{\mathbf w}_k-\mathbf w^*,\mathbf g_k\rangle\ge\mu\,\mathbb E\lVert\hat{\mathbf w}_k-\mathbf w^*\rVert^2\ge\frac\mu2a_k-\mu\,\mathbb E\lVert\mathbf n_k\rVert^2$ (independence; strong convexity; $\lVert\mathbf u\rVert^2\le2\lVert\mathbf u+\mathbf v\rVert^2+2\lVert\mathbf v\rVert^2$).
# 3. So $a_{k+1}\le(1-\eta\mu)a_k+\eta^2M^2+\underbrace{2\eta\mu\,\mathbb E\lVert\mathbf n_k\rVert^2}_{\text{how far off}}+\underbrace{2\eta\,\mathbb E\langle\mathbf n_k,\mathbf g_k\rangle}_{\text{in which direction}}$: serial SGD and **two more terms**.
# 4. $\langle\mathbf g_j,\mathbf g_k\rangle\ne0$ only if the examples conflict or are the same one, which has probability $(\Delta_{av}+1)/n\le2\Delta_{av}/n$ (sparsity; independent uniform draws; $\Delta_{av}\ge1$). So
#    $2\eta\,\mathbb E\langle\mathbf n_k,\mathbf g_k\rangle\le2\eta^2M^2\,\tau\frac{2\Delta_{av}}n\le2\eta^2M^2$ **if** $\tau\le\frac n{2\Delta_{av}}$.
# 5. Likewise $\mathbb E\lVert\mathbf n_k\rVert^2\le\eta^2M^2\big(\tau+\tau^2\frac{2\Delta_{av}}n\big)\le2\tau\eta^2M^2$, and $2\eta\mu$ times this is at most $\eta^2M^2$ if $\eta\le\frac1{4\mu\tau}$ (suitable η).
# 6. $a_{k+1}\le(1-\eta\mu)a_k+4\eta^2M^2$. Serial SGD has $a_{k+1}\le(1-2\eta\mu)a_k+\eta^2M^2$, so the rate is the same up to constants.
# </details>
#
# **What to notice** (demo)
# - Uneven workers need not wait: sixteen with spread 0.5 make 2.2 times the updates of synchronous ones.
# - The mean delay stays at P − 1 for every spread.
# - The largest delay grows with the spread: in these runs of 4,000 updates it is 15 at spread 0, and 127 at spread 0.5.
#
# **Break it.** Workers that sometimes lose their core return with gradients that are more than a thousand updates old.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **7 minutes.** This is the central derivation of the lecture. Write step 3 on the board and circle the two
# terms that serial SGD does not have. Steps 4 and 5 bound one of them each; ask which hypothesis does it
# (sparsity in 4, suitable η in 5).
#
# When time is short, give step 3 and the condition of step 4.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 Hogwild: threads without a lock
#
# Threads of one machine share the weights in memory. With one lock around every step they run one after another again. Niu, Recht, Ré
# & Wright (2011) removed the lock: each thread reads, computes and writes without waiting for the others. If examples are **sparse**, a step
# touches few weights, and seldom one that another thread is changing at the same moment.
#
# **Predict.** Writing takes half of a step. Workers compute at the same time, but write in turn. How much faster than one
# worker can they be at most, however many there are? Why?
#
# <details><summary>Answer</summary>
#
# Twice as fast: then some worker is writing at every moment, and there is no time for further writes. (Handing over the turn takes a little extra time.)
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** A usual wrong answer is 8 times for 8 workers. Writing takes half of a step and is done in
# turn, so the limit is 2. The demo shows 1.8 for round robin, 0.9 for one global lock, 8.0 without a lock.
# Move the coordinates per example to 2 and P to 16: 5 % of the updates conflict, which is the goal. With 64
# coordinates all of them do.

# %% {"slideshow": {"slide_type": "fragment"}}
asynchronous.locks.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: sparse data over a million weights. The paper first.** On ten cores Niu et al. report speed-ups between about 3 (RCV1) and 9 times (DBLife), and that round robin (RR below) is
# slower than one thread on nearly all of their data sets. (These values are read off their plots, with low precision.)
#
# **Then our run**: logistic regression on 25,000 examples of 30 entries. Real threads, compiled loops, one array of weights. In each round every
# setting makes one pass; a round is *undisturbed* if every thread had a core for nine tenths of the time.
#
# **Predict.** Order these for all cores of your machine: no lock, a lock for each coordinate, one lock for everything. Which is the fastest, and which is no faster than one thread alone? Give a reason.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Collect an order of the methods in writing before you show the table. The first table was
# measured where the notebook was built, so read the order and not the numbers. If it says *machine busy*, say
# so and go to the stored table below it.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from courseware.studies import hogwild_speedup
from courseware.studies.thread_comparison import compare

work = hogwild_speedup.workloads()
sparse, small = work[hogwild_speedup.SPARSE], work[hogwild_speedup.SMALL]
print(compare(sparse.x, sparse.y, eta=0.5, rounds=9, rng=np.random.default_rng(0)))
print("\n" + hogwild_speedup.stored_table())

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **How to read the table.** The first table is measured on this machine at this moment. If it says *machine busy*, no round was undisturbed: close other programs and run the cell again. The last two
# columns are predictions of the simulator, from the speeds of one thread. The first assumes that a cache line of weights arrives from another core in no time, the second that this takes as long as measured in the appendix.
#
# *global* is one lock for all steps. *coordinate* is a lock for each coordinate (the paper's AIG). *round robin* writes in turn (the paper's RR). *atomic* has no lock, but each
# addition is one indivisible operation, so that none is lost.
#
# The authors used more cores than most laptops have, and other data. So only the order of the methods can be compared, not the numbers.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Break it: few weights.** A core does not fetch single weights. It fetches *cache lines* of 64 bytes, eight weights. When two cores write to the same line in turn, the line moves between them, even if they write
# different weights in it: this is *false sharing*. Now the data are the State of the Union addresses, with a few thousand weights.
#
# **Predict.** An example shares coordinates with $\Delta_{av}$ of the $n$ examples, on average. The bound $\tau\le n/(2\Delta_{av})$ of section 6 then allows a delay of 1.6, enough for two threads. Does it become
# larger or smaller if we count shared lines instead? Is Hogwild still faster than one thread?

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Draw a cache line of eight weights on the board. Ask whether two threads that write
# different weights can disturb each other. Most say no. They share a line, so it moves between the cores:
# the results are correct, and the machine is slow. If lines are counted instead of coordinates, the bound
# gets smaller.

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
# - Over a million weights only one pair of examples in forty shares a line. There Hogwild is worthwhile.
# - In the text about 60 % of the pairs share a line, twice as many as share a coordinate. Each addition may have to wait for a line from another core, so more threads can be slower than one.
# - Shared coordinates decide *correctness*: whether one thread's gradient depends on another's update, and whether an addition can be lost. Shared lines decide the *speed*.
#
# A later method groups the examples into batches whose groups share no coordinate, so that threads never conflict (Pan et al., *CYCLADES*, NIPS 2016).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Does it still learn?** Two epochs at η = 10 on the text, with one thread and with one per core, three orders of the examples each. Then the
# same loop counts: each update adds exactly 1, so what is missing in the end was overwritten. Threads that take turns on one
# core lose nearly nothing. So the last number says for which fraction of the time every thread had a core of its own.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Two sentences are enough: the losses of one and of all threads overlap, and atomic additions
# lose nothing.
#
# Skip the counts when time is short; they depend on how many threads really ran at the same time.

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
print("\n".join(f"{name}, lock {lock or 'none'}: {percentage(t.lost, 4)} lost, every thread on a core "
                f"{percentage(t.core_share[0])} of the time" for (name, lock), t in counts.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - The losses of one thread and of all threads overlap: the order of the examples matters as much as the number of threads.
# - On the text few updates are lost.
# - On sixteen weights several percent can be lost, if the threads really run at the same time.
# - With atomic additions none is lost. (Exercise 7 builds data that lose half.)

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The step in code.** This is what every thread does, without a lock; the threads of this page run it compiled.

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.parallel.hogwild import hogwild_step_, plain_epoch_

show_source(hogwild_step_)
show_source(plain_epoch_)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 How late is too late?
#
# Join two examples that share a coordinate: the **conflict graph**. Let $\Omega$ be the largest number of coordinates
# of an example, $\Delta$ the fraction of the examples that have the most frequent coordinate, $\rho$ the largest fraction of the examples with which
# one example conflicts, and $\Delta_{av}$ the mean number (not fraction) of examples with which one conflicts. Section 4 shows:
# $$\text{if all delays satisfy}\quad\tau\le\frac{n}{2\Delta_{av}},\quad\text{the noise does not affect convergence}$$
# (up to constants, for a suitable η: Mania et al. 2017). Then P threads are P times as fast, *in terms of worst-case
# convergence*, on a machine that makes P times the updates per second. (Exercise 5 computes the bound.) Without a lock a thread may also read some coordinates before an update
# and others after it. The theorem of Mania et al. covers this, with other constants; it assumes that no addition is lost.
#
# **Predict.** For some data the bound is 0.6: it does not even allow a delay of one update. Must a delay of 16 raise the loss a lot?
#
# <details><summary>Answer</summary>
#
# No. The bound is sufficient, not necessary. In the demo, with 32 coordinates and η = 0.9, a delay of
# 16 raises the loss by less than 50 %. With a delay of 32 the run diverges.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** A usual wrong answer is that a bound below 1 means that any delay does harm. A sufficient
# condition is not a necessary one. Move to 32 coordinates at η = 0.9: the bound is 0.6, and the runs show no
# harm up to a delay of 16. Then η = 0.1: no harm up to 64, and the goal is reached. *Break it* (2
# coordinates, η = 1.5) breaks the bound, because its η is not suitable.

# %% {"slideshow": {"slide_type": "fragment"}}
delays.conflict_graph.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the conflict graph of the State of the Union**, with words that are in at most the given fraction of the
# paragraphs.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Compare the first and the last line: without common words the bound is larger.
#
# Skip the slide when time is short.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
graphs = {most: conflicts(bag_of_words(max_document_frequency=most).x) for most in (1.0, 0.05, 0.005)}
print("words in at most    Ω      Δ      ρ   Δ_av   n/2Δ_av")
print("\n".join(f"{percentage(most, 1):>16} {c.omega:4d} {c.delta:6.3f} {c.rho:6.3f} {c.mean_degree:6.0f} "
                f"{c.delay_bound:9.1f}" for most, c in graphs.items()))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Sixty-four workers, simulated.** The simulator makes the updates one after another on one core. It takes each gradient at weights as old as they would be with P workers. With one worker it repeats the run of one real thread exactly.
#
# **Predict.** Does the loss after two epochs depend on the number of workers, if the text contains all words? If it contains only words that occur in few paragraphs?
#
# <details><summary>Answer</summary>
#
# With rare words it does not, up to 64 workers and at every η of the slider, as far as three seeds can tell. With all
# words it depends on η: texts that share many words make the curvature L large, and stale gradients need a small ηL.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Ask the two questions separately.
#
# At the start (64 workers, all words, η = 10) the loss is 16.9 times that of one worker. Choose *words in at
# most 5 %*: 1.05 times. Move P to 8 with all words: 1.25 times. The reason is the curvature and not only the
# conflicts: ηL is too large for the delay.

# %% {"slideshow": {"slide_type": "fragment"}}
delays.many_workers.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - With stop words nearly all pairs of examples conflict.
# - If words occur in at most 5 % of the paragraphs, the bound allows a delay of 1.6, which is enough for two threads. A mean delay of 63 (64 workers) does no harm there.
# - Gradient descent on a quadratic with a constant delay τ has an exact limit, which depends on the curvature and the step, not on conflicts: $\eta L<2\sin\frac{\pi}{2(2\tau+1)}$. (Exercise 6
#   computes it, Exercise 9 proves it for τ = 1.)
#
# **Break it.** In the first demo: two coordinates, η = 1.5. The bound allows delays up to 60, but at 32 the loss is nearly ten times as large: the theorem holds for a "suitable η" only. In the
# second: all words, η = 32. With sixteen workers and more the loss ends above that of w = 0, which is log 2 = 0.69.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to remember
#
# | | waits for | gradient is | good for | fails when |
# |---|---|---|---|---|
# | synchronous | the slowest worker, then the all-reduce | exact, of a large batch | equal machines, fast networks | there are stragglers; the batch is too large |
# | asynchronous | nobody | stale: P − 1 updates on average | uneven machines | ηL is too large for the delay |
# | one lock | the holder of the lock | exact | a reference to compare with | always: all threads together are as slow as one |
# | Hogwild | nobody | stale, and a few updates are lost | sparse examples over many weights | few weights (cache lines are shared), long steps |

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Cover the last column and let the room fill it in. Each *fails when* has had its own *Break
# it*.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **What to remember about the order**
#
# | order of the examples | one worker | several workers |
# |---|---|---|
# | drawn with replacement | noise in every step | the same |
# | shuffled | errors cancel within an epoch | within each worker's part only |
# | reshuffled for every epoch | errors cancel, and the rest averages out over the epochs | parts are mixed, too, if all examples are shuffled; costs communication |
#
# **Exercises.** [exercises/03_parallel_sgd.ipynb](../exercises/03_parallel_sgd.ipynb): the synchronous step, reshuffling, the time of a cluster, a large
# batch, two bounds on the delay, data on which half of the updates are lost, locks in your own words, and a proof about delays.
#
# **Read on.** Niu, Recht, Ré & Wright, *Hogwild!* (NIPS 2011) · Mania et al., *Perturbed iterate analysis for
# asynchronous stochastic optimization* (SIAM J. Optim. 2017) · Keskar et al., *On large-batch training* (ICLR 2017) ·
# Goyal et al., *Accurate, large minibatch SGD* (2017) · Bottou, *Curiously fast convergence of some SGD algorithms*
# (2009). The code of this lecture: `lsml_core/parallel/`, first `synchronous.py` and `hogwild.py`, then
# `staleness.py`.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Appendix
#
# **False sharing.** Two threads each add to a counter of their own. The table shows the nanoseconds for one addition on your machine, by the
# distance of the two counters in memory. Below 64 bytes both can lie in one cache line.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from courseware.studies.thread_speed import false_sharing

lines = false_sharing()
print(f"one thread alone {np.median(lines.alone):.1f} ns")
print(f"undisturbed rounds: {lines.undisturbed.sum()} of {len(lines.undisturbed)}")
print("bytes apart     ", *(f"{d:6d}" for d in lines.distance))
print("two threads, ns ", *(f"{t:6.1f}" for t in np.median(lines.two_threads, axis=0)))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Matrix completion: sparse by nature.** A rating of item v by user u is predicted as $U_u\cdot V_v$, so a step touches one
# row of each. Threads conflict only on the same user or the same item. The data are about 57,000 ratings of a matrix of rank 4, with noise of standard
# deviation 0.1.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.data.sparse import ratings
from lsml_core.parallel.matrix_completion import complete

stars = ratings(2000, 1000, 4, 60_000, rng=np.random.default_rng(0))
print(f"a rating conflicts with {conflicts(stars.x).mean_degree:.0f} others; bound {conflicts(stars.x).delay_bound:.0f}")
errors = {P: complete(stars, rank=4, threads=P, epochs=10, eta=0.1, rng=np.random.default_rng(0)).rmse
          for P in (1, cores())}
print("\n".join(f"P = {P}: root mean square error {e[0]:.3f}, after 10 epochs {e[-1]:.3f}"
                for P, e in errors.items()))
