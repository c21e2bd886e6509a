# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 10 · Pruning
#
# **60 minutes.** After this lecture you will be able to
#
# 1. say why a fraction of the weights is not a fraction of the time, and what to remove if time is the goal;
# 2. report compression and theoretical speed-up, and predict which end of a network to prune for which of the two;
# 3. prune by magnitude or gradient magnitude, within each layer or over the whole network, and recognise an empty layer;
# 4. state the lottery ticket hypothesis, find a ticket by iterative magnitude pruning, and name its controls;
# 5. decide what to restore after pruning: the weights, the learning-rate schedule, or both.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Write three words on the board: size, energy, time. Each method of this lecture lowers some
# of them and not the others.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Why prune a network?
#
# A trained network usually has more weights than it needs. Pruning removes most of them after training. Three costs can fall:
# the **size** of the model, if only the remaining weights are stored; the **energy** per prediction, because every weight that is
# read from memory costs energy; and the **time** of a prediction, if the processor can skip what was removed.
#
# | Han, Pool, Tran & Dally (NeurIPS 2015), ImageNet | parameters before | after | compression | accuracy |
# |---|---|---|---|---|
# | AlexNet | 61 million | 6.7 million | 9 × | no loss |
# | VGG-16 | 138 million | 10.3 million | 13 × | no loss |
#
# So about 90 % of the parameters can be removed without loss. If small networks are as good, why not train a small one from
# the start? Because pruned networks, **initialised anew at random**, are harder to train and end less accurate. Sections 4 and 5
# are about this difference.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Ask the question of the last paragraph: why not train a small network from the start?
# Collect answers without judging them; sections 4 and 5 come back to them.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 What to remove: single weights, kernels, filters
#
# A **mask** $m\in\{0,1\}^N$ says which of the $N$ weights $\theta$ are kept: the network computes with $m\odot\theta$. The
# **granularity** of a mask is the set of weights that is kept or removed together. A convolution has a weight
# $W_{o,i,y,x}$ for every output channel $o$, input channel $i$ and position $(y,x)$.
#
# | granularity | removed together | in a matrix | what the processor can skip |
# |---|---|---|---|
# | weight (*unstructured*) | one $W_{o,i,y,x}$ | one entry | one product |
# | kernel | $W_{o,i}$: from one input channel to one output channel | one entry | one small convolution |
# | filter or channel (*structured*) | $W_o$: all weights of one output channel | one row | the row, and the inputs of the next layer |
# | group | any fixed set, such as a block of a matrix | a block | the block, with a suitable program |
#
# A group is scored by its **L1 norm** $\sum_i|w_i|$, often divided by its size, and the groups with the lowest scores are
# removed. Fine masks are more precise; coarse masks are easier to accelerate.
#
# **Predict.** Half of the weights of a matrix are set to zero. Is the product with a vector faster (a) if the zeros stay in the
# matrix, (b) if only the other half is stored, with positions, (c) if half of the rows are removed?
#
# <details><summary>Answer</summary>
# (a) No: the usual matrix product multiplies by zeros as well. (b) No, slower: every stored weight needs its position, which must be read
# and followed. This pays only when few weights are left. (c) Yes: the matrix has half of its size.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Ask (a), (b) and (c) separately. The usual wrong answer is yes to all of them, since half of
# the products are gone.
#
# At the start 30 % of the weights are kept and the zeros are stored: about as fast as dense. Choose *zeros
# left out* with 50 %: clearly slower. Choose *whole rows*: already half of the rows saves time. The picture
# was timed on the machine that drew it, so name its grey band.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.pruning import granularity

granularity.weights_or_rows.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# The times in this section are measured where the cell runs: run the cells to see those of your machine. Products that do the
# same work are timed against each other, and the grey band shows by how much these equal times differ. On a busy machine the
# band is wide, and only a difference larger than the band is called faster or slower.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** A network of two convolutions learns Fashion-MNIST for one epoch. Each convolution keeps the quarter of its
# filters with the largest mean $|w|$. A second copy keeps as many weights, selected one by one.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Say what is compared: equally many weights, chosen by filter or one by one. The two lines
# give compression and theoretical speed-up.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np
import torch

