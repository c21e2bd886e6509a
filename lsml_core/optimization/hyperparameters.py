"""Hyper-parameters of step rules: checked when the rule is made, and short in its repr."""

from typing import Any

import numpy as np
from numpy import ndarray

from lsml_core.optimization.arrays import Numbers
from lsml_core.validation import as_numbers


class HyperParameters:
    """Base of the frozen records in `steps`. Numbers are kept as float, arrays as read-only float64.

    Names that start with "beta" must be between 0 and 1, 1 excluded; `bias_correction` must be a bool; all
    others must be finite and above 0. ValueError names the first value outside.
    """

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name == "bias_correction":
                _check_flag(name, value)
            else:
                object.__setattr__(self, name, _checked(name, value))

    def __repr__(self) -> str:
        """Short enough for a legend: delta and flags only where they differ from their default."""
        texts = {name: _short(value) for name, value in vars(self).items()}
        for name in texts.keys() & {"delta", "bias_correction"}:
            if texts[name] == _short(getattr(type(self), name)):
                del texts[name]
        return f"{type(self).__name__}({', '.join(f'{name}={text}' for name, text in texts.items())})"


def _check_flag(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{name}={value!r} must be True or False")


def _checked(name: str, value: Any) -> Numbers:
    values = np.array(as_numbers(name, value))
    below_one = name.startswith("beta")
    inside = (values >= 0) & (values < 1) if below_one else (values > 0) & (values < np.inf)
    if not inside.all():
        allowed = "at least 0 and below 1" if below_one else "finite and above 0"
        raise ValueError(f"{name}={values[~inside][0]:g} must be {allowed}")
    values.setflags(write=False)
    return values if values.ndim else values.item()


def _short(value: Any) -> str:
    if isinstance(value, ndarray):
        return f"{value.min():.4g}…{value.max():.4g}"
    return str(value) if isinstance(value, bool) else f"{value:.4g}"
