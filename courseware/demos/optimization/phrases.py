"""Numbers and lists as a sentence has them."""

import re
from collections.abc import Sequence

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def spell(count: int) -> str:
    """A count in words up to ten, then in digits."""
    return _WORDS[count] if count < len(_WORDS) else str(count)


def join(names: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C".

    names: one or more.
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def spoken(name: str) -> str:
    """A class name as a sentence has it: "GradientDescent" is "Gradient descent"."""
    first, *others = re.split(r"(?<=[a-z])(?=[A-Z])", name)
    return " ".join([first, *(word.lower() for word in others)])
