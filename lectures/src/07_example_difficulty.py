# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 07 · Which examples matter
#
# **60 minutes.** After this lecture you will be able to
#
# 1. count forgetting events, and say why an example that is never learned must not count as easy;
# 2. derive from the chain rule how EL2N and GraNd are related, and say what EL2N leaves out;
# 3. say which half of a data set teaches the other half more;
# 4. choose a window of the ranking when some labels are wrong;
# 5. say when to keep the easiest examples, when the hardest, and when to draw at random.
#
# Exercises: [`exercises/07_example_difficulty.ipynb`](../exercises/07_example_difficulty.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Ask the room which examples it would remove from a data set, the easy or the hard ones, and
# count hands. Ask again at the end of the lecture.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Forgetting events
#
# Whenever an example comes up in a mini-batch (a *presentation*), record whether the network classifies it correctly,
# before the update. A **forgetting event** of example $i$ is a 1 that is directly followed by a 0:
# $$\text{events}_i=\sum_t \mathbf 1\!\left[\text{acc}_i^{t}=1,\ \text{acc}_i^{t+1}=0\right].$$
# An example is **unforgettable** if it was learned and has no forgetting event.
#
# *The paper's result* (Toneva et al., ICLR 2019, Figure 1): 91.7 % of MNIST, 75.3 % of MNIST with permuted pixels and
# 31.3 % of CIFAR-10 are unforgettable.
#
# **Predict.** A small network is trained for 25 epochs, on MNIST (digits) or on Fashion-MNIST (garments). (a) Which of
# the two has more unforgettable images? (b) On MNIST, the share of unforgettable images first rises with the number of
# epochs and later falls. What makes it rise, and what makes it fall?
#
# <details><summary>Answer</summary>
#
# (a) MNIST: its classes are easier to separate, so fewer images lie near a boundary that moves during training. (b) It
# rises while images are still being learned for the first time. It falls because a forgetting event can never be
# undone: every further epoch is another chance to be forgotten.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Ask (b) with care, because both directions need a reason. A usual wrong answer is that
# forgetting must disappear with enough training: an event is never undone.
#
# At the start (MNIST, 25 epochs) 88 to 89 % are unforgettable. Move to 6 epochs: 89 to 90 %, to 2 epochs:
# nearly every learned image counts as unforgettable, because at most one event is possible. Choose
# Fashion-MNIST at 8 epochs: about a quarter was forgotten, which is the goal.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.selection import data_pruning, difficulty, partitions
from courseware.demos.selection import el2n as el2n_demos

difficulty.forgetting.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The paper beside our runs** (ours: three networks per data set, 5,000 images, 25 epochs):
#
# | share of unforgettable images | MNIST | permuted MNIST | CIFAR-10 | Fashion-MNIST |
# |---|---|---|---|---|
# | paper | 91.7 % | 75.3 % | 31.3 % | not in the paper |
# | here, range of three seeds | 88 to 89 % | 88 to 89 % | not run | 62 to 63 % |
#
# The paper's network has convolutions, which look for patterns among neighbouring pixels. Permuting the pixels destroys
# these patterns, so permuted MNIST is harder for it than MNIST. Our network has no convolutions and treats all pixels
# alike, so for it both sets are equally hard. Our harder data set is Fashion-MNIST, where the paper has CIFAR-10.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Ask why permuted pixels change the paper's number and not ours. Convolutions need
# neighbouring pixels; our network treats all pixels alike.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: one network, 1,300 digits, 40 epochs.** With `record=("correct",)`, `fit` stores which examples are
# classified correctly at each presentation.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Three numbers are printed: the unforgettable share, the largest number of events, and the
# share that is right at the first presentation.
#
# On the board: why at most ⌊K/2⌋ events are possible.
#
# Skip the code when time is short.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np
import torch

from lsml_core.data import load
from lsml_core.models import mlp, mlps
from lsml_core.selection.difficulty import first_learned, forgetting_events, unforgettable
from lsml_core.training import fit
from courseware.plots.axes import percentage

digits, rng = load("digits").subset(np.arange(1300)), np.random.default_rng(0)

