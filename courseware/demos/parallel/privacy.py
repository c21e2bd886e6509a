"""Demo of lecture 04: what clipping and noise cost in accuracy, and which (ε, δ) they buy; a stored study."""

from typing import NamedTuple

from jaxtyping import Float
from matplotlib.figure import Figure
from numpy import ndarray

from courseware.demos.engine.controls import Numbers, Value
from courseware.demos.engine.demo import Demo
from courseware.plots import federated as plots
from courseware.plots.axes import headline, plural, told_apart
from courseware.plots.canvas import canvas
from courseware.studies.private_federated import CLIENTS, CLIPS, NOISES, ROUNDS, delta, measured

STOPS = (5, 10, 20, 50)
ACCURATE, PRIVATE = 0.65, 1.0  # the goal
NOISY = tuple(z for z in NOISES if z)


class PrivacyCost(NamedTuple):
    """What privacy costs.

    accuracy: noise multiplier -> test accuracy, (seeds, rounds + 1).   epsilon: noise multiplier -> ε after
    every round, infinite without noise.   noise: the multiplier shown.   stop: round at which we stop.
    """

    accuracy: dict[float, Float[ndarray, "seeds rounds+1"]]
    epsilon: dict[float, Float[ndarray, " rounds+1"]]
    noise: float
    stop: int

    @property
    def reached_accuracy(self) -> float:
        """Mean accuracy over the seeds where we stop."""
        return float(self.accuracy[self.noise][:, self.stop].mean())

    @property
    def reached_epsilon(self) -> float:
        """ε where we stop."""
        return float(self.epsilon[self.noise][self.stop])

    @property
    def cost(self) -> float:
        """Accuracy that the noise costs where we stop, against the same clip without noise."""
        return float(self.accuracy[0.0][:, self.stop].mean()) - self.reached_accuracy


def compute(noise: float | int, clip: float | int, clients: int, stop: int) -> PrivacyCost:
    runs = {float(z): measured(clients, clip, z) for z in NOISES}
    accuracy, epsilon = ({z: one[i] for z, one in runs.items()} for i in (0, 1))
    return PrivacyCost(accuracy, epsilon, float(noise), stop)


def draw(record: PrivacyCost, clients: int, stop: int, **_: Value) -> Figure:
    fig, (left, right) = canvas(2)
    noise = NOISY.index(record.noise)  # its colour is that of its path on the right
    plots.with_and_without_noise(
        left, record.accuracy[0.0], record.accuracy[record.noise], noise, f"z = {record.noise:g}"
    )
    left.axvline(stop, color="0.1", linewidth=1.5)
    left.set(xlabel="round", ylabel="test accuracy", xlim=(0, ROUNDS), ylim=(0, 0.8))
    headline(left, f"Noise costs {plural(round(100 * record.cost), 'point')} of accuracy")
    names = {f"z = {z:g}": z for z in NOISY}
    plots.accuracy_and_epsilon(
        right,
        {name: record.epsilon[z] for name, z in names.items()},
        {name: record.accuracy[z] for name, z in names.items()},
        f"z = {record.noise:g}",
        stop,
    )
    right.set(xlabel=f"ε at δ = 1/{round(1 / delta(clients)):,}", ylabel="test accuracy")
    right.set(xlim=(0.05, 300), ylim=(0, 0.8))
    spent = told_apart(record.reached_epsilon, PRIVATE, ".2g" if record.reached_epsilon < 10 else ".0f")[0]
    headline(right, f"The accuracy is {record.reached_accuracy:.2f} at ε = {spent}")
    return fig


def alt(record: PrivacyCost, noise: float, clip: float, clients: int, stop: int) -> str:
    return (
        f"With noise multiplier {noise:g}, clip {clip:g} and {clients:,} clients, {stop} rounds reach a test "
        f"accuracy of {record.reached_accuracy:.2f} at ε = {record.reached_epsilon:.2g}; the noise costs "
        f"{plural(round(100 * record.cost), 'point')}. Left: accuracy over the rounds with and without "
        "noise, range of three seeds. Right: accuracy against ε on a logarithmic axis, one path per noise "
        "multiplier."
    )


private_updates = Demo(
    compute=compute,
    draw=draw,
    controls={
        "noise": Numbers("noise multiplier z", NOISY, 2.0),
        "clip": Numbers("clip S", CLIPS, 3.0),
        "clients": Numbers("clients K", CLIENTS, 100),
        "stop": Numbers("stop after round", STOPS, 50),
    },
    title="Clip every client's update, add noise to their sum: what privacy costs",
    goal=f"reach an accuracy of {ACCURATE} with ε at most {PRIVATE:g}. Which control helps at no cost?",
    reached=lambda record, **_: record.reached_accuracy >= ACCURATE and record.reached_epsilon <= PRIVATE,
    notice="More noise and fewer rounds make ε smaller. The noise on the mean is zS/(qK): among more clients "
    "it is smaller at the same ε, and a smaller clip makes it smaller, too, until the clip cuts the updates "
    "themselves.",
    alt=alt,
    presets={
        "A small clip": {"clip": 0.1},
        "Less noise": {"noise": 0.5},
        "Break it": {"noise": 4.0, "clip": 3.0, "clients": 100},
    },
    live=("noise", "clip", "clients"),
)
