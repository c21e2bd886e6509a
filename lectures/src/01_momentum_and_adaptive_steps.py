# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 01 · Momentum and adaptive steps
#
# **60 minutes.** After this lecture you will be able to
#
# 1. explain why the largest curvature limits the step size, and why the flattest direction is slow because of it;
# 2. derive the stability map of momentum, place any (η, β) on it, and find the best pair;
# 3. say at which point Nesterov's rule evaluates the gradient, and when this slows down an oscillation;
# 4. predict how Adagrad, RMSProp and Adam change their steps after large, rare or early gradients, and explain what
#    their $\sqrt r$ has to do with the Hessian;
# 5. compare optimizers fairly: the same cost on the axis, several step sizes, several seeds, several stopping times.
#
# The exercises are in [Exercises 01](../exercises/01_momentum_and_adaptive_steps.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Read objectives 1 and 2 aloud and leave the others to be read. Write on the board what
# sections 1 to 3 need: curvature $h$, largest $L$, smallest $\mu$, $\kappa=L/\mu$, and the factor
# $1-\eta h$ per step.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Oscillation
#
# Gradient descent $W \leftarrow W - \eta\,\nabla Err(W)$ lowers the loss $Err$ with step size $\eta$. Take a quadratic
# with curvatures $h_i>0$, the eigenvalues of its Hessian. Along the eigenvector $i$, every step multiplies the error (the
# distance from the minimum, with its sign) by $1-\eta h_i$. The largest curvature is called $L$, the smallest $\mu$, and
# $\kappa = L/\mu$ is the condition number. Gradient descent converges from every start if and only if $\eta < 2/L$.
#
# **Predict.** In the valley below, the curvature across ($w_2$) is 25 times the curvature along ($w_1$). At η = 0.07,
# do successive updates along $w_2$ have the same sign or alternating signs? And along $w_1$?
#
# <details><summary>Answer</summary>
# Along w₂ the factor is 1 − 0.07 · 25 = −0.75: the error changes its sign in every step, and so does the update. Along
# w₁ the factor is 1 − 0.07 = 0.93: the sign stays the same.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Ask for the signs first along $w_2$, then along $w_1$, and collect hands. A usual wrong
# answer is "alternating in both": students think of the step size alone, but the sign of $1-\eta h$ depends
# on $h$.
#
# Start at η = 0.07, where each step multiplies $w_2$ by −0.75. Move η to 0.04: the factor is 0, and $w_2$ is
# solved in one step. At 0.078 the bars still shrink (the goal), at 0.08 they keep their length.
#
# On the board: steps 1 and 2 of the proof. Steps 3 and 4, the best step size, can be left for home.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.optimization import adaptive, curvature, momentum, optimizers

momentum.oscillation.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - The direction of largest curvature sets the limit $\eta<2/L$.
# - The flat direction is slow because of this limit: its factor is $1-\eta\mu$, and $\eta<2/L$ keeps it above $1-2/\kappa$.
# - Ideally every weight would have its own step size, but nobody can choose millions of step sizes by hand.
# - The adaptive solution starts with one common step size. It *shrinks* the step where the weight oscillates and
#   *expands* it where the weight keeps moving in one direction. Momentum and Nesterov's rule do this. Adagrad and RMSProp
#   divide the step of each weight by the size of its past gradients. Adam does both.
#
# **Break it.** Press *Break it*: at η just above 2/L the run diverges along $w_2$, although it still converges along $w_1$.
#
# **Exercise:** [6 · Measure a rate](../exercises/01_momentum_and_adaptive_steps.ipynb).
#
# <details><summary>By hand: the limit 2/L, and the best step size</summary>
#
# 1. On $Err=\frac12\sum_ih_iw_i^2$ *(quadratic)* the rule is $w_i\leftarrow w_i-\eta h_iw_i=(1-\eta h_i)\,w_i$, for each
#    direction on its own.
# 2. It converges if and only if $|1-\eta h_i|<1$ for all $i$, that is $0<\eta h_i<2$ *($h_i>0$)*. The strictest
#    condition is that of $L$: $\eta<2/L$.
# 3. The slowest direction has the factor $\max_i|1-\eta h_i|=\max(1-\eta\mu,\ \eta L-1)$. The first term falls with
#    $\eta$ and the second grows, so the maximum is smallest where they are equal: $\eta=\frac{2}{\mu+L}$.
# 4. Its value there is $\frac{L-\mu}{L+\mu}=\frac{\kappa-1}{\kappa+1}$. ∎
# </details>

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: what are the curvatures of a real loss?** Take a linear model with half the mean squared error as its
# loss. For *centred* inputs (the mean is subtracted) its Hessian is the covariance matrix of the inputs. The inputs here
# are the pixels of Fashion-MNIST. A ridge term adds 0.01 to every curvature. Without it the smallest curvature would be
# below 10⁻⁵, because some pixels at the border hardly vary, and κ would be above 10⁵.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Ask for a guess of κ before the number appears; most students guess far too low. The point is
# that real data give a large κ even with the ridge term of 0.01.
#
# Skip this slide when time is short, but then say κ = 487, which the next section needs.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np

