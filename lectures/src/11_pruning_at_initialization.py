# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 11 · Pruning at initialization
#
# **60 minutes.** After this lecture you will be able to
#
# 1. derive the scores of SNIP and GraSP, and say what their first-order prediction leaves out;
# 2. recognise layer collapse, and predict which layer magnitude or a random mask empties first;
# 3. prove that SynFlow's scores are conserved, and say why conservation alone is not enough;
# 4. test whether a mask found before training depends on single weights at all;
# 5. say what carries over when a ticket is trained on other data or by another optimizer, and what that would imply.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Ask what a ticket of lecture 10 costs: several trainings. Today's question is whether a
# mask can be found before the first training.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 First-order scores: SNIP and GraSP
#
# A ticket of lecture 10 costs many trainings. Can a network be pruned *before* the first training? Both methods of this section ask
# how an objective would change if a weight were reduced to 0. Let $\delta_q$ be the step that removes weight $q$: it is
# $-\theta_q$ at weight $q$ and 0 elsewhere. Let $g$ and $H$ be gradient and Hessian of the loss $L$ at the initial weights
# $\theta_0$.
#
# **SNIP** keeps the weights whose reduction changes the loss fastest:
# $$S(\theta_q)=\lim_{\epsilon\to0}\left|\frac{L(\theta_0)-L(\theta_0+\epsilon\delta_q)}{\epsilon}\right|
# =\left|\theta_q\,\frac{\partial L}{\partial\theta_q}\right|.$$
# **GraSP** keeps the weights whose removal would shrink the gradient norm. A small gradient step lowers the loss by
# $\Delta L(\theta)=g^\top g$ per unit of step size, so a larger gradient norm means a faster first step:
# $$\Delta L(\theta_0+\delta)-\Delta L(\theta_0)=2\,\delta^\top Hg+O(\|\delta\|^2),\qquad S(-\theta)=-\theta\odot Hg.$$
# GraSP removes the *largest* $S$: the weights whose removal increases the gradient norm most. The library returns
# $\theta\odot Hg=-S$, so that a large score always means "keep".

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **11 minutes.** Derive both scores on the board, SNIP in two lines and GraSP in three. Stress the sign:
# GraSP removes the largest S. Then ask for (a), (b) and (c). The usual wrong answer is that (c) is fine if
# each weight is small. The second-order term sums over all pairs.
#
# Start with one weight at 10 %: the prediction is off by 0.136 % of the change. Move to 1,000 weights: 3.71
# %, which is the goal. *Break it* removes 6,000 entirely: 320 %.

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# <details><summary>By hand: the expansions of SNIP and GraSP</summary>
#
# *SNIP.* Taylor's theorem ($L$ differentiable at $\theta_0$) gives
# $L(\theta_0+\epsilon\delta_q)-L(\theta_0)=\epsilon\,g^\top\delta_q+o(\epsilon)=-\epsilon\,\theta_qg_q+o(\epsilon)$. Divide by $\epsilon$ and
# let $\epsilon\to0$: the absolute value is $|\theta_qg_q|$. With gates $c\odot\theta$ the same number is $|\partial L/\partial c_q|$
# at $c=1$.
#
# *GraSP.* By Taylor's theorem $\big(L(\theta)-L(\theta-\epsilon g)\big)/\epsilon\to g^\top g$ as $\epsilon\to0$: this is
# $\Delta L$, the decrease of the loss by one small gradient step. Let $\phi(\theta)=g(\theta)^\top g(\theta)$. The product rule gives $\nabla\phi=2Hg$ ($L$ twice differentiable, $H$ symmetric),
# so $\phi(\theta_0+\delta)-\phi(\theta_0)=2\,\delta^\top Hg+O(\|\delta\|^2)$ (third derivatives bounded near $\theta_0$). Removing weight
# $q$ alone, $\delta=\delta_q$, gives $-2\,\theta_q(Hg)_q$. The score leaves out the factor 2, which does not change the order.
#
# *What is left out.* Setting $\epsilon=1$ ignores second-order terms. For a set $Q$ of weights removed together the second-order
# term is $\tfrac12\sum_{p,q\in Q}\theta_p\theta_qH_{pq}$, one summand for every **pair**: it may exceed the prediction when $Q$ is large.
# </details>
#
# **Predict.** A mask removes thousands of weights entirely. For which of these is the first-order prediction of the loss accurate: (a) one
# weight reduced by 1 %, (b) one weight removed, (c) thousands of random weights removed together?
#
# <details><summary>Answer</summary>
# For (a), and nearly for (b): one weight changes the loss little, so second-order terms are small. Not for (c): the second-order term
# sums over all pairs of removed weights.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.pruning import pruning_at_initialization as demos
from courseware.plots.axes import percentage

