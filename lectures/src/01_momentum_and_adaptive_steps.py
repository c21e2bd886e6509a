# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 01 · Momentum and adaptive steps
#
# **50 minutes.** After this lecture you will be able to
#
# 1. say why the steepest direction limits the step size and the flattest one is slow because of it;
# 2. place any (η, β) on the stability map of momentum, and find the best one;
# 3. tell Nesterov's gradient from momentum's on a picture;
# 4. predict how Adagrad, RMSProp and Adam change their steps after large, rare or early gradients;
# 5. compare optimizers honestly: one axis for the cost, more than one step size, more than one seed.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Oscillation
#
# Gradient descent $W \leftarrow W - \eta\,\nabla Err(W)$ lowers the loss $Err$ with step size $\eta$. On a quadratic
# with curvatures $h_i$ it multiplies the error along direction $i$ by $1-\eta h_i$ at every step. It converges if
# $\eta < 2/L$. Here $L$ is the largest curvature, $\mu$ the smallest, and $\kappa = L/\mu$ the condition number.
#
# **Predict.** The valley below is 25 times steeper across ($w_2$) than along ($w_1$). At η = 0.07, which sign has
# each update along $w_2$? Along $w_1$?
#
# <details><summary>Answer</summary>
# Along w₂ the factor is 1 − 0.07 · 25 = −0.75: the error changes sign at every step, and so does the update. Along
# w₁ it is 1 − 0.07 = 0.93: always the same side.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.optimization import adaptive, momentum, optimizers

momentum.oscillation.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: how steep is a real valley?** The mean of half the squared errors of a linear model has, for *centred*
# inputs (mean subtracted), the covariance of the inputs as its Hessian. For images of clothes the inputs are pixels, and the eigenvalues of their
# covariance are the curvatures of a real loss (here with a ridge of 0.01, so that the flat end is not rounding error).

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np

from lsml_core.data import load
from lsml_core.optimization.objectives import Quadratic

pixels = load("fashion", side=14).x.reshape(-1, 196)
curvatures = np.linalg.eigvalsh(np.cov(pixels.T) + 0.01 * np.eye(196))
images = Quadratic(tuple(curvatures))
print(f"curvatures from {images.mu:.3f} to {images.L:.2f}: condition number κ = {images.condition:.0f}")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Shrink the step where the weight oscillates, expand it where it moves consistently: that is what the
# rest of this lecture does, in five ways. A step size of its own for every weight would be too much to tune by hand.
#
# **Break it.** Press *Break it*: at η just above 2/L the run diverges along $w_2$, whatever happens along $w_1$.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Momentum
#
# Keep a running average of past gradients, a sum in which older gradients count less and less:
# $$\Delta W \leftarrow \beta\,\Delta W - \eta\,\nabla Err(W), \qquad W \leftarrow W + \Delta W.$$
# Written out, $\Delta W=-\eta\,(g_t+\beta g_{t-1}+\beta^2g_{t-2}+\dots)$. Alternating gradients cancel; equal ones add up
# to a step of $\eta/(1-\beta)$.
#
# **Predict.** Does β > 0 allow a larger or a smaller η before the run diverges?
#
# <details><summary>Answer</summary>
# A larger one: the edge moves from 2/L to 2(1 + β)/L. Oscillation is what momentum damps.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
momentum.momentum.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the same two rules on the valley of Fashion-MNIST.** Each gets the best constants theory knows for
# it: $\eta = 2/(\mu+L)$ for descent; for momentum
# $\beta = \left(\frac{\sqrt\kappa-1}{\sqrt\kappa+1}\right)^2$, $\eta = \frac{4}{(\sqrt L+\sqrt\mu)^2}$ (Polyak 1964).

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.optimization.rates import gradient_descent_optimum, heavy_ball_optimum
from lsml_core.optimization.steps import GradientDescent, Momentum, trajectory