from lsml_core.data import load
from lsml_core.optimization.objectives import Quadratic

pixels = load("fashion", side=14).x.reshape(-1, 196)
curvatures = np.linalg.eigvalsh(np.cov(pixels.T) + 0.01 * np.eye(196))
images = Quadratic(tuple(curvatures))
print(f"curvatures from {images.mu:.3f} to {images.L:.2f}: condition number κ = {images.condition:.0f}")

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Momentum
#
# Momentum smooths the gradients: its update $\Delta W$ is a running average (up to a factor) of all past gradients, in
# which older gradients count less and less:
# $$\Delta W \leftarrow \beta\,\Delta W - \eta\,\nabla Err(W), \qquad W \leftarrow W + \Delta W.$$
# Written out, $\Delta W=-\eta\,(g_t+\beta g_{t-1}+\beta^2g_{t-2}+\dots)$, where $g_t$ is the gradient of step $t$. If the
# gradients are equal, they add up, and the length of a step tends to $\frac{\eta}{1-\beta}\lVert g\rVert$. If only their
# sign alternates, they partly cancel, and it tends to $\frac{\eta}{1+\beta}\lVert g\rVert$.
#
# **Predict.** Does β > 0 allow a larger or a smaller η before the run diverges? Think of what happens to gradients that
# alternate.
#
# <details><summary>Answer</summary>
# A larger one. Across the valley the gradients alternate, and momentum shortens the steps there. The limit moves from
# 2/L to 2(1 + β)/L.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **7 minutes.** A usual wrong answer is that momentum must have the smaller limit, because its steps are
# longer. Across the valley the gradients alternate, and there momentum shortens the steps.
#
# At the start (η = 0.05, β = 0.5) momentum ends about $10^6$ times lower. Move η to 0.091: gradient descent
# diverges, momentum ends at about $10^{-29}$, and the goal is reached. Press *Break it*: η = 0.155 is above
# the limit 0.152 for β = 0.9, and both diverge.

