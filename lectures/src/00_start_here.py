# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # Welcome to large-scale machine learning
#
# In these lectures every picture shows runs of the code in `lsml_core/`, and you change the runs with sliders.
# Each lecture asks you a question first, then shows the answer, and then derives it by hand.
# You need Python, gradients, expectations and some linear algebra. No internet connection is needed.
#
# **On a web page** nothing has to be installed: read, answer, and move the sliders. To run cells, change code and do the
# exercises, install the course: `python3 course.py lab`, in the folder of the course, does it and opens these pages as
# notebooks.
#
# **In a notebook:** click the next cell and press **Shift + Enter**. It says whether everything is installed.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Say what makes this course different: every picture is a run of the code in `lsml_core/`,
# and students can change each run instead of taking the picture on trust. Let everybody run the first cell
# now, while you can still help. The typical mistake is to open the notebook with another Python than the
# one that `course.py` has installed; the report names what is missing. On a web page nothing has to be
# installed.

# %% {"tags": ["answers-predict"]}
from courseware import installation

print(installation.report())

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## A first demo: two optimizers
#
# Both optimizers below look for the lowest point of a valley, the star. Both start at the black dot and have the same step
# size η. *Gradient descent* goes downhill, by η times the slope at the current point. *Momentum* adds half of its last
# move to this step.
#
# **Predict.** Which of the two will be closer to the star after 40 steps? Why should keeping half of the last move help in
# a long valley?
#
# <details><summary>Answer</summary>
# Momentum. Along the valley all moves point the same way, so they add up and momentum is faster. Across the valley they
# change direction in every step, so they partly cancel.
# </details>
#
# Move the sliders (in a notebook, run the next cell first). *All six* in the list shows the other optimizers of lecture 01 too.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Show the slide without the demo and ask for hands: which run is closer to the star after 40
# steps? A usual wrong answer is that both are equally close, because they have the same step size. Along
# the valley the moves of momentum add up, so its steps become longer.
#
# At the start, η = 0.0464, momentum's loss is 117 times lower after 40 steps. Move η to 0.0825: gradient
# descent diverges, and momentum still arrives, which is the goal. At 0.121 both diverge. Do not explain the
# limits now, lecture 01 derives them.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.optimization import optimizers

optimizers.two_optimizers.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# <details><summary><b>A way to reach the goal</b></summary>
#
# Increase η step by step. At η = 0.0825 gradient descent swings more and more across the valley and diverges, because its
# steps are too long for the steep direction. Momentum still comes to the star. At η = 0.121 momentum diverges as well. Lecture 01
# derives both limits.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## How a page works
#
# 1. **Predict.** A question comes before each picture. Answer it first: even after a wrong guess you remember the answer better.
# 2. **Move.** Each demo has a goal. Drag a slider, or click it and use the arrow keys. (In a notebook, run its cell first;
#    there every control can be moved.)
# 3. **Notice.** Read *What to notice* after you have reached the goal.
# 4. **Break it.** The button of this name shows where the idea fails.
# 5. **By hand.** The derivation is folded below. Try it on paper before you open it.
# 6. **Run it for real.** The cells marked *for real* use the same code on real data. In a notebook you can change them.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Say why each demo has a question before it: after a wrong guess the answer is remembered
# better. Insist on a written answer before anybody moves a slider.
#
# Skip the rest of this list when time is short, the pages repeat it.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## The lectures
#
# | lecture | after it you can explain |
# |---|---|
# | **01 [Momentum and adaptive steps](01_momentum_and_adaptive_steps.ipynb)** | why one step size is not enough, and what each optimizer does about it |
# | **02 [SGD convergence](02_sgd_convergence.ipynb)** | how fast SGD converges, and what each step costs |
# | **03 [Parallel SGD](03_parallel_sgd.ipynb)** | what waiting for other workers costs, and when not waiting is safe |
# | **04 [Federated learning](04_federated_learning.ipynb)** | what changes when the data cannot move and differ between devices |
# | **05 [Submodularity](05_submodularity.ipynb)** | when the greedy algorithm is provably good |
# | **06 [Distributed and streaming selection](06_distributed_and_streaming.ipynb)** | how to select from data in several places, or seen only once |
# | **07 [Example difficulty](07_example_difficulty.ipynb)** | which examples a network needs |
# | **08 [Coresets](08_coresets.ipynb)** | how to train on a tenth of the data |
# | **09 [Robust selection](09_robust_selection.ipynb)** | how to select from data with wrong labels, poisoned images and shortcuts |
# | **10 [Pruning](10_pruning.ipynb)** | how to remove nine tenths of a trained network |
# | **11 [Pruning at initialization](11_pruning_at_initialization.ipynb)** | how to choose the weights to keep before training |
# | **12 [Midterm practice](12_midterm_practice.ipynb)** | all of it, with a clock |

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Read the right column only, and say which lectures belong together: 01 and 02, 03 and 04, 05
# and 06, 07 to 09, 10 and 11. Say what needs what: 06 needs 05, 08 needs 05 and 07, 09 needs 07 and 08, and
# 11 needs 10.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Where things are
#
# - `lectures/`: these pages.
# - `exercises/`: one set per lecture. Begin with [Exercises 00](../exercises/00_start_here.ipynb), which explains how checking
#   works and takes 12 minutes.
# - `lsml_core/`: the implementations, written to be read. Start with `lsml_core/optimization/steps.py`.
# - **Something is slow?** Some demos compute all their runs once, at the first use. A progress bar shows how far they are.
# - **Something is red?** An error inside a demo appears under its sliders; press *Reset* to go back. When you ask for help,
#   send what the first cell of this page prints.
# - **In the lecture hall:** every demo has a *Full screen* button.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Show where `lectures/`, `exercises/` and `lsml_core/` are on your own screen. Ask everybody
# to do Exercises 00 before the next lecture: it takes 12 minutes and shows how an answer is checked.
