# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 12 · Midterm practice
#
# **As long as you like.** After this lecture you will be able to
#
# 1. solve questions like those of the midterm by hand, without a calculator;
# 2. name the mistake behind a wrong answer, and avoid it the next time;
# 3. write a derivation so that each of its steps earns its points;
# 4. say which topics you still have to practise.
#
# The midterm is a closed-book exam in the style of the homework: no notes, no calculator. Every question here is drawn
# anew from a template, so you can practise on as many as you like. The numbers are chosen for solving by hand, and
# answers are computed by the implementations in `lsml_core/` that the earlier lectures use.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Say how the midterm looks: closed book, no calculator, in the style of the homework. Ask
# everybody for the topic that they fear most, and begin with it on the next slide.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 Practise
#
# Choose a topic, a difficulty and the number of questions, and press *Start*. (In a notebook, run the next cell before;
# the first start takes some seconds.)
#
# - Take pen and paper. Answer first, then look: after a typical wrong answer you read which mistake leads to it.
# - A **timed** session allows the minutes that its questions would have in an exam.
# - For "show that" and design questions, write your answer, then compare it with the model answer and tick the steps of
#   the rubric that yours contains. Be strict.
# - Everything works with the keyboard: *Tab* moves on, the arrow keys choose, *Space* presses a button, *Enter* checks
#   an answer.
# - Your progress stays on this computer, in the file `.lsml_practice.json` beside this page. Questions that are due again
#   come first: soon after you missed them, at growing intervals while you solve them. (The dates are computed by FSRS, a
#   method of spaced repetition.)

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **10 minutes.** Draw two questions with the whole room and let pairs answer on paper before you press
# anything. The typical mistake is to look at the options first; cover them. Show once what the text after a
# wrong answer says. In a deck the session cannot run: open the page of the lecture or the notebook.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.practice.widgets import practice

practice()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 What the questions look like
#
# One example of each of five kinds. Answer before you open the solution.
#
# **Trace an algorithm.** Do the steps one after another, and write down every intermediate result.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **8 minutes.** Let the room do both steps on paper, and ask for the intermediate results before the final
# one. The usual mistake is to evaluate Nesterov's gradient at w. In the demo compare the paths of *Nesterov*
# and *Momentum* on the ravine: the two rules differ only in that point.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.practice.widgets import example, show_question

show_question(example("two_nesterov_steps", seed=1))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# To see what such steps do over many iterations, move the sliders: momentum and Nesterov differ only in where the
# gradient is evaluated.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.optimization import optimizers

optimizers.comparison.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Decide and say why.** A claim about all sets needs a proof; to refute it, one counterexample is enough.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask whether a proof or a counterexample is needed. Students often test two sets and call it
# a proof. This $F$ needs a counterexample: element 2 adds 5 to the empty set and 15 to {1}. Write it on the
# board, and the gain $5\,(2|S|+1)$, which grows.

# %% {"slideshow": {"slide_type": "fragment"}}
show_question(example("is_it_submodular", seed=3))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Find the error.** Read each line as if you had to defend it: does it use a property of $f$, the greedy choice or
# algebra, and is that used rightly?

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Let everybody mark one line in silence, then count hands per line. The usual wrong choice
# is the line that looks most complicated. Ask for the reason of each line: monotone, submodular, greedy,
# the size of $S^*$. The error is in line (6): $k$ rounds give the factor $(1-\frac1k)^k$, and the exponent
# is missing. So look at the algebra as well as at the properties.

# %% {"slideshow": {"slide_type": "fragment"}}
show_question(example("error_in_the_greedy_proof", seed=2))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Read a plot.** The plots are those of stored studies; the lines are lettered in a random order.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask first what is on the axes, and only then which line is which. The lines are lettered in
# random order, so an answer needs a reason and not a memory of the picture.

# %% {"slideshow": {"slide_type": "fragment"}}
show_question(example("read_pruning_before_training", seed=5))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Show that.** The rubric has one line per step, so a proof with a gap still earns most of its points. Say where each
# hypothesis is used.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **8 minutes.** Give five minutes of silence, then the rubric. Let neighbours grade each other strictly, one
# point per line. A proof with a gap still has most of its points, if it says where each hypothesis is used.

# %% {"slideshow": {"slide_type": "fragment"}}
show_question(example("show_the_coreset_bound", seed=0))

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 By hand: one proof with its rubric
#
# <details><summary>Greedy reaches (1 − 1/e)·OPT, and where each hypothesis is used</summary>
#
# $F$ is monotone and submodular, $F(\varnothing)=0$, $S^*$ is an optimal set of $k$ elements, and $S_i$ is greedy's set after $i$
# rounds.
#
# 1. $F(S^*)\le F(S^*\cup S_i)$: **monotone**.
# 2. $F(S^*\cup S_i)\le F(S_i)+\sum_{e\in S^*}F(e\mid S_i)$: **submodular**.
# 3. Each of the $k$ gains is at most greedy's next gain: $F(S^*)-F(S_i)\le k\,(F(S_{i+1})-F(S_i))$: **greedy choice**.
# 4. So the gap $\delta_i=F(S^*)-F(S_i)$ satisfies $\delta_{i+1}\le(1-\frac1k)\,\delta_i$.
# 5. $\delta_k\le(1-\frac1k)^k\,\delta_0\le\frac1e\,F(S^*)$, because $\delta_0=F(S^*)$: **$F(\varnothing)=0$**. This says
#    $F(S_k)\ge(1-\frac1e)\,F(S^*)$.
#
# One point per line. The same five lines are the rubric of the question `show_greedy_guarantee`.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask the room for the reason of each line before you open it. The usual mistake is to name
# submodularity in line 1, which needs monotonicity only.
#
# Skip the slide when lecture 05 is fresh.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 What is covered
#
# The number of templates by topic and kind. [The blueprint](../docs/coverage/12.md) lists every statement of the midterm
# review with the questions that ask about it.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Show how many questions there are per topic, and where the blueprint is. Ask everybody which
# topic they have practised least.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.practice import blueprint

blueprint.show_counts()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 An exam on paper
#
# Instructors print an exam with its key. In a terminal, in the folder of the course:
#
# ```
# python3 course.py exam --seed 7 --questions 12 --versions 4 --minutes 75
# ```
#
# The folder `exam/` then holds a page per version, a key per version with worked solutions and rubrics, an overview, and
# the questions for Moodle (XML) and Canvas (a QTI package). The same seed gives the same exam. All versions are made from
# the same templates, so topics, difficulty, points and minutes agree, while numbers, options and order differ. Open a page
# in a browser and print it, or save it as a PDF.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** For instructors only; skip it in class. Print one version and solve it with a clock before you
# use it.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## Where to look up what you missed
#
# | topic | lectures |
# |---|---|
# | Momentum, adaptive steps, convergence of SGD | [01](01_momentum_and_adaptive_steps.ipynb), [02](02_sgd_convergence.ipynb) |
# | Parallel and distributed SGD, federated learning | [03](03_parallel_sgd.ipynb), [04](04_federated_learning.ipynb) |
# | Submodularity, greedy, distributed and streaming | [05](05_submodularity.ipynb), [06](06_distributed_and_streaming.ipynb) |
# | Data selection: difficulty, coresets, robust selection | [07](07_example_difficulty.ipynb), [08](08_coresets.ipynb), [09](09_robust_selection.ipynb) |
# | Pruning | [10](10_pruning.ipynb), [11](11_pruning_at_initialization.ipynb) |

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Let everybody write down the two lectures that they will read again, and one exercise of
# each.