# %% {"slideshow": {"slide_type": "fragment"}}
momentum.momentum.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - In the yellow zone up to the dashed line, the error in every direction shrinks by $\sqrt\beta$ per step, whatever its
#   curvature.
# - The smallest β with which the dots of all curvatures are still in this part of the zone is therefore the fastest.
# - The rate of the best pair depends on $\sqrt\kappa$ where gradient descent has $\kappa$.
# - The rate describes the end of a run. At the start momentum overshoots, and the loss may rise for some steps.
#
# At κ = 25 Polyak's constants are η = 1/9 ≈ 0.111 and β = (4/6)² ≈ 0.444. Set the demo to η = 0.111 and β = 0.45: with β
# rounded down to 0.44, both dots lie just outside the zone.
#
# **Break it.** With β = 0.9, increase η beyond 2(1+β)/L = 0.152: the dot of the steep direction enters the divergent
# zone.
#
# **Exercises:** [1 · Momentum, 8 · In your own words, and the last question, a
# proof](../exercises/01_momentum_and_adaptive_steps.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# <details><summary>By hand: the stability map of momentum</summary>
#
# 1. Along a direction of curvature $h$ *(quadratic)* the gradient is $hw$. With $\Delta W_k=w_k-w_{k-1}$ the rule becomes
#    $w_{k+1}=(1+\beta-\eta h)\,w_k-\beta\,w_{k-1}$.
# 2. $w_k=\rho^k$ solves it if and only if $p(\rho)=\rho^2-(1+\beta-\eta h)\,\rho+\beta=0$. The product of the two roots is
#    $\beta$.
# 3. *Oscillation.* The roots are complex if and only if $|1+\beta-\eta h|<2\sqrt\beta$, that is
#    $(1-\sqrt\beta)^2<\eta h<(1+\sqrt\beta)^2$. They are then conjugate, so $|\rho|^2=\beta$ and $|\rho|=\sqrt\beta<1$.
# 4. *No oscillation* for $\eta h\le(1-\sqrt\beta)^2$ *($\beta>0$)*: the roots are real, and their sum and their product are
#    positive, so both roots are positive.
# 5. *Stability.* Real roots lie in $(-1,1)$ if and only if $p(1)=\eta h>0$ *($h>0$)* and $p(-1)=2(1+\beta)-\eta h>0$,
#    because the minimum of $p$, at $\frac12(1+\beta-\eta h)$, is then in $(-1,1)$ too *($\beta<1$)*. With complex roots both
#    hold anyway, because $p$ has no real zero. So momentum converges if and only if $0<\eta h<2(1+\beta)$. ∎
# </details>
#
# <details><summary>By hand: Polyak's constants</summary>
#
# 1. We ask for the smallest $\beta$ for which all curvatures from $\mu$ to $L$ shrink by $\sqrt\beta$. By step 3 above (the
#    ends included) this means $\sqrt{\eta\mu}\ge1-\sqrt\beta$ and $\sqrt{\eta L}\le1+\sqrt\beta$.
# 2. Divide: $\sqrt\kappa=\sqrt{L/\mu}\le\frac{1+\sqrt\beta}{1-\sqrt\beta}$, hence
#    $\sqrt\beta\ge\frac{\sqrt\kappa-1}{\sqrt\kappa+1}$.
# 3. Equality needs equality in both conditions of step 1. Their sum is $\sqrt\eta\,(\sqrt L+\sqrt\mu)=2$, so
#    $\eta=\frac{4}{(\sqrt L+\sqrt\mu)^2}$ and $\beta=\Big(\frac{\sqrt\kappa-1}{\sqrt\kappa+1}\Big)^2$.
# 4. *No other pair is faster.* Let all roots have modulus at most $\rho<1$. Then $\beta\le\rho^2$ *(product of the roots)*,
#    $p(\rho)\ge0$ at $h=\mu$, that is $\rho\,\eta\mu\ge(1-\rho)(\rho-\beta)$, and $p(-\rho)\ge0$ at $h=L$, that is
#    $\rho\,\eta L\le(1+\rho)(\rho+\beta)$. Divide: $\kappa\le\frac{(1+\rho)(\rho+\beta)}{(1-\rho)(\rho-\beta)}
#    \le\big(\frac{1+\rho}{1-\rho}\big)^2$, so $\rho\ge\frac{\sqrt\kappa-1}{\sqrt\kappa+1}$. ∎
#
# At $h=\mu$ and $h=L$ the two roots coincide. The error is then of the order $k\,\rho^k$, so early steps are slower than
# the rate.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Prove steps 1 to 3 of the stability map on the board, and sketch the map beside them,
# $\eta h$ on one axis and $\beta$ on the other. Polyak's constants are for paper at home: state the result,
# the factor $\frac{\sqrt\kappa-1}{\sqrt\kappa+1}$. Ask where κ becomes $\sqrt\kappa$ (step 2 of the second
# proof).
#
# When time is short, give step 1 and the result of step 5 only.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: both rules on the curvatures of Fashion-MNIST.** Gradient descent gets $\eta = 2/(\mu+L)$. Momentum gets
# Polyak's constants $\beta = \big(\frac{\sqrt\kappa-1}{\sqrt\kappa+1}\big)^2$ and $\eta = \frac{4}{(\sqrt L+\sqrt\mu)^2}$.
#
# **Predict.** κ is 487 here. By which factor should momentum need fewer steps, √κ or κ? Will you see all of this factor
# early in the run?
#
# <details><summary>Answer</summary>
# √κ ≈ 22 in the long run: the rates are about 1 − 2/κ and 1 − 2/√κ. Not early, because momentum overshoots at first, and its
# slowest errors are of the order k·ρᵏ, where ρ is the rate. To 10⁻⁴ of the first loss it needs about 10 times fewer steps,
# to 10⁻⁶ about 12 times, and to 10⁻¹² about 15 times.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Let the room compute $\sqrt{487}\approx22$. The usual wrong answer is that momentum needs 22
# times fewer steps at once. The rate describes the end of a run; the folded answer has the measured factors,
# 10 times fewer steps to $10^{-4}$ and 15 to $10^{-12}$. So a rate is not a speed-up at a given accuracy.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.optimization.rates import gradient_descent_optimum, heavy_ball_optimum
from lsml_core.optimization.steps import GradientDescent, Momentum, trajectory

