"""Synchronous steps, conflicts and delays of parallel workers, by hand."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.writing import a_set, num, table
from lsml_core.optimization.finite_sums import LeastSquares
from lsml_core.parallel.cluster import Cluster
from lsml_core.parallel.conflicts import conflicts
from lsml_core.parallel.staleness import delayed_descent
from lsml_core.parallel.synchronous import worker_gradient

TOPIC = Topic.PARALLEL


@template(TOPIC, Kind.COMPUTE, covers=("synchronous_sum",), difficulty=2, minutes=4)
def gradient_of_uneven_workers(rng: np.random.Generator) -> Draft:
    sizes = pick(rng, [(1, 3), (3, 1), (1, 4), (2, 3), (4, 1)])
    y = rng.choice(np.arange(-6, 10), size=sum(sizes), replace=False).astype(float)
    f, w = LeastSquares(np.ones((len(y), 1)), y), np.array([float(pick(rng, [0, 1, 2]))])
    parts = np.split(np.arange(len(y)), [sizes[0]])
    sums = [float(worker_gradient(f, w, part)[0]) for part in parts]
    answer, means = sum(sums) / len(y), [s / n for s, n in zip(sums, sizes, strict=True)]
    mistakes = (
        Mistake(
            float(np.mean(means)),
            "This is the mean of the workers' means: the worker with fewer examples counts too much.",
        ),
        Mistake(sum(sums), "The sum over all examples still has to be divided by their number."),
        Mistake(-answer, r"The gradient of $\tfrac12(w-y)^2$ is $w-y$, not $y-w$."),
    )
    prompt = (
        rf"Synchronous SGD with two workers, $\ell_i(w)=\tfrac12(w-y_i)^2$, at $w={num(w[0])}$. Worker 1 holds "
        rf"$y\in{a_set(map(num, y[parts[0]]))}$ of the mini-batch, worker 2 holds $y\in{a_set(map(num, y[parts[1]]))}$. "
        rf"What is the gradient of the **mean** loss over all {len(y)} examples?"
    )
    solution = (
        rf"Each worker sends a sum: $g_1=\sum_{{i\in S_1}}(w-y_i)={num(sums[0])}$ and $g_2={num(sums[1])}$.",
        rf"The gradient of the mean is $\frac{{g_1+g_2}}{{{len(y)}}}={num(answer)}$.",
        "This is what one worker would compute alone: the number of workers does not change the step.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"y": y, "w": w[0]})


@template(TOPIC, Kind.COMPUTE, covers=("communication_cost",), difficulty=2, minutes=5)
def time_of_an_epoch(rng: np.random.Generator) -> Draft:
    n, workers = pick(rng, [8000, 16000, 32000]), pick(rng, [2, 4, 8])
    batch, per_example, latency = pick(rng, [200, 400, 800]), 0.001, pick(rng, [0.05, 0.1, 0.2])
    cluster = Cluster(seconds_per_example=per_example, latency=latency / (2 * (workers - 1)))
    steps = n // batch
    answer = steps * float(cluster.step(batch, workers))
    computing = n * per_example / workers
    mistakes = (
        Mistake(computing, "The communication after every step is missing."),
        Mistake(computing + latency, "Communication happens after every step, not once per epoch."),
        Mistake(
            n * per_example + steps * latency,
            r"The mini-batch is shared: each of the $P$ workers computes $\frac1P$ of its examples.",
        ),
    )
    prompt = (
        f"Synchronous SGD on {n} examples with {workers} equally fast workers. A gradient takes 1 ms per example, and after "
        f"every step the workers need {num(latency)} s to add up their gradients. How many **seconds** does an epoch take "
        f"with a mini-batch of {batch} examples in all?"
    )
    solution = (
        rf"There are ${n}/{batch}={steps}$ steps per epoch.",
        rf"A step takes ${batch}/{workers}\cdot 0.001+{num(latency)}={num(batch / workers * per_example + latency)}$ s.",
        rf"In all ${num(answer)}$ s; of these ${num(steps * latency)}$ s are communication. A batch twice as large would "
        "halve that part.",
    )
    given = {"n": n, "workers": workers, "batch": batch, "latency": latency}
    return Draft(prompt, Number(answer, mistakes), solution, given)


@template(TOPIC, Kind.COMPUTE, covers=("communication_cost", "system_heterogeneity"), difficulty=1, minutes=4)
def waiting_for_the_slowest(rng: np.random.Generator) -> Draft:
    seconds = rng.integers(1, 7, size=(3, 3)).astype(float)
    seconds[int(rng.integers(3)), int(rng.integers(3))] = float(pick(rng, [9, 10, 12]))
    synchronous = float(seconds.max(axis=1).sum())
    busiest = float(seconds.sum(axis=0).max())
    mistakes = (
        Mistake(
            busiest, "This is the time of the busiest worker alone, without waiting: an asynchronous run."
        ),
        Mistake(
            float(seconds.mean(axis=1).sum()),
            "A synchronous step takes as long as its slowest worker, not as the mean.",
        ),
        Mistake(float(seconds.sum()), "The workers compute at the same time."),
    )
    rows = [[f"step {i + 1}", *(num(s) for s in row)] for i, row in enumerate(seconds)]
    prompt = (
        "Seconds that three workers need for their part of each step:\n\n"
        + table(["", "worker 1", "worker 2", "worker 3"], rows)
        + "\n\nCommunication is free. How many seconds do the three steps take **synchronously**?"
    )
    solution = (
        rf"Each step lasts as long as its slowest worker: ${', '.join(num(s) for s in seconds.max(axis=1))}$ seconds.",
        rf"In all ${num(synchronous)}$ seconds.",
        rf"Without waiting, the busiest worker would be done after ${num(busiest)}$ seconds.",
    )
    return Draft(prompt, Number(synchronous, mistakes), solution, {"seconds": seconds})


@template(TOPIC, Kind.COMPUTE, covers=("hogwild_delay",), difficulty=2, minutes=5)
def delay_bound_of_hogwild(rng: np.random.Generator) -> Draft | None:
    from scipy.sparse import csr_matrix  # lazy import: the other templates need no scipy

    n, d = 6, 7
    sets = [
        sorted((rng.choice(d, size=int(rng.integers(1, 4)), replace=False) + 1).tolist()) for _ in range(n)
    ]
    dense = np.array([[float(j + 1 in s) for j in range(d)] for s in sets])
    found = conflicts(csr_matrix(dense))
    if found.mean_degree < 1 or len(set(found.degree.tolist())) < 2:
        return None
    bound, largest = found.delay_bound, float(found.degree.max())
    mistakes = (
        Mistake(n / found.mean_degree, "The factor 2 in the denominator is missing."),
        Mistake(n / (2 * largest), r"$\Delta_{av}$ is the mean number of conflicts, not the largest one."),
        Mistake(
            n / (2 * (found.mean_degree + 1)), "An example does not count as being in conflict with itself."
        ),
    )
    rows = [[f"{i + 1}", f"${a_set(s)}$"] for i, s in enumerate(sets)]
    prompt = (
        "Six examples have nonzero features at these coordinates:\n\n"
        + table(["example", "coordinates"], rows)
        + "\n\nTwo examples are in conflict if they share a coordinate. The deck's condition for "
        r"Hogwild is $\tau\le\frac{n}{2\Delta_{av}}$, with the delay $\tau$, $n$ examples, and the average $\Delta_{av}$ of "
        r"their numbers of conflicts. Up to which value of $\tau$ does it hold here?"
    )
    solution = (
        f"Numbers of conflicts of the examples: {', '.join(str(k) for k in found.degree)}.",
        rf"Their mean is $\Delta_{{av}}={num(found.mean_degree)}$.",
        rf"$\tau\le\frac{{6}}{{2\cdot{num(found.mean_degree)}}}={num(bound)}$.",
    )
    return Draft(prompt, Number(bound, mistakes), solution, {"sets": sets})


@template(TOPIC, Kind.TRACE, covers=("asynchronous_noise", "hogwild_serial"), difficulty=2, minutes=5)
def steps_with_stale_gradients(rng: np.random.Generator) -> Draft:
    eta, start, tau = pick(rng, [0.5, 0.2, 0.25]), float(pick(rng, [8, 16, -8, 4, 20])), 1
    w = start * delayed_descent(eta, tau=tau, steps=3)
    fresh = start * delayed_descent(eta, tau=0, steps=3)
    mistakes = (
        Mistake(
            float(fresh[3]),
            "These are three steps with fresh gradients; here each gradient is one update old.",
        ),
        Mistake(float(w[2]), "This is $w_2$; three updates were asked for."),
        Mistake(
            start * (1 - eta * 3),
            "The first point is not used for all three steps: a gradient is one update old.",
        ),
    )
    prompt = (
        rf"Asynchronous SGD on $f(w)=\tfrac12w^2$ with step size ${num(eta)}$ and a constant delay of one update: "
        rf"$w_{{k+1}}=w_k-{num(eta)}\,\nabla f(w_{{k-1}})$, where $w_{{-1}}=w_0={num(start)}$. What is $w_3$?"
    )
    solution = (
        rf"$w_1=w_0-{num(eta)}\,w_0={num(w[1])}$.",
        rf"$w_2=w_1-{num(eta)}\,w_0={num(w[2])}$: this gradient is stale.",
        rf"$w_3=w_2-{num(eta)}\,w_1={num(w[3])}$. With fresh gradients it would be ${num(fresh[3])}$.",
    )
    return Draft(prompt, Number(float(w[3]), mistakes), solution, {"eta": eta, "start": start})


TEMPLATES = templates_in(vars())
