"""Every computed answer again, from the question's own numbers, by brute force, by a library or by hand.

Nothing here calls the function of `lsml_core` that the template used.
"""

from itertools import chain, combinations, product
from math import floor, log2

import numpy as np
import pytest
import torch
from helpers.practice import TEMPLATES, questions
from scipy.optimize import minimize_scalar

from courseware.practice.question import Choice, Number, Order, Subset
from courseware.practice.template import Kind

CHECKS = {}


def checks(function):
    CHECKS[function.__name__] = function
    return function


# --- optimization ---


@checks
def two_momentum_steps(eta, beta, h, w0):
    w = torch.tensor([w0], dtype=torch.float64, requires_grad=True)
    return stepped(torch.optim.SGD([w], lr=eta, momentum=beta), w, lambda: h * w**2 / 2, 2)


@checks
def two_nesterov_steps(eta, beta, h, w0):
    w, dw = w0, 0.0
    for _ in range(2):
        dw = beta * dw - eta * h * (w + beta * dw)
        w += dw
    return w


@checks
def two_adagrad_steps(eta, w0, g):
    w = torch.tensor([w0], dtype=torch.float64, requires_grad=True)
    return fed(torch.optim.Adagrad([w], lr=eta, eps=1e-14), w, g)


@checks
def second_rmsprop_step(eta, w0, g):
    w = torch.tensor([w0], dtype=torch.float64, requires_grad=True)
    return fed(torch.optim.RMSprop([w], lr=eta, alpha=0.75, eps=1e-14), w, g)


@checks
def first_adam_step(beta1, beta2, eta, w0, g):
    return w0 - eta * np.sign(g) * (1 - beta1) / np.sqrt(1 - beta2)


@checks
def momentum_in_the_long_run(eta, beta, g, alternating):
    return eta * g / (1 + beta) if alternating else eta * g / (1 - beta)


@checks
def variance_of_a_mini_batch(g, b):
    return np.var([np.mean(batch) for batch in product(g, repeat=b)])


@checks
def batch_for_a_smaller_deviation(factor, b0):
    return b0 * factor**2


@checks
def steps_for_a_smaller_error(factor, stochastic):
    return factor**2 if stochastic else factor


@checks
def gradients_at_equal_error(b, inverse):
    return next(k for k in range(1, inverse**2 + 1) if b * k >= inverse**2)


@checks
def one_step_size_for_two_curvatures(mu, L):
    worst = minimize_scalar(
        lambda eta: max(abs(1 - eta * mu), abs(1 - eta * L)), bounds=(0, 2 / L), method="bounded"
    )
    return pytest.approx(worst.fun, abs=1e-4)


@checks
def one_mini_batch_step(y, batch, eta, w0):
    return w0 - eta * np.mean([w0 - y[i] for i in batch])


@checks
def variance_of_one_example(y, a, w):
    return np.var([slope * (w - target) for slope, target in zip(a, y, strict=True)])


@checks
def which_schedules_converge(schedules):
    return {i for i, (power, ratio) in enumerate(schedules) if ratio == 1 and 0.5 < power <= 1}


@checks
def which_estimators_are_unbiased(estimators):
    """By enumeration, on four gradients and three batches."""
    g, b, p = np.array([1.0, 4.0, -3.0, 7.0]), 2, np.array([0.1, 0.2, 0.3, 0.4])
    subsets = [np.array(s) for s in combinations(range(4), b)]
    means = {
        "one": g.mean(),
        "subset": np.mean([g[s].mean() for s in subsets]),
        "replacement": np.mean([np.mean(draw) for draw in product(g, repeat=b)]),
        "sum": np.mean([g[s].sum() for s in subsets]),
        "largest": g[3],
        "weighted": (p * g / (4 * p)).sum(),
        "unweighted": (p * g).sum(),
        "fixed": g[:b].mean(),
    }
    return {i for i, name in enumerate(estimators) if np.isclose(means[name], g.mean())}


