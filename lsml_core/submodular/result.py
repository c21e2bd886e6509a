"""What every maximiser returns: the chosen elements, without those that were given."""

from collections.abc import Sequence
from dataclasses import dataclass

from lsml_core.submodular.arguments import Indices, as_set
from lsml_core.submodular.set_function import SetFunction, gains_of, state_after


@dataclass(frozen=True)
class Selection:
    """S in the order chosen, the gain that each element brought, and how many gains were evaluated for it."""

    chosen: tuple[int, ...]
    gains: tuple[float, ...]
    evaluations: int

    @property
    def value(self) -> float:
        """F(S), the sum of the gains; with elements given, what S adds to them, F(given ∪ S) − F(given)."""
        return float(sum(self.gains))


def selection_in_order(
    f: SetFunction, chosen: Sequence[int], *, evaluations: int, given: Indices = ()
) -> Selection:
    """A selection of these elements, with the gain that each brings in this order.

    f: a set function.   chosen: its elements, in order.   evaluations: gains that were asked for.
    given: elements that are chosen already.
    """
    state, gains = state_after(f, as_set(given, f.n).tolist()), []
    for e in chosen:
        gains.append(float(gains_of(f, state, [e])[0]))
        state = f.add(state, e)
    return Selection(tuple(chosen), tuple(gains), evaluations)