descent, polyak = (best(images.mu, images.L) for best in (gradient_descent_optimum, heavy_ball_optimum))
start = np.ones(196)
slow = images.value(trajectory(GradientDescent(descent.eta), images, start, 3000))
fast = images.value(trajectory(Momentum(polyak.eta, polyak.beta), images, start, 3000))
print("steps to a millionth of the first loss:")
print(f"gradient descent {(slow > 1e-6 * slow[0]).sum()}, rate {descent.rate:.4f} per step")
print(f"momentum         {(fast > 1e-6 * fast[0]).sum()}, rate {polyak.rate:.4f} per step")

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The rule in code.** `w` is a point of the picture, many points at once, or a torch tensor: the rule uses operators only,
# so the same lines draw the pictures and train the networks of section 8.

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.optimization.steps import Momentum

show_source(Momentum)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 Nesterov's look-ahead
#
# The part βΔW of the next move is known before the gradient is computed. Nesterov's rule evaluates the gradient at the point
# to which this part leads:
# $$W_{extend} = W + \beta\,\Delta W,\qquad
# \Delta W \leftarrow \beta\,\Delta W - \eta\,\nabla Err(W_{extend}),\qquad W \leftarrow W + \Delta W.$$
#
# **Predict.** The point ahead is already on the other side of the valley floor. Which gradient slows this move down: the one
# at the current point, or the one at the point ahead?
#
# <details><summary>Answer</summary>
# The one at the point ahead: there the downhill direction points back. At the current point it still points forward, so this
# gradient accelerates the move.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Draw the valley floor and the two points on the board before you start the demo. A usual
# wrong answer is the gradient at the current point, because it is the one that belongs to $w$. At step 1 both
# gradients point the same way; move to step 2, and the gradient at the point ahead already points back, which
# is the goal. On the right Nesterov swings 3.5 times less. *Break it* has η = 0.18, where only Nesterov's
# rule diverges.

# %% {"slideshow": {"slide_type": "fragment"}}
momentum.nesterov.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **In numbers: how fast does the error in a direction of curvature h shrink?** The spectral radius is the factor per
# step at the end of a run, here at β = 0.9.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Ask why the first line of the table is constant: in all these directions the roots are
# complex, so the factor is $\sqrt\beta$. Then ask why the second line is not. The key line of the proof is
# step 2, $\beta'=\beta(1-\eta h)$: the steeper the direction, the less momentum. The rest of the proof can be
# left for home.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.optimization.rates import momentum_spectral_radius, nesterov_spectral_radius

eta_h = np.array([0.01, 0.1, 0.64, 1.2, 1.4])
print("ηh       ", eta_h)
print("momentum ", momentum_spectral_radius(eta_h, 0.9).round(3))
print("Nesterov ", nesterov_spectral_radius(eta_h, 0.9).round(3))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - With momentum the error is multiplied by √β = 0.949 per step in all of these directions.
# - With Nesterov's rule it shrinks much faster at ηh = 0.64 and 1.2, and about equally fast in the flat direction.
# - The stable range of Nesterov's rule is shorter: ηh < 2(1+β)/(1+2β) = 1.36 here, against 3.8 for momentum. Close to this
#   limit its factor is near 1, so there it is slower than momentum.
#
# **Break it.** At ηh = 1.4 the factor in the table is above 1, so the rule diverges. The demo's *Break it* has ηh = 1.44.
#
# **Exercises:** [2 · Nesterov's look-ahead and 7 · Where the look-ahead
# hurts](../exercises/01_momentum_and_adaptive_steps.ipynb).
#
# <details><summary>By hand: Nesterov's rule on a quadratic is momentum with another β</summary>
#
# 1. The gradient ahead is $h\,(w+\beta\Delta w)$ *(quadratic)*. So
#    $\Delta w\leftarrow\beta\Delta w-\eta h\,(w+\beta\Delta w)=\beta(1-\eta h)\,\Delta w-\eta h\,w$.
# 2. This is momentum with $\beta'=\beta(1-\eta h)$ in place of $\beta$: the steeper the direction, the less momentum.
# 3. Step 5 of the stability map holds for $|\beta'|<1$. It needs $p(-1)=2(1+\beta')-\eta h>0$, that is
#    $\eta h<\frac{2(1+\beta)}{1+2\beta}$. The condition $|\beta'|<1$ itself means $\eta h<1+\frac1\beta$ and is weaker. ∎
# </details>

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Adagrad and RMSProp
#
# Both rules give every weight a step size of its own, computed from the squares of its gradients $g$ (all operations are
# entry by entry):
# $$W \leftarrow W - \frac{\eta}{\delta+\sqrt{r}}\;g,\qquad
# \text{Adagrad: } r \leftarrow r + g^2,\qquad \text{RMSProp: } r \leftarrow \beta_2 r + (1-\beta_2)\,g^2.$$
# ($\delta$ is a tiny number that prevents division by zero.) RMSProp's $r$ is a running average of $g^2$, an estimate of
# the second moment of the gradient. Adagrad's $r$ is the sum.
#
# **Predict.** Ten gradients in a row are a hundred times larger than all others. Which of the two rules can return to its
# old step size, and what decides how soon?
#
# <details><summary>Answer</summary>
# RMSProp. After the burst its contribution to r decays like β₂ᵗ, so a small β₂ forgets it sooner. Adagrad's r is a sum
# from which nothing is ever removed.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask which of the two rules returns to its old step size after ten gradients that are a
# hundred times larger. A usual wrong answer is "both, Adagrad only more slowly": nothing is ever removed from
# a sum. With β₂ = 0.97 RMSProp has recovered to 28 % at the end and Adagrad to 3 %. Move β₂ to 0.9: RMSProp
# is back above 100 %, Adagrad still at 3 %. At 0.99 RMSProp reaches only 6 %, so a longer average recovers
# more slowly.

