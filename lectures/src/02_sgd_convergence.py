# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 02 · Convergence of SGD
#
# **60 minutes.** After this lecture you will be able to
#
# 1. show that a mini-batch gradient is unbiased, and derive how its noise depends on the batch and on the way of drawing;
# 2. read a rate like $O(1/\sqrt{bk})$ as a statement about the worst function of a class, which a faster run on one function
#    neither proves nor refutes;
# 3. say whether a larger batch is better after equally many steps, and after equally many gradients;
# 4. predict the floor of SGD with a constant step size, and name three ways to get below it;
# 5. explain how SVRG and SAGA remove the noise, and at what price.
#
# Throughout, $f(w)=\frac1n\sum_{i=1}^n f_i(w)$ is a mean over $n$ examples, $f^*$ is its smallest value, $w^*$ is where it
# is reached, and $f(w)-f^*$ is called the **gap**. A **gradient** as a unit of cost is one $\nabla f_i$. The slides write $x$
# for $w$ and $t_k$ for the step size $\eta$.
# The exercises are in [Exercises 02](../exercises/02_sgd_convergence.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Write $f$, $f^*$, $w^*$, *gap* and *gradient as a unit of cost* on the board and leave them
# there. Say the sentence that students remember least: a rate is a statement about the worst function of a
# class.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 An unbiased gradient, and its noise
#
# Step $k$ draws $b$ examples at random, the mini-batch $I_k$ (with replacement an example may come twice):
# $$w \leftarrow w-\eta\,g,\qquad g=\frac1b\sum_{i\in I_k}\nabla f_i(w),\qquad \mathbb E\,g=\nabla f(w).$$
# If every draw is equally likely to be any of the $n$ examples, $g$ is **unbiased**. Its noise is
# $$\mathbb E\lVert g-\nabla f\rVert^2=\frac{\sigma^2(w)}{b}\ \text{ with replacement},\qquad
# \frac{n-b}{n-1}\cdot\frac{\sigma^2(w)}{b}\ \text{ without},\qquad
# \sigma^2(w)=\frac1n\sum_i\lVert\nabla f_i(w)-\nabla f(w)\rVert^2.$$
# So a mini-batch divides the variance by $b$, but is also $b$ times as expensive. In general, a smaller variance gives
# faster convergence per step.
#
# **Predict.** Many mini-batch gradients at the same $w$ form a cloud of points. You want it half as wide. How many times as
# many examples does a step need? Where does the centre of the cloud move?
#
# <details><summary>Answer</summary>
# Four times as many: the width is the square root of σ²/b. The centre stays at ∇f, for every b.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** A usual wrong answer is "twice as many examples": the variance falls like $1/b$, the width
# only like $1/\sqrt b$.
#
# Start at b = 4 and move to 16: the noise falls from 0.23 to 0.064 of that of one example, so the cloud is
# about half as wide. At b = 256 without replacement no noise is left, which is the goal; with replacement
# some remains. Choose *large gradients more often* at b = 64: the mean is 90 standard errors off, and at
# b = 256 it is 178. The distance itself has not grown: the standard error is half as large, because a
# larger batch removes noise and not bias.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.optimization import convergence, stochastic, variance_reduction

stochastic.gradient_noise.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# <details><summary>By hand: unbiasedness, σ²/b, and (n − b)/(n − 1)</summary>
#
# 1. Each single draw is uniform, so $\mathbb E\,\nabla f_i=\sum_i\frac1n\nabla f_i=\nabla f$. A mean of $b$ such draws has the same
#    mean *(linearity: the draws need not be independent)*.
# 2. Let $c_i=\nabla f_i-\nabla f$. Then $\sum_ic_i=0$, the mean of $\lVert c_i\rVert^2$ is $\sigma^2$, and
#    $\mathbb E\lVert g-\nabla f\rVert^2=\frac1{b^2}\sum_{s,t}\mathbb E\langle c_{i_s},c_{i_t}\rangle$ over pairs of draws.
# 3. The $b$ pairs with $s=t$ give $\frac1{b^2}\,b\,\sigma^2=\frac{\sigma^2}b$.
# 4. *With replacement*, two draws are independent, so $\mathbb E\langle c_{i_s},c_{i_t}\rangle=
#    \langle\mathbb E\,c,\mathbb E\,c\rangle=0$ for $s\ne t$. The noise is $\sigma^2/b$.
# 5. *Without replacement*, $(i_s,i_t)$ is a uniform pair of different examples:
#    $\mathbb E\langle c_{i_s},c_{i_t}\rangle=\frac{1}{n(n-1)}\big(\lVert\sum_ic_i\rVert^2-\sum_i\lVert c_i\rVert^2\big)
#    =-\frac{\sigma^2}{n-1}$.
# 6. There are $b(b-1)$ such pairs: $\frac{\sigma^2}b-\frac{b(b-1)}{b^2}\cdot\frac{\sigma^2}{n-1}
#    =\frac{n-b}{n-1}\cdot\frac{\sigma^2}b$. ∎
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Prove steps 1 to 4 on the board, and ask in which step independence is used (4) and in which
# it is not (1). A usual mistake is to use independence already for the mean. Steps 5 and 6 can be left for
# home: say only that two different draws are negatively correlated, so the factor is below 1.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: coat or pullover?** Logistic regression on 1,000 images of Fashion-MNIST, at $w=0$. σ² is computed from all
# examples. The noise of the batches is estimated from 1,000 draws, so it is known to a few percent.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Ask whether one example's gradient is mostly signal or mostly noise before the first line
# appears. Then compare the two numbers of the second line: half of the data without replacement have half the
# noise.
#
# Skip the slide when time is short.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np

