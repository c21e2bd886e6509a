# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 04 · Federated learning
#
# **75 minutes.** After this lecture you will be able to
#
# 1. write a round of FedAvg, say how it differs from a step of distributed SGD, and choose the local work by what is scarce: rounds, bytes or seconds;
# 2. derive where FedAvg converges on quadratics, and explain why that is not the optimum;
# 3. separate FedProx's two changes, partial work and the proximal term, and state what its guarantee assumes;
# 4. say what q-FFL trades for fairness, and what a client has to send;
# 5. add client-level privacy to a round, and say what (ε, δ) promise and what they cost.
#
# The exercises are in [exercises/04_federated_learning.ipynb](../exercises/04_federated_learning.ipynb).

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Draw one server and three clients on the board and keep the picture: each section changes
# either what a client does or what the server does. Read objectives 2 and 3 aloud.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 FedAvg: local work, and an average now and then
#
# The data stay on the devices. Client $k$ holds $n_k$ examples, and $F_k$ is the mean loss on them. Together the clients minimise
# $$f(\mathbf w)=\sum_k p_kF_k(\mathbf w),\qquad p_k=\frac{n_k}{\sum_j n_j}.$$
# In each round the server sends $\mathbf w$ to some of the clients. Each of them makes local steps
# $\mathbf w_k\leftarrow\mathbf w_k-\eta\nabla F_k(\mathbf w_k)$ on its own data. The server averages what comes back:
# $$\mathbf w\leftarrow\sum_k p_k\,\mathbf w_k=\mathbf w+\sum_k p_k(\mathbf w_k-\mathbf w)\qquad
# \text{(the sum runs over the chosen clients, whose } p_k \text{ are scaled to sum to 1).}$$
# So averaging the models and averaging the *updates* $\mathbf w_k-\mathbf w$ are the same, because the weights sum to 1.
# Communication is reduced in two ways: by local steps, and by choosing only some of the clients. (Exercises 1 and 2.)

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Ask what the server averages, models or updates. Both answers are right, and the reason is
# that the weights sum to 1. The usual mistake comes with sampling: the weights of the chosen clients must be
# scaled to sum to 1 again.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The two loops side by side.** What device $k$ computes in one round (the slide writes α for the step size η):
#
# | distributed SGD | FedAvg |
# |---|---|
# | for $i$ in its mini-batch: | for $t=1,\dots,T$: |
# | $\quad\Delta\mathbf w\leftarrow\Delta\mathbf w-\eta\nabla f_i(\mathbf w)$ | $\quad\Delta\mathbf w\leftarrow-\eta\nabla f_{i_t}(\mathbf w)$ |
# | $\mathbf w\leftarrow\mathbf w+\Delta\mathbf w$, once, after the loop | $\quad\mathbf w\leftarrow\mathbf w+\Delta\mathbf w$, in each step |
# | all gradients are taken at the same $\mathbf w$ | each gradient is taken at a new $\mathbf w$ |
#
# **A warning about the slide.** Its FedAvg loop has $\Delta\mathbf w\leftarrow\Delta\mathbf w-\eta\nabla f_{i_t}(\mathbf w)$
# and never resets $\Delta\mathbf w$. Taken literally, each step contains all earlier gradients: this is momentum with β = 1.
#
# **Predict.** One client, $F(w)=\frac12w^2$, η = 0.1, from $w=1$. Does the literal loop converge to 0? Hint: β = 1 is motion
# without friction.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Let the room say where the two columns differ: all gradients at the same w, or each at a new
# one. Then the warning: taken literally, the slide's loop never resets Δw. Students usually answer that it
# converges more slowly. β = 1 is motion without friction, so it oscillates and does not converge.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
import numpy as np

from lsml_core.parallel.federated.quadratics import QuadraticClients, accumulated_steps, fixed_point, local_paths

one = QuadraticClients(H=np.ones((1, 1, 1)), c=np.zeros((1, 1)), p=np.ones(1))
literal = accumulated_steps(one.H[0], one.c[0], np.ones(1), eta=0.1, T=200)[:, 0]
reset = local_paths(one, np.ones(1), 1, eta=0.1, T=200)[0, 0, :, 0]
print("step                    ", *(f"{t:6d}" for t in range(0, 201, 40)))
print("Δw kept (slide)         ", *(f"{w:6.2f}" for w in literal[::40]))
print("Δw = −η∇f (local SGD)   ", *(f"{w:6.2f}" for w in reset[::40]))
print(f"largest |w| in the last 70 steps: kept {abs(literal[-70:]).max():.2f}, local SGD {abs(reset[-70:]).max():.1e}")

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Where do many local steps lead?**
#
# **Predict.** The optima of three clients lie on the corners of a triangle. Local steps are made until each client has
# arrived at its own optimum. (a) The clients are equally large: where does $\mathbf w$ end? (b) The top client holds ten
# times as many examples as each of the others: where now? (c) Is it the optimum of $f$?
#
# <details><summary>Answer</summary>
#
# (a) At the plain mean of the three corners. (b) At their mean weighted by $n_k$, close to the top corner. (c) In general
# it is not. The optimum also depends on the curvatures: how steeply each client's loss rises in each direction. If all
# clients have the same curvatures, both are the same point.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **6 minutes.** Collect answers to (a), (b) and (c) one after the other. The usual wrong answer to (c) is
# yes: students take the mean of the optima for the optimum of the mean. The two agree only if the curvatures
# do.
#
# Start at T = 16: w ends 0.53 away from the optimum. Move T to 1: 0.00, to 64: 0.60. Press *Plain mean*: 0.70
# away even with one local step.

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.parallel import federated, heterogeneity, privacy
from courseware.plots.axes import percentage

