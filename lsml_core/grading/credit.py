"""Points for the laws that hold, and what may be said about them.

    law      function without arguments that raises an error where it is broken; its docstring is its name
    points   what all laws together are worth

Where no law holds and some raise NotImplementedError, that error is raised: the answer was not begun.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

Law = Callable[[], object]

VISIBLE_PASSED = "visible checks passed; hidden tests run when graded"


@dataclass(frozen=True)
class Broken:
    """A law that an answer breaks, as the argument of an AssertionError: its text is the message.

    `law` names it and `call` shows the smallest call that breaks it, `reason` what that call did. `kind` says
    the same without the student's numbers, for a law without a name.
    """

    law: str = ""
    call: str = ""
    reason: str = ""
    kind: str = ""

    def __str__(self) -> str:
        what = " ".join(filter(None, (self.call, self.reason)))
        return ": ".join(filter(None, (self.law, what)))

    @property
    def label(self) -> str:
        """What is counted in a class: never the reason, which holds a student's numbers."""
        return self.law or self.kind or "a check without a name"

    @classmethod
    def of(cls, error: Exception) -> "Broken":
        """What `error` tells: its record, or its text."""
        if error.args and isinstance(error.args[0], Broken):
            return error.args[0]
        if isinstance(error, AssertionError):
            return cls(reason=str(error))
        name = type(error).__name__
        return cls(reason=f"{name}: {error}", kind=name)


class Credit(float):
    """Points earned, as the last value of a test cell; Jupyter shows the broken laws beside the number.

    Its repr is a plain number: that is what a grade book reads.
    """

    broken: tuple[Broken, ...]

    def __new__(cls, points: float | int, broken: tuple[Broken, ...] = ()) -> "Credit":
        credit = super().__new__(cls, points)
        credit.broken = broken
        return credit

    @property
    def failed(self) -> tuple[str, ...]:
        """The broken laws in words."""
        return tuple(map(str, self.broken))

    def _repr_markdown_(self) -> str:
        lines = "\n".join(self.failed) or "every law holds"
        return f"**{float(self):g} points**\n```\n{lines}\n```"  # fenced: a message is full of * and _


def credit(points: float | int, *laws: Law) -> Credit:
    """points × share of the laws that hold. A law is named by its docstring, or else by its name.

    Any error breaks a law, and only its share is lost. ValueError without a law, or if points is not above 0.
    """
    if not laws or not points > 0:
        raise ValueError(f"points={points} must be above 0 and there must be a law (there are {len(laws)})")
    broken = _broken(laws)
    return Credit(points * ((len(laws) - len(broken)) / len(laws)), broken)


def visible(*laws: Law) -> str:
    """A line for every law that is broken, else `VISIBLE_PASSED`: partial credit must not stop the cell."""
    return "\n".join(map(str, _broken(laws))) or VISIBLE_PASSED


def _broken(laws: tuple[Law, ...]) -> tuple[Broken, ...]:
    broken, missing = [], None
    for law in laws:
        name = law.__doc__ or law.__name__.replace("_", " ")
        try:
            law()
        except NotImplementedError as error:
            missing = error
            broken.append(Broken(name, reason="not implemented yet"))
        except Exception as error:
            inner = Broken.of(error)
            broken.append(replace(inner, law=": ".join(filter(None, (name, inner.law)))))
    if missing and len(broken) == len(laws):
        raise missing
    return tuple(broken)