from lsml_core.optimization.sampling import without_replacement
from lsml_core.optimization.stochastic import gradient_table, gradient_variance, sample_gradients

f, setting = convergence.garments(), {"draws": 1000, "rng": np.random.default_rng(0)}
each, full = gradient_table(f, np.zeros(f.d))
drawn = sample_gradients(f, np.zeros(f.d), 500, **setting)
subset = sample_gradients(f, np.zeros(f.d), 500, sampling=without_replacement, **setting)
sigma2, *noise = (gradient_variance(g, full) for g in (each, drawn, subset))
print(f"one example: σ² = {sigma2:.3f}, which is {sigma2 / (full @ full):.0f} times ‖∇f‖²")
print("500 of 1,000, with and without replacement:", *(f"{500 * v / sigma2:.2f} σ²/b" for v in noise))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - The gradient of one example is mostly noise.
# - Half of the data, drawn without replacement, have half the noise of as many draws with replacement.
# - For small batches the way of drawing hardly matters: with 10 of 1,000 examples the factor is 0.99.
#
# **Break it.** Draw examples with large gradients more often, and change nothing else: the cloud shrinks around a wrong
# centre, and no batch size repairs this. Dividing each gradient by $n$ times its probability would; the last question of
# the exercises is about this estimate.
#
# **Exercises:** [1 · An unbiased gradient, 2 · How noisy is it?, and the last question, a
# proof](../exercises/02_sgd_convergence.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Full gradient descent: O(1/k)
#
# Full gradient descent uses all $n$ examples in every step. For convex $f$ with a Lipschitz gradient (curvature at most
# $L$), a start at distance $R$ from $w^*$, and $\eta=1/L$,
# $$f(w_k)-f^*\;\le\;\frac{LR^2}{4k+2}=O(1/k).$$
#
# The demo draws the bound as a bar that falls while $k$ grows. The ball is gradient descent after $k$ steps on two
# functions: Huber's function, a parabola in the middle and straight outside, and the parabola $\frac12w^2$.
#
# **Predict.** The bound cannot be improved: for every $k$ there is a function on which the ball just touches the bar. Can
# one and the same function touch the bar for *all* $k$?
#
# <details><summary>Answer</summary>
# No. Huber's function for k steps is so flat that k steps go only half of the way. With more steps the run comes to the
# parabola in the middle, and the ball is then below the bar. Each k has its own worst function. (This holds for every
# function: by step 4 below, the gaps of one run add up to at most LR²/2, but the heights of the bar add up to infinity.)
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** The usual wrong answer is yes: students read a tight bound as one function that is bad at
# every k.
#
# Start at k = 20, where Huber's function touches the bar. Move to k = 5 and to k = 40: it is below the bar in
# both. *Break it* has η = 2.1/L, where the run on the parabola diverges.

