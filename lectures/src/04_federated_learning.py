# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# # 04 · Federated learning
#
# **70 minutes.** After this lecture you will be able to
#
# 1. write a round of FedAvg, and say which average it takes and why;
# 2. compute where many local steps lead on quadratics, and explain why that is not the optimum;
# 3. tell what dropping stragglers does, and separate FedProx's two changes, partial work and the proximal term;
# 4. say what q-FFL trades for fairness, and what exactly a client has to send;
# 5. choose the local work by what is scarce: rounds, bytes or seconds.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 1 FedAvg: work at home, meet now and then
#
# Data stay on the devices. Client $k$ holds $n_k$ examples and its mean loss $F_k$; together they minimise
# $$f(\mathbf w)=\sum_k p_kF_k(\mathbf w),\qquad p_k=\frac{n_k}{\sum_j n_j}.$$
# A round: the server sends $\mathbf w$ to some clients, each makes local steps
# $\mathbf w_k\leftarrow\mathbf w_k-\eta\nabla F_k(\mathbf w_k)$ on its own data, and the server averages:
# $$\mathbf w\leftarrow\sum_k\frac{n_k}{\sum_j n_j}\,\mathbf w_k .$$
# Distributed SGD is the case of *one* local step. More of them save messages.
#
# **Predict.** Three clients with equally many examples, whose own optima lie on the corners of a triangle. Local steps
# are made until each has arrived at its own optimum. Where does $\mathbf w$ end? Is it the optimum of $f$?
#
# <details><summary>Answer</summary>
# At the plain mean of the three corners (with unequal n_k it is the mean weighted by n_k). The optimum also depends on
# the curvatures, how much each client's loss rises in which direction. In general it is another point; where all
# curvatures are equal it is the same.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
from courseware.demos.parallel import federated, heterogeneity

federated.client_drift.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **Why: the closed form.** On quadratics with curvature $H_k$ and minimiser $c_k$, T local steps carry client $k$ the
# share $A_k=I-(I-\eta H_k)^T$ of its way: $\mathbf w_k=\mathbf w+A_k(c_k-\mathbf w)$. Rounds end where the pulls
# balance,
# $$\sum_k p_kA_k(c_k-\mathbf w)=0,\qquad\text{the optimum where}\qquad\sum_k p_kH_k(c_k-\mathbf w)=0.$$
# One step has $A_k=\eta H_k$: the same point. Many steps have $A_k\to I$: the mean of the $c_k$. A run against it, two
# clients on a line with curvatures 1 and 10:

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
import numpy as np

from lsml_core.parallel.federated import LinearRegression, fedavg
from lsml_core.parallel.federated.quadratics import QuadraticClients, fixed_point

