# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 10 · Pruning
#
# **60 minutes.** After this lecture you will be able to
#
# 1. say why a fraction of the weights is not a fraction of the time, and what to cut if time is what you want;
# 2. report compression and theoretical speed-up, and predict which end of a network to cut for which;
# 3. prune by magnitude or gradient magnitude, by layer or over the whole network, and say when a layer dies;
# 4. find a lottery ticket, and name the controls without which it proves nothing;
# 5. choose what to restore after the cut: weights, schedule, or both.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Single weights, or whole filters
#
# A **mask** $m\in\{0,1\}^N$ says which of the $N$ weights $\theta$ stay: the network computes with $m\odot\theta$. It
# may cut weights one by one (*unstructured*), or whole filters (*structured*), where a filter is all the weights behind
# one output channel, in a matrix a row. One by one, it can be more precise. By filters, the matrices themselves become
# smaller.
#
# **Predict.** How many of the weights of a matrix must be zero before a product with it is twice as fast?
#
# <details><summary>Answer</summary>
# With the zeros stored: never. With only the others stored: more than nine of ten. Whole rows: half.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.pruning import granularity

granularity.weights_or_rows.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# The times in this section were measured where it was run: run the cells, and they are your machine's.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** A network of two convolutions learns Fashion-MNIST for an epoch. Each convolution keeps a
# quarter of its filters, those of largest mean $|w|$; and a second copy keeps as many weights, picked one by one.

# %% {"slideshow": {"slide_type": "fragment"}}
import numpy as np
import torch

from lsml_core.data import load
from lsml_core.models import convnet, mlp
from lsml_core.training import evaluate, fit, predict

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
print(f"filters:   {saved}")
print(f"scattered: {efficiency(net, scattered, x)}")

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Predict.** All are trained for one more epoch. Which of the two pruned networks is the more accurate?
#
# <details><summary>Answer</summary>
# With as many weights, the scattered one loses less. Time goes the other way.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.pruning.checkpoints import Checkpoint, TrainingPlan, advance, shuffled_epochs, step_decay
from courseware.studies.timing import seconds