# %% {"slideshow": {"slide_type": "fragment"}}
stochastic.worst_case.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# <details><summary>By hand: O(1/k), up to a factor of two</summary>
#
# 1. With $\eta=1/L$, $f(w^+)\le f(w)-\frac1{2L}\lVert\nabla f(w)\rVert^2$ *(Lipschitz gradient)*: no step increases $f$.
# 2. $f(w)\le f^*+\langle\nabla f(w),w-w^*\rangle$ *(convexity)*.
# 3. Add both: $f(w^+)-f^*\le\langle\nabla f,w-w^*\rangle-\frac1{2L}\lVert\nabla f\rVert^2
#    =\frac L2\big(\lVert w-w^*\rVert^2-\lVert w^+-w^*\rVert^2\big)$, because $w^+=w-\frac1L\nabla f$.
# 4. Sum over $k$ steps; the right-hand side telescopes: $\sum_{j=1}^k\big(f(w_j)-f^*\big)\le\frac L2R^2$. The last gap is the
#    smallest by step 1, so $f(w_k)-f^*\le\frac{LR^2}{2k}$. ∎ (Drori & Teboulle replace $2k$ by $4k+2$.)
#
# *Huber's function reaches the bound.* Its slope outside is $\frac{LR}{2k+1}$, so $k$ steps of $1/L$ move $w$ from $R$ to
# $\frac{k+1}{2k+1}R$, still on the straight part. The gap there is
# $\frac{LR}{2k+1}\Big(\frac{(k+1)R}{2k+1}-\frac{R}{2(2k+1)}\Big)=\frac{LR^2}{2(2k+1)}=\frac{LR^2}{4k+2}$.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Write steps 1 to 3 on the board, and let the room add them. Ask where convexity is used (step
# 2) and where the Lipschitz gradient is (step 1). The telescoping sum of step 4 is the trick that comes back
# in section 3. The part on Huber's function can be left out.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the images again.** A batch of all $n$ examples, drawn without replacement, is full gradient descent.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** The gap falls much faster than the bound. Ask whether this contradicts the theorem. It does
# not: the bound holds for all convex functions, and this loss is, in addition, curved in every direction.
#
# Skip the slide when time is short.

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
# **What to notice**
#
# - The gap is below the bound at all three times.
# - It falls much faster than the bound, by roughly the same factor in every step. A ridge term makes this loss curved in
#   every direction ($\mu\ge0.01$), and section 5 has the theorem for such losses.
#
# **Break it.** At $\eta>2/L$ the ball on the parabola leaves the picture. Steps that are too short are not
# covered by the theorem either: with the preset *Too short* the ball on Huber's function is above the bar.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 SGD: O(1/√k)
#
# SGD with one example per step needs a further condition. Let $f$ be convex with a Lipschitz gradient, and let the noise be
# bounded, $\sigma^2(w)\le\sigma^2$ at every $w$ that the run visits. With the constant step size
# $$\eta=\frac{1}{L+\sigma\sqrt k/R},\qquad\text{for the mean } \bar w \text{ of the iterates,}\qquad
# \mathbb E f(\bar w)-f^*\;\le\;\frac{R\,\sigma}{\sqrt k}+\frac{LR^2}{2k}=O(1/\sqrt k).$$
# The slide's *diminishing* step sizes $\eta_k\sim1/\sqrt k$ do not need to know $k$ in advance. On a bounded domain their rate
# is the same (see *By hand*).
#
# | | rate for convex f | gradients per step |
# |---|---|---|
# | full gradient | $O(1/k)$: faster | $n$: slower in time |
# | stochastic gradient | $O(1/\sqrt k)$: slower | 1: faster in time |
#
# **Predict.** You run SGD on the parabola $\frac12w^2$ and find that the gap falls like $1/k$. Is the theorem wrong, too weak,
# or neither?
#
# <details><summary>Answer</summary>
# Neither. The theorem holds for every convex function with these constants, so it describes the worst of them. To see its
# rate in runs, take the worst function at every k.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask for hands for "wrong", "too weak" and "neither". Many choose "too weak". The theorem is
# about every function of the class, and one faster run says nothing about the worst. At slope 1 the mean gap
# is 61 to 63 % of the bound at k = 50, 400 and 1600, and no slope is above the bound. *Break it* has a tenth
# of the step size and a mean gap of about five times the bound.

