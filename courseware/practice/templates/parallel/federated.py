"""Rounds of federated averaging, FedProx and q-FFL, by hand."""

import numpy as np

from courseware.practice.question import Draft, Mistake, Number, Topic
from courseware.practice.template import Kind, template, templates_in
from courseware.practice.templates.forms import pick
from courseware.practice.writing import half, minus, num, par, table
from lsml_core.parallel.federated.quadratics import (
    QuadraticClients,
    fixed_point,
    local_paths,
    local_progress,
    prox_fixed_point,
)
from lsml_core.parallel.federated.rounds import average

TOPIC = Topic.PARALLEL


def _clients(h: list[float], c: list[float]) -> QuadraticClients:
    """One-dimensional quadratics ½h(w − c)², of equal weight."""
    return QuadraticClients(np.array(h)[:, None, None], np.array(c)[:, None], np.full(len(h), 1 / len(h)))


def _distance(name: str, point: float | int) -> str:
    """LaTeX of a variable minus a point, in brackets where they are needed: (w-2), w."""
    return f"({name}{minus(point)})" if point else name


@template(TOPIC, Kind.COMPUTE, covers=("fedavg_round", "fedavg_sizes"), difficulty=1, minutes=3)
def average_of_a_round(rng: np.random.Generator) -> Draft | None:
    n = np.array(pick(rng, [(10, 30, 60), (20, 20, 60), (50, 30, 20), (10, 10, 80)]), dtype=float)
    w = rng.choice(np.arange(-5, 11), size=3, replace=False).astype(float)
    answer, plain_mean = float(average(w[:, None], n)[0]), float(w.mean())
    largest = float(w[np.argmax(n)])
    mistakes = (
        Mistake(plain_mean, "This is the plain mean. FedAvg weighs a device by its number of examples."),
        Mistake(largest, "All devices count, not only the one with most examples."),
        Mistake(float((n * w).sum()) / 3, "The weights $n_k$ have to be divided by their sum."),
    )
    rows = [[f"{k + 1}", num(n[k]), num(w[k])] for k in range(3)]
    prompt = (
        "At the end of a FedAvg round, three devices send their weight $w_k$:\n\n"
        + table(["device", "examples $n_k$", "$w_k$"], rows)
        + "\n\nWhat is the new global weight?"
    )
    solution = (
        r"$w=\sum_kn_kw_k/\sum_kn_k$.",
        rf"The numerator is ${num(n[0])}\cdot{par(w[0])}+{num(n[1])}\cdot{par(w[1])}+{num(n[2])}\cdot{par(w[2])}"
        rf"={num((n * w).sum())}$, and the denominator is ${num(n.sum())}$.",
        rf"$w={num(answer)}$.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"n": n, "w": w})


@template(TOPIC, Kind.TRACE, covers=("fedavg_round", "fedavg_versus_distributed"), difficulty=2, minutes=6)
def one_fedavg_round(rng: np.random.Generator) -> Draft:
    h, c = pick(
        rng,
        [
            ([1.0, 2.0], [4.0, 0.0]),
            ([2.0, 1.0], [-2.0, 6.0]),
            ([1.0, 4.0], [8.0, -4.0]),
            ([2.0, 4.0], [2.0, 6.0]),
        ],
    )
    eta, w = pick(rng, [0.25, 0.1, 0.125]), float(pick(rng, [0, 1, 2]))
    clients = _clients(h, c)
    paths = local_paths(clients, np.array([w]), 1, eta=eta, T=2)[0, :, :, 0]
    answer = float(paths[:, -1].mean())
    one = float(local_paths(clients, np.array([w]), 1, eta=eta, T=1)[0, :, -1, 0].mean())
    gradient = float(np.mean([h[k] * (w - c[k]) for k in range(2)]))
    mistakes = (
        Mistake(one, "This is the average after one local step; two were made."),
        Mistake(
            w - 2 * eta * gradient,
            "Both steps used the gradient at the global $w$, as distributed SGD does; $w_k$ moves.",
        ),
        Mistake(float(paths[:, -1].sum()), "The local weights are averaged, not added up."),
    )
    prompt = (
        rf"Two devices with equally many examples: $F_1(w)={half(h[0])}(w{minus(c[0])})^2$ and "
        rf"$F_2(w)={half(h[1])}(w{minus(c[1])})^2$. One round of **FedAvg** from $w={num(w)}$: each device "
        rf"makes $T=2$ steps of gradient descent with step size ${num(eta)}$. What is the new $w$?"
    )
    solution = (
        rf"Device 1: ${num(paths[0, 0])}\to{num(paths[0, 1])}\to{num(paths[0, 2])}$.",
        rf"Device 2: ${num(paths[1, 0])}\to{num(paths[1, 1])}\to{num(paths[1, 2])}$.",
        rf"The average is ${num(answer)}$.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"h": h, "c": c, "eta": eta, "w": w})


@template(TOPIC, Kind.COMPUTE, covers=("data_heterogeneity", "fedavg_round"), difficulty=3, minutes=8)
def fixed_point_of_fedavg(rng: np.random.Generator) -> Draft:
    h = pick(rng, [[1.0, 2.0], [1.0, 3.0], [2.0, 1.0], [1.0, 1.5], [3.0, 2.0]])
    c = [0.0, float(pick(rng, [2, 4, 6, 10]))]
    eta, T = 0.5 if max(h) < 3 else 0.25, 2
    clients = _clients(h, c)
    w = float(fixed_point(clients, eta=eta, T=T)[0])
    optimum, middle = float(clients.optimum[0]), float(np.mean(c))
    a = [1 - (1 - eta * h_k) ** T for h_k in h]
    mistakes = (
        Mistake(optimum, "This is the minimiser of the mean loss, where FedAvg with $T=1$ converges."),
        Mistake(middle, r"This is the mean of the local minima, where it converges for $T\to\infty$."),
        Mistake(c[1] - w, "The weights of the two devices were swapped."),
    )
    prompt = (
        rf"Two devices with equal weight hold $F_1(w)={half(h[0])}w^2$ and "
        rf"$F_2(w)={half(h[1])}(w-{num(c[1])})^2$. In each round of **FedAvg** a device makes $T=2$ steps of "
        rf"gradient descent with step size ${num(eta)}$. Where do the rounds converge?"
    )
    solution = (
        r"A local step multiplies the distance to $c_k$ by $1-\eta h_k$, so $w_k=w+A_k(c_k-w)$ with "
        r"$A_k=1-(1-\eta h_k)^2$.",
        rf"$A_1={num(a[0])}$ and $A_2={num(a[1])}$.",
        rf"A fixed point has $A_1(c_1-w)+A_2(c_2-w)=0$, so $w=\frac{{A_2c_2}}{{A_1+A_2}}={num(w)}$.",
        rf"The minimiser of $F_1+F_2$ is ${num(optimum)}$: local steps move the limit.",
    )
    return Draft(prompt, Number(w, mistakes), solution, {"h": h, "c": c, "eta": eta, "T": T})


@template(TOPIC, Kind.COMPUTE, covers=("fedprox_objective",), difficulty=2, minutes=5)
def local_solution_of_fedprox(rng: np.random.Generator) -> Draft | None:
    h, mu = float(pick(rng, [1, 2, 3, 4])), float(pick(rng, [1, 2, 4, 6]))
    c, w = (float(v) for v in rng.choice(np.arange(-4, 13), size=2, replace=False))
    exact = {"eta": 1 / (h + mu), "T": 1, "mu": mu}  # with this step size one step arrives at the minimum
    progress = float(local_progress(_clients([h], [c]), **exact)[0, 0, 0])
    answer = w + progress * (c - w)
    mistakes = (
        Mistake(c, "This minimises $F_k$ alone: the proximal term holds the device back."),
        Mistake(
            w + (1 - progress) * (c - w), r"The weights are swapped: a larger $\mu$ pulls towards $w^t$."
        ),
        Mistake(w, r"The device does move: only for $\mu\to\infty$ it stays at $w^t$."),
    )
    prompt = (
        rf"A device has $F_k(w)={half(h)}{_distance('w', c)}^2$, and the server sent $w^t={num(w)}$. What does the "
        rf"device return if it solves the **FedProx** problem with $\mu={num(mu)}$ exactly?"
    )
    solution = (
        rf"It minimises $F_k(w_k)+\frac{{{num(mu)}}}{{2}}{_distance('w_k', w)}^2$.",
        rf"The derivative is 0 at ${num(h)}\,{_distance('w_k', c)}+{num(mu)}\,{_distance('w_k', w)}=0$.",
        rf"$w_k=\frac{{{num(h)}\cdot{par(c)}+{num(mu)}\cdot{par(w)}}}{{{num(h + mu)}}}={num(answer)}$.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"h": h, "c": c, "w": w, "mu": mu})


@template(TOPIC, Kind.COMPUTE, covers=("fedprox_objective", "data_heterogeneity"), difficulty=3, minutes=7)
def fixed_point_of_fedprox(rng: np.random.Generator) -> Draft:
    h = pick(rng, [[1.0, 3.0], [1.0, 2.0], [2.0, 6.0], [1.0, 5.0]])
    c, mu = [0.0, float(pick(rng, [6, 10, 12]))], float(pick(rng, [1, 2, 3]))
    clients = _clients(h, c)
    w, optimum = float(prox_fixed_point(clients, mu)[0]), float(clients.optimum[0])
    mistakes = (
        Mistake(
            optimum,
            r"This is the minimiser of the mean loss. FedProx comes close to it only for large $\mu$.",
        ),
        Mistake(float(np.mean(c)), r"This is the limit without the proximal term ($\mu=0$)."),
        Mistake(c[1] - w, "The weights of the two devices were swapped."),
    )
    a = [h_k / (h_k + mu) for h_k in h]
    prompt = (
        rf"Two devices with equal weight hold $F_1(w)={half(h[0])}w^2$ and "
        rf"$F_2(w)={half(h[1])}(w-{num(c[1])})^2$. In each round both solve the **FedProx** problem with "
        rf"$\mu={num(mu)}$ exactly, and the server averages. Where do the rounds converge?"
    )
    solution = (
        r"A device returns $w_k=w+\frac{h_k}{h_k+\mu}(c_k-w)$.",
        rf"The factors are ${num(a[0])}$ and ${num(a[1])}$.",
        rf"The moves cancel at $w=\frac{{{num(a[1])}\cdot{num(c[1])}}}{{{num(a[0])}+{num(a[1])}}}={num(w)}$.",
        rf"Without the proximal term it would be ${num(np.mean(c))}$; the minimiser of the mean loss is ${num(optimum)}$.",
    )
    return Draft(prompt, Number(w, mistakes), solution, {"h": h, "c": c, "mu": mu})


@template(TOPIC, Kind.COMPUTE, covers=("qffl_objective",), difficulty=2, minutes=5)
def weight_of_a_client_in_qffl(rng: np.random.Generator) -> Draft:
    """Σ p_k F_k^{q+1}/(q+1) is not a function of lsml_core by itself: its gradient is written out here."""
    F1, F2 = pick(rng, [(1.0, 2.0), (1.0, 3.0), (2.0, 4.0), (0.5, 1.0), (2.0, 1.0)])
    g1, g2 = (float(v) for v in rng.choice([-3, -2, -1, 1, 2, 3, 4], size=2, replace=False))
    q = int(pick(rng, [1, 2]))
    answer = (F1**q * g1 + F2**q * g2) / 2
    mistakes = (
        Mistake((g1 + g2) / 2, "This is $q=0$: every loss has to weigh its gradient by $F_k^q$."),
        Mistake(
            (F1 ** (q + 1) * g1 + F2 ** (q + 1) * g2) / 2, "The chain rule lowers the power by one: $F_k^q$."
        ),
        Mistake((F1**q * g1 + F2**q * g2) / 2 / (q + 1), "The factor $q+1$ of the power cancels $1/(q+1)$."),
    )
    prompt = (
        rf"q-FFL minimises $\frac{{1}}{{q+1}}\sum_kp_kF_k(w)^{{q+1}}$ with $q={q}$ and two devices, $p_1=p_2=\frac12$. At the "
        rf"present $w$: $F_1={num(F1)}$, $F_1'={num(g1)}$, $F_2={num(F2)}$, $F_2'={num(g2)}$. What is the derivative of the "
        "objective?"
    )
    solution = (
        r"By the chain rule it is $\sum_kp_kF_k^q\,F_k'$.",
        rf"$\frac12\big({num(F1)}^{q}\cdot{par(g1)}+{num(F2)}^{q}\cdot{par(g2)}\big)={num(answer)}$.",
        "The device with the larger loss gets the larger weight, the more so the larger $q$ is.",
    )
    return Draft(prompt, Number(answer, mistakes), solution, {"F": (F1, F2), "g": (g1, g2), "q": q})


@template(
    TOPIC, Kind.COMPUTE, covers=("fedavg_communication", "fedavg_versus_distributed"), difficulty=1, minutes=4
)
def messages_of_fedavg(rng: np.random.Generator) -> Draft:
    devices, n_k = pick(rng, [50, 100, 200]), pick(rng, [400, 600, 800])
    batch, epochs, share = pick(rng, [10, 20, 40]), pick(rng, [1, 2, 5]), pick(rng, [0.1, 0.2, 0.5])
    steps, chosen = n_k // batch * epochs, round(devices * share)
    answer = float(devices * steps / chosen)
    mistakes = (
        Mistake(
            float(steps), "This counts the local steps, but not that only a part of the devices communicates."
        ),
        Mistake(float(devices / chosen), "This counts the choice of devices, but not the local steps."),
        Mistake(float(devices * steps), "The devices chosen in FedAvg's round do send a message each."),
    )
    prompt = (
        f"{devices} devices hold {n_k} examples each. **FedAvg** chooses {num(100 * share)} % of them per round; a chosen "
        f"device trains {epochs} local epoch{'s' if epochs > 1 else ''} with batches of {batch} and sends one message. "
        "**Distributed SGD** makes as many steps per round, and *every* device sends a message after every step. How many "
        "times as many messages does distributed SGD send?"
    )
    solution = (
        rf"A device makes ${n_k}/{batch}\cdot{epochs}={steps}$ local steps in a round.",
        rf"Distributed SGD sends ${devices}\cdot{steps}$ messages, FedAvg sends ${chosen}$.",
        rf"The ratio is ${num(answer)}$: ${steps}$ from local steps, times ${num(devices / chosen)}$ from choosing devices.",
    )
    given = {"devices": devices, "n_k": n_k, "batch": batch, "epochs": epochs, "share": share}
    return Draft(prompt, Number(answer, mistakes), solution, given)


TEMPLATES = templates_in(vars())