plan = TrainingPlan(images, torch.optim.SGD, step_decay(0.05, 78, drops=()), shuffled_epochs(5000, 64, 78, rng=rng))
masks = {"dense": {}, "scattered": scattered, "filters": filter_mask(net, filters)}
after = {name: advance(plan, Checkpoint(0, net), 78, mask).model for name, mask in masks.items()}
after["filters"] = shrink(after["filters"], filters)
times = seconds(predict, {name: (m, test.x) for name, m in after.items()}, repeats=4)
print("\n".join(f"{name:10} {1e3 * times[name]:6.0f} ms for 2,000 images   {times['dense'] / times[name]:.2f}× as "
                f"fast   accuracy {evaluate(m, test)[1]:.1%}" for name, m in after.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Zeros are not faster. `shrink` takes the filters out, with their biases and the inputs that the next layer
# had for them, and the time falls; less than the number of multiplications, because pooling, copying and starting a
# kernel cost time too.
#
# **Break it.** Go back to the demo, leave the zeros out, and keep half: twice or three times *slower* than dense.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Two numbers, and why you need both
#
# $$\text{compression}=\frac{\text{all parameters}}{\text{nonzero parameters}},\qquad
# \text{theoretical speed-up}=\frac{\text{all operations}}{\text{operations with nonzero parameters}}.$$
# A weight of a linear layer is used once per image. A weight of a convolution is used at every pixel of its output, and
# each pooling leaves a quarter of the pixels.
#
# **Predict.** Cut a network four times smaller, mostly at its end or mostly at its start. When is the speed-up larger?
# And if you want a speed-up of four, at which end can you cut more parameters?
#
# <details><summary>Answer</summary>
# It is larger from the start, where a weight stands for many operations. From the end, a speed-up of four takes a
# compression of 30; from the start, of 1.5.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
granularity.parameters_and_operations.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** The network of the demo, VGG-16, freshly initialised, at compression 4: the same share of each layer, and
# the largest quarter of all weights, wherever they are.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.models import vgg16

vgg, color = vgg16(10, rng=np.random.default_rng(0)), torch.zeros(1, 3, 32, 32)
print("each layer:       ", efficiency(vgg, keep_top(magnitude(vgg), 0.25, scope="layer"), color))
print("the whole network:", efficiency(vgg, keep_top(magnitude(vgg), 0.25), color))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# And on a clock: 16 images on one core, a dense pass first; then filters cut from every layer, and as many
# weights cut one by one; then filters cut for a theoretical speed-up of 4, mostly at one end. Measured once by
# `python -m courseware.studies.pruning_time` and stored.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.studies import stored

clock = stored("pruning_time")
print("VGG-16                               compression   in theory    measured")
print("\n".join(f"{way:36} {c:10.1f}× {s:10.1f}× {clock['seconds'][0] / t:10.1f}×" for way, c, s, t in
                zip(clock["way"], clock["compression"], clock["speedup"], clock["seconds"])))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Same compression, different speed-up: early layers have few inputs and therefore large weights, so one cut
# for all spares them, and with them most operations. Same speed-up, different compression: cut from the end, a twelfth
# of the parameters is left; from the start, a half is. (In the demo, where weights go one by one, it takes more: a
# filter that goes takes inputs of the next layer with it.) And weights cut one by one save no time at all.
#
# **Break it.** Compression 32 from the end is a speed-up of 4; from the start it is one of 109.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 Which weights, and compared with whom
#
# $$\text{magnitude: }|w|\qquad\qquad\text{gradient magnitude: }\Big|w\cdot\frac{\partial L}{\partial w}\Big|$$
# The second asks how fast the loss would change if the weight began to fade. Scores are compared within each layer
# (*local*: all layers equally sparse) or over the whole network (*global*: sparse where it hurts least, by the score).
#
# **Predict.** The widest layer has 256 inputs, the first one 64. Global magnitude keeps a tenth of all weights. Does it
# keep more or less than a tenth of the wide layer?
#
# <details><summary>Answer</summary>
# Less: weights start with variance 2/inputs, and training on the digits moves them little.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.pruning import criteria, tickets

criteria.criteria.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** Three networks that have learned the digits, cut by each score in both ways, and tested as they are, with
# no retraining; mean accuracy of the three.

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
print("weights kept              ", *(f"{d:7.0%}" for d in densities))
print("\n".join(f"{name:18} {scope:7}" + "".join(f"{a:8.1%}" for a in row) for (name, scope), row in found.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Half of the weights can go for a point, or for three to five if every layer loses half. At a fifth one cut
# for all is far better than a cut for each layer, and plain magnitude better than the gradient's: in a network that has
# fitted its data derivatives are small, and say little about a weight that goes entirely. From a tenth down no choice
# saves a network that is not trained again.
#
# **Break it.** Three thousandths of the weights, one cut: a layer without a single weight. The rest of the network may
# be as good as it likes; no signal passes.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Lottery tickets
#
# Pruned networks are hard to train **from scratch**: with new random weights they learn late and end lower. Frankle &
# Carbin (2019) put the surviving weights back to *their own* initial values instead. Iterative magnitude pruning (IMP):
#
# 1. initialise $w_0$, train to $w_T$; 2. cut the smallest $|w_T|$ among the survivors; 3. put the survivors back to
# $w_0$, train again, and go to 2.
#
# **Predict.** A ticket keeps a thirtieth of the weights. After 50 steps, is it behind the dense network? And the same
# mask on new initial weights? The same weights, with the mask shuffled within each layer?
#
# <details><summary>Answer</summary>
# The ticket is not behind: 73 % against 71 %. The two controls are near chance: 15 % and 17 %.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
tickets.tickets.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# Two seeds, Fashion-MNIST of 14 × 14 pixels, a network of 300 and 100 units, half of the survivors cut each round:
# trained once by `python -m courseware.studies.pruning tickets` and stored.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: on the digits, now.** Four rounds, each of which cuts 40 % of the survivors; then the controls of the last
# ticket. Tested after 50 steps and at the end.

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.pruning.tickets import controls, imp

model, fresh = mlp((64, 300, 100, 10), rng=rng), mlp((64, 300, 100, 10), rng=rng)
digit_plan = TrainingPlan(digits, torch.optim.SGD, step_decay(0.3, 300), shuffled_epochs(len(digits), 64, 300, rng=rng))
found = imp(digit_plan, model, rounds=4, rate=0.4)
last = {"dense": found[0], "ticket": found[-1]} | controls(digit_plan, found[-1], fresh, rng=rng)
early = {name: advance(digit_plan, ticket.start, 50, ticket.mask).model for name, ticket in last.items()}
print(f"{0.6**4:.0%} of the weights   50 steps      end")
print("\n".join(f"{name:18} {evaluate(early[name], exam)[1]:12.1%} {evaluate(ticket.trained.model, exam)[1]:8.1%}"
                for name, ticket in last.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** With an eighth of the weights, the ticket learns as early as the dense network and ends two or three points
# below it. The same mask on other weights needs all 300 steps to come near; the same weights under a shuffled mask do
# not. The mask was cut out of a network that started at exactly these weights. (One seed; the demo has two.)
#
# **Break it.** At 1.6 % a random mask does not learn at all, and a shuffled one hardly.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 Rewinding: what to restore
#
# Larger networks have no tickets at step 0, but have them at a step $k$ a little later: rewind to $w_k$. Then there are
# two things to restore, the weights and the schedule, and four ways (Renda, Frankle & Carbin, 2020):
#
# | | step size as at the end | schedule from step $k$ |
# |---|---|---|
# | **weights of the end, $w_T$** | fine-tuning | learning-rate rewinding |
# | **weights of step $k$, $w_k$** | weights only | weight rewinding |
#
# **Predict.** Which of the two makes the difference?
#
# <details><summary>Answer</summary>
# The schedule. With 5 % of the weights the two ways that repeat the large steps end at 77 to 79 % for k = 0, fine-tuning
# at 62 %.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
tickets.rewinding.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# Stored runs again, two seeds, one cut by global magnitude: `python -m courseware.studies.pruning rewinding`.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real.** The three digit networks of section 3, cut to 20 % and retrained in the four ways from k = 50. (Cut to
# 5 %, fine-tuning ends near chance, and nothing can be compared.)

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.pruning.tickets import two_by_two

early = [advance(lesson, Checkpoint(0, each), 50) for each in nets]
tries = [two_by_two(lesson, keep_top(magnitude(late.model), 0.2), first, late) for first, late in zip(early, learned)]
results = {name: [evaluate(each[name].model, exam)[1] for each in tries] for name in tries[0]}
print("\n".join(f"{name:24} mean {np.mean(row):.1%}   " + "  ".join(f"{a:.1%}" for a in row)
                for name, row in results.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Here too the rows that repeat the large steps win, whichever weights they start from. Renda et al. conclude
# the same from larger networks: learning-rate rewinding matches or beats weight rewinding, and both beat fine-tuning.
# Between the two rewindings, three networks do not tell.
#
# `advance` promises that a checkpoint and a plan determine all that follows, bit for bit: the momentum travels with the
# weights, the order of the data with the schedule. A rewinding that forgets one of them is another experiment.
#
# **Break it.** k = 200 is where the step size first falls. Rewound to there, both good ways have lost the large steps.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | question | answer here | trap |
# |---|---|---|
# | weights or filters? | weights for size, filters for time | zeros are not faster |
# | compression or speed-up? | both, always | one compression, many speed-ups |
# | by layer or global? | global, until a layer dies | a few weights decide whether any signal passes |
# | mask or weights? | both together | a ticket without its controls proves nothing |
# | what to restore? | the schedule first | a small last step size repairs little |
#
# **Exercises.** `exercises/10_pruning.ipynb`. Next: [can the cut come before the
# training?](11_pruning_at_initialization.ipynb)
#
# **Read on.** Han, Pool, Tran & Dally, *Learning both weights and connections* (NeurIPS 2015) · Li et al., *Pruning
# filters for efficient ConvNets* (ICLR 2017) · Frankle & Carbin, *The lottery ticket hypothesis* (ICLR 2019) · Frankle et
# al., *Linear mode connectivity and the lottery ticket hypothesis* (ICML 2020) · Renda, Frankle & Carbin, *Comparing
# rewinding and fine-tuning* (ICLR 2020) · Blalock et al., *What is the state of neural network pruning?* (MLSys 2020).
# The code of this lecture: `lsml_core/pruning/`, first `scores.py` and `masks.py`, then `checkpoints.py` and `tickets.py`.
