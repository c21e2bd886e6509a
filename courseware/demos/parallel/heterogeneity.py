"""Demos of lecture 04: clients that are late or left behind, and three ways to count the cost."""

from matplotlib.figure import Figure

from courseware.demos.engine.controls import Choice, Numbers, Value
from courseware.demos.engine.demo import Demo
from courseware.demos.parallel.heterogeneity_runs import (
    CONTRADICTORY,
    LINKS,
    NOISY_CLIENT,
    PARTITIONS,
    POWERS,
    TARGET,
    Cost,
    Fairness,
    Verdict,
    compute_cost,
    compute_fairness,
    compute_straggling,
    plan_runs,
    prepare_fairness,
)
from courseware.plots import federated as plots
from courseware.plots import lines
from courseware.plots.axes import headline, log_axis, percentage, plural
from courseware.plots.canvas import canvas
from courseware.studies import federated_stragglers

# --- stragglers ------------------------------------------------------------------------------------

STOPS = (10, 25, 50, 100, 200)
LOSSES = (0.1, 20)  # ends of the axis


def draw_straggling(record: Verdict, stop: int, **_: Value) -> Figure:
    fig, (left, right) = canvas(2, height=5.2)
    curves = dict(zip(federated_stragglers.METHODS, record.loss, strict=True))
    plots.losses_until(left, curves, stop, federated_stragglers.EVERY)
    left.set(ylim=LOSSES)
    gain = record.gain_of_partial_work
    lowers = f"lowers the loss {gain:.1f} times" if gain > 1.05 else "does not lower the loss"
    headline(left, f"Partial work {lowers}")
    ends = dict(zip(map(str, ("FedAvg", "μ = 0", "μ = 1")), record.ends(), strict=True))
    plots.points_per_seed(right, ends)
    log_axis(right)
    right.set(xlabel="method", ylabel=f"loss, mean of rounds {stop - 5} and {stop}", ylim=LOSSES)
    headline(right, f"μ = 1 helps on {record.proximal_wins()} of {record.seeds} seeds")
    return fig


def alt_straggling(record: Verdict, data: str, epochs: int, stop: int) -> str:
    ranges = zip(federated_stragglers.METHODS, record.ends(), strict=True)
    ends = "; ".join(f"{name} {e.min():.2f} to {e.max():.2f}" for name, e in ranges)
    return (
        f"After {stop} rounds the losses of {record.seeds} seeds are: {ends}. The proximal term, μ = 1 "
        f"against μ = 0, helps on {record.proximal_wins()} of {record.seeds} seeds. Clients {data}, nine of "
        f"ten chosen ones straggle, {plural(epochs, 'local epoch')}. Left: mean loss over the rounds with "
        "the range of the seeds; a vertical line marks the round at which we stop. Right: one dot per seed "
        "and method."
    )


stragglers = Demo(
    compute=compute_straggling,
    draw=draw_straggling,
    controls={
        "data": Choice("clients", tuple(federated_stragglers.DATA), "differ"),
        "epochs": Numbers("local epochs E", federated_stragglers.LOCAL_EPOCHS, 20),
        "stop": Numbers("stop after round", STOPS, 25),
    },
    title="FedAvg, FedProx with μ = 0, FedProx with μ = 1: the verdict depends on when you stop",
    goal="find the setting and the stopping round at which μ = 1 has the lower loss on every seed. Then stop "
    "earlier: would you have come to the same verdict?",
    reached=lambda record, **_: record.proximal_wins() == record.seeds,
    notice="Where clients differ and E = 20, keeping the partial work of stragglers lowers the loss at "
    "every stopping round; with E = 1 it does so in the first rounds only. What the proximal term adds "
    "depends on E and on the stopping round.",
    alt=alt_straggling,
    presets={"One local epoch": {"epochs": 1}, "Break it": {"data": "are alike", "stop": 50}},
    live=("data", "epochs", "stop"),
)


# --- fairness --------------------------------------------------------------------------------------


def draw_fairness(record: Fairness, q: float | int, **_: Value) -> Figure:
    fig, (left, right) = canvas(2)
    top, now = 1.1 * float(record.losses.max()), record.now
    means = float(record.means[now]), float(record.means[0])
    plots.client_losses(left, record.losses[now], record.losses[0], means, record.contradictory)
    left.set(ylim=(0, top))
    worst = record.losses.max(1)
    before = f", not {worst[0]:.2f}" if q else ""
    found = f"With q = {q:g} the worst loss is {worst[now]:.2f}{before}"
    if record.contradictory is not None:
        found = f"The hatched client has {percentage(record.votes[record.contradictory])} of the weight"
    headline(left, found)
    plots.fairness_tradeoff(right, POWERS, record.statistics, now)
    right.set(ylim=(0, top))
    change = means[0] / means[1] - 1
    moves = f"{'rises' if change > 0 else 'falls'} by {percentage(abs(change))}"
    headline(right, f"The mean loss {moves if now else 'is lowest for q near 0'}")
    return fig


