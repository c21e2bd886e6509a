"""What every maximiser returns."""

from collections.abc import Sequence
from dataclasses import dataclass

from lsml_core.submodular.set_function import SetFunction


@dataclass(frozen=True)
class Selection:
    """S in order, the gain that each element brought, and how many gains were asked for to find it."""

    chosen: tuple[int, ...]
    gains: tuple[float, ...]
    evaluations: int

    @property
    def value(self) -> float:
        """F(S), the sum of the gains."""
        return float(sum(self.gains))


def in_order(f: SetFunction, chosen: Sequence[int], *, evaluations: int) -> Selection:
    """`chosen`, found after `evaluations` gains, with the gain that each brings in this order."""
    state, gains = f.empty(), []
    for e in chosen:
        gains.append(float(f.gains(state, [e])[0]))
        state = f.add(state, e)
    return Selection(tuple(chosen), tuple(gains), evaluations)
