"""Data pruning in its simplest theory: a student perceptron learns from a teacher perceptron.

    T (teacher)  unit vector, (d,): y = sign(Tᵀx)      α (alpha)  n/d before pruning, how much data there is
    J (probe)    unit vector at `angle` to T           d          dimension; x ~ N(0, I)
    margin       y·Jᵀx, small where x is hard          error      P(misclassified), angle/π

The probe stands for a network that was trained briefly: it is close to the teacher, so its margins rank
examples by difficulty. With few examples the easy ones are needed to find the teacher's direction; with many,
only those near the boundary add information.
Sorscher, Geirhos, Shekhar, Ganguli & Morcos (NeurIPS 2022).
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from lsml_core.losses import logistic, logistic_derivative
from lsml_core.selection.keep import easiest, hardest
from lsml_core.validation import Count, check_count, check_finite, check_positive, check_rng, check_share

Vector = Float[ndarray, " d"]
L2 = 1e-3
"""Weight decay of the student, so small that its margin is near the largest possible one."""


class StudentErrors(NamedTuple):
    """Errors of students that learned from equally many examples, in [0, 1].

    easy: the examples of largest margin.   hard: those of smallest margin.   random: any.
    """

    easy: float
    hard: float
    random: float


def experiment(
    alpha: float | int, keep: float | int, *, d: Count, angle: float | int, rng: np.random.Generator
) -> StudentErrors:
    """One draw of n = αd examples, of which a fraction is kept.

    alpha: α, examples per dimension.   keep: fraction kept, in (0, 1].   d: dimension, at least 2.
    angle: of the probe to the teacher, in radians.
    ValueError: fewer than one example kept, keep above 1, d < 2, alpha ≤ 0, or an angle outside [0, π].
    """
    d = check_count("d", d, 2)
    check_positive(alpha=alpha)
    n = round(alpha * d)
    check_share(keep=keep)
    if round(keep * n) < 1:
        raise ValueError(f"keep={keep} of alpha·d={n} examples must be at least 1 example")
    if not 0 <= angle <= np.pi:
        raise ValueError(f"angle={angle} must be between 0 and π")
    x, teacher = check_rng(rng).standard_normal((n, d)), unit_vector(rng.standard_normal(d))
    y = np.sign(x @ teacher)
    hardness = -y * (x @ vector_at_angle(teacher, angle, rng=rng))
    chosen = easiest(hardness, keep), hardest(hardness, keep), rng.permutation(n)[: round(keep * n)]
    return StudentErrors(*(error_of(train_student(x[kept], y[kept]), teacher) for kept in chosen))


def train_student(x: Float[ndarray, "n d"], y: Float[ndarray, " n"]) -> Vector:
    """w that minimises mean log(1 + exp(−y·wᵀx)) + ½·L2·‖w‖².

    x: examples, (n, d).   y: labels −1 or +1, (n,).
    """
    from scipy.optimize import minimize  # lazy import: it takes half a second

    check_finite(x=x, y=y)
    signed = y[:, None] * x

    def objective(w: Vector) -> tuple[float, Vector]:
        z = signed @ w
        slope = logistic_derivative(z, 1.0)
        return float(logistic(z, 1.0).mean() + L2 / 2 * w @ w), slope @ signed / len(z) + L2 * w

    return minimize(objective, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x


def error_of(w: Vector, teacher: Vector) -> float:
    """P(sign(wᵀx) ≠ sign(Tᵀx)) for x ~ N(0, I): the angle between the two, over π.

    w: the student, (d,).   teacher: T, (d,).
    """
    return float(np.arccos(np.clip(unit_vector(w) @ unit_vector(teacher), -1, 1)) / np.pi)


def vector_at_angle(teacher: Vector, angle: float | int, *, rng: np.random.Generator) -> Vector:
    """A random unit vector at this angle, in radians, to the teacher.

    teacher: T, unit vector, (d,).   angle: in radians.
    """
    sideways = rng.standard_normal(len(teacher))
    sideways = unit_vector(sideways - (sideways @ teacher) * teacher)
    return np.cos(angle) * teacher + np.sin(angle) * sideways


def unit_vector(v: Vector) -> Vector:
    return v / np.linalg.norm(v)
