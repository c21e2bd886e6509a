"""What a check of an exercise compares, calls and says, for notebooks to import. The code is in `inside/`."""

from courseware.grading.inside.checks import (
    Counted,
    Inputs,
    Kind,
    Number,
    Vector,
    Whole,
    agrees,
    arrays_in,
    call,
    lent,
    linear,
    returns,
    show,
    small_first,
    student_rng,
)

__all__ = [
    "Counted",
    "Inputs",
    "Kind",
    "Number",
    "Vector",
    "Whole",
    "agrees",
    "arrays_in",
    "call",
    "lent",
    "linear",
    "returns",
    "show",
    "small_first",
    "student_rng",
]