federated.client_drift.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The closed form.** Let client $k$ have the quadratic $F_k(\mathbf w)=\frac12(\mathbf w-c_k)^\top H_k(\mathbf w-c_k)$.
# $T$ local steps move it from $\mathbf w$ to $\mathbf w+A_k(c_k-\mathbf w)$ with $A_k=I-(I-\eta H_k)^T$. Rounds converge to the point where the mean update is 0:
# $$\sum_k p_kA_k(c_k-\mathbf w)=0,\qquad\text{while the optimum has}\qquad\sum_k p_kH_k(c_k-\mathbf w)=0.$$
#
# <details><summary>By hand: FedAvg's fixed point, and its limit for many local steps</summary>
#
# Every client takes part in every round and makes $T$ steps with its full gradient; all $H_k$ are symmetric.
# 1. One local step is $\mathbf w_k-c_k\leftarrow(I-\eta H_k)(\mathbf w_k-c_k)$, because $\nabla F_k=H_k(\mathbf w_k-c_k)$ (quadratic).
# 2. So $T$ steps from $\mathbf w$ give $\mathbf w_k-c_k=(I-\eta H_k)^T(\mathbf w-c_k)$, that is $\mathbf w_k=\mathbf w+A_k(c_k-\mathbf w)$.
# 3. The average is $\mathbf w^+=\mathbf w+\sum_kp_kA_k(c_k-\mathbf w)$ (the weights sum to 1).
# 4. It does not move where $\sum_kp_kA_k(c_k-\mathbf w)=0$: $\mathbf w_\infty=\big(\sum_kp_kA_k\big)^{-1}\sum_kp_kA_kc_k$. The inverse exists, because
#    every eigenvalue of $A_k$ is $1-(1-\eta h)^T>0$ ($0<\eta h<2$ for each eigenvalue $h$ of $H_k$).
# 5. Rounds get there: $\mathbf w^+-\mathbf w_\infty=(I-\sum_kp_kA_k)(\mathbf w-\mathbf w_\infty)$, and the eigenvalues of the symmetric matrix
#    $\sum_kp_kA_k$ lie in $(0,2)$ ($0<\eta h<2$ again).
# 6. $T=1$: $A_k=\eta H_k$, and η cancels in 4. The fixed point is the optimum.
# 7. $T\to\infty$: $(1-\eta h)^T\to0$, so $A_k\to I$, and $\mathbf w_\infty\to\sum_kp_kc_k$, whatever the curvatures are.
# 8. If all $H_k$ are equal, all $A_k$ are equal, they cancel in 4, and the fixed point is the optimum for every $T$.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **7 minutes.** Prove steps 1 to 4 on the board: this is the derivation that a midterm asks for. Then let
# the room take the two limits: T = 1 gives the optimum (step 6), T → ∞ gives the weighted mean of the
# optima (step 7). Step 5 can be left for home.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.parallel.federated import LinearRegression, fedavg