# %% {"slideshow": {"slide_type": "fragment"}}
model = mlp((64, 256, 10), rng=rng)
settings = {"batch": 64, "record": ("correct",), "progress": False}
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
correct = fit(model, digits, optimizer=optimizer, epochs=40, rng=rng, **settings).records["correct"]
print(f"unforgettable {percentage(unforgettable(correct).mean(), 1)}, most events {forgetting_events(correct).max():.0f}")
print(f"correct at the first presentation {percentage((first_learned(correct) == 0).mean(), 1)}")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# 1. On the digits and on MNIST most examples are learned within two epochs, and only few of them are forgotten later.
# 2. The score needs many epochs: after two (*Break it*) an example can have at most one event, so nearly every learned
#    example counts as unforgettable.
#
# <details><summary>By hand: how many events are possible?</summary>
#
# Let an example be presented $K$ times. An event uses two presentations, a 1 and the 0 directly after it. Two different
# events cannot share a presentation, because the 0 of one is not the 1 of another. So $2\cdot\text{events}\le K$, and
# $\text{events}\le\lfloor K/2\rfloor$. The authors' code therefore counts a never-learned example as $K$ events, and
# ours as $\infty$. With both rules it ranks above all others.
# </details>
#
# **Exercises:** [1 · Forgetting events and 5 · A record that misleads a careless
# count](../exercises/07_example_difficulty.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The score in code.**

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.selection.difficulty import forgetting_events

show_source(forgetting_events)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Wrong labels
#
# *The paper's result* (Toneva et al., Figure 3; CIFAR-10, 20 % of the labels changed at random): the most forgotten
# examples are those with wrong labels, and none of these is unforgettable. The *same* examples are forgotten more often
# with a changed label than with their original one. The figure shows histograms; the numbers behind it are not
# available here.
#
# **Predict.** (a) A network has just learned the right labels and none of the wrong ones. How many forgetting events
# does a wrong label have at that time? (b) At that time a program removes the examples with the most events in order to
# clean the data. What does it do with the wrong labels? (c) Why does Figure 3 also compare examples *with themselves*?
#
# <details><summary>Answer</summary>
#
# (a) None: what was never learned cannot be forgotten. (b) It keeps the wrong labels, because they look like the
# easiest examples. This is why the authors' code gives never-learned examples the highest count. (c) Images differ in
# difficulty. If the same images are compared with themselves, only the label differs, so the label must be the cause.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** The usual wrong answer to (b) is that the program removes the wrong labels. What was never
# learned was never forgotten, so counted as 0 these labels look like the easiest ones.
#
# At the start (10 epochs, 20 % wrong) 90 % of the wrong labels are not learned yet: AUC 0.48 when they count
# as 0, and 0.99 as infinitely many. Press *Same examples*: after 40 epochs the wrong labels are forgotten 31
# times as often as the same images with their own labels.

# %% {"slideshow": {"slide_type": "fragment"}}
difficulty.label_noise.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** The same digits with a fifth of their labels wrong, at two ages of the network. The AUC is the
# probability that a random example with a wrong label has a higher score than a random one with a right label (equal
# scores count half); 1/2 is random guessing.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Read the two lines of the table against each other: early in training the rule for
# never-learned examples decides, late it does not.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.data import Dataset, label_noise

noise = label_noise(digits.y, 0.2, 10, rng=rng)
noisy, wrong = Dataset(digits.x, noise.y, digits.classes, "noisy digits"), np.isin(np.arange(1300), noise.indices)
model = mlp((64, 256, 10), rng=rng)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
correct = fit(model, noisy, optimizer=optimizer, epochs=60, rng=rng, **settings).records["correct"]

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.selection.difficulty import auc