from lsml_core.data import load
from lsml_core.models import convnet, mlp
from lsml_core.training import evaluate, fit, predict
from courseware.plots.axes import percentage

images, test, rng = load("fashion", side=14), load("fashion", side=14, split="test"), np.random.default_rng(0)
net = convnet(14, 10, channels=(32, 64), rng=rng)
sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
_ = fit(net, images, optimizer=sgd, epochs=1, batch=64, rng=rng, progress=False)

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.pruning.masks import keep_top
from lsml_core.pruning.metrics import efficiency, efficiency_of
from lsml_core.pruning.scores import gradient_magnitude, magnitude
from lsml_core.pruning.structured import filter_mask, per_filter, shrink

filters = keep_top(per_filter(magnitude(net, skip=("output.weight",))), 0.25, scope="layer")
small, x = shrink(net, filters), torch.zeros(1, 14, 14)
saved = efficiency_of(small, net, x)
scattered = keep_top(magnitude(net), 1 / saved.compression)
print(f"filters:        {saved}")
print(f"single weights: {efficiency(net, scattered, x)}")

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Predict.** All are trained for one more epoch. (a) Which of the two pruned networks is more accurate? (b) Which is faster?
#
# <details><summary>Answer</summary>
# (a) The one pruned weight by weight: with as many weights it keeps larger ones, because it need not take a whole filter
# at a time. (b) The one without the filters: its matrices are smaller, while the other multiplies by zeros.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** A usual wrong answer is that the network with single weights is both more accurate and
# faster. It is more accurate, because it need not take whole filters. It still multiplies by zeros. Times are
# from the machine that built the page.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.pruning.checkpoints import Checkpoint, TrainingPlan, advance, shuffled_epochs, step_decay
from courseware.studies.timing import seconds

