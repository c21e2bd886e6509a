"""The end of the first cell of every exercise set: what holds in all questions, so that no prompt repeats it.

It is written into each notebook in `solutions/`, where a test compares it with this text.
"""

from collections.abc import Mapping
from typing import Any

from courseware.grading.answers import TOLERANCE
from courseware.grading.sandbox.limits import Limits

TEXT = """\
**What holds in every question**

- Keep the names of functions and parameters: checks pass each argument by its name.
- Inputs are numbers and NumPy arrays (float64, unless the question says otherwise). They belong to the
  caller: make new arrays, and change none in place.
- Return numbers and arrays of any type. A list, a tuple or a torch tensor of the right shape counts as an
  array, an array with one entry counts as a number, and several values may come as a tuple, a list or the
  rows of an array.
- Numbers are compared to a relative {tolerance}, so float32 is as good as float64.
- You may import {modules}. Answers cannot
  start processes, use the network or keep files.
- A call may compute for {call:g} s and all your cells together for {total:g} s, not counting the import of
  libraries.
- A visible check tries a few inputs and shows a call that breaks a law: paste it into a cell to make the
  same call. In the code of the checks a list, or a list of lists, stands for an array. An answer that fails a
  visible check earns at most half of its points. Hidden tests try other inputs when the set is graded, some
  of them drawn for you.
- Before you hand in, save the notebook and run `python3 course.py check` with its path in a terminal, or
  *Restart Kernel and Run All Cells*: both start from the top, and a failed check does not stop the run."""
LIBRARIES = "Python's library, NumPy, SciPy, scikit-learn and torch"


def preamble(settings: Mapping[str, Any]) -> str:
    """The text for a set; `settings` are its metadata under "lsml"."""
    limits = Limits().of_set(settings)
    course = ["what the next cell imports", *(f"`{name}`" for name in settings.get("answers_may_import", ()))]
    modules = f"{LIBRARIES};\n  of this course, only {' and '.join(course)}"
    tolerance = f"{TOLERANCE:.0e}".replace("e-0", "e-")
    return TEXT.format(tolerance=tolerance, modules=modules, call=limits.call, total=limits.total)