def alt_fairness(record: Fairness, q: float | int, noisy: str) -> str:
    shown = ", ".join(
        f"{name} {values[record.now]:.2f} (at q = 0: {values[0]:.2f})"
        for name, values in record.statistics.items()
    )
    votes = (
        f" The contradictory client has {percentage(record.votes[CONTRADICTORY])} of the weight in the "
        "gradient."
        if noisy == "yes"
        else ""
    )
    return (
        f"At q = {q:g} the losses of twelve clients have {shown}.{votes} Left: losses as bars, with marks "
        "for the losses at q = 0 and lines for the two means. Right: worst loss, mean loss and standard "
        "deviation against q."
    )


def reached_fairness(record: Fairness, q: float | int, noisy: str) -> bool:  # noqa: ARG001 - one signature
    return noisy == "no" and record.affordable


fairness = Demo(
    compute=compute_fairness,
    draw=draw_fairness,
    controls={
        "q": Numbers("q", POWERS, 1),
        "noisy": Choice("one client contradicts itself", NOISY_CLIENT, "no"),
    },
    title="q-FFL: a client with a larger loss gets more weight",
    goal="without the contradictory client, lower the worst loss as far as you can while the mean rises "
    "by at most 10 %. What does halving the standard deviation cost?",
    reached=reached_fairness,
    notice="As q grows the largest loss falls, and the smallest losses rise. A client whose loss cannot fall "
    "gets nearly all the weight: its own loss hardly changes, and all others rise.",
    alt=alt_fairness,
    presets={"The usual mean": {"q": 0}, "Very fair": {"q": 5}, "Break it": {"q": 5, "noisy": "yes"}},
    prepare=prepare_fairness,
)


# --- the same runs on three axes -------------------------------------------------------------------

AXES = {"rounds": (1, 300), "megabytes sent": (0.5, 200), "simulated seconds": (0.05, 200)}


def draw_cost(record: Cost, axis: str, **_: Value) -> Figure:
    fig, (ax,) = canvas(1)
    for i, (plan, spent) in enumerate(record.spent.items()):
        lines.measured_points(ax, spent, record.accuracy[plan], i)
    lines.reference_level(ax, TARGET, "")
    log_axis(ax, "x")
    ax.set(xlabel=axis, ylabel="test accuracy", xlim=AXES[axis], ylim=(0.3, 0.85))
    lines.line_legend(ax, list(record.spent), marks=True)
    best = record.best
    cost = f"after {record.first[best]:.3g} {axis}"
    headline(ax, f"The plan “{best}” is first to reach accuracy {TARGET}: {cost}")
    return fig


def alt_cost(record: Cost, axis: str, data: str, link: str) -> str:
    first = ", ".join(f"{plan}: {spent:.3g}" for plan, spent in record.first.items())
    return (
        f"Counted in {axis}, the plan “{record.best}” is the first to reach a test accuracy of {TARGET} on "
        f"Fashion-MNIST. The plans need {first} {axis} (data {data}, link {link}). The curves show test "
        f"accuracy against {axis} for distributed SGD with one step per round and FedAvg with 1, 5 and 20 "
        "local epochs."
    )


communication_cost = Demo(
    compute=compute_cost,
    draw=draw_cost,
    controls={
        "axis": Choice("count", tuple(AXES), "simulated seconds"),
        "data": Choice("data of the clients", PARTITIONS, "IID"),
        "link": Choice("link of a client", tuple(LINKS), "slow (100 kB/s)"),
    },
    title="Local steps save messages, not work",
    goal="find a way of counting and a link for which twenty local epochs take more than three times as long "
    "as one.",
    reached=lambda record, **_: record.first["E = 20"] > 3 * record.first["E = 1"],
    notice="Counted in rounds or bytes, the plan with more local work reaches the target sooner. Counted in "
    "seconds it depends on the link: on a slow one communication takes the time, on a fast one the clients' "
    "computing does. Where clients hold two shards each, twenty epochs take longest on both links, and on "
    "the fast one a single step per round is among the fastest plans.",
    alt=alt_cost,
    presets={
        "By bytes": {"axis": "megabytes sent"},
        "Break it": {"link": "fast (10 MB/s)"},
    },
    prepare=plan_runs,
)