# %% {"slideshow": {"slide_type": "fragment"}}
adaptive.adaptive.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: rare words.** The data are 8,000 paragraphs of State of the Union addresses, with one weight per word. The
# logistic gradient of a paragraph at $w=0$ is $\mp x/2$. If $w$ were held at 0 during one pass, Adagrad's $r$ would be
# $\sum x^2/4$.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Ask why it is good here that Adagrad never forgets. Many steps lie between two gradients of
# a rare word, and RMSProp's $r$ would decay in between, so its next step would be long again; Adagrad
# remembers each gradient. Then compare: the two rare words get steps at least about a hundred times as long
# as *the*.
#
# Skip the table of real passes when time is short.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.data import bag_of_words

words = bag_of_words()
r = np.asarray(words.x.multiply(words.x).sum(axis=0)).ravel() / 4
paragraphs = np.asarray((words.x > 0).sum(axis=0)).ravel()
steps = dict(zip(words.vocabulary, zip(paragraphs, 1 / np.sqrt(r), strict=True), strict=True))
print("word, paragraphs with it, step after one pass in units of η:")
print(*(f"{word}: {steps[word][0]:,}, {steps[word][1]:.2g}" for word in ("the", "taught", "abolishing")), sep="\n")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# In a real pass $w$ moves and the gradients shrink, so all steps are longer. Steps after one real pass, in units of η, over
# three random orders of the paragraphs:
#
# | | the | taught | abolishing |
# |---|---|---|---|
# | $w$ held at 0 | 0.05 | 5.5 | 9.9 |
# | real pass, η = 0.1 | 0.08 | 8 to 10 | 24 to 44 |
# | real pass, η = 1 | 0.11 to 0.12 | 12 to 28 | 450 to 810 |
#
# **What to notice**
#
# - The two rare words get steps about a hundred times as long as those of *the*, or longer. So a word counts although it has
#   few gradients.
# - For such sparse problems it is an advantage that Adagrad never forgets: RMSProp's $r$ would decay between two gradients.
#
# **Break it.** Let a large burst come late, with β₂ = 0.99: RMSProp has not recovered when the run ends.
#
# **Exercises:** [3 · Adagrad and 4 · RMSProp](../exercises/01_momentum_and_adaptive_steps.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 What √r estimates: the curvature
#
# The idea behind adaptive rates: a larger rate along dimensions of low curvature, a smaller one along dimensions of high
# curvature. The curvature is in the Hessian $H$, which is too large to compute. The slide calls $\sqrt r$ a
# **Hessian estimate** instead. Two facts support this name ($i$ numbers the weights):
#
# - *At the optimum of a model that fits its data, with a negative log-likelihood as its loss*, the mean of $g_i^2$ over
#   single examples is $H_{ii}$ (the Fisher identity). So near it $\sqrt r\approx\sqrt{H_{ii}}$.
# - *On a quadratic without noise whose Hessian is diagonal*, $g_i=H_{ii}w_i$. So $\sqrt r\propto H_{ii}$, if all weights are
#   equally far from the optimum.
#
# The demo tests the first fact: logistic regression on images of two classes, one weight per pixel.
#
# **Predict.** Pixels near the border are nearly always background. Is the curvature of their weights low or high? Will
# RMSProp take short or long steps there?
#
# <details><summary>Answer</summary>
# Low: the loss hardly depends on such a weight, because its pixel hardly varies. The gradients are small for the same
# reason, so √r is small and the steps η/√r are long.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask for the curvature of a border pixel, then for the length of RMSProp's step there.
# Students often say "low curvature, therefore short steps"; the step is $\eta/\sqrt r$, and a small $r$ makes
# it long.
#
# At the start 46 % of the pixels are within a factor of 1.3. Move β₂ to 0.999: 87 %, and the goal is reached.
# *Break it* places $w$ at $-w^*$: there $\sqrt r$ is 2.4 times $\sqrt H$ at the median pixel. Write the two
# lines $\sum_y p\,s=0$ and its derivative on the board.