line = QuadraticClients(H=np.array([[[1.0]], [[10.0]]]), c=np.array([[-1.0], [1.0]]), p=np.array([0.5, 0.5]))
options = {"eta": 0.05, "batch": None, "family": LinearRegression(), "rng": np.random.default_rng(0)}
runs = {T: fedavg(line.clients(), np.zeros((1, 1)), 200, epochs=T, **options).w.item() for T in (1, 5, 20, 100)}
print(f"optimum {line.optimum[0]:.4f}")
print("\n".join(f"T = {T:3d}: run {w:.4f}, closed form {fixed_point(line, eta=0.05, T=T)[0]:.4f}"
                for T, w in runs.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The run ends at the closed form to four digits, and with every further local step farther from the
# optimum. What is bought: with T = 64 the end is reached in a round or two.
#
# **Break it.** Longest local work, most uneven curvatures: w ends 0.65 away from the optimum. Make the clients alike
# (κ = 1) and nothing is wrong, whatever T is, although their optima are as far apart as before.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 2 Clients are not alike
#
# *Data* differ: each client has its own mix of classes, and far more or far fewer examples than others. A common way
# to make such clients up: client $k$ draws its class shares from a Dirichlet distribution, where a small α means
# skewed. (In the demo all twelve clients hold 100 images each, so that only the mixes differ. Its α is the total of the
# Dirichlet parameters, as in Hsu et al.; where code gives α to each of ten classes, our 0.1 is its 0.01.) *Systems* differ: some devices are slow, and are not done at the deadline.
#
# **Predict.** Half of the clients are late and their work is thrown away. What is lost if all clients are alike? And
# if each knows few classes?
#
# <details><summary>Answer</summary>
# If they are alike, half of the work. If not, also the classes that mostly the late ones hold: at α = 0.1 below, one
# of ten nearly vanishes from the average, and three do if seven of ten clients are late.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
federated.label_skew.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **For real: the roles of five plays of Shakespeare.** A client is a role and its text; predict the next character
# from the last three, with a linear model. Nobody made these clients up: most are small, a few very large.

# %% {"slideshow": {"slide_type": "fragment"}}
# NBVAL_CHECK_OUTPUT
from lsml_core.data import next_character, shakespeare
from lsml_core.parallel.federated import Client
from lsml_core.parallel.federated.model import accuracies, losses, mean, sizes, zeros

text = next_character(shakespeare(), context=3, stride=20)
letters = np.eye(len(text.data.classes))
x, y = letters[text.data.x.astype(int)].reshape(len(text.data), -1), letters[text.data.y]
roles = [Client(x[mine], y[mine]) for mine in text.clients]
n = sizes(roles)
print(f"{len(roles)} roles; examples: smallest {n.min():.0f}, median {np.median(n):.0f}, largest {n.max():.0f}")
print(f"the ten largest hold {np.sort(n)[-10:].sum() / n.sum():.0%} of all")

# %% {"slideshow": {"slide_type": "fragment"}}
run = fedavg(roles, zeros(roles), 15, eta=1.0, epochs=1, batch=10, participation=0.3, rng=np.random.default_rng(0))
print("round          ", *(f"{t:6d}" for t in range(0, 16, 5)))
print("accuracy       ", *(f"{mean(accuracies(roles, w), roles):6.3f}" for w in run.path[::5]))
print("megabytes sent ", *(f"{b / 1e6:6.1f}" for b in run.bytes[::5]))
ends = accuracies(roles, run.w)
print(f"one role is at {ends.min():.2f}, another one at {ends.max():.2f}")
print(f"always the most frequent character: {y.mean(axis=0).max():.3f}")

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** Not even a third of the clients take part in a round, and the model learns (accuracy on the training text;
# always answering *space* would reach 0.165). It serves some roles far better than others: section 5 comes back to them. The average weighs by $n_k$; a plain mean would let 26 examples
# count as much as 3065.
#
# **Break it.** Nine of ten late, α = 0.1, work thrown away: one client is the average.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 3 FedProx: a spring to hold them, and partial work kept
#
# Two changes. Each client minimises
# $$\min_{\mathbf w_k}\;F_k(\mathbf w_k)+\frac\mu2\lVert\mathbf w_k-\mathbf w^t\rVert^2,$$
# so a local step is $\mathbf w_k\leftarrow\mathbf w_k-\eta\big(\nabla F_k(\mathbf w_k)+\mu(\mathbf w_k-\mathbf w^t)\big)$.
# And a straggler is not dropped: what it has done by the deadline goes into the average.
#
# **Predict.** What does a stiffer spring do to (a) the place where w ends, (b) the number of rounds until then?
#
# <details><summary>Answer</summary>
# (a) It comes closer to the optimum: the weights of the pulls are $(H_k+\mu)^{-1}H_k$ in the end, which is $H_k/\mu$
# for a stiff spring. (b) It takes more rounds, because nobody gets far.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
federated.proximal_term.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** μ interpolates between many local steps (fast, biased) and gradient descent (slow, right): the same trade
# as T, in another coin.
#
# **Break it.** With T = 1 there is nothing to hold: the first step starts at w, where the spring has no force, and the
# two runs are the same.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 4 Which of FedProx's two changes helps?
#
# FedProx's own test bed, synthetic(1, 1): 30 clients, ten a round, nine of these straggle. Three methods meet the same
# clients, the same stragglers and the same batches: dropping them (FedAvg), keeping partial work with μ = 0, and with
# μ = 1. Li et al. separate these three runs in their own figure. The demo stops after 24 rounds.
#
# **Predict.** How is the gain shared between partial work and the proximal term, after few rounds and after many? And if
# all clients are alike?
#
# <details><summary>Answer</summary>
# After 24 rounds nearly all of it is partial work. After 200 rounds the proximal term halves what is left at E = 20,
# because it needs more rounds to get there (section 3). Where clients are alike it slows everybody down.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
heterogeneity.stragglers.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** After 24 rounds at E = 20, partial work divides the loss by four, and the proximal term takes a few percent
# to a tenth of the rest. At E = 2 and 5 it *raises* the loss on each seed. **These verdicts depend on when you stop.** The
# same runs continued, loss with μ = 1 over loss with μ = 0, range of three seeds (mean of the last eight rounds):
#
# | rounds | 24 | 50 | 200 |
# |---|---|---|---|
# | E = 20 | 0.88 to 0.94 | 0.62 to 0.66 | 0.44 to 0.50 |
# | E = 5 | 1.11 to 1.30 | 1.03 to 1.23 | 0.88 to 0.92 |
#
# **Break it.** Clients that are alike: dropping costs hardly anything, even with nine of ten, since one client's data
# is as good as all; and after 24 rounds the proximal term has more than doubled the loss.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 5 q-FFL: who is left behind?
#
# The mean loss can be good and somebody's bad. Raise each loss to a power, and the large ones count more:
# $$\min_{\mathbf w}\;\frac1{q+1}\sum_kp_kF_k(\mathbf w)^{q+1},$$
# whose gradient is $\sum_kp_kF_k^{q}\,\nabla F_k$: a client's vote is multiplied by $F_k^q$.
#
# **Predict.** q from 0 to 5: what happens to the worst loss, to the mean, to those who were best off?
#
# <details><summary>Answer</summary>
# The worst falls by two fifths, the mean rises by more than a quarter, and those who had almost no loss now have some.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
heterogeneity.fairness.show()

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# **q-FedAvg** does it with local work. Client $k$ measures $F_k$ **at $\mathbf w$, before it trains**, and sends
# $$\Delta_k=F_k^q\,L(\mathbf w-\mathbf w_k),\qquad
# h_k=qF_k^{q-1}\lVert L(\mathbf w-\mathbf w_k)\rVert^2+LF_k^q,\qquad L=\tfrac1\eta;$$
# the server steps $\mathbf w\leftarrow\mathbf w-\sum_k\Delta_k/\sum_kh_k$. On the roles of Shakespeare:

# %% {"slideshow": {"slide_type": "fragment"}}
from lsml_core.parallel.federated import qffl

options = {"eta": 1.0, "epochs": 1, "batch": 10, "participation": 0.3}
found = {q: losses(roles, qffl(roles, zeros(roles), 20, q=q, rng=np.random.default_rng(0), **options).w)
         for q in (0, 1)}
print(f"at the start every loss is log {len(letters)} = {np.log(len(letters)):.2f}; after 20 rounds")
print("  q   mean of roles   variance   worst")
print("\n".join(f"{q:3d} {F.mean():15.3f} {F.var():10.4f} {F.max():7.2f}" for q, F in found.items()))

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** The variance falls, and nobody is better off: with q = 1 the losses are more equal because all of them
# are higher. $h_k$ is an upper bound on the curvature, and where local work goes far it is a large one, so the steps are
# tiny. That is the price of never having to tune η for each q. The authors run 80 rounds on
# Shakespeare, with small q, and thousands only on two data sets. At 80 rounds here, q = 0.1 lowers the worst loss a little
# (2.91 instead of 2.93), and q = 1 has not converged. What q-FFL is worth at its *minimum* is in the demo above, which
# solves it exactly. Look at more than a variance.
#
# **Break it.** In the demo, q = 5: clients that had no loss at all now pay for the others. Whether that is fair is not
# a question of optimisation.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 6 What is scarce?
#
# FedAvg "converges faster": per round. A round with E epochs takes longer than one with a single step, and whether
# that matters depends on the link. The same runs, counted three ways: 20 clients with 150 images of Fashion-MNIST each,
# unevenly fast, a linear model.
#
# **Predict.** Two classes or so per client, a fast link, and we count seconds. Which plan is first at an accuracy of
# 0.72: one step a round, or 1, 5, 20 epochs?
#
# <details><summary>Answer</summary>
# One step and one epoch arrive together, within a seventh of each other on five seeds. Twenty epochs need a sixth to
# a half of the rounds of one epoch, and three to ten times the time.
# </details>

# %% {"slideshow": {"slide_type": "fragment"}}
heterogeneity.communication_cost.show()

# %% [markdown] {"slideshow": {"slide_type": "fragment"}}
# **Notice.** By rounds and by bytes (the same thing here, up to a factor) twenty epochs always win. By seconds they are
# level with five where clients are alike and the link is slow, and behind everywhere else: five seeds of five.
#
# **Break it.** The fast link: distributed SGD, which lecture 03 gave up for its messages, is within a quarter of the
# first again, and needs no choice of E.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## 7 One client function, any machine
#
# `client_update(client, w, order, local)` is a pure function, so who calls it is a matter of engines: Python, one
# client after the other; compiled code, all clients of a round in one go; or processes on several machines.

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
# With `with gloo() as machines:` in place of `SerialAllReduce(3)` and `torchrun`, the same lines run on several machines. Real
# devices come and go, and speak another protocol: the same function as a Flower app is in `examples/flower_app/`.

# %% [markdown] {"slideshow": {"slide_type": "slide"}}
# ## What to take along
#
# | | a client does | the server does | fails when |
# |---|---|---|---|
# | distributed SGD | one step | averages by $n_k$ | messages are dear |
# | FedAvg | E epochs, or is dropped | averages by $n_k$ | clients differ in curvature, stragglers hold rare data |
# | FedProx | what it can, tied to w by μ | averages by $n_k$ | clients are alike: μ only slows |
# | q-FFL | E epochs, and $F_k$ before them | steps by $\sum\Delta_k/\sum h_k$ | a loss that cannot fall keeps all the votes |
#
# **Exercises.** `exercises/04_federated_learning.ipynb`.
#
# **Read on.** McMahan et al., *Communication-efficient learning of deep networks from decentralized data* (AISTATS
# 2017) · Li et al., *Federated optimization in heterogeneous networks* (MLSys 2020) · Li, Sanjabi, Beirami & Smith,
# *Fair resource allocation in federated learning* (ICLR 2020) · Hsu, Qi & Brown, *Measuring the effects of
# non-identical data distribution for federated visual classification* (2019). The code of this lecture:
# `lsml_core/parallel/federated/`, first `local.py` and `rounds.py`, then `quadratics.py`.
