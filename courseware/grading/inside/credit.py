"""Points for the laws that hold, and what may be said about them.

    law      function without arguments that raises an error where it is broken; its docstring is its name
    points   what all laws together are worth
    seen     what `visible` said about the laws that a student can see

Where no law holds and some raise NotImplementedError, that error is raised: the answer was not begun.
"""

import linecache
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

Law = Callable[[], object]

VISIBLE_PASSED = "visible checks passed; hidden tests run when graded"
CAPPED = "a visible check fails, so at most half of the points count"


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
    points: earned.   broken: the laws that do not hold, as records or in words.
    """

    broken: tuple[Broken, ...]

    def __new__(cls, points: float | int, broken: tuple[Broken | str, ...] = ()) -> "Credit":
        credit = super().__new__(cls, points)
        credit.broken = tuple(b if isinstance(b, Broken) else Broken(reason=str(b)) for b in broken)
        return credit

    @property
    def failed(self) -> tuple[str, ...]:
        """The broken laws in words."""
        return tuple(map(str, self.broken))

    def _repr_markdown_(self) -> str:
        lines = "\n".join(self.failed) or "every law holds"
        return f"**{float(self):g} points**\n```\n{lines}\n```"  # fenced: a message is full of * and _


def credit(points: float | int, *laws: Law, seen: str) -> Credit:
    """points × share of the laws that hold, and at most half of them if the visible checks did not pass.

    points: what all laws together are worth, above 0.   seen: what `visible` said of the laws students see.
    laws: functions without arguments, which raise an error where the law is broken; each is named by its
        docstring, or else by its name.
    Any error breaks a law, and only its share is lost. NotImplementedError passes through if no law holds.
    ValueError without a law, or if points is not above 0.
    """
    if not laws or not points > 0:
        raise ValueError(f"points={points} must be above 0 and there must be a law (there are {len(laws)})")
    broken = _broken(laws)
    share = (len(laws) - len(broken)) / len(laws)
    if seen != VISIBLE_PASSED:
        share, broken = min(share, 1 / 2), (*broken, Broken(law=CAPPED, reason=seen))
    return Credit(points * share, broken)


def visible(*laws: Law) -> str:
    """A line for every law that is broken, else `VISIBLE_PASSED`: partial credit must not stop the cell.

    laws: functions without arguments, as for `credit`.   NotImplementedError passes through if no law holds.
    """
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


# --- what a notebook shows ---


def in_notebook() -> bool:
    """Whether this process runs the cells of a notebook, or of IPython."""
    return _shell() is not None


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def short_failures() -> None:
    """From now on a check cell that fails shows one sentence in place of a traceback; only in a notebook."""
    if shell := _shell():
        shell.set_custom_exc((AssertionError, NotImplementedError), _show_failure)


def _show_failure(
    shell: Any, kind: type[Exception], error: Any, trace: TracebackType, tb_offset: int | None = None
) -> None:
    """A student's own assertion, in a cell that is no check, keeps its traceback."""
    frames = [frame for frame, _ in traceback.walk_tb(trace)]
    files = [f.f_code.co_filename for f in frames if f.f_globals.get("__name__") == "__main__"]
    cell = "".join(linecache.getlines(files[0])) if files else ""
    if "VISIBLE_PASSED" in cell or "visible(" in cell:
        begun = not issubclass(kind, NotImplementedError)
        name = frames[-1].f_code.co_name
        text = str(error) if begun else f"{name} is not begun: `raise NotImplementedError` still stands there"
        error._render_traceback_ = lambda: [text]  # IPython's own hook
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