# %% {"slideshow": {"slide_type": "fragment"}}
curvature.hessian.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - At the minimum, with one image per step and a β₂ near 1, the two maps nearly agree.
# - A small β₂ averages over few gradients, so $\sqrt r$ is noisy.
# - A batch of $b$ averages $b$ gradients before it squares them: $r\approx H_{ii}/b$. The ranking of the weights stays.
# - At the start $w=0$ the mean of $g_i^2$ is exactly $H_{ii}$ for this loss, whatever the labels $y\in\{0,1\}$:
#   $(p-y)^2=\frac14=p(1-p)$ at $p=\frac12$.
# - Division by $\sqrt{H_{ii}}$ is not Newton's method, which divides by $H_{ii}$. On a diagonal quadratic it turns the
#   curvatures $h$ into $\sqrt h$, and the condition number $\kappa$ into $\sqrt\kappa$.
#
# **Break it.** At $-w^*$ the model is wrong about most images. There $\sqrt r$ measures mainly how large these errors are: at
# the median pixel it is more than twice $\sqrt{H_{ii}}$. The estimate also needs a model that fits: for sandals and ankle boots,
# which a linear model separates almost completely, a small penalty on the weights keeps it from fitting, and the median
# of $\sqrt r/\sqrt{H_{ii}}$ is 0.6.
#
# <details><summary>By hand: why the mean of g² is the curvature</summary>
#
# 1. The loss of an example is $-\log p(y\,|\,x,w)$ *(negative log-likelihood)*, and $s=\partial\log p/\partial w_i$ is
#    minus its gradient: $g=-s$.
# 2. The probabilities add up to 1 for every $w$. Differentiate once: $\sum_y p\,s=0$.
# 3. Differentiate again: $\sum_y p\,\big(s^2+\frac{\partial s}{\partial w_i}\big)=0$.
# 4. If the labels are drawn from the model *(the model fits, and $w$ is the optimum)*, the sums are expectations:
#    $\mathbb E\,g^2=\mathbb E\,s^2=-\mathbb E\,\frac{\partial s}{\partial w_i}=H_{ii}$, and by step 2 $\mathbb E\,g=0$.
# 5. For a batch of $b$ independent examples, $\mathbb E\,g=0$ gives $\mathbb E\,\bar g^2=H_{ii}/b$. ∎
#
# On a diagonal quadratic without noise, $r$ is a mean of $(H_{ii}w_i)^2$, so $\sqrt r=H_{ii}\cdot\mathrm{RMS}(w_i)$.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 Adam
#
# Adam takes a running average of the gradient, as momentum does, in the numerator, and RMSProp's in the denominator. They
# estimate the first and the second moment of the gradient:
# $$v \leftarrow \beta_1 v + (1-\beta_1)\,g,\qquad r \leftarrow \beta_2 r + (1-\beta_2)\,g^2,\qquad
# W \leftarrow W - \frac{\eta}{\delta+\sqrt r}\,v.$$
# Both averages start at zero and are therefore too small at first. Kingma & Ba divide $v$ by $1-\beta_1^t$ and $r$ by
# $1-\beta_2^t$; the slide does not.
#
# **Predict.** β₁ = 0.9, β₂ = 0.999. Which of $v$ and $\sqrt r$ is further below its final value after one step? Is the
# first step without correction therefore shorter or longer than η?
#
# <details><summary>Answer</summary>
# √r is: after one step v is 0.1 g, but √r is only √0.001 |g| ≈ 0.032 |g|. The denominator is too small, so the step is
# longer: 0.1/√0.001 = 3.16, so it is 3.16 η.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Let the room compute $0.1$ and $\sqrt{0.001}$, then their ratio, before the demo. The usual
# wrong answer is "shorter, because both averages are too small": the denominator is further below its final
# value. The demo shows 3.16 η, and 1.00 η with the correction. Move β₁ to 0: 31.6 η. Press *Gradients ×
# 1000*: nothing changes.