# %% {"slideshow": {"slide_type": "fragment"}}
stochastic.envelope.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# The functions are the lines $f(w)=-\theta w$ on $[-1,1]$, with the minimum at $w^*=1$. SGD starts at 0, so $R=1$. A step that
# would leave the interval is projected onto its end. The slopes of the examples have variance 1, and $L=0$, so the bound for
# batches of $b$ is $1/\sqrt{bk}$.
#
# **What to notice**
#
# - On a steep line the runs are soon at the right end, and the gap is small.
# - On a flat line the runs end anywhere in the interval, but the gap is small at all of these points.
# - In between, at $\theta$ of about $2/\sqrt{bk}$ to $5/\sqrt{bk}$, the gap is largest, at 78 to 97 % of the bound.
# - The worst $\theta$ is smaller for larger $k$. The largest gap over all lines falls like the bound, with the slope
#   $-\frac12$ in the picture.
#
# **Break it.** With a tenth of the step size of the theorem the worst line is at five times the bound. With three times this
# step size it is at about 1 to 1.5 times the bound.
#
# **Exercise:** [5 · Measure a rate](../exercises/02_sgd_convergence.ipynb).
#
# <details><summary>By hand: the bound for SGD and mini-batches</summary>
#
# 1. $f(w^+)\le f(w)+\langle\nabla f,w^+-w\rangle+\frac L2\lVert w^+-w\rVert^2$ *(Lipschitz gradient)* and
#    $f(w)\le f^*+\langle\nabla f,w-w^*\rangle$ *(convexity)* give
#    $f(w^+)-f^*\le\langle\nabla f,w^+-w^*\rangle+\frac L2\lVert w^+-w\rVert^2$.
# 2. Let $\nabla f=g-\xi$ and $w^+=w-\eta g$. Then $\langle g,w^+-w^*\rangle=\frac1{2\eta}\big(\lVert w-w^*\rVert^2-
#    \lVert w^+-w^*\rVert^2-\lVert w^+-w\rVert^2\big)$. (With a projection onto a convex set, as for the lines, $=$ becomes $\le$.)
# 3. $-\mathbb E\langle\xi,w^+-w^*\rangle=-\mathbb E\langle\xi,w^+-w\rangle$ *(unbiased)*
#    $\le\frac c2\,\mathbb E\lVert\xi\rVert^2+\frac1{2c}\mathbb E\lVert w^+-w\rVert^2$ for any $c>0$.
# 4. Choose $\frac1c=\frac1\eta-L$ *($\eta<1/L$)*: all terms with $\lVert w^+-w\rVert^2$ cancel, and with
#    $\mathbb E\lVert\xi\rVert^2\le\sigma^2/b$ *(bounded noise)*
#    $\mathbb E f(w^+)-f^*\le\frac1{2\eta}\mathbb E\big(\lVert w-w^*\rVert^2-\lVert w^+-w^*\rVert^2\big)+\frac{c\,\sigma^2}{2b}$.
# 5. Average over $k$ steps; the brackets telescope, and $f(\bar w)$ is at most the average *(convexity)*:
#    $\mathbb E f(\bar w)-f^*\le\frac{R^2}{2\eta k}+\frac{c\,\sigma^2}{2b}
#    =\frac{LR^2}{2k}+\frac{R^2}{2ck}+\frac{c\,\sigma^2}{2b}$.
# 6. The best $c$ is $\frac{R\sqrt b}{\sigma\sqrt k}$, and gives $\frac{LR^2}{2k}+\frac{R\sigma}{\sqrt{bk}}$ with
#    $\eta=\frac1{L+1/c}$. ∎
# </details>
#
# <details><summary>By hand: step sizes that diminish like 1/√k</summary>
#
# 1. Let $\lVert w-w^*\rVert\le D$ at all points of the domain *(bounded domain; the steps are projected onto it)*. Give step $j$ its
#    own $\eta_j=\frac1{L+1/c_j}$ with $c_j=\frac{D\sqrt b}{\sigma\sqrt j}$. With $a_j=\mathbb E\lVert w_j-w^*\rVert^2$, steps 1 to 4
#    above give $\mathbb Ef(w_j)-f^*\le\frac{a_{j-1}-a_j}{2\eta_j}+\frac{c_j\sigma^2}{2b}$.
# 2. Sum over $j\le k$. Each $a_j$ is at most $D^2$, and $\frac1{\eta_j}$ grows with $j$, so
#    $\sum_j\frac{a_{j-1}-a_j}{2\eta_j}\le\frac{a_0}{2\eta_1}+\sum_{j<k}a_j\big(\frac1{2\eta_{j+1}}-\frac1{2\eta_j}\big)\le\frac{D^2}{2\eta_k}$.
# 3. $\sum_{j\le k}\frac1{\sqrt j}\le2\sqrt k$, so $\sum_j\frac{c_j\sigma^2}{2b}\le\frac{D\sigma\sqrt k}{\sqrt b}$.
# 4. Divide by $k$ *(convexity, for $\bar w$)*: $\mathbb Ef(\bar w)-f^*\le\frac{LD^2}{2k}+\frac{3D\sigma}{2\sqrt{bk}}$. ∎
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** On the board: steps 1, 4 and 5 only. Step 3 is where the noise enters, and the choice of $c$
# balances it with the first term. Ask why the average of the iterates appears (step 5, convexity). The second
# proof, for step sizes that diminish, is for home.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: SGD on the images.** First with the constant step size of the theorem, and $\bar w$; then with
# $\eta_k=R/\sqrt k$, and the mean of the last half of the iterates. Both are means of 10 runs. ($\sigma=1$ is safe, because
# every example has length 1.)

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Both slopes are printed. Ask why the shrinking steps do better than the theorem promises
# here: this loss is curved in every direction.
#
# Skip the slide when time is short.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.optimization.bounds import log_slope, mini_batch_bound, mini_batch_step
from lsml_core.optimization.schedules import InverseRoot

