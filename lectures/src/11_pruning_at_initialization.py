# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 11 · Pruning at initialization
#
# **60 minutes.** After this lecture you will be able to
#
# 1. derive the scores of SNIP and GraSP, and say what their first-order prediction leaves out;
# 2. recognise layer collapse, and predict which layer magnitude or a random mask empties first;
# 3. say what makes SynFlow avoid it, and which half of the recipe is not enough;
# 4. test whether a mask found before training is about single weights at all;
# 5. say what carries over when a ticket moves to another data set or optimizer.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 What will be missed?
#
# A ticket of lecture 10 costs many trainings. Can a network be pruned before the first? Replace $\theta$ by
# $c\odot\theta$ and let one gate fade from 1 to 0: that is the step $\delta_q$, which is $-\theta_q$ at weight $q$ and 0
# elsewhere. Let $g$ be the gradient of the loss $L$ at the initial weights $\theta_0$, and $H$ its Hessian.
#
# **SNIP** keeps what the loss notices:
# $$S(\theta_q)=\lim_{\epsilon\to0}\left|\frac{L(\theta_0)-L(\theta_0+\epsilon\delta_q)}{\epsilon}\right|
# =\left|\theta_q\,\frac{\partial L}{\partial\theta_q}\right|.$$
# **GraSP** keeps the weights whose removal would shrink the gradient norm: a small gradient step lowers the loss by $\Delta L(\theta)=g^\top g$ per unit of
# step size, so the longer the gradient, the better:
# $$\Delta L(\theta_0+\delta)-\Delta L(\theta_0)=2\,\delta^\top Hg+O(\|\delta\|^2),\qquad S(-\theta)=-\theta\odot Hg,$$
# and removes the *largest* $S$: those whose removal makes the gradient longest. The library returns
# $\theta\odot Hg=-S$, so that large always means keep.
#
# **Predict.** Both are first order, one weight at a time. A mask removes thousands of weights entirely. Will the
# prediction hold?
#
# <details><summary>Answer</summary>
# For one weight nearly, even removed entirely. For thousands at random, no.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.pruning import pruning_at_initialization as demos

demos.prediction.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** A deep narrow network, not yet trained; one batch of 100 digits; masks that keep 3 % of the weights;
# then 160 steps of training. And GraSP with the sign turned around, a mistake that is easily made: the paper's $S$ is
# large where weights should go.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np
import torch