# %% {"slideshow": {"slide_type": "fragment"}}
adaptive.adam.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **In numbers.** The first step on two very different surfaces, in units of η:

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** The first step has the same length in every weight and on both surfaces. Ask which role the
# size of the gradient then plays: none at the first step. The proof is three lines and can be left for
# home.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.optimization.objectives import Rosenbrock
from lsml_core.optimization.steps import Adam

plain, corrected = Adam(0.01), Adam(0.01, bias_correction=True)
first = [np.diff(trajectory(rule, surface, (-2.0, 2.0), 1), axis=0)[0] / 0.01
         for rule in (plain, corrected) for surface in (Quadratic.ravine(25), Rosenbrock())]
print("uncorrected ", first[0].round(3), first[1].round(3))
print("corrected   ", first[2].round(3), first[3].round(3))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - The size of the gradient has no effect: the first step has the same length in every weight and on every surface.
# - With the correction, a later step is near η where the gradients of a weight stay about equal, and shorter where their
#   sign changes. Without it the steps first grow, in the demo to more than 6 η.
# - This makes Adam robust to the scale of the loss. The slide says: works well in practice, and is fairly robust to its
#   hyper-parameters.
#
# **Break it.** With β₁ = 0 and β₂ = 0.999 the first step is 31.6 η long. The correction makes it η again.
#
# **Exercise:** [5 · Adam](../exercises/01_momentum_and_adaptive_steps.ipynb).
#
# <details><summary>By hand: the bias of the running averages</summary>
#
# 1. From $v_0=0$: $v_t=(1-\beta_1)\sum_{j=1}^t\beta_1^{t-j}g_j$.
# 2. If all $g_j$ have the same mean *(stationarity)*, then
#    $\mathbb E\,v_t=(1-\beta_1)\,\frac{1-\beta_1^t}{1-\beta_1}\,\mathbb E\,g=(1-\beta_1^t)\,\mathbb E\,g$. In the same way
#    $\mathbb E\,r_t=(1-\beta_2^t)\,\mathbb E\,g^2$.
# 3. Division by $1-\beta_1^t$ and $1-\beta_2^t$ makes both unbiased. At $t=1$ the corrected step is
#    $-\eta\,g/|g|$ *($\delta\to0$)*; the uncorrected one is $\frac{1-\beta_1}{\sqrt{1-\beta_2}}$ times as long. ∎
# </details>

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The rule in code.** The slide's names: `v` is the mean of gradients, `r` the mean of squared gradients.

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.optimization.steps import Adam

show_source(Adam)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 7 All six on one surface
#
# **Predict.** Six optimizers, one surface, one η for all. Which of them move in proportion to the slope, and which by about
# η per step, whatever the slope? Which of these two groups will diverge first when η grows?
#
# <details><summary>Answer</summary>
# Gradient descent, momentum and Nesterov's rule move in proportion to the slope. They diverge as soon as η times the
# curvature is too large. RMSProp and Adam move by about η per step, Adagrad by less and less. Such steps cannot grow
# without limit, but while η is large RMSProp and Adam do not settle at the minimum either.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Let the room sort the six rules into two groups before you show anything. The start shows a
# ravine, where Nesterov ends lowest. Press *Break it*: on Beale's surface at (4, 4) gradient descent and both
# momentum rules leave the picture, RMSProp ends lowest. Say that one picture shows one choice of surface,
# start and η, and proves nothing about the rules.

# %% {"slideshow": {"slide_type": "fragment"}}
optimizers.comparison.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - The winner changes with the surface, the start and η. One picture shows one choice of these three.
# - At the η of the first picture Nesterov's rule ends lowest. On Rosenbrock's valley the same η makes gradient descent and
#   both momentum rules diverge; the preset *Rosenbrock's valley* uses η = 0.001.
#
# **Break it.** On Beale's surface at (4, 4) the gradient is about 10⁵. Gradient descent and both momentum rules leave the
# picture at once; RMSProp and Adam continue at about η per step.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 8 The same rules train a network
#
# A rule of `steps.py` uses only operators that NumPy arrays and torch tensors share. The object that drew the paths above
# therefore also trains a network: here momentum, on 5,000 images of Fashion-MNIST.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.models import mlp
from lsml_core.optimization.steps import torch_optimizer
from lsml_core.training import fit