rng, facts, times = np.random.default_rng(0), {"b": 1, "L": f.L, "R": R, "sigma": 1}, np.array([100, 400, 1600])
runs = [sgd(f, np.zeros((10, f.d)), eta=mini_batch_step(k, **facts), steps=k, rng=rng) for k in times]
constant = np.array([f.value(run.w[1:].mean(0)) - best for run in runs]).mean(1)
run = sgd(f, np.zeros((10, f.d)), eta=InverseRoot(R), steps=1600, rng=rng)
shrinking = np.array([f.value(run.w[k // 2 : k + 1].mean(0)) - best for k in times]).mean(1)
print("gap after", times, "steps")
print("constant  ", constant.round(4), f"slope {log_slope(times, constant):.2f}")
print("shrinking ", shrinking.round(4), f"slope {log_slope(times, shrinking):.2f}")
print("bound     ", mini_batch_bound(times, **facts).round(3))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - The bound holds. It is five to six times the gap of the constant step size, and both have a slope of about $-\frac12$.
# - The shrinking steps do better here, with a slope near $-1$. A single function may be faster than its class: this loss is
#   curved in every direction, which the theorem does not assume.
# - A part of the difference comes from the average. If $\bar w$ leaves out the first half of the iterates, the constant step
#   size has a slope of about $-0.8$.
# - With two other seeds the slopes change by less than 0.1.

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The algorithm in code.** All runs of this page are this loop, or the same loop compiled, which a test compares with it.

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.optimization.gradient_estimates import mini_batch_gradient
from lsml_core.optimization.stochastic import sgd

show_source(mini_batch_gradient)
show_source(sgd)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Mini-batches: better per step, or per gradient?
#
# With mini-batches of $b$ and the constant step size $\eta=1/\big(L+\sigma\sqrt k/(R\sqrt b)\big)$, the proof of section 3 gives
# $$\mathbb E f(\bar w)-f^*\le\frac{R\,\sigma}{\sqrt{bk}}+\frac{LR^2}{2k}=O\Big(\frac1{\sqrt{bk}}+\frac1k\Big).$$
# A larger batch reduces the first term only, and each step is $b$ times as expensive. After $N=bk$ gradients the bound is
# $O(1/\sqrt N+b/N)$. While $b$ is small, up to about $\sqrt N$, this is the same rate per gradient (the slide: in terms of
# flops) for every $b$. Diminishing steps have this rate, too, on a bounded domain (section 3, *By hand*).
#
# **Predict.** Take $b=64$ instead of $b=1$, with the same step sizes $\eta=4/\sqrt k$. Is its gap smaller or larger after
# equally many *steps*? And after equally many *gradients*? Give a reason for each.
#
# <details><summary>Answer</summary>
# Smaller after equally many steps: each step has less noise. Larger after equally many gradients: it makes 64 times fewer
# steps, and these are not enough to come close, although each of them is accurate.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask both halves of the question, and require a reason for each. A usual wrong answer is
# "smaller in both cases, because the gradient is better".
#
# Start at b = 64 with the axis *steps*: it is 11 times closer than b = 1. Press *Break it*: the axis counts
# gradients now, and b = 256 is 11 times farther than b = 1. Choose *constant 4* and b = 1: the gap stays
# near 0.23, which prepares section 5.

# %% {"slideshow": {"slide_type": "fragment"}}
convergence.mini_batches.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# The runs of the demo are means of 10 on the images, from seed 0. With two other seeds the gaps of b = 1 at η = 4/√k moved by
# up to 30 %, and those of the larger batches by up to 15 %.
#
# **For real: every batch size with an η of its own.** All runs of the next cell use 8,000 gradients and a constant η.
#
# **Predict.** For b = 16 the best constant step size is about η = 0.5. A run with b = 64 makes four times fewer steps. Should
# its steps be shorter, equally long or longer? Can its gap be as small as that of b = 16? And can this go on for ever
# larger batches?
#
# <details><summary>Answer</summary>
#
# Four times longer, η = 2: then fewer steps still cover the same distance. The gap can be as small, because the noise is the
# same, too. One step adds $\eta^2\sigma^2/b$ to the variance of $w$. With 4η and 4b this is four times as much, and there are
# four times fewer steps. It ends at $\eta=2/L$, which is 23 here: longer steps overshoot even without noise. (Lecture 03 calls
# this *linear scaling*.)
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** The usual wrong answer is that four times fewer steps must cost accuracy. With 4η they cover
# the same distance, and one step adds four times the variance, four times less often. Read along the diagonal
# of the table. At η = 32, above $2/L$ = 23, no batch comes close.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
eta, gradients = np.array([0.5, 2, 8, 32]), 8000
setting = {"eta": eta[:, None, None], "rng": np.random.default_rng(0)}
ends = {
    b: sgd(f, np.zeros((10, f.d)), steps=gradients // b, batch=b, every=gradients // b, **setting).w[-1]
    for b in (16, 64, 256, 1000)
}
print(f"gap with η =         {eta[0]:8g}" + "".join(f"{each:9g}" for each in eta[1:]))
print("\n".join(f"b = {b:4d}, {gradients // b:3d} steps  " + "".join(f"{gap:9.4f}" for gap in f.value(w).mean(-1) - best)
                for b, w in ends.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - After 256 steps the gap of b = 64 is 11 times smaller than that of b = 1. The bound falls by at most √64 = 8, but it is for
#   the averaged iterate and a constant step size. These runs show the last iterate, with η = 4/√k.
# - After 8,192 gradients the gap of b = 64 is about three times larger than that of b = 1.
# - When full gradient descent has made its first step, SGD has made 1,000, and its gap is seven times smaller.
# - Full gradient descent is ahead after about ten passes over the data. SGD is better at the beginning, and on large data
#   there is often no time for more passes.
# - With η in proportion to b, from η = 0.5 at b = 16 to η = 8 at b = 256, the gap after equally many gradients is nearly the
#   same, within a factor of two. This holds after 4,000, 8,000 and 16,000 gradients and for seeds 0 to 2.
# - At η = 32, above 2/L, no batch size comes close. So b = 1,000 cannot use the η that linear scaling asks for.
#
# **Break it.** Count gradients and take b = 256: its gap is eleven times that of b = 1. A larger batch needs longer steps to
# make up for this: at a constant η = 4 its gap is 0.002. With this step size b = 1 stays at a high floor, which is the topic
# of section 5.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 A constant step size: a linear rate, then a floor
#
# Let every $f_i$ be convex, and let $f$ be curved in every direction, with curvatures from $\mu>0$ to $L=\kappa\mu$. Full
# gradient descent with $\eta=2/(\mu+L)$ then has a **linear** rate: the distance shrinks by a constant factor per step. SGD
# with a constant $\eta\le1/(2L_{\max})$ starts like this, with a factor of its own, and then stays at a floor:
# $$\lVert w_k-w^*\rVert\le\Big(\frac{\kappa-1}{\kappa+1}\Big)^{k}R,\qquad
# \mathbb E\lVert w_k-w^*\rVert^2\le(1-\eta\mu)^kR^2+\frac{2\,\eta\,\sigma_*^2}{b\,\mu}.$$
# $L_{\max}$ is the largest curvature of a single $f_i$, and $\sigma_*^2=\sigma^2(w^*)$ is the noise at the minimum. The bound
# for SGD is from Gower et al. (ICML 2019), for draws with replacement.
#
# **Predict.** You halve $\eta$. What happens to the floor, and to the time it takes to get there?
#
# <details><summary>Answer</summary>
# The floor is half as high, because it is proportional to η. It takes about twice as many steps to come down to it, because
# the factor 1 − ημ is twice as close to 1.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** A usual wrong answer is that the floor falls to a quarter, because a step adds noise of
# variance $\eta^2\sigma^2/b$. But with half the η the old noise also decays half as fast, so half of the
# floor remains.
#
# Start at η = 0.464 and b = 1, where the run ends at 0.11. Move η to 0.215: 0.045. Move it further to 0.0464:
# 0.45, because the run has not come down to its floor after 1600 steps. Then back to 0.464, with b = 16:
# 0.008, and the goal is reached.

# %% {"slideshow": {"slide_type": "fragment"}}
convergence.noise_floor.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the floor on the images.** Four constant step sizes, 10 runs each; the mean gap over the last 1,000 of 4,000
# steps.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Compare neighbours in a line of the table: half the step size, about half the floor.
#
# On the board: the fixed point of step 3 of the proof, $\eta\sigma_*^2/(b\,h\,(2-\eta h))$. Ask what b does
# in it.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
eta = np.array([4, 2, 1, 0.5])
rng = np.random.default_rng(0)
run = sgd(f, np.zeros((10, f.d)), eta=eta[:, None, None], steps=4000, every=50, rng=rng)
gap = f.value(run.w) - best
print("η                      ", eta)
print("floor, steps 3001–4000 ", gap[-20:].mean((0, 2)).round(3))
print("floor, steps 2001–3000 ", gap[-40:-20].mean((0, 2)).round(3))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - Half the step size has about half the floor, a little less at the longest one. Both stopping times agree up to chance.
#   With two other seeds the floors move by up to 15 %.
# - The theorem is about $\lVert w-w^*\rVert^2$ and covers η ≤ 1/(2L_max) = 1.92. The floor of the gap shows at larger η too.
# - Three ways lead lower: a smaller η, a larger batch, or an η that shrinks.
# - Steps that shrink like $1/k$ can still cover any distance, because $\sum\eta_k=\infty$, and their noise averages out,
#   because $\sum\eta_k^2<\infty$.
#
# **Break it.** At η = 10/L_max and b = 1 the run with a constant step size diverges. The run with shrinking steps leaves the
# picture too, but it comes back.
#
# **Exercises:** [3 · A step size that shrinks, 6 · SGD without a floor, and 7 · In your own
# words](../exercises/02_sgd_convergence.ipynb).
#
# <details><summary>By hand: the floor on a parabola</summary>
#
# 1. On $\frac h2w^2$ with additive noise *(the same at every w)*: $w^+=(1-\eta h)\,w-\eta\xi$, where
#    $\mathbb E\,\xi=0$ *(unbiased)* and $\mathbb E\,\xi^2=\sigma_*^2/b$.
# 2. Square, and take the mean; the mixed term is 0: $\mathbb E(w^+)^2=(1-\eta h)^2\,\mathbb E\,w^2+\eta^2\sigma_*^2/b$.
# 3. The first term shrinks at a linear rate if $\eta<2/h$. The fixed point is the floor:
#    $\mathbb E\,w^2=\frac{\eta\,\sigma_*^2}{b\,h\,(2-\eta h)}$, for small $\eta$ proportional to $\eta$ and to $1/b$.
# 4. It is at most the theorem's $\frac{2\eta\sigma_*^2}{bh}$ while $\eta h\le\frac32$. ∎
#
# The general case, with noise that depends on $w$, is in Gower et al. (ICML 2019).
# </details>

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 SVRG and SAGA reduce the variance
#
# Both methods keep old gradients and use them to correct a new one:
# $$g_{\text{SVRG}}=\nabla f_i(w)-\nabla f_i(\tilde w)+\nabla f(\tilde w),\qquad
# g_{\text{SAGA}}=\nabla f_i(w)-v_i+\frac1n\sum_j v_j.$$
# SVRG computes the full gradient at a snapshot $\tilde w$ and takes a new snapshot every $m$ steps. SAGA stores in $v_i$ the
# gradient of example $i$ from the last time it was drawn. Both estimates are unbiased. If every $f_i$ is convex and $\mu>0$,
# both methods converge to $w^*$ at a linear rate (in expectation) with a constant $\eta$ that is small enough. For SVRG this
# is any $\eta<1/(4L_{\max})$, with a large enough $m$. (In the theorem of Johnson & Zhang the next snapshot is a random one of
# the last $m$ points. Our code takes the last one.) For SAGA it is for example $1/(3L_{\max})$. (Defazio et al. assume here
# that every single $f_i$ has curvatures of at least $\mu$; a ridge term in each $f_i$ gives it.)
#
# **Predict.** At $w=w^*$, is the noise of SGD's estimate zero? Is that of SVRG's, with $\tilde w=w^*$?
#
# <details><summary>Answer</summary>
# SGD's is not: at w* the gradients of the examples add up to zero, but most of them are not zero. SVRG's is: it subtracts
# each of these gradients from itself, and ∇f(w*) = 0 is left.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** A usual wrong answer is that SGD's noise is zero at $w^*$, because the gradient is. The
# gradients of the examples add up to zero there; most of them are not zero.
#
# At the start (m = 100) SVRG ends at $10^{-7}$ and SAGA at $10^{-11}$. Move m to 25: SVRG ends at $10^{-18}$,
# which is the goal. Press *One w fits all*: SGD has no floor either. *Break it* has a step of 5.62/(3L_max),
# and both methods diverge.

# %% {"slideshow": {"slide_type": "fragment"}}
variance_reduction.svrg_and_saga.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# <details><summary>By hand: both estimates are unbiased, and their noise vanishes at the minimum</summary>
#
# 1. $i$ is uniform, so $\mathbb E\,\nabla f_i(w)=\nabla f(w)$ and $\mathbb E\,\nabla f_i(\tilde w)=\nabla f(\tilde w)$. Hence
#    $\mathbb E\,g_{\text{SVRG}}=\nabla f(w)-\nabla f(\tilde w)+\nabla f(\tilde w)=\nabla f(w)$.
# 2. In the same way $\mathbb E\,v_i=\frac1n\sum_jv_j$, so $\mathbb E\,g_{\text{SAGA}}=\nabla f(w)$.
# 3. The noise of SVRG is the variance of $\nabla f_i(w)-\nabla f_i(\tilde w)$ over $i$, which is at most
#    $\frac1n\sum_i\lVert\nabla f_i(w)-\nabla f_i(\tilde w)\rVert^2\le L_{\max}^2\lVert w-\tilde w\rVert^2$
#    *(each $\nabla f_i$ is Lipschitz)*. It vanishes as $w$ and $\tilde w$ come to $w^*$. For SAGA, put the point at which $v_i$
#    was computed in place of $\tilde w$; it depends on $i$. ∎
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Write step 1 on the board: add the mean of what you subtract. Then say in words why the noise
# vanishes: every example's gradient is compared with itself at a point nearby. Step 3 can be left for home.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# In the demo a line is the mean of five runs. A single loss of the demo is flat in four of five directions, so the theorem
# does not cover them. SAGA's bound holds in these runs all the same. **For real: fifteen passes over the images**, one run each,
# all with $\eta=1/(3L_{\max})$, which is longer than SVRG's theorem allows. SVRG needs $n$ gradients for a snapshot and two per step;
# SAGA needs $n$ once and one per step.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Compare the gaps: SGD stays at about 0.05, both others are below $10^{-5}$ with as many
# gradients. Name the price of each: memory for SAGA, full gradients for SVRG.

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
# **What to notice**
#
# - SGD stays at a gap of about 0.05.
# - With equally many gradients SVRG comes to between 10⁻⁶ and 10⁻⁸, and SAGA to about 10⁻⁸ (seeds 0 to 3).
# - SAGA's price is memory: $n$ gradients, or $n$ numbers for a linear model. SVRG's price is the full gradients.
# - These guarantees are for convex losses. For deep networks see Defazio & Bottou, *On the ineffectiveness of variance reduced
#   optimization for deep learning* (NeurIPS 2019). (The numbers of this paper are not available here.)
#
# **Break it.** At η = 1.9/L_max SVRG and SAGA diverge, and SGD does not: the old gradients come from points that are too far
# away, so that they add noise instead of removing it.
#
# **Exercise:** [4 · A step of SVRG](../exercises/02_sgd_convergence.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | method | gradients per step | gap after k steps, convex | with μ > 0 |
# |---|---|---|---|
# | full gradient descent | n | O(1/k) | linear; the distance to w* falls like ((κ−1)/(κ+1))ᵏ |
# | SGD | 1 | O(1/√k) | constant η: linear down to a floor; η = c/k with c large enough: O(1/k) |
# | mini-batch | b | O(1/√(bk) + 1/k) | the floor is b times lower |
# | SVRG | 2, and n at a snapshot | O(1/k) for a variant with growing epochs (SVRG++) | linear |
# | SAGA | 1, and a table of n | O(1/k), averaged iterate | linear |
#
# All rates are upper bounds under the conditions of the sections above, and describe the worst function of a class. Every
# comparison must say its unit: steps or gradients.
#
# **Now you.** [Exercises 02](../exercises/02_sgd_convergence.ipynb): write the estimators, measure a rate, find data on which
# SGD has no floor, and show which sampling probabilities give the least noise.
#
# **Read on.** Robbins & Monro (1951) · Nemirovski & Yudin (1983) · Dekel et al., *mini-batches* (JMLR 2012) · Johnson &
# Zhang, *SVRG* (NIPS 2013) · Drori & Teboulle (2014) · Defazio, Bach & Lacoste-Julien, *SAGA* (NIPS 2014) · Bottou,
# Curtis & Nocedal, *Optimization methods for large-scale machine learning* (SIAM Review 2018) · Gower et al. (ICML 2019) ·
# Allen-Zhu & Yuan, *SVRG++* (ICML 2016).
# The code of this lecture: `lsml_core/optimization/stochastic.py`, then `bounds.py` and `worst_case.py`.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Let the room name the unit of each column before you read it. Every comparison in the
# exercises must say steps or gradients.