demos.prediction.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** A deep narrow network before training; one batch of 100 digits; masks that keep 3 % of the weights; then 160
# steps of training, three networks. The last line is GraSP with the wrong sign, a common mistake: the paper's $S$ is large where
# weights should be *removed*.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Ask what an implementation with the wrong sign looks like: all three networks are at chance.
# That is a cheap test. SynFlow is ahead after 160 steps without having seen a batch; the lead is gone after
# 800.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np
import torch

from lsml_core.data import load
from lsml_core.models import mlp
from courseware.studies.pruning_methods import batch, methods_at_initialization
from lsml_core.pruning.masks import collapsed, keep_top
from lsml_core.pruning.scores import grasp
from lsml_core.pruning.checkpoints import Checkpoint, TrainingPlan, advance, shuffled_epochs, step_decay
from lsml_core.training import evaluate

digits, exam, rng = load("digits"), load("digits", split="test"), np.random.default_rng(0)

# %% {"slideshow": {"slide_type": "fragment"}}
nets = [mlp((64, 256, 128, 64, 32, 10), rng=np.random.default_rng(seed)) for seed in range(3)]
plan = TrainingPlan(digits, torch.optim.Adam, step_decay(5e-3, 160, drops=()), shuffled_epochs(len(digits), 64, 160, rng=rng))
methods = methods_at_initialization(*batch(digits, 100), rng=rng)
masks = {name: [methods[name](net, 0.03) for net in nets]
         for name in ("SNIP", "GraSP", "SynFlow")}
masks["GraSP, wrong sign"] = [keep_top({n: -s for n, s in grasp(net, *batch(digits, 100)).items()}, 0.03)
                              for net in nets]
found = {name: [evaluate(advance(plan, Checkpoint(0, net), 160, m).model, exam)[1] for net, m in zip(nets, ms)]
         for name, ms in masks.items()}