print("epochs   never learned   AUC, as ∞   AUC, as 0   wrong among the unforgettable")
ages = {age: forgetting_events(correct[:age]) for age in (10, 60)}
print("\n".join(
    f"{age:6d} {percentage(np.isinf(e[wrong]).mean()):>15} {auc(e, wrong):11.3f} "
    f"{auc(np.where(np.isinf(e), 0, e), wrong):11.3f} {percentage(wrong[e == 0].mean(), 1):>19}" for age, e in ages.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# 1. At ten epochs most wrong labels have not been learned. Only the rule for never-learned examples finds them.
# 2. At sixty epochs nearly all wrong labels have been learned by heart, and have been forgotten several times as often
#    as the right ones.
# 3. Hardly any wrong label is among the unforgettable examples; in the paper it is none.
# 4. With their original labels the same images have only 0.1 events each (demo, *Same examples*).
# 5. At least 93 % of them have a higher count with the changed label (∞ if never learned): at 20, 40, 60 and 80 epochs,
#    on all three seeds.
#
# **Break it.** After ten epochs, with 40 % wrong labels and 0 for never-learned examples, the ranking is worse than
# random guessing: a program that keeps the easiest examples keeps most of the wrong labels.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 Which examples support which
#
# *The paper's result* (Toneva et al., Figure 4; CIFAR-10, mean of 5 runs): two parts of the data take turns in
# training. Examples that have been forgotten at least once can "support" those that have never been forgotten: the
# network keeps its accuracy on the unforgettable part while it is trained on the forgotten part. The accuracies
# themselves are not available here.
#
# **Predict.** Half F has been forgotten at least once in an earlier run, half U never. A new network is trained on one
# of them only. In which case does it know more of the half that it has not seen, after F or after U? Why?
#
# <details><summary>Answer</summary>
#
# After F. The images of F lie near the boundaries between classes; a network that gets them right has nearly correct
# boundaries, and the images of U lie far from these, on the right side. The images of U say less about where exactly
# the boundaries are. There is a second reason: the images of U are easier, whatever the network was trained on.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** A usual wrong answer is U, because its examples are typical of their classes. Choose *by
# forgetting, forgotten first*: after turns of 5 epochs the network knows 65 % of the half that it has not
# seen. Choose *unforgettable first*: 45 %. With turns of 2 epochs it is 39 %, which is the goal. Say that F
# is also the harder half, so a part of the difference has nothing to do with teaching.

# %% {"slideshow": {"slide_type": "fragment"}}
partitions.halves.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The asymmetry as it is measured**, for turns of 2, 5 and 10 epochs (four seeds, halves of 1,500 images):

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Read one pair of lines. Only the first turn shows the paper's support; the later losses
# show neither that nor its absence.
#
# Skip the slide when time is short.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
first, second = partitions.FORGOTTEN_FIRST, partitions.UNFORGETTABLE_FIRST
rows = [(n, partitions.halves.record(split=s, length=n)) for n in partitions.LENGTHS for s in (first, second)]
print("epochs per turn  trained on      knows of the other half   later turns cost, in points: own half   other half")
print("\n".join(f"{n:8d}         {name:13}  {percentage(r.known.mean(), 1):>20}  {100 * r.lost[0].mean():37.1f}  "
                f"{100 * r.lost[1].mean():11.1f}" for (n, r), name in zip(rows, 3 * ("forgotten", "unforgettable"), strict=True)))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# 1. After five epochs on the forgotten half alone, the network knows 65 % of the unforgettable half. After the
#    unforgettable half alone it knows 45 % of the forgotten one. After ten epochs the order is the same (80 % and
#    48 %), on all four seeds in both cases.
# 2. The forgotten half is also harder: five epochs of training *on it* teach only 47 % of it. So the unforgettable half
#    teaches nearly as much of it, and the support is mutual.
# 3. Which half loses more in later turns depends on their length: with turns of two epochs the unforgettable half, with
#    turns of ten the forgotten half.
# 4. So we see the paper's support in the first turn only. The later losses show neither an asymmetry nor its absence.
# 5. What differs from the paper: a small network, Fashion-MNIST, and short turns.
#
# **Break it.** Turns of two epochs: a half has not been learned completely when the turn of the other one comes, so the
# curves mix late learning with forgetting. Then the forgotten half teaches more in the mean only, not on every seed.
#
# **Exercise:** [6 · Partitions by forgetting](../exercises/07_example_difficulty.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 GraNd and EL2N
#
# Forgetting events need a whole training run. Two scores use networks that have been trained for a few epochs only:
# $$\text{GraNd}(x,y)=\mathbb E_{w}\lVert\nabla_w\ell(x,y;w)\rVert_2,\qquad
# \text{EL2N}(x,y)=\mathbb E_w\lVert p(w,x)-y\rVert_2 .$$
# Here $y$ also stands for the one-hot row of the label, and the expectation is over initialisations and the order of
# mini-batches. The slides give an approximation of GraNd: the norm of the gradient with respect to the input of the
# last layer. If the softmax counts as the last layer, its input is the logits $z$. The gradient with respect to $z$ is
# $p-y$, and **EL2N is its norm**.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Write both definitions on the board, and ask what each needs: a forward pass, or a gradient
# in all weights per example. Then say that EL2N is the norm of the gradient with respect to the logits, which
# the next slide proves.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# <details><summary>By hand: the gradient with respect to the logits is p − y</summary>
#
# For logits $z$, $p_c=e^{z_c}/\sum_k e^{z_k}$ and $\ell=-\ln p_y=-z_y+\ln\sum_k e^{z_k}$ (softmax and cross-entropy).
# $$\frac{\partial\ell}{\partial z_c}=-\mathbf 1[c=y]+\frac{e^{z_c}}{\sum_k e^{z_k}}=p_c-\mathbf 1[c=y].$$
# Hence $\partial\ell/\partial z=p-y$, and EL2N of one network is $\lVert\partial\ell/\partial z\rVert_2$. It is 0 if
# the network is certain of the label, and at most $\sqrt2$, if it is certain of another class.
# </details>
#
# <details><summary>By hand: what EL2N leaves out of GraNd</summary>
#
# Let the last layer be linear, $z=Wh+b$, with features $h$. By the chain rule $\partial\ell/\partial W=(p-y)h^\top$ and
# $\partial\ell/\partial b=p-y$. For an outer product $\lVert uv^\top\rVert_F=\lVert u\rVert\lVert v\rVert$, so
# $$\lVert\nabla_{W,b}\,\ell\rVert^2=\lVert p-y\rVert^2\lVert h\rVert^2+\lVert p-y\rVert^2=\lVert p-y\rVert^2\,(1+\lVert h\rVert^2).$$
# The other layers add squares, which are at least 0: for one network,
# $\text{GraNd}\ge\lVert p-y\rVert\sqrt{1+\lVert h\rVert^2}$. The gradient that is passed back to them is
# $\partial\ell/\partial h=W^\top(p-y)$, of norm at most $\lVert W\rVert_2\lVert p-y\rVert$ (definition of the spectral
# norm). So EL2N leaves out $\lVert h\rVert$ and the earlier layers. If these factors vary little between examples, both
# scores rank alike.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** On the board: $\partial\ell/\partial z=p-y$, then the outer product,
# $\lVert\nabla_{W,b}\ell\rVert=\lVert p-y\rVert\sqrt{1+\lVert h\rVert^2}$. Ask what EL2N leaves out.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# <details><summary>By hand: why a small gradient norm means that the example can be left out</summary>
#
# Let $g_i$ be the gradient of example $i$, and let $w$ follow gradient flow on the mean loss,
# $\dot w=-\frac1n\sum_i g_i$. The loss of any example $*$ changes at the rate
# $\dot\ell_*=g_*^\top\dot w=-\frac1n\sum_i g_*^\top g_i$ (chain rule). Without the term of example $j$ the rate changes
# by
# $$\tfrac1n\,\lvert g_*^\top g_j\rvert\;\le\;\tfrac1n\,\lVert g_*\rVert\,\lVert g_j\rVert\qquad\text{(Cauchy–Schwarz)}.$$
# If $\lVert g_j\rVert$ is small, example $j$ has little influence on any other loss *at this moment*; the bound says
# nothing about later $w$. A large norm is necessary for influence, not sufficient: gradients can be orthogonal, or
# cancel.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** The one line to remember is the inequality of Cauchy and Schwarz: a small norm means little
# influence. Ask for the converse. It is false, since gradients can be orthogonal.
#
# Skip the slide when time is short.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# *The slides' claim* (Paul et al.; scores computed at epoch 10): examples with wrong labels have higher EL2N scores.
#
# **Predict.** The network has not been trained. Does EL2N tell wrong labels from right ones? And does GraNd?
#
# <details><summary>Answer</summary>
#
# Neither does. The predicted probabilities come from random weights, so they are on average as far from a wrong label as
# from a right one. Before training $\lVert p-y\rVert$ varies little between examples, so GraNd depends mostly on the size
# of the input: in a two-layer network on $\lVert x\rVert$ and $\lVert h\rVert$. By chance a single untrained network
# can rank them a little: the one below has an AUC of 0.64 at epoch 0, the mean over five on the next slide about 0.5.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Ask for both scores before training. A usual wrong answer is that GraNd works, because it
# uses gradients of the data. But the probabilities come from random weights then. (At epoch 0 this single
# network happens to have an AUC of 0.64; the next slide has the mean over five, near 0.5.) Choose *a fifth
# wrong* at epoch 7: the AUC is 0.97, and the goal is reached. Move to epoch 15: 0.72, because the wrong
# labels have been fitted.

# %% {"slideshow": {"slide_type": "fragment"}}
el2n_demos.probability_triangle.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** Five networks on the noisy digits, before training and after 1, 3 and 5 epochs: the AUC of EL2N of one
# network, and of the mean over five.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Compare the columns, one network against five. Then the last lines: after five epochs both
# scores rank nearly alike. Name Kirsch (2023): the claim about initialisation could not be reproduced.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.selection.difficulty import el2n, rank_correlation
from lsml_core.selection.early_training import early_probabilities

p = early_probabilities(mlps((64, 256, 10)), noisy, runs=5, epochs=5, eta=0.1, batch=64, rng=rng)
print("epochs   one network   five networks     AUC of EL2N")
print("\n".join(f"{age:6d} {auc(el2n(p[0, age], noisy.y), wrong):13.3f} {auc(el2n(p[:, age], noisy.y), wrong):15.3f}"
                for age in (0, 1, 3, 5)))

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.selection.gradients import grand
from lsml_core.training import per_example

net, g, e = mlp((64, 256, 10), rng=rng), {}, {}
g[0], e[0] = grand(net, noisy.x, noisy.y), el2n(per_example(net, noisy)["probabilities"], noisy.y)
fit(net, noisy, optimizer=torch.optim.SGD(net.parameters(), lr=0.1), epochs=5, batch=64, rng=rng, progress=False)
g[5], e[5] = grand(net, noisy.x, noisy.y), el2n(per_example(net, noisy)["probabilities"], noisy.y)
print("\n".join(f"epoch {age}: AUC of GraNd {auc(g[age], wrong):.3f}, of EL2N {auc(e[age], wrong):.3f}, "
                f"rank correlation {rank_correlation(g[age], e[age]):.3f}" for age in g))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# 1. After a few epochs EL2N finds nearly all wrong labels, and the mean over networks does better than one network.
# 2. After five epochs GraNd and EL2N rank nearly alike. EL2N needs only forward passes, GraNd a gradient for every
#    single example.
# 3. Before training neither score finds the wrong labels.
#
# **The papers.** Paul et al. (NeurIPS 2021) prune half of CIFAR-10 by EL2N scores that are computed a few epochs into
# training, and report a slightly better test accuracy than with all the data. They also reported that GraNd works
# *before* training. Kirsch (2023) could not reproduce this: at initialisation GraNd is strongly correlated with the
# norm of the input and does not beat random pruning; EL2N at epoch 20 was reproduced.
#
# **Exercises:** [2 · EL2N, 3 · The gradient of the last layer, and 8, a
# proof](../exercises/07_example_difficulty.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **EL2N against forgetting, at equal cost.** A fair comparison gives both scores the same number of epochs of training:
# one network trained for $K$ epochs for forgetting events, or ten networks trained for $K/10$ epochs each for the mean
# of EL2N.
#
# **Predict.** Between 10 and 40 epochs the network learns the wrong labels by heart, one after the other. What does
# this do to the AUC of forgetting events, and why is EL2N not affected?
#
# <details><summary>Answer</summary>
#
# It falls. A never-learned example counts as $\infty$ events, so it stands out. Once a wrong label has been learned by
# heart it no longer counts as never learned, and until it has been forgotten several times it looks like a slightly
# difficult example. EL2N uses several networks after a few epochs, when they have not learned the wrong labels yet.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** The usual wrong answer is that more training makes every score better. While wrong labels
# are being learned they are neither never-learned nor forgotten often. At 10 epochs in all the AUC is 0.984
# for EL2N and 0.987 for forgetting; move the cost to 40: 0.997 and 0.916; at 80 forgetting has recovered to
# 0.950 only.

# %% {"slideshow": {"slide_type": "fragment"}}
el2n_demos.equal_cost.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# 1. With ten epochs in all, both scores find wrong labels about equally well: with 20 % of them the AUC is 0.984 for
#    EL2N and 0.987 for forgetting events, and it depends on the seed which one is ahead.
# 2. From twenty epochs on EL2N is ahead on every seed, for 10, 20 and 40 % wrong labels.
# 3. More training first makes forgetting events worse: with 20 % wrong labels their AUC falls to 0.92 at forty epochs,
#    and is 0.95 at eighty.
# 4. The comparison is not perfect: the networks for EL2N are trained by plain SGD, that for forgetting events with
#    momentum 0.9.
#
# **Break it.** With 40 % wrong labels and forty epochs in all, forgetting events reach an AUC of 0.84, EL2N of 0.99.

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The scores in code.** EL2N needs probabilities only. GraNd in its plain form takes one gradient after another.

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.selection.difficulty import el2n
from lsml_core.selection.gradients import plain_grand

show_source(el2n)
show_source(plain_grand)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 Which window to keep
#
# Rank all examples by EL2N, leave out the easiest part (the *offset*), and keep the next 40 %. The paper (Paul et al.,
# Figure 2: ResNet18, a 40 % subset of CIFAR-10, scores computed at epoch 10) shows the test accuracy against the
# offset: with clean labels, and with 10 % of the labels randomised. Its accuracies are not available here.
#
# **Predict.** Some labels are wrong. (a) Where in the ranking are they? (b) How does the best offset move when more
# labels are wrong? (c) Why might the hardest 40 % be a bad choice even if all labels are right?
#
# <details><summary>Answer</summary>
#
# (a) At the hard end. (b) It becomes smaller, because the window must end before the wrong labels. (c) Hard examples
# lie near the boundaries and are not typical of their classes. With few of them, a network does not see what the
# classes look like.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Ask (c) last, because its answer surprises most.
#
# At the start the hardest 40 % of clean data have an accuracy of 0.644, and random ones 0.802. Move the
# offset to 40 %: 0.778, to 0: 0.624. Choose 20 % wrong labels at offset 40 %: 0.788 against 0.781, and the
# window wins on all three seeds, which is the goal. *Break it*: about half of the kept labels are wrong.

# %% {"slideshow": {"slide_type": "fragment"}}
data_pruning.windows.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The best window against random examples** (three seeds, 20 epochs of training):

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Read the first column down: the best offset falls as more labels are wrong.
#
# Skip the slide when time is short.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
records = {noise: data_pruning.windows.record(noise=noise) for noise in data_pruning.NOISES}
print("wrong labels   best offset   best window   random   hardest 40 %     test accuracy")
print("\n".join(f"{noise:10d} %  {data_pruning.OFFSETS[r.windows.mean(axis=1).argmax()]:10d} %"
                f" {r.windows.mean(axis=1).max():13.3f} {r.random.mean():8.3f} {r.windows[-1].mean():14.3f}"
                for noise, r in records.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# 1. With right labels no window beats random examples on every seed; the best one equals them in the mean. The hardest
#    40 % are far behind: 64 % accuracy, where random examples reach 80 %.
# 2. The more labels are wrong, the earlier the best window ends: its offset is 50 %, then 40 %, then 30 %. With a fifth
#    wrong, 30 and 40 % are equally good: their means differ by less than the seeds.
# 3. With a tenth of the labels wrong, no window beats random examples on any seed.
# 4. With a fifth wrong, only the window at 40 % beats random examples on all three seeds, by 0.4 to 1.1 points. It
#    leaves out most wrong labels: 95 % of the last tenth of the ranking are wrong, and 8 % of the window.
# 5. What differs from the paper: a small network, 2,000 kept images in place of 20,000, another data set. We measured
#    one stopping time only.
#
# **Break it.** With a fifth of the labels wrong, keep the hardest 40 %: about half of the kept labels are wrong.
#
# **Exercise:** [4 · A window of the ranking](../exercises/07_example_difficulty.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 How much can we prune?
#
# *The paper's result* (Sorscher et al., NeurIPS 2022): with scarce initial data keep the easiest examples, with
# abundant data only the hardest. They derive this for a student perceptron that learns from a teacher perceptron $T$:
# examples $x\sim N(0,I)$ in $d$ dimensions, labels $y=\operatorname{sign}(T^\top x)$. The examples are ranked by their
# margin $y\,J^\top x$ under a *probe* $J$, a perceptron at an angle to $T$: the smaller the margin, the harder the
# example. At angle 0 the ranking is perfect.
#
# **Predict.** Half of the examples are kept, and the probe is perfect. (a) Why is the easiest half better if there is one
# example per dimension? (b) Why is the hardest half better if there are sixteen? (c) What becomes of (b) if the probe is
# poor?
#
# <details><summary>Answer</summary>
#
# (a) With so little data the direction is hardly known. Examples with a large margin point roughly along $T$ or against
# it; those with a small margin say little about the direction, and the student overfits them. (b) Any half of so much
# data gives the rough direction, and examples near the boundary say exactly where it is. (c) A poor probe picks examples that are near *its own* boundary, not near that of
# $T$. The hardest half loses its advantage.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Draw the teacher's boundary on the board, with a far and a near example. A usual wrong answer
# to (a) is that hard examples always teach more. Choose 1 example per dimension with 50 % kept: error 25.0 %
# for the easiest and 40.7 % for the hardest. Choose 12 with 30 % kept: 5.8 % and 4.3 %, random 11.7 %, which
# is the goal. *Break it* has a poor probe, where random examples win. The proof of θ/π is one picture.

# %% {"slideshow": {"slide_type": "fragment"}}
data_pruning.amounts.show()

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.selection.teacher_student import experiment

means = {alpha: np.mean([experiment(alpha, 0.5, d=100, angle=0, rng=r) for r in rng.spawn(5)], axis=0)
         for alpha in (1, 2, 4, 8, 16)}
print("examples per dimension   easiest   hardest   random     test error at angle 0, mean of 5 draws")
print("\n".join(f"{alpha:22d} {easy:9.3f} {hard:9.3f} {random:8.3f}" for alpha, (easy, hard, random) in means.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# 1. With a perfect probe (angle 0) and one example per dimension, the easiest examples win, whatever fraction is kept.
# 2. With sixteen or more examples per dimension, the hardest win if 20 to 50 % of all are kept, on at least five of six
#    draws.
# 3. The smaller the kept fraction, the more data is needed before the hardest win: 6 examples per dimension at 50 %, 16
#    at 20 %.
# 4. Random examples never win at angle 0. The worse the probe, the more settings they win: 10 % of the map at 0.4
#    radians, 36 % at 0.6 and 59 % at 0.8.
# 5. Our map is a simulation with $d=100$ and six draws. The paper's claims hold for it as long as the probe is good.
#
# **Break it.** Set the angle to 0.6 with eight examples per dimension: if 40 % are kept, the hardest have 22 % test
# error and random ones 12 %.
#
# <details><summary>By hand: the test error is the angle over π</summary>
#
# Let $\theta$ be the angle between $w$ and $T$. The signs of $w^\top x$ and $T^\top x$ depend only on the projection of
# $x$ onto the plane spanned by $w$ and $T$. For $x\sim N(0,I)$ this projection points in every direction of the plane
# with equal probability (rotation invariance of the Gaussian). The signs differ exactly if it lies in one of two
# opposite sectors, each of angle $\theta$. Hence
# $$P\big(\operatorname{sign}(w^\top x)\ne\operatorname{sign}(T^\top x)\big)=\frac{2\theta}{2\pi}=\frac\theta\pi.$$
# </details>

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The same question for images.** *The paper's result* (Sorscher et al., abstract): for ResNets on CIFAR-10, SVHN and
# ImageNet, with a good ranking, the error falls faster than a power law of the number of examples. Our networks are
# small, and so are our data sets.
#
# **Predict.** We keep 40 % of the images. As the number of images grows, do the hardest gain or lose against the
# easiest?
#
# <details><summary>Answer</summary>
#
# They gain, as in the theory: of many images even the hardest 40 % show what the classes look like.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** At the start random images win: 23.7 % error, easiest 40.8 %, hardest 50.2 %. Move to 5,000
# images with 40 %: easiest 35.6 %, hardest 36.9 %, so the gap closes as the theory says; random are still at
# 19.4 %. The lesson for a project: compare with random examples first.

# %% {"slideshow": {"slide_type": "fragment"}}
data_pruning.images.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# 1. If 80 % are kept, the hardest images beat the easiest on average, at every size.
# 2. If 40 % are kept, the easiest are ahead, by 11 points at 250 images and by 1 point at 5,000: the gap closes, as the
#    theory says.
# 3. If 20 % are kept, the gap does not close: the easiest are ahead by more than 11 points at every size.
# 4. Random images win in 14 of the 15 settings. In the other one the hardest lead by less than one point, and the seeds
#    differ. So compare with random examples before you trust a score.
# 5. What differs from the paper: a small network, at most 5,000 images, and scores of five small networks after five
#    epochs. We measured one stopping time, 1,000 steps.
#
# **Break it.** Keep a fifth of 250 images: the hardest 50 do not show what the classes look like, and most test images
# are classified wrongly.
#
# **Exercise:** [7 · In your own words](../exercises/07_example_difficulty.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Summary
#
# | score | what it measures | what it costs | where it fails |
# |---|---|---|---|
# | forgetting events | how often the example was lost after it was learned | a whole training run | never-learned examples look easy if they count as 0 |
# | EL2N | distance between predicted probabilities and label: the norm of $\partial\ell/\partial z$ | a few epochs of a few networks, forward passes | before training, and when the wrong labels have been fitted |
# | GraNd | norm of the gradient in all weights | the same, and a gradient for each example | before training: it depends mostly on the input's norm |

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Cover the last column, where each score fails, and let the room fill it in from what *Break
# it* has shown.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Which examples to keep**
#
# | situation | keep |
# |---|---|
# | scarce data | the easiest examples, or random ones |
# | abundant data, right labels, a good ranking | the hardest |
# | wrong labels | a window that ends before the hardest |
# | a small network or a poor ranking | random examples, unless a comparison shows that a score does better |
#
# A high score means *near a boundary* or *wrong label*; the score itself does not say which.
#
# **Exercises.** [`exercises/07_example_difficulty.ipynb`](../exercises/07_example_difficulty.ipynb): forgetting events,
# EL2N, last-layer norms, windows, partitions by forgetting, and a proof.
#
# **Read on.** Toneva et al., *An empirical study of example forgetting during deep neural network learning* (ICLR
# 2019) · Paul, Ganguli & Dziugaite, *Deep learning on a data diet* (NeurIPS 2021) · Sorscher et al., *Beyond neural
# scaling laws* (NeurIPS 2022) · Kirsch, *Does "Deep learning on a data diet" reproduce?* (2023). The code of this
# lecture: `lsml_core/selection/difficulty.py`, `gradients.py`, `keep.py`, `teacher_student.py`.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** Ask the question of the first slide again. Then read the sentence under the table aloud: a
# high score means near a boundary, or wrong.
