# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 02 · Convergence of SGD
#
# **50 minutes.** After this lecture you will be able to
#
# 1. show that a mini-batch gradient is unbiased, and say how its noise depends on the batch and on the drawing;
# 2. read a rate like $O(1/\sqrt{bk})$ as a promise for a whole class of functions, which one run can neither prove
#    nor refute;
# 3. say in which unit, steps or gradients, a larger batch pays;
# 4. predict the floor of SGD with a constant step, and get below it;
# 5. say how SVRG and SAGA take the noise away, and at what price.
#
# Throughout, $f(w)=\frac1n\sum_{i=1}^n f_i(w)$ is a mean over $n$ examples and $f^*$ its smallest value. The slides
# write $x$ for $w$ and $t_k$ for the step size $\eta$.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Right on average
#
# Step $k$ draws a random set $I_k$ of $b$ examples:
# $$w \leftarrow w-\eta\,g,\qquad g=\frac1b\sum_{i\in I_k}\nabla f_i(w),\qquad \mathbb E\,g=\nabla f(w).$$
# If every example is equally likely, $g$ is **unbiased**. Its noise is
# $$\mathbb E\lVert g-\nabla f\rVert^2=\frac{\sigma^2}{b}\ \text{ with replacement},\qquad
# \frac{n-b}{n-1}\cdot\frac{\sigma^2}{b}\ \text{ without},\qquad
# \sigma^2=\frac1n\sum_i\lVert\nabla f_i-\nabla f\rVert^2.$$
#
# **Predict.** You want the cloud of gradients half as wide. How much more does a step cost? Where does the centre of
# the cloud go?
#
# <details><summary>Answer</summary>
# Four times as much: the width is the root of σ²/b. The centre stays at ∇f, for every b.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.optimization import convergence, stochastic, variance_reduction

stochastic.gradient_noise.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: is it a coat or a pullover?** Logistic regression on 1,000 images of Fashion-MNIST, at $w=0$. Each cloud
# has 1,000 draws, so its noise is known to a few per cent.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np

from lsml_core.optimization.sampling import without_replacement
from lsml_core.optimization.stochastic import gradient_table, gradient_variance, sample_gradients

f, setting = convergence.garments(), {"draws": 1000, "rng": np.random.default_rng(0)}
each, full = gradient_table(f, np.zeros(f.d))
drawn = sample_gradients(f, np.zeros(f.d), 500, **setting)
subset = sample_gradients(f, np.zeros(f.d), 500, sampling=without_replacement, **setting)
sigma2, *noise = (gradient_variance(g, full) for g in (each, drawn, subset))
print(f"one example: σ² = {sigma2:.3f}, and ‖∇f‖² = {full @ full:.4f}")
print("500 of 1,000, with and without replacement:", *(f"{500 * v / sigma2:.2f} σ²/b" for v in noise))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** One example's gradient is mostly noise: $\sigma^2$ is 29 times $\lVert\nabla f\rVert^2$. Half of the data,
# drawn without replacement, have half the noise of as many draws with replacement. With 10 of 1,000 it would make a
# difference of 1 %.
#
# **Break it.** Draw examples with large gradients more often, and do nothing about it: the cloud shrinks around a
# wrong centre, and no batch repairs that. (Dividing each gradient by $n$ times its probability would.)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Gradient descent: O(1/k)
#
# All $n$ examples in every step. For convex $f$ with curvature at most $L$, a start at distance $R$ from a minimum, and
# $\eta=1/L$,
# $$f(w_k)-f^*\;\le\;\frac{LR^2}{4k+2}=O(1/k).$$
#
# **Predict.** The bound cannot be improved: some function reaches it. Does one function stay at the bound for
# all $k$?
#
# <details><summary>Answer</summary>
# No. Each k has its own: so flat that k steps go only half the way. Given more steps, the run falls below the bound.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
stochastic.worst_case.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the images again.** A batch of all $n$ examples without replacement is gradient descent.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.optimization.bounds import gradient_descent_bound
from lsml_core.optimization.stochastic import sgd