descent, polyak = (best(images.mu, images.L) for best in (gradient_descent_optimum, heavy_ball_optimum))
start = np.ones(196)
slow = images.value(trajectory(GradientDescent(descent.eta), images, start, 3000))
fast = images.value(trajectory(Momentum(polyak.eta, polyak.beta), images, start, 3000))
print("steps to a millionth of the first loss:")
print(f"gradient descent {(slow > 1e-6 * slow[0]).sum()}, rate {descent.rate:.4f} a step")
print(f"momentum         {(fast > 1e-6 * fast[0]).sum()}, rate {polyak.rate:.4f} a step")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The rate depends on $\sqrt\kappa$ instead of $\kappa$. The rate is a promise about the end of a run: at
# the start momentum overshoots, and the loss may rise for a while.
#
# At κ = 25 Polyak's constants are η = 1/9 ≈ 0.111 and β = (4/6)² = 0.444. Set the demo to η = 0.111 and β = 0.45: rounded
# down to 0.44, β is just too small for the two outer curvatures.
#
# **Break it.** With β = 0.9, cross η = 2(1+β)/L = 0.152: the dot of the steep direction enters the divergent zone.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 Nesterov's look-ahead
#
# The move βΔW will happen anyway. So read the gradient where it leads:
# $$W_{extend} = W + \beta\,\Delta W,\qquad
# \Delta W \leftarrow \beta\,\Delta W - \eta\,\nabla Err(W_{extend}),\qquad W \leftarrow W + \Delta W.$$
#
# **Predict.** The ball is about to roll over the valley floor. Which gradient brakes it: the one read here, or the
# one read ahead?
#
# <details><summary>Answer</summary>
# The one read ahead: it is already on the other wall and points back. The one read here still says: faster.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
momentum.nesterov.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **In numbers: how fast does each rule forget a direction of curvature h?** Theory says, through the spectral
# radius: the factor per step, in the end, here at β = 0.9.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.optimization.rates import momentum_spectral_radius, nesterov_spectral_radius

eta_h = np.array([0.01, 0.1, 0.64, 1.2, 1.4])
print("ηh       ", eta_h)
print("momentum ", momentum_spectral_radius(eta_h, 0.9).round(3))
print("Nesterov ", nesterov_spectral_radius(eta_h, 0.9).round(3))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Momentum forgets every direction at √β = 0.949. Nesterov forgets steep ones much faster, and flat ones
# as fast.
#
# **Break it.** Its stable range is shorter: ηh < 2(1+β)/(1+2β) = 1.36 here, against momentum's 3.8. At ηh = 1.4 the
# table says 1.09, so it diverges; the demo's *Break it* runs ηh = 1.44.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Adagrad and RMSProp
#
# A step size for each weight, from the squares of its own gradients $g$:
# $$W \leftarrow W - \frac{\eta}{\delta+\sqrt{r}}\;g,\qquad
# \text{Adagrad: } r \leftarrow r + g^2,\qquad \text{RMSProp: } r \leftarrow \beta_2 r + (1-\beta_2)\,g^2.$$
# ($\delta$ is a tiny number against division by zero.)
#
# **Predict.** Ten gradients in a row are a hundred times too large. Which rule can get its old step back, and what
# decides how soon?
#
# <details><summary>Answer</summary>
# RMSProp: the burst leaves r as β₂ᵗ. At β₂ = 0.9 the step is back after a hundred steps, at 0.97 not even after 190.
# Adagrad's r is a sum, and nothing ever leaves it.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
adaptive.adaptive.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: what Adagrad is good at.** 8,000 paragraphs of State of the Union addresses, one weight per word.
# The logistic gradient of a paragraph at $w=0$ is $\mp x/2$. If $w$ were held at 0 during one pass, Adagrad's $r$ would be
# $\sum x^2/4$.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.data import bag_of_words

words = bag_of_words()
r = np.asarray(words.x.multiply(words.x).sum(axis=0)).ravel() / 4
steps = dict(zip(words.vocabulary, 1 / np.sqrt(r), strict=True))
print("step of a word after one pass with w held at 0, in units of η:")
print(f"the {steps['the']:.2f}   taught {steps['taught']:.1f}   abolishing {steps['abolishing']:.1f}")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** *abolishing*, seen in five paragraphs, takes steps two hundred times as large as *the*: rare features
# learn as much as common ones. In a real pass $w$ moves and the gradients shrink, so the steps differ even more: with
# η = 0.1 they end at 0.08 (*the*), 10 (*taught*) and 24 (*abolishing*), and with η = 1 further apart still. For sparse
# problems it is an advantage that Adagrad never forgets.
#
# **Break it.** Let the burst come late and large with β₂ = 0.99: even RMSProp has not recovered when the run ends.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 Adam
#
# Momentum above, RMSProp below:
# $$v \leftarrow \beta_1 v + (1-\beta_1)\,g,\qquad r \leftarrow \beta_2 r + (1-\beta_2)\,g^2,\qquad
# W \leftarrow W - \frac{\eta}{\delta+\sqrt r}\,v.$$
# Both means start at zero. Kingma & Ba therefore divide $v$ by $1-\beta_1^t$ and $r$ by $1-\beta_2^t$.
#
# **Predict.** β₁ = 0.9, β₂ = 0.999. Without that correction, is the first step smaller or larger than η?
#
# <details><summary>Answer</summary>
# Larger: v is a tenth of g, but √r is only √0.001 = 0.032 of |g|. The step is 0.1/0.032 = 3.16 η.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
adaptive.adam.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **In numbers.** One step on two very different surfaces, in units of η:

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.optimization.objectives import Rosenbrock
from lsml_core.optimization.steps import Adam