plan = TrainingPlan(images, torch.optim.SGD, step_decay(0.05, 78, drops=()), shuffled_epochs(5000, 64, 78, rng=rng))
masks = {"dense": {}, "weights": scattered, "filters": filter_mask(net, filters)}
after = {name: advance(plan, Checkpoint(0, net), 78, mask).model for name, mask in masks.items()}
after["filters"] = shrink(after["filters"], filters)
times = seconds(predict, {name: (m, test.x) for name, m in after.items()}, repeats=4)
print("\n".join(f"{name:10} {1e3 * times[name]:6.0f} ms for 2,000 images   {times['dense'] / times[name]:.2f}× as "
                f"fast   accuracy {percentage(evaluate(m, test)[1], 1)}" for name, m in after.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - Weights set to zero do not make the network faster.
# - Removing the filters does. `shrink` removes their weights, their biases, and the inputs that the next layer had for them.
# - The time falls less than the number of multiplications, because pooling and copying cost time, too.
#
# **Break it.** In the demo, leave the zeros out and keep half of the weights: the product is clearly *slower* than dense.

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The mask in code.** Ranks decide, not a threshold: exactly the asked number is kept, also where scores are equal.

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.pruning.masks import keep_top_by_sorting

show_source(keep_top_by_sorting)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Two numbers, and why you need both
#
# $$\text{compression}=\frac{\text{all parameters}}{\text{nonzero parameters}},\qquad
# \text{theoretical speed-up}=\frac{\text{all operations}}{\text{operations with nonzero parameters}}.$$
# A weight of a linear layer is used once per image. A weight of a convolution is used at every position of its output, and each
# 2 × 2 pooling layer leaves a quarter of the positions.
#
# **Predict.** You make a network four times smaller, mostly at its end or mostly at its start. (a) In which case is the
# theoretical speed-up larger? (b) For the same speed-up, at which end must you prune more parameters?
#
# <details><summary>Answer</summary>
# (a) At the start, where one weight stands for many operations. (b) At the end: there a parameter is used at few positions, so
# many parameters must be removed to save as many operations.
# </details>
#
# <details><summary>By hand: half of the filters is a quarter of the weights</summary>
#
# Layer $l$ is a convolution with $c_{l-1}$ input channels, $c_l$ filters of $s\times s$ weights per input channel, and outputs
# of $P_l$ positions. It has $n_l=c_{l-1}c_ls^2$ weights and makes $P_ln_l$ multiplications.
#
# Keep a fraction $p$ of the filters of every layer but the last. Removing a filter also removes an input channel of the next
# layer (the unit is gone, not only zero). Between two pruned layers
# $$n_l'=(p\,c_{l-1})(p\,c_l)s^2=p^2n_l .$$
# The first layer keeps all inputs, and the last one all outputs: each has $p\,n_l$ weights. The positions $P_l$ do not change
# (same strides and pooling), so the multiplications fall by the same factors. If the first and the last layer have a
# small part of all weights and multiplications, compression and theoretical speed-up are both about $1/p^2$: **4 for half of
# the filters**.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Write both definitions on the board. The usual wrong answer to (b) is the start, because it
# has more operations. It has more for each parameter, so fewer parameters are enough there. At compression
# 4 without a tilt the speed-up is 4.0. Press *From the end*: 1.5, *From the start*: 13.6. Choose
# compression 2 and a tilt of +1: 4.4, and the goal is reached. Then derive $n_l'=p^2n_l$ in two lines.

# %% {"slideshow": {"slide_type": "fragment"}}
granularity.parameters_and_operations.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** VGG-16, the network of the demo, freshly initialised, at compression 4: the same fraction of each layer, and the
# quarter of all weights with the largest magnitude, in whichever layer they are.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Same compression, two speed-ups. Then the measured column: single weights save no time while
# zeros are stored.
#
# Skip the first output when time is short.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.models import vgg16

vgg, color = vgg16(10, rng=np.random.default_rng(0)), torch.zeros(1, 3, 32, 32)
print("each layer:       ", efficiency(vgg, keep_top(magnitude(vgg), 0.25, scope="layer"), color))
print("the whole network:", efficiency(vgg, keep_top(magnitude(vgg), 0.25), color))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# The next table has measured times of 16 images on one core: first with all filters; then with fewer filters in every layer, or
# with as few weights, selected one by one; and last with filters removed for a theoretical speed-up of 4, mostly at the end,
# everywhere, or mostly at the start. Measured once by
# `python -m courseware.studies.pruning_time` and stored.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from courseware.studies import stored

clock = stored("pruning_time")
print("VGG-16                               compression   in theory    measured")
print("\n".join(f"{way:36} {c:10.1f}× {s:10.1f}× {clock['seconds'][0] / t:10.1f}×" for way, c, s, t in
                zip(clock["way"], clock["compression"], clock["speedup"], clock["seconds"])))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - *Same compression, different speed-up.* Early layers have few inputs and therefore large initial weights, so one threshold for
#   the network spares them, and with them many operations.
#   Two similar architectures with the same compression can also differ widely: report both numbers.
# - *Same speed-up, different compression.* For a speed-up of 4 from the end, a twelfth of the parameters is left; from the start,
#   a half.
# - Weights removed one by one save no measured time at all, as long as their zeros are stored.
#
# **Break it.** In the demo, compression 32 from the end gives a theoretical speed-up of 4.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 Which weights, and compared with which others
#
# $$\text{magnitude: }|w|\qquad\qquad\text{gradient magnitude: }\Big|w\cdot\frac{\partial L}{\partial w}\Big|$$
# The second score is how fast the loss changes when the weight is reduced towards 0. (A filter gets the sum of the scores of its
# weights, for $|w|$ an L1 norm, or their mean, as `per_filter` does in section 1.) Scores are compared **locally**, within each layer, so that all layers become equally sparse; or
# **globally**, over the whole network, so that layers end with different densities.
#
# <details><summary>By hand: when magnitude is the right score</summary>
#
# Pruning changes $w$ by $\delta=-(1-m)\odot w$. *Smallest change.* $\|\delta\|^2=\sum_{i\text{ pruned}}w_i^2$. For a fixed number of
# pruned weights this sum is smallest if the smallest $|w_i|$ are pruned: exchanging a pruned weight for a smaller kept one
# lowers it.
#
# *Smallest increase of the loss.* $L(w+\delta)-L(w)=g^\top\delta+\tfrac12\delta^\top H\delta+O(\|\delta\|^3)$. After training $g=0$
# (stationary point), and if $H=hI$ with $h>0$ (equal curvature for all weights), the increase is $\tfrac h2\sum_{i\text{ pruned}}w_i^2$ up to third
# order (small $\delta$): magnitude is the best score. If $H$ is only diagonal, the best score is $h_iw_i^2$: a small
# weight of large curvature $h_i>0$ may have to be kept. Before training ends $g\ne0$, and pruning $w_i$ alone has the first-order
# term $-w_ig_i$. Its absolute value is the gradient magnitude.
# </details>
#
# **Predict.** In the network of the next demo, layer 2 has 256 inputs and layer 1 has 64. Global magnitude keeps a tenth of all
# weights. Does it keep more or less than a tenth of layer 2?
#
# <details><summary>Answer</summary>
# Less: initial weights have variance 2/inputs, so those of layer 2 start smaller, and training on the digits moves them little.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** A usual wrong answer is that layer 2 keeps more, because it is the largest. Its weights start
# smallest, with variance 2/inputs.
#
# At the start it keeps 1.9 % and layer 1 16 %. Press *Each layer*: 10 % everywhere. *Break it* keeps 0.316 %
# of all weights: layer 2 is empty, and no signal passes.
#
# On the board: when magnitude is the best score, and the score $h_iw_i^2$ if it is not.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.pruning import criteria, tickets

criteria.criteria.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** Three networks that have learned the digits are pruned by each score in both scopes and tested without
# retraining: mean accuracy of the three.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Read the column at 20 %: global before local, magnitude before gradient magnitude, on
# average. Say that single networks differ by many points.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.studies.pruning_methods import batch

digits, exam = load("digits"), load("digits", split="test")
nets = [mlp((64, 256, 64, 32, 10), rng=np.random.default_rng(seed)) for seed in range(3)]
lesson = TrainingPlan(digits, torch.optim.SGD, step_decay(0.3, 300), shuffled_epochs(len(digits), 64, 300, rng=rng))
learned = [advance(lesson, Checkpoint(0, each), 300) for each in nets]
scores = {"magnitude": [magnitude(s.model) for s in learned],
          "gradient magnitude": [gradient_magnitude(s.model, *batch(digits, 400)) for s in learned]}

# %% {"slideshow": {"slide_type": "fragment"}}
densities = (1.0, 0.5, 0.2, 0.1, 0.05)
found = {(name, scope): [np.mean([evaluate(advance(lesson, s, 0, keep_top(score, d, scope=scope)).model, exam)[1]
                                  for s, score in zip(learned, of_each)]) for d in densities]
         for name, of_each in scores.items() for scope in ("layer", "global")}
print("weights kept              ", *(f"{percentage(d):>7}" for d in densities))
print("\n".join(f"{name:18} {scope:7}" + "".join(f"{percentage(a, 1):>8}" for a in row)
                for (name, scope), row in found.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - Half of the weights can be removed by magnitude at a cost of about one to three points, even without retraining.
# - At a fifth, one threshold for the network is better on average than a threshold for each layer, and magnitude is better than the
#   gradient magnitude: in a network that has fitted its data gradients are small and say little about removing a weight entirely.
#   Networks differ by many points; in single ones the order is reversed.
# - From a tenth downwards every choice loses most of the accuracy if the network is not retrained.
#
# **Break it.** In the demo, keep three thousandths of the weights with one threshold: layer 2 is empty. However good the other
# layers are, no signal passes.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Lottery tickets
#
# A **ticket** is a pair: a mask $m$ and initial weights $w_0$, that is, the subnetwork $m\odot w_0$ before training. A **winning**
# ticket reaches at least the accuracy of the dense network in at most as many training steps.
#
# > **The lottery ticket hypothesis** (Frankle & Carbin, ICLR 2019). A dense, randomly initialised network contains a subnetwork
# > that, trained in isolation *from its own initial weights*, reaches test accuracy comparable to the dense network in a
# > comparable number of steps.
#
# Two phrases matter. *In isolation*: the other weights are 0 during the whole training. *Its own*: the mask was found with these
# initial weights; other random weights under the same mask are a control, not a ticket.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Read the hypothesis aloud and stress the two phrases: in isolation, its own initial weights.
# A usual mistake is to call any sparse network a ticket.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Iterative magnitude pruning (IMP), with rewinding to step $k$**
#
# 1. Initialise $w_0$ and set $m=1$. Train for $k$ steps and store the weights $w_k$. ($k=0$ is the original IMP.)
# 2. Train $m\odot w_k$ from step $k$ to step $T$. The result is $w_T$.
# 3. Of the weights that are left, remove a fraction, for example the 20 % with the smallest $|w_T|$. This gives the new mask $m$.
# 4. **Rewind**: set the weights that are left to their values in $w_k$. Repeat from step 2.
#
# After $r$ rounds that remove 20 % each, $0.8^r$ of the weights are left. Every round trains to step $T$ again. For deeper
# networks Frankle et al. (ICML 2020) find no winning tickets at $k=0$, but find them at a step $k>0$ early in training.
#
# **The paper's result.** Winning tickets with less than 10–20 % of the weights of several fully connected and convolutional
# networks for MNIST and CIFAR-10; above this size, tickets learn *faster* than the dense network and end more accurate.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **8 minutes.** Write the four steps of IMP on the board. Ask (b) carefully, since it separates mask from
# weights. The usual wrong answer is that the mask alone matters.
#
# Start at 25 % and 400 steps: 81 % against 78, 78 and 77 %, so nothing is decided. Move to 3.1 % and 50
# steps: ticket 74 %, dense 71 %, the controls 12 to 18 %, and the goal is reached. At 400 steps the
# re-initialised network has 64 %: state the step.

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Predict.** A ticket keeps a thirtieth of the weights. Its controls are the same mask on new initial weights
# (re-initialised), and the same initial weights under the mask shuffled within each layer (shuffled) or under a random mask.
# (a) Which of the four is ahead early in training? (b) If the mask alone mattered, which control would be as good as the ticket?
# And if the initial weights alone mattered?
#
# <details><summary>Answer</summary>
# (a) The ticket: its mask keeps the weights that became large when training started from exactly these initial weights. (b) If only
# the mask mattered, the re-initialised network; if only the initial weights, the shuffled and the random one. None is: mask and
# initial weights belong together.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
tickets.tickets.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# Three seeds, Fashion-MNIST of 14 × 14 pixels, a network of 300 and 100 units, $k=0$, half of the remaining weights removed per
# round: trained once by `python -m courseware.studies.pruning tickets` and stored.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: on the digits, now.** Four rounds, each of which removes 40 % of the remaining weights; then the controls of the
# last ticket, tested after 50 steps and at the end. (One seed; the demo has three.)

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** The same on digits, one seed. Ask which column a paper would have shown.
#
# Skip the slide when time is short.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.pruning.tickets import controls, imp

model, fresh = mlp((64, 300, 100, 10), rng=rng), mlp((64, 300, 100, 10), rng=rng)
digit_plan = TrainingPlan(digits, torch.optim.SGD, step_decay(0.3, 300), shuffled_epochs(len(digits), 64, 300, rng=rng))
found = imp(digit_plan, model, rounds=4, rate=0.4)
last = {"dense": found[0], "ticket": found[-1]} | controls(digit_plan, found[-1], fresh, rng=rng)
early = {name: advance(digit_plan, ticket.start, 50, ticket.mask).model for name, ticket in last.items()}
print(f"{percentage(0.6**4)} of the weights   50 steps      end")
print("\n".join(f"{name:18} {percentage(evaluate(early[name], exam)[1], 1):>12} "
                f"{percentage(evaluate(ticket.trained.model, exam)[1], 1):>8}" for name, ticket in last.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - A small ticket learns as early as the dense network: after 50 steps, the demo's three tickets with 3 % of the weights are ahead of
#   their dense networks, and every control is at least 40 points below its ticket.
# - At the end of training the controls have caught up in part. The comparison depends on when you stop: state the step.
# - At 3 % and below, re-initialised networks end above shuffled ones: there the positions of the mask matter more than the initial
#   weights.
# - Our tickets with a quarter of the weights end within one point of the dense network. Those with 3 % end two to three points below
#   it, so they win in speed only. The paper's networks train on all of MNIST and for much longer.
#
# **Break it.** At 1.6 % and 400 steps a random mask is at chance, while the ticket still learns.

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The algorithm in code.**

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.pruning.tickets import imp

show_source(imp)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 Rewinding: what to restore
#
# After pruning, the network is retrained. Two things can be restored, the weights and the learning-rate schedule, which gives
# four ways (Renda, Frankle & Carbin, ICLR 2020):
#
# | | step size as at the end | schedule from step $k$ on |
# |---|---|---|
# | **weights of the end, $w_T$** | **fine-tuning** | **learning-rate rewinding** |
# | **weights of step $k$, $w_k$** | weights only (a control) | **weight rewinding** |
#
# **The paper's result.** Pruned once to a sixth of the weights (compression 5.96): change of accuracy in percentage points
# against the dense network, median.
#
# | one pruning | fine-tuning | weight rewinding | learning-rate rewinding | mask on new weights |
# |---|---|---|---|---|
# | ResNet-20, CIFAR-10 (dense 91.7 %) | −1.44 | −0.98 | −0.96 | −3.21 |
# | ResNet-50, ImageNet (dense 76.2 %) | −2.04 | −0.85 | −0.70 | −4.15 |
#
# Their ranking: **learning-rate rewinding matches or beats weight rewinding, and both beat fine-tuning.**
#
# **Predict.** Fine-tuning and learning-rate rewinding start from the same weights. Why can large step sizes help a network
# that was already trained?
#
# <details><summary>Answer</summary>
# Pruning has moved the network away from its minimum. Small steps stay close to the point where pruning left it; large steps can
# move far enough to find another minimum of the smaller network, and the small steps that follow settle there.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **8 minutes.** Draw the table of two times two on the board, and let the room name the four ways. Then the
# paper's ranking. A usual wrong answer to the question is that large steps only destroy what was learned.
# Small steps stay where pruning left the network. At 20 % and k = 100 learning-rate rewinding is 1.7 points
# above fine-tuning; move to 5 %: 19.5 points, to 2.5 %: 43.3, which is the goal. *Break it* has k = 200, from
# which on no large steps are left.

# %% {"slideshow": {"slide_type": "fragment"}}
tickets.rewinding.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# Stored runs, three seeds, Fashion-MNIST, one pruning by global magnitude: `python -m courseware.studies.pruning rewinding`.
#
# **At 20 %, and with a training three times as long** (the same seeds, part `longer`). The four ways at the density nearest to the
# paper's, for $k=T/4$.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
short, long = stored("pruning", "rewinding"), stored("pruning", "longer")
rows = {400: 100 * short["accuracy"][:, :, 2, 0], 1200: 100 * long["accuracy"][:, :, 0, 0]}  # seeds, ways
dense = {400: 100 * short["dense"].mean(), 1200: 100 * long["dense"].mean()}
print("20 % kept: mean (lowest to highest) of the networks, percent")
print("\n".join(f"T = {T:5,}   {way:24} {a.mean():.1f} ({a.min():.1f} to {a.max():.1f})   dense {dense[T]:.1f}"
                for T, found in rows.items() for way, a in zip(short["ways"], found.T)))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** The three digit networks of section 3, pruned to 20 % and retrained in the four ways from k = 50. (Pruned to 5 %,
# fine-tuning ends near chance, and nothing can be compared.)

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Read the four means and then the three columns of single networks. Say what must be
# restored besides the weights: the momentum, which the checkpoint holds, and the order of the data, which
# belongs to the schedule.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from lsml_core.pruning.tickets import two_by_two

early = [advance(lesson, Checkpoint(0, each), 50) for each in nets]
tries = [two_by_two(lesson, keep_top(magnitude(late.model), 0.2), first, late) for first, late in zip(early, learned)]
results = {name: [evaluate(each[name].model, exam)[1] for each in tries] for name in tries[0]}
print("\n".join(f"{name:24} mean {percentage(np.mean(row), 1)}   " + "  ".join(percentage(a, 1) for a in row)
                for name, row in results.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
#
# - At 20 % and k = T/4, our runs have the paper's ranking at both lengths: learning-rate rewinding, then weight rewinding, then
#   fine-tuning. At T = 1,200 it holds for each of the three networks.
# - The differences are small there: learning-rate rewinding is about 1.5 points above fine-tuning. The paper's are 0.5 and 1.3 points.
# - With fewer weights the schedule decides: at 5 % both rewindings are more than ten points above fine-tuning (k up to 100), and within
#   two points of each other.
# - At 20 %, restoring the weights without the schedule ("weights only") is worst: small steps do not get far from $w_k$.
#
# `advance` guarantees that a checkpoint and a plan determine everything that follows, bit for bit: the momentum is stored with the weights,
# and the order of the data belongs to the schedule. A rewinding that forgets one of them is a different experiment.
#
# **Break it.** k = 200 is the step at which the step size first falls. From there on no large steps are left to repeat, and at 20 %
# neither rewinding is better than fine-tuning by more than a quarter of a point.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Summary
#
# | question | answer here | limits |
# |---|---|---|
# | weights or filters? | weights for size, filters for time | zeros are not faster |
# | compression or speed-up? | report both | one compression allows many speed-ups |
# | local or global? | global, until a layer is empty | a few weights decide whether any signal passes |
# | mask or initial weights? | both together | a ticket without its controls proves nothing; state the step |
# | what to restore? | the schedule first | the gain over fine-tuning is small at 20 %, large at 5 % |
#
# **Exercises.** [Set 10](../exercises/10_pruning.ipynb): masks, efficiency, momentum under a mask, `shrink`, tickets, three
# ways to retrain, a question in words, and a proof. Next: [can a network be pruned before training?](11_pruning_at_initialization.ipynb)
#
# **Read on.** Han, Pool, Tran & Dally, *Learning both weights and connections* (NeurIPS 2015) · Li et al., *Pruning filters for
# efficient ConvNets* (ICLR 2017) · Frankle & Carbin, *The lottery ticket hypothesis* (ICLR 2019) · Frankle et al., *Linear mode
# connectivity and the lottery ticket hypothesis* (ICML 2020) · Renda, Frankle & Carbin, *Comparing rewinding and fine-tuning*
# (ICLR 2020) · Blalock et al., *What is the state of neural network pruning?* (MLSys 2020). The code of this lecture:
# `lsml_core/pruning/`, first `scores.py` and `masks.py`, then `checkpoints.py` and `tickets.py`.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Cover the column *limits* and let the room fill it in. The row that students miss is the
# fourth: a ticket without its controls proves nothing.