from lsml_core.data import load
from lsml_core.models import mlp
from courseware.studies.pruning_methods import batch, methods_at_initialization
from lsml_core.pruning.masks import collapsed, keep_top
from lsml_core.pruning.scores import grasp, prunable
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
print("\n".join(f"{name:18} mean {np.mean(a):.1%}   " + "  ".join(f"{b:.1%}" for b in a) for name, a in found.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** One batch and one derivative choose a thirtieth of the weights, and the network learns: SynFlow's, which saw
# no batch at all, best. GraSP is behind SNIP here, unlike in its paper, which prunes much larger networks. The wrong
# sign is chance in all three networks: a cheap test of your own implementation.
#
# **Break it.** Remove half of the 11,900 weights at random: the loss changes several times less than predicted. Then
# look at the diamond. SNIP's own choice, half of all weights, changes the loss by 1.6 %: little, though 70 times the
# predicted 0.02 %.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Layer collapse
#
# Push the compression, and at some point a layer has no weight left. No signal passes, and accuracy drops to chance at
# once, however many weights the other layers still have.
#
# **Predict.** The widest layer has 256 inputs, the smallest 320 weights. Which one does magnitude empty first? Which one
# does a random mask empty?
#
# <details><summary>Answer</summary>
# Magnitude the one with most inputs, whose weights start smallest. A random mask leaves each layer the same share, and
# of 320 weights that is soon less than one.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.pruning import layer_collapse

layer_collapse.collapse.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# Two seeds; Fashion-MNIST of 14 × 14 pixels, layers of 196-256-128-64-32-10, and the digits, 64 in place of 196: trained
# once by `python -m courseware.studies.pruning compression digits` and stored.
#
# **Notice.** Magnitude dies in layer 2, which has most inputs; random in a small one. SynFlow at once dies first, with
# the two largest layers at compression 32. SynFlow in rounds never empties a layer, and from 100 on is ahead of the
# other four: there by 6 points on Fashion-MNIST and 18 on the digits, at 320 by 30 and 18. SNIP in rounds, the closest,
# is 24 and 16 behind at 320, and about level from 1,000 on. But a layer with weights is not yet a network that learns:
# SNIP is at chance at 320 on Fashion-MNIST, where none of its layers is empty.
#
# **Break it.** GraSP in rounds: no layer empty up to 1,000, and chance from 10 on. Rounds are not always good.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Widest, or smallest?** One often reads that magnitude pruning empties the widest layers and random pruning the
# smallest. The first is about the *initialisation*: a weight of variance 2/inputs is small where there are many inputs.
#
# **Predict.** All weights start with the same variance. Which layer does magnitude empty now?
#
# <details><summary>Answer</summary>
# The smallest one, as a random mask does: equal variances make magnitude a random choice.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
layer_collapse.initialization.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Variance 2/outputs: the victim is layer 1, which has most outputs. "Magnitude prunes the widest layer"
# needs the initialisation in the sentence. And press *Random*: no layer is empty, and still no output is reached,
# because the weights that are left do not meet.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 SynFlow: in rounds, and conserved
#
# One formula holds all scores: $\theta\odot\partial R/\partial\theta$ for a scalar $R$. SynFlow takes
# $$R_{SF}=\mathbb 1^\top\Big(\prod_{l=1}^L|\theta^{[l]}|\Big)\mathbb 1,$$
# the strength of all paths from inputs to outputs. It needs no data. Multiply the weights into a unit by $a$ and divide
# those out of it by $a$: $R_{SF}$ stays the same, for every $a$. Its derivative with respect to $a$ at $a=1$ is the sum of the scores into the unit
# minus the sum of the scores out of it, and it is zero. So both sums are equal for every unit, and all layers have the same
# sum. In a layer of few weights each has a large score: **if scores are computed again after each
# small cut**, the last weight of a layer is never the next to go.
#
# **Predict.** What if SynFlow cuts all at once?
#
# <details><summary>Answer</summary>
# Equal sums mean that the largest layer has the smallest scores: it dies first, earlier than under any other method.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
layer_collapse.rounds.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the law, and how far it carries.** Sums of scores by layer; then which layers are empty at compression
# 1,000.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.pruning.scores import magnitude, synflow

sums = {"SynFlow": synflow(nets[0], (64,)), "magnitude": magnitude(nets[0])}
print("\n".join(f"{name:10}" + "".join(f"{s.sum() / sum(t.sum() for t in layers.values()):8.1%}"
                                        for s in layers.values()) for name, layers in sums.items()))
for_all = {name: [len(collapsed(method(net, 1 / 1000))) for net in nets] for name, method in methods.items()}

# %% {"slideshow": {"slide_type": "fragment"}}
print("empty layers at compression 1,000, three networks")
print("\n".join(f"{name:18}{counts}" for name, counts in for_all.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The law holds: five equal sums. Scored again in each of a hundred rounds, SynFlow, SNIP and GraSP leave a
# weight in every layer; at once none of them does for all three networks. Magnitude in rounds would choose the same
# mask as at once. So rounds are needed, and a score that reacts; SynFlow's has the proof.
#
# **Break it.** One round. The scores are right and useless.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Is it the weights, or the layers?
#
# Frankle et al. (2021) asked SNIP, GraSP and SynFlow what lecture 10 asked the tickets: shuffle the mask within each
# layer, or initialise anew. If accuracy stays, the method has chosen how many weights a layer keeps, and not which.
#
# **Predict.** A ticket found by training lost by both, early on nearly everything. And here?
#
# <details><summary>Answer</summary>
# It depends on the training time. After 160 steps shuffling costs SNIP and SynFlow 15 points or more, and GraSP
# hardly any. After 800 steps new weights cost at most 3 points, shuffling 5 to 12.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.studies import stored

run = stored("pruning", "ablation")
print("3 % of the weights: mean (lowest to highest) of three networks, percent")
print(" " * 19 + "".join(f"{name:>19}" for name in run["variants"]))
print("\n".join(f"{steps} steps, {method:8}" + "".join(f"{a.mean():8.1f} ({a.min():2.0f} to {a.max():2.0f})" for a in
                 100 * run["accuracy"][:, m, :, s].T)
                for s, steps in enumerate(run["at"]) for m, method in enumerate(run["methods"])))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# The digits, the networks and the optimizer of section 1; stored runs: `python -m courseware.studies.pruning ablation`.
#
# **Notice.** New weights: after 800 steps the masks of all three methods are nearly as good as with their own weights,
# so the choice is not tied to these weights. (A ticket of lecture 10 lost far more.) Shuffled within layers: GraSP loses
# little after 160 steps, and 5 points after 800; SNIP and SynFlow lose much early and less later. The paper trains larger
# networks to the end, and there shuffling costs nothing. Ours are 32 units narrow: which 3 % of a narrow layer are kept
# still matters.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 Tickets that travel
#
# Tickets are said to generalise across data sets and optimizers (Morcos et al., 2019). Take the ticket of one task, mask
# and initial weights, to another.
#
# **Predict.** A ticket of Fashion-MNIST with 3 % of the weights learns MNIST. Does it beat MNIST's own mask with new
# initial weights? And a ticket that Adam has found, when SGD trains it?
#
# <details><summary>Answer</summary>
# Yes: it ends 14 points above the re-initialised mask and 15 points behind MNIST's own ticket. (A random mask is at 11 %,
# chance, and says little.) Found by Adam instead of SGD: one point behind.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
demos.transfer.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# Two seeds, images of 14 × 14 pixels, a network of 300 and 100 units, all tickets from the same initial weights: stored
# runs again, `python -m courseware.studies.pruning transfer`.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: on the digits, now.** A ticket found by SGD and one found by Adam, each trained by both.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.pruning.tickets import controls, imp, transfer

model, other = mlp((64, 300, 100, 10), rng=rng), mlp((64, 300, 100, 10), rng=rng)
order = shuffled_epochs(len(digits), 64, 200, rng=rng)
plans = {"SGD": TrainingPlan(digits, torch.optim.SGD, step_decay(0.3, 200), order),
         "Adam": TrainingPlan(digits, torch.optim.Adam, step_decay(3e-3, 200), order)}
tickets = {f"found by {name}": imp(each, model, rounds=3, rate=0.6)[-1] for name, each in plans.items()}
tickets |= controls(plans["SGD"], tickets["found by SGD"], other, rng=rng)
print(f"{0.4**3:.1%} of the weights   by SGD    by Adam")
print("\n".join(f"{name:18}" + "".join(f"{evaluate(transfer(each, t).model, exam)[1]:11.1%}" for each in plans.values())
                for name, t in tickets.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Across optimizers tickets travel well, across these two data sets in part. By SGD every ticket of real
# labels beats the own mask with new weights by 5 points or more, but for one: Adam's of Fashion-MNIST, on MNIST. By
# Adam the mask matters most: new weights under the target's own mask beat every ticket of other data. A tenth of the
# images makes a ticket two points worse; random labels make it worse than new weights. Morcos et al. find more
# transfer, with larger networks and sources.
#
# **Break it.** 40 % of the weights: no ticket is more than 4 points above a random mask.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | | keeps | needs | empties a layer |
# |---|---|---|---|
# | random | anything | nothing | the smallest one |
# | magnitude | large weights | nothing | the one that starts smallest |
# | SNIP | what the loss notices | one batch with labels | late, and later still in rounds |
# | GraSP | weights whose removal would shrink the gradient norm | one batch, two backward passes | before SNIP does; in rounds it does not train |
# | SynFlow | strong paths | a hundred rounds, no data | last of all |
#
# **Exercises.** `exercises/11_pruning_at_initialization.ipynb`. Before: [lecture 10](10_pruning.ipynb).
#
# **Read on.** Lee, Ajanthan & Torr, *SNIP* (ICLR 2019) · Wang, Zhang & Grosse, *Picking winning tickets before training
# by preserving gradient flow* (ICLR 2020) · Tanaka, Kunin, Yamins & Ganguli, *Pruning neural networks without any data
# by iteratively conserving synaptic flow* (NeurIPS 2020) · Frankle, Dziugaite, Roy & Carbin, *Pruning neural networks at
# initialization: why are we missing the mark?* (ICLR 2021) · Morcos, Yu, Paganini & Tian, *One ticket to win them all*
# (NeurIPS 2019). The code of this lecture: `lsml_core/pruning/scores.py` and `masks.py`; the comparisons: `courseware/studies/pruning_methods.py`.