plain, corrected = Adam(0.01), Adam(0.01, bias_correction=True)
first = [np.diff(trajectory(rule, surface, (-2.0, 2.0), 1), axis=0)[0] / 0.01
         for rule in (plain, corrected) for surface in (Quadratic.ravine(25), Rosenbrock())]
print("uncorrected ", first[0].round(3), first[1].round(3))
print("corrected   ", first[2].round(3), first[3].round(3))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The size of the gradient has gone: each weight moves by the same amount, whatever the slope. What
# remains of the gradient is its sign, and how steady that sign is.
#
# **Break it.** β₁ = 0 with β₂ = 0.999 starts 31.6 times too fast. The correction brings the first step back to η.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 A race
#
# **Predict.** Six optimizers, one surface, one η. Which wins on a ravine? Will it also win on Rosenbrock's valley?
#
# <details><summary>Answer</summary>
# At η = 0.046 Nesterov wins the ravine. In Rosenbrock's valley the same η throws descent and both momentum rules out.
# Start at (−1.5, 2), as the preset does: there η = 0.001 is small enough for them, and the two momentum rules get
# furthest.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
optimizers.comparison.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The winner changes with the surface, the start and η. A picture of one race is a picture of one choice.
#
# **Break it.** On Beale's surface at (4, 4) the gradient is about 10⁵: descent and both momentum
# rules leave the picture at once; RMSProp and Adam walk on at about η a step.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 7 The same rules train a network
#
# A rule is written with operators only, so the object that drew the paths above also trains a network: here
# momentum, on 5,000 images of Fashion-MNIST.

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
# **Predict.** All six rules, one η for all of them. Which rule is best at η = 0.001? At η = 0.1?
#
# <details><summary>Answer</summary>
# At 0.001 RMSProp and Adam; at 0.1 the momentum rules and Adagrad. The next picture shows by how much.
# </details>
#
# The demo trains 60 nets first (six rules, five values of η, two seeds), which takes ten to thirty seconds. The cost
# axis counts gradients: all six rules need one a step, Nesterov's look-ahead included.

# %% {"slideshow": {"slide_type": "fragment"}}
optimizers.training.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Adam at 0.001 beats momentum at 0.001, and that says nothing: momentum's best η is a hundred times as
# large. Compare rules at their own best η. Bands show two seeds and one small net: read large gaps only.
#
# **Break it.** At η = 1 RMSProp, Adam and both momentum rules end at chance, 10 %.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | rule | remembers | good at | fails when |
# |---|---|---|---|
# | gradient descent | nothing | round valleys | κ is large |
# | momentum | decaying sum of past gradients | ravines: κ becomes √κ | η ≥ 2(1+β)/L |
# | Nesterov | the same | braking early along steep directions | its stable range is shorter |
# | Adagrad | sum of g² | rare features | a burst, or a long run: steps only shrink |
# | RMSProp | running mean of g² | changing gradient scales | it forgets rare features; it never settles |
# | Adam | both running means | robust defaults | uncorrected first steps; η still has to fit |
#
# **Read on.** Polyak (1964) · Nesterov (1983) · Duchi, Hazan & Singer, *Adagrad* (JMLR 2011) · Tieleman & Hinton,
# *RMSProp* (2012) · Kingma & Ba, *Adam* (ICLR 2015) · Goh, *Why momentum really works* (Distill 2017).
# The code of this lecture: `lsml_core/optimization/steps.py`, then `rates.py`.
