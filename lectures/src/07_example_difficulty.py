# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 07 · Which examples matter
#
# **60 minutes.** After this lecture you will be able to
#
# 1. count forgetting events, and say why an example that is never learned must not count as easy;
# 2. compute EL2N and GraNd, and say what the one leaves out of the other;
# 3. say which half of a data set keeps the other from being forgotten;
# 4. choose a window of the ranking when some labels are wrong;
# 5. say when to keep the easy examples, when the hard ones, and when to draw at random.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 What is forgotten
#
# Every time an example comes up in a mini-batch, write down whether the network classifies it correctly, before it
# takes the step. A **forgetting event** of example $i$ is a 1 followed by a 0:
# $$\text{events}_i=\sum_t \mathbf 1\!\left[\text{acc}_i^{t}=1,\ \text{acc}_i^{t+1}=0\right].$$
# **Unforgettable** is what was learned and never forgotten.
#
# **Predict.** A small net sees every MNIST image 25 times. Which share is unforgettable? And of Fashion-MNIST?
#
# <details><summary>Answer</summary>
# 88 to 89 % of MNIST, 62 to 63 % of Fashion-MNIST (three seeds each).
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.selection import data_pruning, difficulty
from courseware.demos.selection import el2n as el2n_demos

difficulty.forgetting.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# These are three nets for each set of images, trained once by `python -m courseware.studies.difficulty` and stored;
# the range is over their seeds. On the slide (Toneva et al.) the third set is CIFAR-10, and permuted MNIST is harder than
# MNIST: their net has convolutions, which look for neighbours. Ours has none, and for it the two are the same.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: one net, 1,300 digits, 60 epochs.** `fit` keeps the record if it is asked to.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np
import torch

from lsml_core.data import load
from lsml_core.models import mlp, mlps
from lsml_core.selection.difficulty import first_learned, forgetting_events, unforgettable
from lsml_core.training import fit

digits, rng = load("digits").subset(np.arange(1300)), np.random.default_rng(0)

# %% {"slideshow": {"slide_type": "fragment"}}
model = mlp((64, 256, 10), rng=rng)
how = {"batch": 64, "record": ("correct",), "progress": False}
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
correct = fit(model, digits, optimizer=optimizer, epochs=60, rng=rng, **how).records["correct"]
print(f"unforgettable {unforgettable(correct).mean():.1%}, most events {forgetting_events(correct).max():.0f}")
print(f"learned at the first presentation {(first_learned(correct) == 0).mean():.1%}")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Learning most examples takes one epoch or two; what comes after is spent on the tail.
#
# **Break it.** Two epochs leave room for one event, and nearly everything that was learned counts as unforgettable:
# the score needs time.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Wrong labels
#
# The slide says: noisy-labelled examples are more forgettable, and none of them is unforgettable.
#
# **Predict.** A net has just learned the right labels and none of the wrong ones. How many forgetting events does a
# wrong label have by then?
#
# <details><summary>Answer</summary>
# None: what was never learned cannot be forgotten. A program that counts events and sorts would call wrong labels the
# easiest of all. The paper counts what is never learned as forgotten without end.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
difficulty.label_noise.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** The same digits with a fifth of their labels wrong, at two ages. AUC is the chance that a wrong label
# scores above a right one.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.data import Dataset, label_noise

noise = label_noise(digits.y, 0.2, 10, rng=rng)
noisy, wrong = Dataset(digits.x, noise.y, digits.classes, "noisy digits"), np.isin(np.arange(1300), noise.indices)
model = mlp((64, 256, 10), rng=rng)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
correct = fit(model, noisy, optimizer=optimizer, epochs=80, rng=rng, **how).records["correct"]

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.selection.difficulty import auc

