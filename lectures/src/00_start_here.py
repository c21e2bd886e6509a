# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # Large-scale machine learning
#
# Lectures that you can take apart. Every picture is a run of the code in `lsml_core/`, and every slider runs it again.
# Twelve lectures are planned; the map below links those that exist.
#
# **You are ready when** the next cell says that everything is installed. Click it and press **Shift + Enter**.

# %%
from courseware import installation

print(installation.report())

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## How a page works
#
# 1. **Predict.** A question comes before each picture. Answer it in your head first: being wrong is how it sticks.
# 2. **Move.** Each demo has a goal to reach. Drag a slider, or click it and use the arrow keys.
# 3. **Notice.** Open *What to notice* after you have reached the goal.
# 4. **Break it.** The button of that name shows where the idea fails.
# 5. **Run it for real.** The cell below a demo uses the same code on real data. Change it.
#
# Try the first four here. **Predict:** six optimizers, the same step size. Which comes last?

# %%
from courseware.demos.optimization import optimizers

optimizers.comparison.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# <details><summary><b>A way to reach the goal</b></summary>
#
# Push η to 0.681 or to 1. Descent and both momentum rules have left the picture, RMSProp keeps jumping by about η
# around the minimum, Adam arrives but still swings. Adagrad's steps shrink by themselves, so an η that is far too large
# becomes a good one.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## The map
#
# | lecture | you will be able to say |
# |---|---|
# | **01 [Momentum and adaptive steps](01_momentum_and_adaptive_steps.ipynb)** | why one step size is not enough, and what each optimizer does about it |
# | **02 [SGD convergence](02_sgd_convergence.ipynb)** | how fast, at what price per step |
# | **03 [Parallel SGD](03_parallel_sgd.ipynb)** | what waiting costs, and when not waiting is safe |
# | **04 [Federated learning](04_federated_learning.ipynb)** | what changes when the data cannot move and differ |
# | **05 [Submodularity](05_submodularity.ipynb)** | when greedy is provably good |
# | **06 [Distributed and streaming selection](06_distributed_and_streaming.ipynb)** | how to be greedy on data you see once, or in pieces |
# | **07 [Example difficulty](07_example_difficulty.ipynb)** | which examples a network needs |
# | 08 Coresets | how to train on a tenth of the data |
# | 09 Robust selection | how to live with wrong labels, poison and shortcuts |
# | **10 [Pruning](10_pruning.ipynb)** | how to train a network and keep a tenth of it |
# | **11 [Pruning at initialization](11_pruning_at_initialization.ipynb)** | how to choose that tenth before training |
# | 12 Midterm practice | all of it, with a clock |
#
# Lectures without a link are on their way.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Where things are
#
# - `lectures/` — these pages. `lsml_core/` — the implementations, written to be read: start with
#   `lsml_core/optimization/steps.py`.
# - **Something is slow?** A demo that trains networks does so once, with a progress bar, and only then moves.
# - **Something is red?** An error inside a demo appears under its sliders; press *Reset* to go back. Paste the line
#   that the first cell of this page prints into your question.
# - **In the lecture hall:** every demo has a *Full screen* button, and nothing needs the network.
