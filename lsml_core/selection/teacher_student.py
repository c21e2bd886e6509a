"""Data pruning in its simplest theory: a perceptron learns from a perceptron.

    T (teacher)  unit vector, (d,): y = sign(Tᵀx)      α (alpha)  n/d before pruning, how much data there is
    J (probe)    unit vector at `angle` to T           d          dimension; x ~ N(0, I)
    margin       y·Jᵀx, small where x is hard          error      share of new examples misclassified, angle/π

The probe is a network that was trained a little: it knows the teacher roughly, so its margins rank examples
by difficulty. With few examples the easy ones are needed to find the teacher's direction at all; with many
only those near the boundary still add anything.
Sorscher, Geirhos, Shekhar, Ganguli & Morcos (NeurIPS 2022).
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.selection.keep import easiest, hardest

Vector = Float[ndarray, " d"]
L2 = 1e-3
"""Weight decay of the student, so small that it ends near the largest margin."""


class Errors(NamedTuple):
    """Of students that learned from the easiest, the hardest, or random examples, all equally many."""

    easy: float
    hard: float
    random: float


def experiment(
    alpha: float | int, keep: float | int, *, d: int, angle: float | int, rng: np.random.Generator
) -> Errors:
    """One draw of n = αd examples of which the share `keep` is kept.

    ValueError: fewer than one example kept, keep above 1, d < 2, or an angle outside [0, π].
    """
    n = round(alpha * d)
    if d < 2 or not 0 < keep <= 1 or round(keep * n) < 1 or not 0 <= angle <= np.pi:
        raise ValueError(
            f"d={d} must be at least 2, keep={keep} in (0, 1], keep·α·d={keep * alpha * d:g} at least 1, "
            f"angle={angle} in [0, π]"
        )
    x, teacher = rng.standard_normal((n, d)), unit(rng.standard_normal(d))
    y = np.sign(x @ teacher)
    hardness = -y * (x @ at_angle(teacher, angle, rng=rng))
    chosen = easiest(hardness, keep), hardest(hardness, keep), rng.permutation(n)[: round(keep * n)]
    return Errors(*(error(student(x[kept], y[kept]), teacher) for kept in chosen))


def student(x: Float[ndarray, "n d"], y: Float[ndarray, " n"]) -> Vector:
    """w that minimises mean log(1 + exp(−y·wᵀx)) + ½·L2·‖w‖²."""
    from scipy.optimize import minimize  # here, so that the room opens without scipy

    signed = y[:, None] * x

    def objective(w: Vector) -> tuple[float, Vector]:
        z = signed @ w
        slope = -np.exp(-np.logaddexp(0, z))
        return float(np.logaddexp(0, -z).mean() + L2 / 2 * w @ w), slope @ signed / len(z) + L2 * w

    return minimize(objective, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x


def error(w: Vector, teacher: Vector) -> float:
    """P(sign(wᵀx) ≠ sign(Tᵀx)) for x ~ N(0, I): the angle between the two, over π."""
    return float(np.arccos(np.clip(unit(w) @ unit(teacher), -1, 1)) / np.pi)


def at_angle(teacher: Vector, angle: float | int, *, rng: np.random.Generator) -> Vector:
    """A random unit vector at this angle, in radians, to the teacher."""
    sideways = rng.standard_normal(len(teacher))
    sideways = unit(sideways - (sideways @ teacher) * teacher)
    return np.cos(angle) * teacher + np.sin(angle) * sideways


def unit(v: Vector) -> Vector:
    return v / np.linalg.norm(v)