rng = np.random.default_rng(0)
train, test = load("fashion", side=14), load("fashion", split="test", side=14)
model = mlp((196, 32, 10), rng=rng)
optimizer = torch_optimizer(model.parameters(), Momentum(eta=0.1, beta=0.9))
history = fit(model, train, optimizer=optimizer, epochs=2, batch=50, rng=rng, test=test)
print(f"{history.gradient_evaluations.sum()} gradients, test accuracy {history.test_accuracy[-1]:.3f}")

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The paper first.** Wilson et al. (NIPS 2017) compared SGD, momentum, Adagrad, RMSProp and Adam on four deep-learning
# tasks, among them CIFAR-10, with the same amount of tuning for each. They report that SGD and SGD with momentum do better on
# the development or test set in every task, even where the adaptive methods reach a lower training loss. (The numbers of
# their tables are not available here.)
#
# **Our run** is a stored study of 162 small networks: six optimizers, nine values of η, three seeds, and four stopping
# times. All rules take mini-batches of 50, so *gradient descent* is SGD here. Each step needs one mini-batch gradient, with
# Nesterov's rule too, so the axis counts gradients.
#
# **Predict.** RMSProp and Adam move every weight by about η per step. The gradients of this network are much smaller than
# 1. Will the best η of RMSProp and Adam be smaller or larger than that of gradient descent?
#
# <details><summary>Answer</summary>
# Smaller. Gradient descent multiplies η by a small gradient, so it needs a large η for a step of the same length.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** The usual wrong answer is "larger, because adaptive rules are safe". RMSProp and Adam move
# each weight by about η, whatever the gradient, so their best η is smaller.
#
# Start at η = 0.001 and two epochs: RMSProp and Adam are best. Move η to 0.1: Nesterov is best, and gradient
# descent (0.703) is ahead of RMSProp (0.597).

# %% {"slideshow": {"slide_type": "fragment"}}
optimizers.training.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **In numbers.** Every optimizer at its own best η: test accuracy in percent (mean of three seeds, ± half of their range),
# after two and after eight epochs. The best η is the one with the best mean test accuracy, so all of these
# numbers tend to be slightly too high.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Show only two facts: after two epochs gradient descent is last, after eight epochs all six
# lie within two points. Ask what a paper could have claimed with either column alone. Point to the ± before
# anybody ranks two neighbours.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from courseware.studies.optimizer_comparison import best_of_each

print(best_of_each(2), best_of_each(8), sep="\n\n")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - The best η differs by a factor of up to 100. A comparison at one common η shows only which optimizer this η suits.
# - After two epochs gradient descent is 2.6 to 5.1 points behind the other five.
# - After eight epochs all six lie within two points, and the order has changed. The verdict depends on when you stop.
# - Unlike in the paper, the adaptive rules are not worse on test data here. Our network is small, sees 5,000 images for
#   at most eight epochs, and its η never decreases. The paper trained state-of-the-art networks and tuned a decrease of η.
# - Compare every difference with the ± of the seeds, which is 3.5 points for RMSProp after two epochs: its lead of 2.6 points
#   over gradient descent is not certain.
#
# **Break it.** At η = 1 RMSProp, Adam and both momentum rules end near random guessing, 10 %.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | rule | remembers | good at | weak when |
# |---|---|---|---|
# | gradient descent | nothing | κ near 1 | κ is large; diverges at η > 2/L |
# | momentum | decaying sum of past gradients | valleys: rate in √κ | diverges at η > 2(1+β)/L |
# | Nesterov | the same | steep directions | diverges at η > 2(1+β)/((1+2β)L) |
# | Adagrad | sum of g² | rare features | after a burst, or in a long run: its steps only shrink |
# | RMSProp | running average of g² | changing gradient scales | features are rare (it forgets them); a constant η does not settle |
# | Adam | running averages of g and g² | robust to the scale of the loss | first steps are not corrected; η must still be tuned |
#
# √r is near √H_ii close to an optimum of a model that fits, and proportional to H_ii on a diagonal quadratic without noise.
#
# **Now you.** [Exercises 01](../exercises/01_momentum_and_adaptive_steps.ipynb): write the five rules, measure a rate, find
# where the look-ahead fails, and show why momentum leaves a saddle faster.
#
# **Read on.** Polyak (1964) · Nesterov (1983) · Duchi, Hazan & Singer, *Adagrad* (JMLR 2011) · Tieleman & Hinton,
# *RMSProp* (2012) · Kingma & Ba, *Adam* (ICLR 2015) · Goh, *Why momentum really works* (Distill 2017) · Wilson et al., *The
# marginal value of adaptive gradient methods* (NIPS 2017).
# The code of this lecture: `lsml_core/optimization/steps.py`, then `rates.py`.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Leave the table on the screen while questions come. For the next lecture: read step 2 of *By
# hand* in section 1 again; the factor $1-\eta h$ comes back with noise.
