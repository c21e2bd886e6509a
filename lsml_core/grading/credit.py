"""Points for the laws that hold, and what may be said about them.

    law      function without arguments that raises an error where it is broken; its docstring is its name
    points   what all laws together are worth

Where no law holds and some raise NotImplementedError, that error is raised: the answer was not begun.
"""

from collections.abc import Callable

Law = Callable[[], object]

VISIBLE_PASSED = "visible checks passed; hidden tests run when graded"


class Credit(float):
    """Points earned, as the last value of a test cell; Jupyter shows the broken laws beside the number.

    Its repr is a plain number: that is what a grade book reads.
    """

    failed: tuple[str, ...]

    def __new__(cls, points: float | int, failed: tuple[str, ...] = ()) -> "Credit":
        credit = super().__new__(cls, points)
        credit.failed = failed
        return credit

    def _repr_markdown_(self) -> str:
        lines = "\n".join(self.failed) or "every law holds"
        return f"**{float(self):g} points**\n```\n{lines}\n```"  # fenced: a message is full of * and _


def credit(points: float | int, *laws: Law) -> Credit:
    """points × share of the laws that hold. A law is named by its docstring, or else by its name.

    Any error breaks a law, and only its share is lost. ValueError without a law, or if points is not above 0.
    """
    if not laws or not points > 0:
        raise ValueError(f"points={points} must be above 0 and there must be a law (there are {len(laws)})")
    failed = _failures(laws)
    return Credit(points * ((len(laws) - len(failed)) / len(laws)), failed)


def visible(*laws: Law) -> str:
    """A line for every law that is broken, else `VISIBLE_PASSED`: partial credit must not stop the cell."""
    return "\n".join(_failures(laws)) or VISIBLE_PASSED


def _failures(laws: tuple[Law, ...]) -> tuple[str, ...]:
    failed, missing = [], None
    for law in laws:
        name = law.__doc__ or law.__name__.replace("_", " ")
        try:
            law()
        except NotImplementedError as error:
            missing = error
            failed.append(f"{name}: not implemented yet")
        except AssertionError as error:
            failed.append(f"{name}: {error}")
        except Exception as error:
            failed.append(f"{name}: {type(error).__name__}: {error}")
    if missing and len(failed) == len(laws):
        raise missing
    return tuple(failed)