k, R, best = np.array([1, 10, 30]), np.linalg.norm(f.minimiser), f.value(f.minimiser)
everything = {"batch": f.n, "sampling": without_replacement, "rng": np.random.default_rng(0)}
descent = sgd(f, np.zeros(f.d), eta=1 / f.L, steps=30, **everything)
print(f"L = {f.L:.3f}, R = {R:.2f}, after", k, "steps:")
print("gap  ", *(f"{gap:.1e}" for gap in f.value(descent.w[k]) - best))
print("bound", *(f"{gap:.1e}" for gap in gradient_descent_bound(k, L=f.L, R=R)))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** ✓ The bound holds, and says little here: the gap falls by a factor, not by a power. This loss curves in
# every direction ($\mu=0.01$), and section 5 has the theorem for that.
#
# **Break it.** At $\eta>2/L$ the bowl throws the run out. A step that is too short breaks the bound as well: the
# preset *Too short* is above it after $k$ steps.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 SGD: O(1/√k)
#
# With one example a step, convex $f$ and steps that suit $k$, for the mean $\bar w$ of the iterates
# $$\mathbb E f(\bar w)-f^*\;\le\;\frac{R\,\sigma}{\sqrt k}+\frac{LR^2}{2k}=O(1/\sqrt k).$$
# Slower than $O(1/k)$, but a step costs one gradient in place of $n$.
#
# **Predict.** You run SGD on the bowl $\frac12w^2$ and find that the gap falls like $1/k$. Is the theorem wrong, or too
# weak?
#
# <details><summary>Answer</summary>
# Neither. It is a promise for every convex function, so it is as slow as the slowest of them. To see the rate, look for
# the slowest function at every k.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
stochastic.envelope.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# The lines are $f(w)=-\theta w$ on $[-1,1]$, started at 0; the slopes of the examples have variance 1. On a steep line
# SGD is soon at the end, on a flat one little can be lost. In between, at $\theta\approx3/\sqrt{bk}$, noise hides the
# slope for most of the $k$ steps. Here $L=0$, so the bound is $1/\sqrt{bk}$.
#
# **For real: SGD on the images, with the step of the theorem.** Mean of 10 runs, which differ by about a tenth of the
# gap.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.optimization.bounds import log_slope, mini_batch_bound, mini_batch_step