line = QuadraticClients(H=np.array([[[1.0]], [[10.0]]]), c=np.array([[-1.0], [1.0]]), p=np.array([0.5, 0.5]))
options = {"eta": 0.05, "batch": None, "family": LinearRegression(), "rng": np.random.default_rng(0)}
runs = {T: fedavg(line.clients(), np.zeros((1, 1)), 200, epochs=T, **options).w.item() for T in (1, 5, 20, 100)}
print(f"two clients on a line, curvatures 1 and 10: optimum {line.optimum[0]:.4f}")
print("\n".join(f"T = {T:3d}: run {w:.4f}, closed form {fixed_point(line, eta=0.05, T=T)[0]:.4f}"
                for T, w in runs.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - The run ends at the closed form, to four digits.
# - The more local steps, the farther is the end from the optimum, in both examples.
# - In return, many local steps need few rounds: with T = 64 the end is reached in one or two.
# - The weights $n_k$ matter already with one step: a plain mean of unequal clients misses the optimum (preset *Plain mean*).
#
# **Break it.** The longest local work and the most uneven curvatures: w ends more than half a unit away from the optimum. Then
# set the curvature κ to 1. The clients' optima are as far apart as before, but w ends at the optimum for every T. (Exercises 6 and 7.)

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The round in code.** An iterator of rounds: the reader of the loop decides when to stop.

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.parallel.federated.rounds import fedavg_rounds, average

show_source(fedavg_rounds)
show_source(average)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Heterogeneity
#
# *Data heterogeneity*: each client has its own mix of classes, and some have far more examples than others. *System
# heterogeneity*: some devices are slow, and have not finished at the deadline. They are called stragglers.
#
# A common way to simulate such clients: client $k$ draws its class proportions from a Dirichlet distribution. A small parameter α
# gives skewed proportions. (In the demo all twelve clients hold 100 images each, so that only the class proportions differ. Its α is the total of
# the Dirichlet parameters, as in Hsu et al. Other code gives α to each of ten classes; our α = 0.1 is then its 0.01.)
#
# **Predict.** Half of the clients are late, and their work is thrown away. What is lost if all clients are alike? And what if
# each client holds few classes?
#
# <details><summary>Answer</summary>
#
# If they are alike, only work is lost. If each holds few classes, the classes that only late clients hold are missing from the
# average, too. A device that is always slow never contributes, so the model is biased against such devices.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** A usual wrong answer is that discarding half of the clients costs half of the examples,
# whoever they are. Move α to 0.1 and the stragglers to 30 %: one of the ten classes nearly vanishes, and this
# is the goal. With 20 % none does. Press *Partial work*: nothing is discarded, and no class vanishes. *Break
# it* leaves a single client of twelve.

# %% {"slideshow": {"slide_type": "fragment"}}
federated.label_skew.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the roles of five plays of Shakespeare.** A client is a role with its text. The task is to predict the next
# character from the last three, with a linear model. These clients are not simulated: most are small, a few are very large.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Say that these clients are not simulated. Ask how large the largest role is compared with the
# median before the numbers appear. Compare the worst and the best role: section 5 is about this difference.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.data import next_character, shakespeare
from lsml_core.parallel.federated.clients import Client, mean, sizes, zeros
from lsml_core.parallel.federated.model import accuracies

text = next_character(shakespeare(), context=3, stride=20)
letters = np.eye(len(text.data.classes))
x, y = letters[text.data.x.astype(int)].reshape(len(text.data), -1), letters[text.data.y]
roles = [Client(x[mine], y[mine]) for mine in text.clients]
n = sizes(roles)
print(f"{len(roles)} roles; examples: smallest {n.min():.0f}, median {np.median(n):.0f}, largest {n.max():,.0f}")
print(f"the ten largest hold {percentage(np.sort(n)[-10:].sum() / n.sum())} of all")

# %% {"slideshow": {"slide_type": "fragment"}}
run = fedavg(roles, zeros(roles), 15, eta=1.0, epochs=1, batch=10, participation=0.3, rng=np.random.default_rng(0))
print("round                     ", *(f"{t:6d}" for t in range(0, 16, 5)))
print("accuracy on training text ", *(f"{mean(accuracies(roles, w), roles):6.3f}" for w in run.path[::5]))
print("megabytes sent            ", *(f"{b / 1e6:6.1f}" for b in run.bytes[::5]))
ends = accuracies(roles, run.w)
print(f"accuracy of the worst role {ends.min():.2f}, of the best {ends.max():.2f}")
print(f"always answering the most frequent character: {y.mean(axis=0).max():.3f}")

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Slower convergence.** The same linear model on Fashion-MNIST, 20 clients, and the number of rounds until the test
# accuracy first reaches 0.72. IID clients hold a random part of the data; the others hold two shards, about two classes each.
#
# **Predict.** Which plan loses more rounds when the clients become heterogeneous: one step per round, or 20 local epochs? Why?

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Ask which plan loses more rounds. A usual wrong answer is one step per round, because it is
# the slowest plan. It has no drift: all gradients are taken at the same w. Twenty local epochs need at least
# three times as many rounds.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
needed = {data: heterogeneity.compute_cost("rounds", data, "slow (100 kB/s)").first for data in heterogeneity.PARTITIONS}
print("rounds to accuracy 0.72", *(f"{plan:>10}" for plan in needed["IID"]))
print("\n".join(f"{data:<23}" + " ".join(f"{r:10.0f}" for r in found.values()) for data, found in needed.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - Less than a third of the roles take part in a round, and the model of Shakespeare still learns.
# - Its accuracy is far higher on some roles than on others. Section 5 comes back to this.
# - On Fashion-MNIST heterogeneous clients need more rounds with 5 local epochs, and at least three times as many with 20 (on five seeds of five).
# - With one step per round they need about as many as IID clients: all gradients are taken at the same w, so there is no drift. (We measure the accuracy at
#   rounds a quarter apart, so these counts are known to a quarter.)
#
# **Break it.** In the demo: nine of ten late, α = 0.1, work thrown away. The average consists of a single client.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 FedProx: a proximal term, and partial work kept
#
# FedProx makes two changes. First, each client minimises
# $$\min_{\mathbf w_k}\;F_k(\mathbf w_k)+\frac\mu2\lVert\mathbf w_k-\mathbf w^t\rVert^2,$$
# so a local step is $\mathbf w_k\leftarrow\mathbf w_k-\eta\big(\nabla F_k(\mathbf w_k)+\mu(\mathbf w_k-\mathbf w^t)\big)$.
# The *proximal term* limits the impact of heterogeneous local updates.
# Second, a straggler is not dropped: what it has done by the deadline goes into the average.
#
# **Predict.** What does a larger μ do to (a) the place where w ends, (b) the number of rounds until then?
#
# <details><summary>Answer</summary>
#
# (a) The end comes closer to the optimum. When the local problem is solved exactly, client $k$ pulls with the weight
# $(H_k+\mu I)^{-1}H_k$, which is close to $H_k/\mu$ for a large μ: the weights of the optimum. (b) It takes more rounds,
# because no client gets far.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Students usually answer that a larger μ is better in both respects. It moves the end closer
# to the optimum and makes the way there longer. With T = 16 the end is 0.53 away without the term and 0.36
# away with μ = 0.5; the preset *Large μ* (3) has 0.12. *Break it* has T = 1, where the term has no effect:
# its gradient is 0 at the start of the round.

# %% {"slideshow": {"slide_type": "fragment"}}
federated.proximal_term.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The guarantee needs a dissimilarity assumption.** The clients are *B-locally dissimilar* at $\mathbf w$ if
# $$\sum_kp_k\lVert\nabla F_k(\mathbf w)\rVert^2\le B^2\lVert\nabla f(\mathbf w)\rVert^2 .$$
# $B\ge1$ always (Jensen), and $B=1$ if all gradients are equal. At a minimiser of $f$ the right side is 0. The left side is not, unless the point minimises every
# $F_k$, so no finite B exists there. The authors therefore assume a bound on B wherever $\lVert\nabla f\rVert^2>\epsilon$.
#
# <details><summary>By hand: a round of FedProx lowers f, if μ is large enough for the dissimilarity</summary>
#
# Convex, L-smooth $F_k$; every client takes part and minimises exactly. $\nabla f$ and $\nabla F_k$ without an argument are taken at the current $\mathbf w$; $\mathbb E$ is $\sum_kp_k$.
# 1. At the minimum $\nabla F_k(\mathbf w_k)+\mu(\mathbf w_k-\mathbf w)=0$, so $\mathbf w^+-\mathbf w=-\frac1\mu\mathbb E\nabla F_k(\mathbf w_k)$ (exact local work).
# 2. The local objective is μ-strongly convex (convexity of $F_k$) with gradient $\nabla F_k(\mathbf w)$ at $\mathbf w$, so $\lVert\mathbf w_k-\mathbf w\rVert\le\frac1\mu\lVert\nabla F_k(\mathbf w)\rVert$.
# 3. So $\mathbb E\lVert\mathbf w_k-\mathbf w\rVert\le\frac1\mu\big(\mathbb E\lVert\nabla F_k\rVert^2\big)^{1/2}\le\frac B\mu\lVert\nabla f\rVert$ (Jensen; dissimilarity), and $\lVert\mathbf w^+-\mathbf w\rVert$ is no larger.
# 4. Write $\mathbf w^+-\mathbf w=-\frac1\mu(\nabla f+M)$, $M=\mathbb E[\nabla F_k(\mathbf w_k)-\nabla F_k(\mathbf w)]$; $\lVert M\rVert\le L\,\mathbb E\lVert\mathbf w_k-\mathbf w\rVert\le\frac{LB}\mu\lVert\nabla f\rVert$ (smoothness).
# 5. $f(\mathbf w^+)\le f(\mathbf w)+\nabla f^\top(\mathbf w^+-\mathbf w)+\frac L2\lVert\mathbf w^+-\mathbf w\rVert^2$ (smoothness of $f$).
# 6. Insert 3 and 4: $f(\mathbf w^+)\le f(\mathbf w)-\rho\lVert\nabla f\rVert^2$ with $\rho=\frac1\mu\big(1-\frac{LB}\mu-\frac{LB^2}{2\mu}\big)$.
#
# f falls if $\mu>LB+LB^2/2$: the more dissimilar the clients, the larger μ must be, and the smaller is the step, which is about $\frac1\mu\nabla f$.
# (Li et al. prove a similar result for inexact work, a sample of the clients and some non-convexity.)
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** On the board: the assumption, then steps 1, 3, 5 and 6. Ask why no finite B exists at the
# minimiser; the left side is positive there and the right side is 0. Steps 2 and 4 can be left for home.
#
# When time is short, state only that μ must be larger for larger B.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.data.clients import synthetic, synthetic_iid
from lsml_core.parallel.federated import client_of, model

rng = np.random.default_rng
kinds = {"alike": synthetic_iid(30, rng=rng(0)), "synthetic(0, 0)": synthetic(0, 0, 30, rng=rng(0)),
         "synthetic(1, 1)": synthetic(1, 1, 30, rng=rng(0))}
people = {kind: [client_of(one) for one in data] for kind, data in kinds.items()}
starts = {kind: fedavg(c, zeros(c), 100, eta=0.1, epochs=1, batch=None, rng=rng(0)).path for kind, c in people.items()}
print("dissimilarity B after 0, 10, 100 steps of gradient descent")
print("\n".join(f"{kind:<16}" + " ".join(f"{model.dissimilarity(c, starts[kind][t]):6.2f}" for t in (0, 10, 100))
                for kind, c in people.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - μ interpolates between many local steps (few rounds, biased) and gradient descent (many rounds, no bias).
# - B is larger where clients differ.
# - B grows as $\mathbf w$ approaches the optimum, because $\nabla f$ tends to 0 there and the $\nabla F_k$ do not.
#
# **Break it.** With T = 1 the proximal term has no effect: the only local step starts at w, where its gradient is 0, so both runs are
# the same. (Exercise 3 writes the local work, Exercise 9 proves where FedProx ends.)

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The client in code.** FedProx adds `mu * (w_k - w)` to the gradient. With `mu=0` this is the client of FedAvg.

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.parallel.federated.local import client_update

show_source(client_update)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Which of FedProx's two changes helps?
#
# **The paper first.** Li et al. (MLSys 2020) compare three methods in one figure: FedAvg, which drops stragglers; FedProx with
# μ = 0, which keeps partial work; and FedProx with μ > 0. They report that in highly heterogeneous settings FedProx improves
# the absolute test accuracy by **22** percentage points on average (their abstract writes 22 %). The single values of that figure are not available here.
# Their published code fixes the setting of the synthetic data: 30 clients, ten per round, E = 20, batches of 10, η = 0.01, 200 rounds, and μ = 1. Its
# instructions add that there is no default μ that works for all settings.
#
# **Then our run**: the same setting, five seeds, and also E = 1 and 5. In the demo you choose the stopping round.
#
# **Predict.** Local work is long (E = 20). (a) Which change matters more after few rounds? (b) Does your verdict on μ depend on when you stop? Use section 3: what
# does μ do to the number of rounds?
#
# <details><summary>Answer</summary>
#
# (a) Partial work: ten clients per round contribute instead of one. (b) It can. μ shortens the step of every round, so after few rounds it tends to be behind. It
# gains later, if local work is long enough to drift. The table below shows where that happened in our runs.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Ask (a) and (b) and let the room write "stop after 25" and "stop after 200" beside their
# answers.
#
# At the start (E = 20, round 25) μ = 1 helps on 1 of 5 seeds; the table on the next slide says 5 of 5 after
# 200 rounds. Choose E = 1: 0 of 5. Choose *are alike*: 0 of 5, so there μ = 1 raises the loss on every seed.
# So the verdict depends on the data, on E and on the stopping round.

# %% {"slideshow": {"slide_type": "fragment"}}
heterogeneity.stragglers.show()

# %% {"slideshow": {"slide_type": "slide"}, "tags": ["answers-predict"]}
from courseware.studies import federated_stragglers

print("clients differ, 90 % stragglers; seeds of five on which μ = 1 has a lower loss than μ = 0, and median of the ratio")
print("rounds    " + "".join(f"{stop:>14}" for stop in heterogeneity.STOPS))
print("\n".join(federated_stragglers.verdict_line(E, heterogeneity.STOPS) for E in federated_stragglers.LOCAL_EPOCHS))
at_200 = 100 * federated_stragglers.measured("differ", 20).accuracy[:, :, federated_stragglers.at(200)].mean(-1)
print("\ntest accuracy after 200 rounds, E = 20, percent, range of five seeds")
print("\n".join(f"{name:<16}{acc.min():5.1f} to {acc.max():.1f}"
                for name, acc in zip(federated_stragglers.METHODS, at_200, strict=True)))

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** Read the line E = 20 of the table, from few rounds to many. Then give the paper's number
# and ours: 22 points there, 26 here, of which partial work gives 17 and the proximal term 9. Say that the
# range over the seeds is wide.

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice** (clients differ, E = 20, nine of ten straggle, five seeds)
# - Keeping partial work lowers the loss on every seed, at every stopping round. After 25 rounds the loss is less than half of FedAvg's on every seed.
# - After 25 rounds μ = 1 helps on one seed of five, after 200 rounds on five of five. **The verdict depends on when you stop.**
# - With E = 1 and E = 5 it never helps on all seeds: short local work drifts little.
# - Where clients are alike μ = 1 raises the loss on every seed, at every E and every stopping round.
#
# With less local work partial work does not help at every stopping round: with E = 1 it lowers the loss on every seed after 10 and 25 rounds, but not after 50 or more, with E = 5 not
# after 200.
#
# After 200 rounds with E = 20, FedProx with μ = 1 has on average 26 points more test accuracy than FedAvg, about as much as the paper's 22. Partial work gives 17 of these points, and the
# proximal term 9. But the range over the seeds is wide, because one of thirty synthetic clients can hold most of the data. Where does our run differ? We draw new clients for every seed (the paper has one data set of this kind), and the
# paper's figure shows five data sets, four of them images or text.
#
# **Break it.** Clients that are alike: even with nine of ten stragglers, dropping costs less than a factor of 2, at every stopping round and every E, because the data of each client
# represent all data. And with E = 20, μ = 1 raises the loss by a factor of 1.5 to 4.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 q-FFL: a fairer objective
#
# The mean loss can be good while one client's loss is bad. q-FFL raises each loss to a power, so that large losses count more:
# $$\min_{\mathbf w}\;\frac1{q+1}\sum_kp_kF_k(\mathbf w)^{q+1},\qquad\text{with the gradient}\qquad\sum_kp_kF_k^{q}\,\nabla F_k .$$
# A client's weight in the gradient is $p_kF_k^q$. With q = 0 this is the usual mean; for q → ∞ only the client with the largest loss
# counts.
#
# **Predict.** q grows from 0 to 5. (a) In which direction do the largest loss, the mean loss, and the smallest losses
# move? (b) One client contradicts itself: each of its inputs occurs equally often with every label, so its loss cannot fall below
# log 10. Who gains from a large q now?
#
# <details><summary>Answer</summary>
#
# (a) The largest falls. The mean rises, because at q = 0 it was as low as possible. The smallest losses rise: these clients lose. (b)
# Hardly anybody. The contradictory client keeps the largest loss, so nearly all the weight goes to it, although its loss can hardly fall.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** A usual wrong answer to (a) is that the mean falls too, because everybody becomes equal. At q
# = 0 the mean is as low as it can be.
#
# Start at q = 1, worst loss 0.60; move q to 2: 0.53 with a mean of 0.23, and the goal is reached; q = 5:
# 0.46. Then let one client contradict itself, at q = 5: it gets 95 % of the weight, and its loss is still
# 2.30.

# %% {"slideshow": {"slide_type": "fragment"}}
heterogeneity.fairness.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **q-FedAvg** solves it with local work. Client $k$ measures $F_k$ **at $\mathbf w$, before it trains**, and sends
# $$\Delta_k=F_k^q\,L(\mathbf w-\mathbf w_k),\qquad
# h_k=qF_k^{q-1}\lVert L(\mathbf w-\mathbf w_k)\rVert^2+LF_k^q,\qquad L=\tfrac1\eta .$$
# The server steps $\mathbf w\leftarrow\mathbf w-\sum_k\Delta_k/\sum_kh_k$. The factor $p_k$ of the objective does not occur in
# $\Delta_k$ and $h_k$: the authors draw the clients with probability $p_k$ instead, and then give them equal weight.
#
# <details><summary>By hand: why h_k</summary>
#
# 1. Let $g=\frac1{q+1}F^{q+1}$ with an $F>0$ that has $\nabla^2F\preceq LI$ (smoothness). Then $\nabla g=F^q\nabla F$.
# 2. $\nabla^2g=qF^{q-1}\nabla F\nabla F^\top+F^q\nabla^2F$ (product rule).
# 3. $\nabla F\nabla F^\top\preceq\lVert\nabla F\rVert^2I$ (Cauchy–Schwarz) and $F^q\nabla^2F\preceq LF^qI$ (smoothness, $F^q>0$).
# 4. So $\nabla^2g\preceq hI$ at $\mathbf w$ with $h=qF^{q-1}\lVert\nabla F\rVert^2+LF^q$: h estimates the local smoothness of g, and $1/h$ is a step size that needs no tuning when q changes.
# 5. q-FedAvg puts $L(\mathbf w-\mathbf w_k)$ in the place of $\nabla F_k$. Both are equal after one local step with $\eta=1/L$.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Give steps 1, 2 and 4 of *Why h_k*; the point is that no new step size has to be tuned when q
# changes.
#
# Skip the slide when time is short.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The paper first.** Li et al. (ICLR 2020) train on Shakespeare; their published code suggests 80 rounds there (200 on Sent140, 600 on
# Adult, 6,000 on Fashion-MNIST, 20,000 on synthetic data) and draws ten clients per round with probability ∝ $n_k$. They report mean
# accuracy, the worst and best 10 % of the clients, and the variance. The values of their table are not available here.
#
# **Then our run**: the roles above, the last fifth of each role's text held out, ten roles per round, three seeds. (Exercise 4 writes the step.)
#
# **Predict.** After 80 rounds, does q = 5 have the lowest loss of the worst 10 %? Consider what a large $h_k$ does to the
# length of a step.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **3 minutes.** The usual wrong answer is yes, because q = 5 gives the worst clients the most weight. After
# 80 rounds it has not converged: a large $h_k$ makes its steps short. Say that the accuracies do not confirm
# the losses here, and where our run differs.

# %% {"slideshow": {"slide_type": "fragment"}, "tags": ["answers-predict"]}
from courseware.studies import fair_rounds

print("held-out loss, median of three seeds; worst: mean of the tenth of the roles with the highest loss")
print("     q  " + "".join(f"| {t:3d} rounds: mean  worst   var. " for t in fair_rounds.SHOWN))
print("\n".join(fair_rounds.loss_line(q) for q in fair_rounds.POWERS))
print("\nheld-out accuracy after 80 rounds, percent, median of three seeds")
print("     q    mean of roles  worst 10 %  best 10 %   variance")
print("\n".join(fair_rounds.accuracy_line(q) for q in fair_rounds.POWERS))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice**
# - The variance of the losses falls as q grows, at every stopping round. After few rounds it is small because all losses are still high.
# - After 80 rounds, the authors' number, no q lowers the loss of the worst 10 %.
# - After 200 rounds q = 0.1 and q = 1 lower it a little, on each of three seeds, and the mean is higher.
# - q = 5 has not converged after 200 rounds: where local work goes far, $h_k$ is large, so the steps are short. This is the disadvantage of one η for every q.
# - The accuracies do not confirm the losses: with q > 0 the worst 10 % gain nothing here, and the variance does not fall.
#
# Where does our run differ from the paper's? Our model is linear, the authors' is an LSTM; our clients are the roles of five plays. The effect of q-FFL at its
# *minimum* is in the demo above, which solves it exactly.
#
# **Break it.** In the demo, q = 5 with the contradictory client: it has nearly all the weight, its loss stays near log 10, and the losses of all others rise.

# %% [markdown] {"slideshow": {"slide_type": "skip"}}
# **The server's step in code.**

# %% {"slideshow": {"slide_type": "skip"}}
from courseware.source import show_source
from lsml_core.parallel.federated.fairness import fair_step

show_source(fair_step)

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 Privacy: clip the updates, add noise to their sum
#
# The data stay at home, but a model can still reveal them. *Client-level differential privacy* limits what the whole run tells about
# any single client. Call two sets of clients **neighbours** if one of them is the other with one client added. A method is
# (ε, δ)-private if for all neighbours and every set of outcomes
# $$P(\text{outcome}\mid\text{with the client})\le e^\epsilon\,P(\text{outcome}\mid\text{without it})+\delta,\quad\text{and the other way round.}$$
# A round of private FedAvg (McMahan, Ramage, Talwar & Zhang, ICLR 2018):
# 1. Each of the K clients takes part with probability q, **independently** (Poisson sampling; this q is not the exponent of section 5).
# 2. Client $k$ sends its update, clipped to norm S: $u_k\cdot\min(1,S/\lVert u_k\rVert)$ with $u_k=\mathbf w_k-\mathbf w$.
# 3. The server adds noise to the sum and divides by the expected number of clients:
#    $$\mathbf w\leftarrow\mathbf w+\frac1{qK}\Big(\sum_{k\text{ chosen}}u_k\min\big(1,\tfrac S{\lVert u_k\rVert}\big)+\mathcal N(0,z^2S^2I)\Big).$$
#
# All clients count alike here. With the weights $n_k$ one client could change the sum by $n_kS$, and the noise would have to cover the largest $n_k$. (Exercise 5.)
#
# <details><summary>By hand: why the noise is proportional to S</summary>
#
# 1. Add one client to the sum. It changes by one clipped update, so by at most S in norm (clipping).
# 2. With noise of standard deviation zS the two sums are Gaussians of equal covariance, whose means differ by at most S. Divided by zS, the
#    means differ by at most $1/z$: the privacy of a round depends on z alone, not on S and not on the model (Gaussian noise).
# 3. A client is in the sum of a round with probability q only, and nobody else knows in which rounds (Poisson sampling). For small q and enough noise this multiplies the
#    Rényi divergence of a round by about $q^2$.
# 4. The Rényi divergences of all rounds add up (composition). An accountant converts the sum to ε for a given δ.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **5 minutes.** Write the definition on the board and read it aloud twice, once in each direction. Then the
# three steps of a round. Ask what would change if clients were weighted by $n_k$: one client could change the
# sum by $n_kS$. Steps 1 and 2 of the proof are enough.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **The paper first.** McMahan et al. report that user-level privacy costs additional computation rather than accuracy, provided that there are
# enough users (their abstract). **Then our run**: at most 1,000 clients, a linear model and 50 rounds.
#
# **Predict.** 5,000 images of Fashion-MNIST are distributed to 100 clients or to 1,000. z, S, q and the number of rounds stay the same. (a) Is
# ε smaller with more clients? (b) Does the noise cost less accuracy?
#
# <details><summary>Answer</summary>
#
# (a) No: z, q and the number of rounds determine ε, given δ (which we choose ten times smaller for ten times the clients, so ε even
# grows a little). (b) Yes: the noise on the mean update has the standard deviation zS/(qK), ten times smaller.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** A usual wrong answer to (a) is that more clients make ε smaller. z, q and the number of
# rounds determine it, given δ.
#
# Start at z = 2 and clip 3 with 100 clients: accuracy 0.37 at ε = 1.2. Move the clip to 0.3: 0.68 at the same
# ε. Move it to 0.1 with z = 4: 0.59, at ε = 0.49. *Break it* has the most noise and a large clip: 0.26.

# %% {"slideshow": {"slide_type": "fragment"}}
privacy.private_updates.show()

# %% {"slideshow": {"slide_type": "slide"}}
# NBVAL_CHECK_OUTPUT
from courseware.studies import private_federated

print("50 rounds, q = 0.1, clip S = 1; test accuracy, mean of three seeds")
print("                     100 clients (δ = 1/1,000)     1,000 clients (δ = 1/10,000)")
print("noise z          ε (library)   ε (ours)   accuracy   ε (library)   ε (ours)   accuracy")
print("\n".join(private_federated.table_line(z, clip=1.0) for z in private_federated.NOISES))

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Compare the two accuracy columns at z = 4: a tenth of the clients, and more than 30 points
# lost in place of two. Say what ε = 10 means: a factor of 22,000.

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# "ε (library)" is computed by Google's dp-accounting. Ours tries integer Rényi orders only: it is never smaller, and at most six percent larger where ε is about 5 or smaller.
#
# **What to notice**
# - With q, δ and the rounds fixed, the noise multiplier z determines ε, whatever the clip and the model are.
# - With 1,000 clients z = 4 costs about two points of accuracy; with 100 clients it costs more than 30.
# - A clip that is too small costs accuracy even without noise, because the updates themselves are cut.
# - A clip that is too large brings more noise than needed.
# - Values of ε above about 10 promise very little: $e^{10}$ is 22,000.
#
# **Break it.** The most noise, a large clip, few clients: after 50 rounds the accuracy is still below 0.3.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 7 What is scarce?
#
# FedAvg needs fewer rounds than distributed SGD. But a round with E epochs takes longer than one with a single step, and whether
# that matters depends on the link. The demo counts the cost of the same runs in three ways: 20 clients of different speeds with 150 images of Fashion-MNIST
# each, and a linear model.
#
# **Predict.** About two classes per client, a fast link, and we count seconds. Which plan is the last to reach an accuracy of
# 0.72: one step per round, 1, 5 or 20 epochs? Give a reason.
#
# <details><summary>Answer</summary>
#
# Twenty epochs, although they need the fewest rounds: on a fast link the time of a round is the computing time of the slowest client, and twenty
# epochs are twenty times the work of one. One step per round and one epoch need about the same time.
# </details>

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **4 minutes.** Ask for the slowest plan and a reason. Most students choose one step per round, since it
# needs the most rounds. On a fast link a round takes as long as the computing, and 20 epochs are 20 times
# as much. The deck lacks this case: one step needs 8.8 seconds, E = 1 needs 9.3, E = 20 needs 86.4.
#
# At the start (seconds, IID, slow link) E = 20 is first with 10.8 seconds, E = 5 needs 11.1. Choose *rounds*:
# 2 against 126 for one step. Choose *two shards each* with seconds: E = 20 needs 91.7, E = 1 needs 20.5, and
# the goal is reached.

# %% {"slideshow": {"slide_type": "fragment"}}
heterogeneity.communication_cost.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **What to notice** (on five seeds of five)
# - Counted in rounds or bytes, twenty epochs need least. (Here the two counts differ by a constant factor only.)
# - Counted in seconds, twenty epochs need about as long as five if the clients are IID and the link is slow.
# - In the other three cases they take longer than five.
#
# **Break it.** The fast link, IID clients: distributed SGD with one step per round needs at most a quarter more time than the
# best plan, and there is no E to choose.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 8 One client function, any machine
#
# `client_update(client, w, order, local)` is a pure function. An *engine* decides where it runs: in Python, one
# client after another; in compiled code, all clients of a round at once; or in several processes, on one machine or several.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **1 minute.** One function and three engines give the same weights to $10^{-8}$.
#
# Skip the slide when time is short.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.parallel.engines import SerialAllReduce
from lsml_core.parallel.federated import BatchedEngine, DistributedEngine, SerialEngine

engines = {"serial": SerialEngine(), "batched": BatchedEngine(),
           "distributed over 3": DistributedEngine(SerialAllReduce(3))}
ends = {name: fedavg(roles, zeros(roles), 2, epochs=1, eta=1.0, batch=10, engine=engine,
                     rng=np.random.default_rng(0)).w for name, engine in engines.items()}
print("\n".join(f"{name}: differs from serial by less than 1e-8: {abs(w - ends['serial']).max() < 1e-8}"
                for name, w in ends.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# With `with gloo() as machines:` in place of `SerialAllReduce(3)`, and `torchrun`, the same lines run on several machines. The
# same client function as a Flower app, for real devices, is in `examples/flower_app/`.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to remember
#
# | | a client does | the server does | fails when |
# |---|---|---|---|
# | distributed SGD | one step | averages by $n_k$ | messages are expensive |
# | FedAvg | E epochs, or is dropped | averages by $n_k$ | clients differ in curvature; stragglers hold rare data |
# | FedProx | as much as it can, with the proximal term | averages by $n_k$ | clients are alike, or there are few rounds: μ slows the run |
# | q-FedAvg | E epochs, and measures $F_k$ before them | steps by $\sum\Delta_k/\sum h_k$ | one client's loss cannot fall: it gets nearly all the weight |
# | private FedAvg | E epochs, and clips its update | adds noise to the sum | there are few clients |
#
# **Exercises.** [exercises/04_federated_learning.ipynb](../exercises/04_federated_learning.ipynb): the average of a round, what is sent,
# FedProx's local work, a fair step, a private round, where FedAvg converges, clients for which that is far from the optimum, fairness in
# your own words, and a proof about FedProx.
#
# **Read on.** McMahan et al., *Communication-efficient learning of deep networks from decentralized data* (AISTATS
# 2017) · Li et al., *Federated optimization in heterogeneous networks* (MLSys 2020) · Li, Sanjabi, Beirami & Smith,
# *Fair resource allocation in federated learning* (ICLR 2020) · McMahan, Ramage, Talwar & Zhang, *Learning differentially private
# recurrent language models* (ICLR 2018) · Hsu, Qi & Brown, *Measuring the effects of
# non-identical data distribution for federated visual classification* (2019). The code of this lecture:
# `lsml_core/parallel/federated/`, first `local.py` and `rounds.py`, then `quadratics.py` and `privacy.py`.

# %% [markdown] {"slideshow": {"slide_type": "notes"}}
# **2 minutes.** Cover the column *fails when* and let the room fill it in. The row that students miss is
# FedProx: where clients are alike, or after few rounds, μ only slows the run.