print("epochs   never learned   AUC, as ∞   AUC, as 0   wrong among the unforgettable")
ages = {age: forgetting_events(correct[:age]) for age in (10, 80)}
print("\n".join(
    f"{age:6d} {np.isinf(e[wrong]).mean():15.0%} {auc(e, wrong):11.3f} {auc(np.where(np.isinf(e), 0, e), wrong):11.3f}"
    f" {wrong[e == 0].mean():19.1%}" for age, e in ages.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** At ten epochs few wrong labels have been learned, so only the rule for *never* tells them. At eighty all
# have been learned by heart, and forgotten on the way, several times more often than the others. Hardly any is among the
# unforgettable, as on the slide.
#
# **Break it.** After ten epochs, with never-learned as 0 and 40 % noise, the ranking is worse than random guessing: who
# keeps the easiest keeps the wrong labels.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 Who keeps whom
#
# **Predict.** Two halves of the data take turns in training, five epochs each. One half has been forgotten at least
# once in an earlier run, the other never. Which half suffers while the other is trained?
#
# <details><summary>Answer</summary>
# The forgotten half, but only a little more: 3 % against 1.5 %. The larger effect is another one: trained on the
# forgotten half alone, the net already knows two thirds of the unforgettable half.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
data_pruning.halves.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Examples that are forgotten *support* those that never are (the paper's word): training on the forgotten half
# alone teaches most of the other half. The reverse effect exists but is weaker. The first turn on the unforgettable half
# even raises the accuracy on the forgotten half (46.8 to 50.3 %); later turns cost the forgotten half 3.3 % and the
# unforgettable one 1.5 %. Random halves support each other. (Five seeds, halves of 1,500 images, five epochs per turn.)
#
# **Break it.** Look at each seed by itself: the claim should not hang on a mean.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 GraNd and EL2N
#
# Forgetting takes a whole training. Two scores ask a network that is a few epochs old, or better, several of them:
# $$\text{GraNd}(x,y)=\mathbb E_{w}\lVert\nabla_w\ell(x,y;w)\rVert_2,\qquad
# \text{EL2N}(x,y)=\mathbb E_w\lVert p(w,x)-y\rVert_2 .$$
# The second is the first as seen from the logits $z$: $\partial\ell/\partial z=p-y$. This is also the gradient on the slide,
# and EL2N is its length. (One layer further down, with respect to the features, the gradient is $W^\top(p-y)$.)
#
# **Predict.** The net is untrained. How well does EL2N tell wrong labels from right ones?
#
# <details><summary>Answer</summary>
# Hardly better than random guessing: random probabilities are as far from a wrong label as from a right one.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
el2n_demos.probability_triangle.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** Ten nets on the noisy digits, before training and after 1, 5 and 20 epochs: EL2N of one net, and the mean
# of ten. Then GraNd of one more net, and how alike the two scores rank.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.selection.difficulty import el2n, rank_correlation
from lsml_core.selection.early_training import early_probabilities

p = early_probabilities(mlps((64, 256, 10)), noisy, runs=10, epochs=20, eta=0.1, batch=64, rng=rng)
print("epochs   one net   ten nets     AUC of EL2N")
print("\n".join(f"{age:6d} {auc(el2n(p[0, age], noisy.y), wrong):9.3f} {auc(el2n(p[:, age], noisy.y), wrong):10.3f}"
                for age in (0, 1, 5, 20)))

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.selection.gradients import grand
from lsml_core.training import per_example

net, g, e = mlp((64, 256, 10), rng=rng), {}, {}
g[0], e[0] = grand(net, noisy.x, noisy.y), el2n(per_example(net, noisy)["probabilities"], noisy.y)
fit(net, noisy, optimizer=torch.optim.SGD(net.parameters(), lr=0.1), epochs=5, batch=64, rng=rng, progress=False)
g[5], e[5] = grand(net, noisy.x, noisy.y), el2n(per_example(net, noisy)["probabilities"], noisy.y)
print("\n".join(f"epoch {age}: AUC of GraNd {auc(g[age], wrong):.3f}, of EL2N {auc(e[age], wrong):.3f}, "
                f"rank correlation {rank_correlation(g[age], e[age]):.3f}" for age in g))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** After one epoch the score works, after five it works well. Compare at equal cost before you compare with
# forgetting: forgetting after ten epochs of one net has an AUC of .990, EL2N of one net after five has .993; ten nets cost
# ten times as much. Means over nets are better than one net. GraNd and EL2N rank nearly alike, so most people compute the cheap one: EL2N needs a forward
# pass, GraNd a backward pass of every single example. (That GraNd works *before* training, as was once published, did
# not reproduce: Kirsch 2023. Nor does it here.)
#
# **Break it.** Epoch 0 in the demo: all scores alike.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 Which window to keep
#
# Rank all examples by EL2N, put the easiest part aside (*offset*), and keep the next 40 %.
#
# **Predict.** With right labels: is it best to keep the hardest 40 %? And with a fifth of them wrong?
#
# <details><summary>Answer</summary>
# No, and no. At our scale the hardest 40 % are a bad choice even with right labels: 64 % accuracy, where a random 40 %
# reach 80 %. With a fifth wrong it is 24 %, for nearly all of the last tenth of the ranking is wrong.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
data_pruning.windows.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** With right labels the best window (offset 50 %) equals a random choice, and no window beats it. On the slide,
# a ResNet on CIFAR-10, the hardest are best: more data and a larger net move the optimum up, as section 6 explains. With
# a fifth of the labels wrong, windows at 30 to 40 % are one percent better than random: they leave out most of the noise.
#
# **Break it.** With a fifth of the labels wrong, half of the hardest 40 % are wrong labels.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 How much can we prune?
#
# The slide: with scarce data keep the easiest examples, with plentiful data the hardest. Sorscher et al. (2022) showed
# it for a perceptron that learns from a perceptron $T$: examples $x\sim N(0,I)$ in $d$ dimensions, labels
# $\operatorname{sign}(T^\top x)$, difficulty the margin under a *probe* that stands at an angle to $T$.
#
# **Predict.** One example per dimension, half of them kept, and a perfect probe (angle 0). Which half finds the direction
# of $T$ better, the easy or the hard one? And with eight examples per dimension?
#
# <details><summary>Answer</summary>
# With one example per dimension the easy half: little is known, and easy examples are the safest. With eight the hard half,
# by far: those examples lie near the boundary and say where it is. With a poor probe the hard half is chosen badly and loses
# its advantage.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.selection.teacher_student import experiment

means = {(angle, alpha): np.mean([experiment(alpha, 0.5, d=100, angle=angle, rng=r) for r in rng.spawn(5)], axis=0)
         for angle in (0.0, 0.6) for alpha in (1, 4, 8, 16)}
print("angle  n/d   easy   hard   random     test error, mean of 5 draws")
print("\n".join(f"{angle:5} {alpha:4d} {easy:6.3f} {hard:6.3f} {random:8.3f}"
                for (angle, alpha), (easy, hard, random) in means.items()))

# %% {"slideshow": {"slide_type": "slide"}}
data_pruning.amounts.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Left, the theory: at 40 % kept, the lines of easiest and hardest cross at about twelve examples per
# dimension, and random is better than both from four on. (The demo's probe is off by 0.6 rad. With a perfect probe, the
# first rows of the table above, the hard ones win from eight on and beat random too: the result of Sorscher et al.) Right, our images: the gap between easiest and hardest closes from
# left to right, as the slide says, but random wins unless most is kept. Scores pay when data is plentiful and the scores
# are good; compare with random before you trust one.
#
# **Break it.** Keep a fifth: on the left the lines no longer cross within 32 examples per dimension.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | score | asks | costs | trap |
# |---|---|---|---|
# | forgetting | how often was it lost? | a whole training | never learned is not easy |
# | EL2N | how far is p from the label? | some epochs of a few nets, forward passes | late networks have fitted everything |
# | GraNd | how long is its gradient? | the same, and a gradient for each example | says nothing before training |
#
# Hard means *near a boundary* or *wrong*: no score here tells the two apart. Lecture 09 does.
#
# **Exercises.** `exercises/07_example_difficulty.ipynb`.
#
# **Read on.** Toneva et al., *An empirical study of example forgetting* (ICLR 2019) · Paul, Ganguli & Dziugaite, *Deep
# learning on a data diet* (NeurIPS 2021) · Sorscher et al., *Beyond neural scaling laws* (NeurIPS 2022) · Kirsch, *Does
# "Deep learning on a data diet" reproduce?* (2023). The code of this lecture: `lsml_core/selection/difficulty.py`,
# `gradients.py`, `keep.py`, `teacher_student.py`.