rng, facts, times = np.random.default_rng(0), {"b": 1, "L": f.L, "R": R, "sigma": 1}, (100, 400, 1600)
runs = [sgd(f, np.zeros((10, f.d)), eta=mini_batch_step(k, **facts), steps=k, rng=rng) for k in times]
gaps = np.array([f.value(run.w[1:].mean(0)) - best for run in runs])
print("steps ", *times, f"   slope {log_slope(np.array(times), gaps.mean(1)):.2f}")
print("gap   ", gaps.mean(1).round(3), " ± ", gaps.std(1).round(3))
print("bound ", mini_batch_bound(np.array(times), **facts).round(3))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** ✓ The bound holds, five to six times too high, and its slope is right: about −½. ($\sigma=1$ is safe for
# examples of length 1; at $w=0$ it is $0.49$.) In the demo the slope is −0.45: the slowest line goes from 0.83 of the
# bound at $k=50$ to 0.96 at $k=1600$.
#
# **Break it.** A tenth of the right step: the slowest line is at five times the bound. Three times the right step:
# 1 to 1.5 times.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Mini-batches: in which unit do they pay?
#
# $$\mathbb E f(\bar w)-f^*\le\frac{R\,\sigma}{\sqrt{bk}}+\frac{LR^2}{2k}=O\Big(\frac1{\sqrt{bk}}+\frac1k\Big).$$
# The batch divides the noise only, and each step is $b$ times as expensive. In gradients, $m=bk$, the bound reads
# $O(1/\sqrt m+b/m)$: while $b$ is small, the batch does not matter.
#
# **Predict.** $b=64$ in place of 1, same steps $\eta=4/\sqrt k$, on the images. How much smaller is the gap after 256
# steps? After 8,192 gradients?
#
# <details><summary>Answer</summary>
# After 256 steps 11 times smaller (from 0.021 to 0.0019). The theorem suggests √64 = 8, but it speaks of the averaged
# iterate of a convex function with a constant step; these runs show the last iterate with η = 4/√k, on a loss that curves
# in every direction. After 8,192 gradients the gap is three times larger: that many gradients are only 128 steps of 64.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
convergence.mini_batches.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# These are runs on the images, means of 10 from seed 0. At η = 4/√k two other seeds moved the gaps of b = 1 by up to
# 30 %, those of the larger batches by up to 15 %. **In numbers: what does a gap of 0.005 cost?**

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.optimization.schedules import InverseRoot

setting = {"eta": InverseRoot(4), "every": 10, "rng": np.random.default_rng(0)}
runs = [
    sgd(f, np.zeros((10, f.d)), steps=steps, batch=b, **setting)
    for b, steps in ((1, 2000), (16, 300), (256, 150))
]
there = [(f.value(run.w).mean(-1) - best < 0.005).argmax() for run in runs]
cost = [(run.steps[i], run.evaluations[i]) for run, i in zip(runs, there, strict=True)]
print("steps and gradients with b = 1, 16, 256:", *(f"{k}, {m:,}" for k, m in cost), sep="   ")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Full descent (b = n) takes its first step when SGD has made a thousand: at that point the gap of SGD is
# ten times smaller. After about ten passes descent is ahead. SGD wins the beginning, and on large data the beginning
# is all there is time for.
#
# **Break it.** Count gradients and take b = 256: eleven times the gap of b = 1. A larger batch would need longer
# steps, too: at a constant η = 4 it is back at 0.002. There, b = 1 does not converge at all.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 A constant step: a linear rate, then a floor
#
# Where every direction curves, from $\mu$ to $L=\kappa\mu$, gradient descent with $\eta=2/(\mu+L)$ has a **linear** rate.
# SGD with constant $\eta\le1/(2L_{\max})$ has one, too, but not to the end:
# $$\lVert w_k-w^*\rVert\le\Big(\frac{\kappa-1}{\kappa+1}\Big)^{k}R,\qquad
# \mathbb E\lVert w_k-w^*\rVert^2\le(1-\eta\mu)^kR^2+\frac{2\,\eta\,\sigma^2}{b\,\mu}.$$
# ($L_{\max}$ is the largest curvature of a single $f_i$, and $\sigma^2$ the noise at $w^*$.)
#
# **Predict.** You halve $\eta$. What happens to the floor, and to the time it takes to get there?
#
# <details><summary>Answer</summary>
# The floor is half as high, and it takes twice as long to come down to it.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
convergence.noise_floor.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the floor on the images.** Four constant step sizes, 10 runs each (as in the demo), mean gap over the last
# 1,000 of 4,000 steps. With two other seeds the floors moved by up to 15 %.

# %% {"slideshow": {"slide_type": "fragment"}}
eta = np.array([4, 2, 1, 0.5])
rng = np.random.default_rng(0)
run = sgd(f, np.zeros((10, f.d)), eta=eta[:, None, None], steps=4000, every=50, rng=rng)
gap = f.value(run.w) - best
print("η    ", eta)
print("floor", gap[-20:].mean((0, 2)).round(3))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Halve the step and the floor halves, a little more at first. Three ways lead lower: a smaller η, a larger
# batch, or an η that shrinks. Steps that shrink like $1/k$ still go any distance ($\sum\eta_k=\infty$) and silence the
# noise ($\sum\eta_k^2<\infty$).
#
# **Break it.** At η = 10/L_max and b = 1 the run leaves the picture. The run with shrinking steps leaves it, too, and
# comes back.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 SVRG and SAGA: take the noise away
#
# Keep old gradients, and let a new one correct them:
# $$g_{\text{SVRG}}=\nabla f_i(w)-\nabla f_i(\tilde w)+\nabla f(\tilde w),\qquad
# g_{\text{SAGA}}=\nabla f_i(w)-v_i+\frac1n\sum_j v_j.$$
# SVRG renews the snapshot $\tilde w$ (also called anchor) every $m$ steps; SAGA keeps in $v_i$ the gradient of example $i$ when last seen.
# Both are unbiased, and both reach $w^*$ at a linear rate with a constant $\eta$.
#
# **Predict.** At $w=w^*$, what is the noise of SGD's estimate? Of SVRG's, with $\tilde w=w^*$?
#
# <details><summary>Answer</summary>
# σ² and 0. At w* the gradients of the examples cancel, but none of them is zero; SVRG subtracts each from itself.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
variance_reduction.svrg_and_saga.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# In the demo a line is the mean of five runs. **For real: fifteen passes over the images**, one run each, all with
# $\eta=1/(3L_{\max})$. SVRG pays $n$ gradients for a snapshot and two a step, SAGA $n$ once and one a step.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.optimization.stochastic import saga, svrg

setting = {"eta": 1 / (3 * f.L_max), "every": f.n, "rng": np.random.default_rng(0)}
runs = {
    "SGD": sgd(f, np.zeros(f.d), steps=15 * f.n, **setting),
    "SVRG": svrg(f, np.zeros(f.d), steps=5 * f.n, **setting),
    "SAGA": saga(f, np.zeros(f.d), steps=14 * f.n, **setting),
}
print(*(f"{name}: gap {f.value(run.w[-1]) - best:.0e}" for name, run in runs.items()), sep="   ")
print("gradients:", *(f"{run.evaluations[-1]:,}" for run in runs.values()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** SGD stalls at about 0.05. With as many gradients SVRG comes to between 10⁻⁶ and 10⁻⁸, SAGA to about 10⁻⁸
# (seeds 0 to 3). SAGA pays with memory: $n$ gradients, or $n$ numbers for a linear model.
#
# **Break it.** At η = 1.9/L_max both run away, while SGD only jumps about: the old gradients are from too far off. And
# where SGD stops after a few passes, or the loss is that of a deep network, the detour rarely pays (Defazio & Bottou,
# NeurIPS 2019).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | method | gradients a step | gap after k steps, convex | with μ > 0 |
# |---|---|---|---|
# | gradient descent | n | O(1/k) | linear, ((κ−1)/(κ+1))ᵏ |
# | SGD | 1 | O(1/√k) | constant η: linear down to a floor; η ~ 1/k: O(1/k) |
# | mini-batch | b | O(1/√(bk) + 1/k) | the floor is b times lower |
# | SVRG | 2, and n at a snapshot | O(1/k) for a variant with growing epochs (SVRG++) | linear |
# | SAGA | 1, and a table of n | O(1/k), averaged iterate | linear |
#
# A rate is about the worst function; a unit (steps or gradients) belongs to every comparison.
#
# **Now you.** [Exercises 02](../exercises/02_sgd_convergence.ipynb): write the estimators, measure a rate, and find
# data on which SGD has no floor.
#
# **Read on.** Robbins & Monro (1951) · Nemirovski & Yudin (1983) · Dekel et al., *mini-batches* (JMLR 2012) · Johnson &
# Zhang, *SVRG* (NIPS 2013) · Drori & Teboulle (2014) · Defazio, Bach & Lacoste-Julien, *SAGA* (NIPS 2014) · Bottou,
# Curtis & Nocedal, *Optimization methods for large-scale machine learning* (SIAM Review 2018) · Gower et al. (ICML 2019) ·
# Allen-Zhu & Yuan, *SVRG++* (ICML 2016).
# The code of this lecture: `lsml_core/optimization/stochastic.py`, then `bounds.py` and `worst_case.py`.