def stepped(optimizer, w, loss, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        loss().sum().backward()
        optimizer.step()
    return w.item()


def fed(optimizer, w, gradients):
    for g in gradients:
        w.grad = torch.tensor([float(g)], dtype=torch.float64)
        optimizer.step()
    return w.item()


# --- parallel ---


@checks
def gradient_of_uneven_workers(y, w):
    return w - np.mean(y)


@checks
def time_of_an_epoch(n, workers, batch, latency):
    return sum(batch / workers / 1000 + latency for _ in range(n // batch))


@checks
def waiting_for_the_slowest(seconds):
    return sum(max(row) for row in seconds)


@checks
def delay_bound_of_hogwild(sets):
    conflicts = [sum(bool({*a} & {*b}) for j, b in enumerate(sets) if j != i) for i, a in enumerate(sets)]
    return len(sets) / (2 * np.mean(conflicts))


@checks
def steps_with_stale_gradients(eta, start):
    old, now = start, start
    for _ in range(3):
        old, now = now, now - eta * old
    return now


@checks
def average_of_a_round(n, w):
    return np.average(w, weights=n)


@checks
def one_fedavg_round(h, c, eta, w):
    return np.mean([after_local_steps(w, h_k, c_k, eta, 2) for h_k, c_k in zip(h, c, strict=True)])


@checks
def fixed_point_of_fedavg(h, c, eta, T):
    w = 0.0
    for _ in range(500):
        w = np.mean([after_local_steps(w, h_k, c_k, eta, T) for h_k, c_k in zip(h, c, strict=True)])
    return w


@checks
def local_solution_of_fedprox(h, c, w, mu):
    found = minimize_scalar(lambda v: h / 2 * (v - c) ** 2 + mu / 2 * (v - w) ** 2)
    return pytest.approx(found.x, abs=1e-5)


@checks
def fixed_point_of_fedprox(h, c, mu):
    w = 0.0
    for _ in range(2000):
        w = np.mean([(h_k * c_k + mu * w) / (h_k + mu) for h_k, c_k in zip(h, c, strict=True)])
    return w


@checks
def weight_of_a_client_in_qffl(F, g, q):
    def objective(t):
        return sum(0.5 * (loss + t * slope) ** (q + 1) / (q + 1) for loss, slope in zip(F, g, strict=True))

    return pytest.approx((objective(1e-5) - objective(-1e-5)) / 2e-5, abs=1e-4)


@checks
def messages_of_fedavg(devices, n_k, batch, epochs, share):
    rounds_of_sgd = epochs * n_k / batch
    return devices * rounds_of_sgd / (devices * share)


def after_local_steps(w, h, c, eta, T):
    for _ in range(T):
        w = w - eta * h * (w - c)
    return w


# --- submodular ---


@checks
def gain_of_an_element(sets):
    return len({*sets[0], *sets[1], *sets[3]}) - len({*sets[0], *sets[1]})


@checks
def union_and_intersection(sets):
    a, b, c = ({*s} for s in sets)
    return len(a | b) + len(b | c) - len(a | b | c) - len(b)


@checks
def gain_in_facility_location(similarity):
    return similarity[:, [0, 2]].max(axis=1).sum() - similarity[:, 0].sum()


@checks
def value_of_greedy(sets, k):
    return covered(sets, chosen_by_greedy(sets, range(len(sets)), k))


@checks
def order_of_greedy(sets):
    return chosen_by_greedy(sets, range(len(sets)), len(sets))


@checks
def evaluations_of_lazy_greedy(sets, weights, k):
    """Recomputed with a sorted list in place of a heap."""

    def value(chosen):
        return sum(weights[i - 1] for i in {*chain.from_iterable(sets[e] for e in chosen)})

    old, chosen, count = [(value([e]), e) for e in range(len(sets))], [], len(sets)
    while True:
        old.sort(reverse=True)
        chosen.append(old.pop(0)[1])
        if len(chosen) == k:
            return count
        fresh = set()
        while old[0][1] not in fresh:
            e = old[0][1]
            old[0] = (value([*chosen, e]) - value(chosen), e)
            fresh.add(e)
            count += 1
            old.sort(reverse=True)


@checks
def evaluations_of_greedy(n, k):
    return sum(n - j for j in range(k))


@checks
def bound_from_the_guarantee(k, value):
    gap, steps = 1.0, 0
    while steps < k:
        gap, steps = gap - gap / k, steps + 1
    return value / (1 - gap)


@checks
def value_of_greedi(sets, k, parts):
    local = [chosen_by_greedy(sets, part, k) for part in parts]
    merged = chosen_by_greedy(sets, sorted({*chain.from_iterable(local)}), k)
    return max(covered(sets, chosen) for chosen in [*local, merged])


@checks
def cost_of_greedi(n, k, m):
    return n / m * k + m * k * k


@checks
def guesses_of_the_sieves(k, m):
    return sum(m <= 2**i <= 2 * k * m for i in range(floor(log2(2 * k * m)) + 1))


@checks
def one_sieve_on_five_elements(sets, v, k):
    return {*kept_by_a_sieve(sets, v, k)}


@checks
def value_of_sieve_streaming(sets, k):
    """Every guess that exists at the end, as if it had existed from the start: it would have kept nothing
    before.
    """
    m = max(map(len, sets))
    guesses = [2**i for i in range(20) if m <= 2**i <= 2 * k * m]
    return max(covered(sets, kept_by_a_sieve(sets, v, k)) for v in guesses)


@checks
def find_a_violation(values, right):
    def value(S):
        return values[tuple(sorted(S))]

    broken = set()
    for A in ((), (0,), (1,), (2,)):
        for b, e in product(range(3), repeat=2):
            if (
                b != e
                and not {b, e} & {*A}
                and value((*A, e)) - value(A) < value((*A, b, e)) - value((*A, b))
            ):
                names = ["abc"[i] for i in A]
                larger = sorted([*names, "abc"[b]])
                shown = r"\{" + ", ".join(names) + r"\}" if names else r"\varnothing"
                broken.add(rf"$A={shown},\ B=\{{{', '.join(larger)}\}},\ e={'abc'[e]}$")
    return lambda option: option in broken


def covered(sets, chosen):
    return len({*chain.from_iterable(sets[e] for e in chosen)})


def chosen_by_greedy(sets, candidates, k):
    chosen = []
    for _ in range(min(k, len(candidates))):
        rest = [e for e in candidates if e not in chosen]
        chosen.append(max(rest, key=lambda e: (covered(sets, [*chosen, e]), -e)))
    return tuple(chosen)


def kept_by_a_sieve(sets, v, k):
    kept = []
    for e in range(len(sets)):
        value = covered(sets, kept)
        if len(kept) < k and (covered(sets, [*kept, e]) - value) * (k - len(kept)) >= v / 2 - value:
            kept.append(e)
    return kept


# --- selection ---


@checks
def count_forgetting_events(correct):
    return "".join("10"[not c] for c in correct).count("10")


@checks
def order_by_forgetting(correct):
    columns = ["".join("10"[not c] for c in column) for column in correct.T]
    scores = [np.inf if "1" not in column else column.count("10") for column in columns]
    return tuple(sorted(range(4), key=lambda i: scores[i]))


@checks
def order_by_el2n(p, y):
    squares = [sum((p[i, c] - (c == y[i])) ** 2 for c in range(3)) for i in range(3)]
    return tuple(sorted(range(3), key=lambda i: squares[i]))


@checks
def square_of_a_gradient_norm(p, label, x):
    """By automatic differentiation, with logits log p."""
    bias = torch.tensor(np.log(np.maximum(p, 1e-30)))
    w = torch.zeros((3, 2), dtype=torch.float64, requires_grad=True)
    logits = w @ torch.tensor(x) + bias
    torch.nn.functional.cross_entropy(logits[None], torch.tensor([label])).backward()
    return w.grad.square().sum().item()


@checks
def keep_a_window_of_scores(scores):
    order = sorted(range(8), key=lambda i: scores[i])
    return {*order[2:6]}


@checks
def weight_of_a_craig_exemplar(points, chosen):
    return sum(abs(p - points[chosen[0]]) < abs(p - points[chosen[1]]) for p in points)


@checks
def first_exemplar_of_craig(points, first):
    best = min(points, key=lambda p: sum(abs(q - p) for q in points))
    return lambda option: option == f"${best}$"


@checks
def error_of_a_coreset_gradient(points, chosen):
    nearest = [min((points[j] for j in chosen), key=lambda q, p=p: abs(p - q)) for p in points]
    return abs(sum(points) - sum(nearest))


@checks
def bound_of_an_exemplar_set(points, chosen):
    return sum(min(abs(p - points[j]) for j in chosen) for p in points)


@checks
def quota_of_a_cluster(sizes, budget):
    """One example at a time, to the cluster that has fewest and is not used up."""
    given = [0] * len(sizes)
    for _ in range(budget):
        open_clusters = [c for c in range(len(sizes)) if given[c] < sizes[c]]
        given[min(open_clusters, key=lambda c: given[c])] += 1
    return given[int(np.argmax(sizes))]


@checks
def speedup_of_a_subset(n, percent, epochs, refreshes):
    return epochs / (percent / 100 * epochs + refreshes)


@checks
def which_examples_epic_drops(points, medoids):
    owner = [min(medoids, key=lambda m, p=p: abs(p - points[m])) for p in points]
    return {m for m in medoids if owner.count(m) == 1}


@checks
def how_much_to_upsample(large, small):
    return (0.5 / small) / (0.5 / large)


@checks
def what_group_dro_minimises(sizes, losses):
    return max(losses)


@checks
def which_perturbations_are_allowed(deltas, owner, epsilon):
    return {i for i in range(4) if owner[i] in {1, 2, 4} and all(-epsilon <= d <= epsilon for d in deltas[i])}


# --- pruning ---


@checks
def what_magnitude_pruning_keeps(w, scope):
    size = [abs(v) for v in w]
    if scope == "global":
        return {*sorted(range(8), key=lambda i: -size[i])[:4]}
    return {i for part in (range(4), range(4, 8)) for i in sorted(part, key=lambda i: -size[i])[:2]}


@checks
def what_gradient_magnitude_keeps(w, g):
    return {*sorted(range(6), key=lambda i: -abs(w[i] * g[i]))[:3]}


@checks
def compression_of_a_network(sizes, shares):
    first, second = sizes[0] * sizes[1], sizes[1] * sizes[2]
    return (first + second) / (first * shares[0] + second * shares[1])


@checks
def speedup_of_a_small_convnet(channels, classes, where, removed):
    """Multiplications counted pixel by pixel."""
    convolution = sum(9 for _ in range(16) for _ in range(channels))
    linear = 4 * channels * classes
    gone = removed * 16 if where == "convolution" else removed
    return (convolution + linear) / (convolution + linear - gone)


@checks
def compression_before_collapse(scores):
    everything = sorted(chain.from_iterable(v.tolist() for v in scores.values()), reverse=True)
    for kept in range(1, 11):
        if all({*everything[:kept]} & {*v.tolist()} for v in scores.values()):
            return 10 / kept
    return None


@checks
def which_layers_are_emptied(scores, k):
    top = sorted(chain.from_iterable(v.tolist() for v in scores.values()), reverse=True)[:k]
    return {i for i in range(3) if not {*top} & {*scores[f"layer {i + 1}"].tolist()}}


@checks
def snip_score_of_a_weight(theta, x, y):
    def loss(c):
        return 0.5 * (c * theta[0] * x[0] + theta[1] * x[1] - y) ** 2

    return pytest.approx(abs(loss(1 + 1e-5) - loss(1 - 1e-5)) / 2e-5, abs=1e-4)


@checks
def grasp_score_of_a_weight(theta, a, b, c):
    H = np.array([[a, c], [c, b]])
    return -theta[0] * (H @ H @ theta)[0]


@checks
def synflow_score_of_a_weight(first, second):
    """The sum over all paths through the weight."""
    return sum(abs(second[0, 0] * first[0, i]) for i in range(2))


@checks
def density_after_rounds(percent, rounds):
    left = 100.0
    for _ in range(rounds):
        left -= percent / 100 * left
    return left


@checks
def density_in_the_middle_of_synflow(target, rounds, i):
    factor = (1 / target) ** (1 / rounds)
    return np.prod([factor] * i)


@checks
def which_filters_go(filters):
    return {*sorted(range(4), key=lambda i: sum(abs(v) for v in filters[i]))[:2]}


@checks
def weights_after_filters_go(colours, width, following):
    return 9 * colours * (width // 2) + 9 * (width // 2) * following


# --- the tests ---


def test_every_computed_question_is_checked():
    computed = {t.id for t in TEMPLATES if t.kind in (Kind.TRACE, Kind.COMPUTE)}
    numbers = {t.id for t in TEMPLATES if isinstance(questions(t.id, 1)[0].answer, Number)}
    assert computed | numbers <= CHECKS.keys()
    assert CHECKS.keys() <= {t.id for t in TEMPLATES}


@pytest.mark.parametrize("name", CHECKS)
def test_the_answer_agrees_with_an_independent_computation(name):
    for question in questions(name):
        expected = CHECKS[name](**question.given)
        match question.answer:
            case Number(value=value):
                assert value == (
                    expected if hasattr(expected, "expected") else pytest.approx(expected, abs=1e-6)
                )
            case Subset(right=right):
                assert right == expected
            case Order() as answer:
                names = sorted(answer.items)
                assert [names.index(answer.items[i]) for i in answer.right] == [*expected]
            case Choice(right=right, wrong=wrong):
                assert expected(right)
                assert not any(expected(mistake.answer) for mistake in wrong)


def formula(family, c, w):
    """The formulas of `is_it_submodular`, written down again."""
    path = [(0, 1), (1, 2), (2, 3)]
    return [
        lambda S: c * len(S) ** 2,
        lambda S: c * min(len(S), 2),
        lambda S: c * len(S) * (4 - len(S)),
        lambda S: max((w[i] for i in S), default=0),
        lambda S: sum(w[i] for i in S),
        lambda S: sum(w[i] for i in S) ** 0.5,
        lambda S: sum(w[i] for i in S) ** 2,
        lambda S: len(S) % 2,
        lambda S: sum(len({*edge} & {*S}) == 1 for edge in path),
        lambda S: c if {0, 1} <= {*S} else 0,
        lambda S: sum(w[i] for i in S) - (max(w) + 1) * max(0, len(S) - 2),
    ][family]


def test_whether_a_function_is_submodular_follows_from_its_values():
    """All pairs of sets of four elements."""
    for question in questions("is_it_submodular"):
        value = formula(question.given["family"], question.given["c"], question.given["w"])
        F = {frozenset(S): value(S) for r in range(5) for S in combinations(range(4), r)}
        submodular = all(F[S] + F[T] >= F[S | T] + F[S & T] - 1e-9 for S in F for T in F)
        monotone = all(F[S] <= F[T] + 1e-9 for S in F for T in F if S <= T)
        assert question.given["truth"] == (submodular, monotone)