print("\n".join(f"{name:18} mean {percentage(np.mean(a), 1)}   " + "  ".join(percentage(b, 1) for b in a)
                for name, a in found.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - One batch is enough to select a thirtieth of the weights so that the network still learns.
# - After these 160 steps SynFlow (section 3), which sees no batch at all, is the best of the three. After 800 steps (section 4) the
#   three are within 1.5 points of each other.
# - GraSP is behind SNIP on average, after 160 and after 800 steps, as in the published table of section 2.
# - With the wrong sign all three networks are at chance: a cheap test of your own implementation.
# - In the demo, SNIP removes half of the 11,900 weights, and the loss changes by 1.6 %. That is small, though 70 times the
#   prediction of 0.02 %.
#
# **Break it.** Remove half of the weights at random: the true change is several times smaller than predicted.

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The scores in code.**

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.pruning.scores import snip, grasp

show_source(snip)
show_source(grasp)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Layer collapse
#
# With growing compression, at some point a layer has no weight left. Then no signal passes, and accuracy drops to chance, however
# many weights the other layers still have.
#
# **The paper's result** (Tanaka et al., NeurIPS 2020, VGG-16 on CIFAR-100, mean of three runs, accuracy in percent; chance is 1).
# The last column is the largest compression without an empty layer (tried in steps of a quarter of a power of ten). At most
# $10^{6.02}$ is possible: one weight in each of the 14 layers.
#
# | method | compression 100 | 316 | 1,000 | no empty layer up to |
# |---|---|---|---|---|
# | random | 52.3 | 18.2 | 1 | $10^{3.25}$ |
# | magnitude | 60.9 | 1.0 | 1 | $10^{2.75}$ |
# | SNIP | 61.3 | 46.6 | 16.1 | $10^{3.5}$ |
# | GraSP | 61.1 | 43.3 | 4.6 | $10^{3.5}$ |
# | SynFlow, 100 rounds | 63.5 | 54.9 | 41.4 | $10^{6}$ |
#
# **Predict.** In our network, layer 2 has the most inputs (256), and the output layer has the fewest weights (320). All weights start
# with variance 2/inputs. (a) Which layer does magnitude empty first? (b) Which kind of layer does a random mask empty first?
#
# <details><summary>Answer</summary>
# (a) The layer with the most inputs, because its weights start smallest. (b) A small one: a random mask keeps about the same
# fraction of every layer, and in a small layer this is soon less than one weight.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **8 minutes.** The usual wrong answer to (a) is the smallest layer, for both methods. Magnitude empties the
# layer with the smallest weights, which has the most inputs.
#
# Start with magnitude at compression 10: 79 %. Choose *GraSP in rounds*: 10 %, although no layer is empty,
# and this is the goal. Press *SynFlow*: 47 % at compression 300. *Break it* is SynFlow at once: layers 1 and
# 2 are empty at compression 30.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.pruning import layer_collapse

layer_collapse.collapse.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# Five networks; Fashion-MNIST of 14 × 14 pixels with layers of 196-256-128-64-32-10, and the digits with 64 in place of 196. Stored
# runs: `python -m courseware.studies.pruning compression digits`. The cell prints the mean accuracy, and the lowest and highest of the
# five in parentheses.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from courseware.studies import stored

parts = {"Fashion-MNIST": stored("pruning", "compression"), "digits": stored("pruning", "digits")}
shown = ("magnitude", "SNIP", "GraSP", "SynFlow", "SNIP in rounds", "GraSP in rounds")
print(f"{'accuracy, percent; compression':32}" + "".join(f"{c:15,.0f}" for c in parts["digits"]["compression"][2:6]))
print("\n".join(f"{data:15} {method:16}" + "".join(f"{f'{a.mean():.0f} ({a.min():.0f} to {a.max():.0f})':>15}" for a in
                100 * run["accuracy"][:, run["methods"].tolist().index(method), 2:6].T)
                for data, run in parts.items() for method in shown))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - Magnitude empties layer 2 first, which has the most inputs.
# - SynFlow in 100 rounds empties no layer up to compression 10,000. In a single round it empties one at 30, earlier than any other
#   method.
# - At compression 100 and 300, SynFlow is ahead of random, magnitude, SNIP and GraSP, on both data sets, as in the paper. On
#   Fashion-MNIST it is ahead on each of the five networks, though at 300 these differ by up to 24 points.
# - A layer that still has weights may no longer pass a useful signal: magnitude on Fashion-MNIST is at chance at compression 300,
#   although none of its layers is empty.
# - Rounds do not help every score: GraSP in rounds is at chance from compression 10 on, although on Fashion-MNIST none of its layers
#   is empty up to 1,000.
#
# Our networks lose their accuracy at smaller compressions than the paper's. They have about 150 (Fashion-MNIST) and 250 (digits)
# times fewer weights than VGG-16, so at compression 1,000 fewer than 100 weights are left.
#
# **Break it.** Choose SynFlow at once at compression 30: all networks are at chance. Which layers are empty? Section 3 says why.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Largest fan-in, or smallest layer?** It is often said that magnitude pruning empties the *widest* layers and random pruning the
# *smallest*. The first statement depends on the initialisation: with variance 2/inputs, weights are small where there are many inputs.
#
# **Predict.** Now all weights start with the *same* variance. Which layer does magnitude empty first?
#
# <details><summary>Answer</summary>
# Most likely the smallest one, as a random mask does: with equal variances magnitude keeps about the same fraction of every layer.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask which layer is emptied first if all weights start with the same variance. Many repeat the
# answer of the slide before.
#
# At the start (2/inputs) it is layer 2. Choose *2 / outputs*: layer 1, and the goal is reached. Choose *the
# same in all layers*: the output layer is emptied first; at compression 300 no layer is empty, and yet no
# path is left.

# %% {"slideshow": {"slide_type": "fragment"}}
layer_collapse.initialization.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - With variance 2/outputs, magnitude first empties layer 1, which has the most outputs. So "magnitude prunes the widest layer" is
#   true only for some initialisations.
# - Press *Random*: no layer is empty, and still no output is reached, because the remaining weights form no path.
#
# **Break it.** The same variance in all layers, at compression 3,000: the output layer, the smallest one, is empty.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 SynFlow: conserved scores, in rounds
#
# All scores of these lectures come from $\theta\odot\partial R/\partial\theta$ for a scalar $R$. Magnitude: $R=\frac12\|\theta\|^2$, which gives
# $\theta^2$, in the same order as $|\theta|$. SNIP: $R=L$, and then the absolute value. GraSP: $R=\frac12\|g\|^2$. SynFlow takes
# $$R_{SF}=\mathbb 1^\top\Big(\prod_{l=1}^L|\theta^{[l]}|\Big)\mathbb 1,$$
# the sum over all paths from an input to an output of the product of $|\theta|$ along the path, and scores $|\theta|$ in place of
# $\theta$. (In this formula $L$ is the number of layers.) It needs no data.
#
# **Conservation.** At every hidden unit, the scores of the incoming and of the outgoing weights have the same sum. Hence all layers
# have the same sum, $R$. A layer with few weights left therefore has large scores. **If scores are computed again after every small
# pruning step**, no layer is emptied: a step would have to remove scores with a sum of at least $R$.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **10 minutes.** Prove conservation on the board: multiply the incoming weights by $a$ and the outgoing ones
# by $1/a$, and differentiate at $a=1$. Ask where each hypothesis is used. A usual mistake is to conclude that
# conservation alone prevents collapse. In one round a step may remove more than R.
#
# At the start 3 rounds reach compression 1,000 without an empty layer; choose one round: layers 1, 2 and 3
# are empty at 300. Choose 100 rounds: no layer is empty up to 10,000, the largest that was tried. Magnitude
# stays at 30 with any number of rounds.

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# <details><summary>By hand: conservation in SynFlow</summary>
#
# Take a hidden unit with incoming weights $v$ and outgoing weights $w$, all replaced by absolute values. Its input is linear in $v$ (no bias;
# inputs are not negative, so a ReLU passes them unchanged), so its output is multiplied by $a$ when $v$ is (positive homogeneity,
# $a>0$). Dividing $w$ by $a$ undoes this:
# $$\phi(a)=R(a\,v,\;w/a)=R(v,w)\quad\text{for all }a>0\ \text{(all other weights fixed)}.$$
# So $\phi$ is constant and $\phi'(1)=0$. By the chain rule
# $$\phi'(a)=\sum_iv_i\frac{\partial R}{\partial v_i}-\frac1{a^2}\sum_kw_k\frac{\partial R}{\partial w_k},\qquad
# \text{and at }a=1:\quad \sum_iv_i\frac{\partial R}{\partial v_i}=\sum_kw_k\frac{\partial R}{\partial w_k}.$$
# Sum over all units of a layer (a chain: every outgoing weight enters the next layer): neighbouring layers have equal sums. Their
# common value is $R$, because $R$ is linear in each layer (multiply one layer by $a$ and differentiate at $a=1$).
#
# *Why small steps empty no layer.* The weights of a layer that are left have scores with the sum $R>0$. A step that empties the layer
# removes all of them, so it removes a sum of at least $R$. Steps that remove less than this, with the scores computed again before each,
# leave weights in every layer. A single round may remove more than $R$: conservation alone is not enough.
# </details>
#
# **Predict.** SynFlow computes its scores once and prunes in a single round. Which layer is emptied first?
#
# <details><summary>Answer</summary>
# Most likely the largest: all layers have the same sum, so the layer with the most weights has the smallest scores on average. In
# the runs of section 2, at compression 30, it is the largest layer for the digits, and the two largest for Fashion-MNIST.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
layer_collapse.rounds.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: conservation, and how far it helps.** Each layer's share of the sum of all scores; then the number of empty layers at
# compression 1,000 for three networks.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Read the shares of the layers: equal for SynFlow, unequal for magnitude. Then the counts of
# empty layers, at once and in rounds. Only SynFlow's rounds come with a proof.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.pruning.scores import magnitude, synflow

sums = {"SynFlow": synflow(nets[0], (64,)), "magnitude": magnitude(nets[0])}
print("\n".join(f"{name:10}" + "".join(f"{percentage(float(s.sum() / sum(t.sum() for t in layers.values())), 1):>8}"
                                        for s in layers.values()) for name, layers in sums.items()))
for_all = {name: [len(collapsed(method(net, 1 / 1000))) for net in nets] for name, method in methods.items()}

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
print("empty layers at compression 1,000, three networks")
print("\n".join(f"{name:18}{counts}" for name, counts in for_all.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - SynFlow's scores have the same sum in all five layers. Magnitude's do not.
# - In a hundred rounds SynFlow, SNIP and GraSP leave weights in every layer of these three networks at compression 1,000. At once, each
#   of them empties a layer of at least one network.
# - Magnitude in rounds would choose the same mask as at once, because its scores do not change when other weights are removed.
#
# So two things are needed: rounds, and a score that changes when weights are removed. Only SynFlow's scores come with a proof: in the
# stored runs of section 2, GraSP in rounds empties a layer of one of five networks for the digits at compression 1,000, and of four of
# five for Fashion-MNIST at 3,000.
#
# **Break it.** One round: the scores are conserved, and a layer is empty at compression 30.

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The score in code.**

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.pruning.scores import synflow

show_source(synflow)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Does the mask matter, or only the number of weights per layer?
#
# Frankle, Dziugaite, Roy & Carbin (ICLR 2021) gave SNIP, GraSP and SynFlow the controls of lecture 10: shuffle the mask within each
# layer, or draw new initial weights. If accuracy stays, the method has chosen *how many* weights each layer keeps, and not *which*.
#
# **The paper's result.** For all three methods, accuracy is the same or higher after shuffling, and with new weights. All three stay
# below magnitude pruning after training, for which both controls cost accuracy.
#
# **Predict.** A ticket found by training loses with both controls. (a) Why might a mask that was found without training not lose?
# (b) Would you expect a difference to grow or to shrink with longer training?
#
# <details><summary>Answer</summary>
# (a) Its scores use at most derivatives at the initial weights, from which training soon moves away. (b) To shrink: a network that
# starts badly can catch up. A difference after short training may be one of speed only.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Repeat the two controls of lecture 10. A usual wrong answer to (b) is that a difference
# grows with training. After 160 steps shuffling costs SNIP 20 points, after 800 steps 4 to 8 points for
# each method. So most of what SNIP lost was speed. Say that the paper finds no loss at all, and name a
# possible reason: our narrow layers.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
run = stored("pruning", "ablation")
table = {"as it is": run["accuracy"][:, :, None], "shuffled": run["shuffled"],  # networks, methods, draws, steps
         "new weights": run["reinitialised"][:, :, None]}
print("3 % of the weights kept: mean (lowest to highest), percent")
print("\n".join(f"{steps} steps  {method:8}" + "".join(f"   {name} {a.mean():.1f} ({a.min():.0f} to {a.max():.0f})"
                for name, values in table.items() for a in [100 * values[:, m, ..., s]])
                for s, steps in enumerate(run["at"]) for m, method in enumerate(run["methods"])))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# The digits, the networks and the optimizer of section 1; three networks, five shuffles of each mask, one new initialisation each:
# `python -m courseware.studies.pruning ablation`.
#
# **What to notice**
#
# - After 160 steps shuffling costs SNIP 20 points, SynFlow 23 and GraSP 6, on average.
# - After 800 steps it costs each of the three 4 to 8 points. So most of the loss of SNIP and SynFlow was one of speed.
# - New weights cost at most 3 points on average after 800 steps.
# - Five shuffles of one mask differ by 4 to 23 points after 800 steps: one shuffle proves little.
#
# The paper trains larger networks to the end, and there shuffling costs nothing. One possible reason for the difference: our layers are
# as narrow as 32 units, and in a narrow layer it may still matter which 3 % of the weights are kept.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 Tickets on other data
#
# Finding a ticket costs many trainings. Morcos, Yu, Paganini & Tian (NeurIPS 2019) train tickets of one task, mask and initial
# weights, on another data set or by another optimizer.
#
# **The paper's result.** Within natural images, tickets generalise across Fashion-MNIST, SVHN, CIFAR-10 and -100, ImageNet and Places365,
# often close to the target's own ticket. Tickets found on larger data sets transfer better. Tickets also generalise across optimizers.
#
# **What this would imply.**
#
# - *Inductive bias.* If one ticket is good for many tasks, it encodes something about images in general, as convolutions do, and not
#   only about one data set.
# - *A universal ticket.* A ticket found once on a very large data set could initialise networks for most related tasks.
# - *Amortised search.* Like meta-learning of an initialisation, the expensive search is paid for once and used many times.
#
# **Predict.** The control is the target's **own mask with new initial weights**; a random mask would be too easy to beat. Three
# tickets: the task's own, one found by the other optimizer on the same data, one found on other data. In which order do they end, and
# which of them can fall below the control?
#
# <details><summary>Answer</summary>
# Own and other optimizer nearly level, then other data: which inputs carry information depends on the data and hardly on the
# optimizer. The ticket of other data is the one that can fall below the control, whose mask was found on the right data.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **7 minutes.** Ask for an order of three tickets, and for the one that can fall below the control. The usual
# wrong answer is the ticket of the other optimizer. At 40 % of the weights all are within about 3 points.
# Move to 2.6 % on Fashion-MNIST: trained by SGD own 78, other data 71, new weights 63; by Adam the other
# data's ticket (75) is below new weights (78). Choose MNIST at 2.6 % for the goal. Discuss the three
# implications only if there is time.

# %% {"slideshow": {"slide_type": "fragment"}}
demos.transfer.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# Three seeds, images of 14 × 14 pixels, a network of 300 and 100 units, all tickets from the same initial weights:
# `python -m courseware.studies.pruning transfer`. Two more tickets, with 2.6 % of the weights, trained on MNIST:

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
run = stored("pruning", "transfer")
rows = ("MNIST, SGD", "500 of MNIST, SGD", "Fashion, SGD", "re-initialised", "random labels, SGD")
places = [run["sources"].tolist().index(name) for name in rows]
by = [100 * run["accuracy"][:, run["targets"].tolist().index(f"MNIST, {name}"), :, -1] for name in ("SGD", "Adam")]
print("mean of three seeds (lowest, highest)")
print(f"{'accuracy on MNIST, percent':26}{'by SGD':>19}{'by Adam':>19}")
print("\n".join(f"{name:26}" + "".join(f"{f'{a.mean():.1f} ({a.min():.1f}, {a.max():.1f})':>19}" for a in (s[:, i] for s in by))
                for name, i in zip(rows, places)))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: on the digits, now.** A ticket found by SGD and one found by Adam, each trained by both.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Read along a line and along a column: found by, and trained by. One seed, so only large
# differences count.
#
# Skip the slide when time is short.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.pruning.tickets import controls, imp, transfer

model, other = mlp((64, 300, 100, 10), rng=rng), mlp((64, 300, 100, 10), rng=rng)
order = shuffled_epochs(len(digits), 64, 200, rng=rng)
plans = {"SGD": TrainingPlan(digits, torch.optim.SGD, step_decay(0.3, 200), order),
         "Adam": TrainingPlan(digits, torch.optim.Adam, step_decay(3e-3, 200), order)}
tickets = {f"found by {name}": imp(each, model, rounds=3, rate=0.6)[-1] for name, each in plans.items()}
tickets |= controls(plans["SGD"], tickets["found by SGD"], other, rng=rng)
print(f"{percentage(0.4**3, 1)} of the weights   by SGD    by Adam")
print("\n".join(f"{name:18}" + "".join(f"{percentage(evaluate(transfer(each, t).model, exam)[1], 1):>11}"
                                        for each in plans.values()) for name, t in tickets.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - In the stored runs another optimizer costs a ticket at most 2.2 points (means of three seeds). Trained by SGD, tickets that Adam found are there even
#   better than SGD's own, down to 6.4 % of the weights. On the digits it depends on the seed.
# - Other data cost more: with 2.6 % of the weights, 7 to 14 points under SGD and 5 to 8 under Adam.
# - Under SGD the other data's ticket is better than the own mask with new weights, for each seed and with any number of weights left.
# - Under Adam it depends on how many weights are left. With 2.6 % the other data's ticket is worse for each seed. With 6.4 % it is a
#   point worse on average, but for one seed of three it is better. With 16 % the two are level.
# - A ticket found with a tenth of the images is within two points of that of all, on average.
# - With 2.6 % of the weights a ticket found with random labels is worse than new weights: a useful mask depends on the labels, not only on the images.
#
# Morcos et al. find more transfer, with larger networks and larger source data. With three seeds and one stopping time, our
# numbers show the order only.
#
# **Break it.** With 40 % of the weights all tickets are within about 3 points of each other, and nothing can be concluded.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Summary
#
# | | keeps | needs | layer collapse |
# |---|---|---|---|
# | random | any weights | nothing | a small layer is empty first |
# | magnitude | large weights | nothing | the layer with the smallest initial weights is empty first |
# | SNIP | weights whose reduction changes the loss | one batch with labels | later than random and magnitude; in rounds none here |
# | GraSP | weights whose removal would shrink the gradient norm | one batch with labels | earlier than SNIP; in rounds ours do not learn |
# | SynFlow | weights on strong paths | a hundred rounds, no data | none; in a single round, earlier than all others |
#
# **Exercises.** [Set 11](../exercises/11_pruning_at_initialization.ipynb): SNIP, GraSP, SynFlow, pruning in rounds, a network
# that collapses, a ticket on other data, a question in words, and the proof of conservation. Before: [lecture 10](10_pruning.ipynb).
#
# **Read on.** Lee, Ajanthan & Torr, *SNIP* (ICLR 2019) · Wang, Zhang & Grosse, *Picking winning tickets before training by
# preserving gradient flow* (ICLR 2020) · Tanaka, Kunin, Yamins & Ganguli, *Pruning neural networks without any data by iteratively
# conserving synaptic flow* (NeurIPS 2020) · Frankle, Dziugaite, Roy & Carbin, *Pruning neural networks at initialization: why are
# we missing the mark?* (ICLR 2021) · Morcos, Yu, Paganini & Tian, *One ticket to win them all* (NeurIPS 2019). The code of this
# lecture: `lsml_core/pruning/scores.py` and `masks.py`; the comparisons: `courseware/studies/pruning_methods.py`.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Ask which rows need no data, and why only one of them avoids collapse. The last column is the
# answer to objective 2.
