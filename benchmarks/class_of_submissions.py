"""A class that hands in set 01: `python benchmarks/class_of_submissions.py FOLDER [STUDENTS [SEED]]`.

    right         the master's answers                               40 %
    wrong         one to three of them are typical mistakes          30 %
    unfinished    the first answers, then stubs                      10 %
    empty         as released                                         5 %
    broken        damaged files of tests/helpers/attacks/damage.py       5 %
    hostile       other attacks of tests/helpers/attacks                  10 %

Names begin with the kind. The same seed gives the same files.
"""

import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from helpers.hostile_class import SET, Places, attacks, notebook, solved

SHARES = {"right": 0.4, "wrong": 0.3, "unfinished": 0.1, "empty": 0.05, "broken": 0.05, "hostile": 0.1}
NOWHERE = Places(**dict.fromkeys(("checkout", "submissions", "grades", "home", "temporary"), "/nowhere"))
"""What the hostile ones know of the machine's folders here."""
MISTAKES = sorted((ROOT / "tests" / "exercises" / "wrong_answers" / SET).glob("*.py"))


def write(folder: Path, students: int, rng: np.random.Generator) -> list[Path]:
    """Files of `students` students in `folder`, which is made; the kinds in random order."""
    folder.mkdir(parents=True)
    kinds = [kind for kind, share in SHARES.items() for _ in range(round(share * students))]
    damage = [a for a in attacks() if a.kind == "damage"]
    hostile = [a for a in attacks() if a.kind != "damage"]
    paths = []
    for i, kind in enumerate(rng.permutation(kinds)):
        paths.append(folder / f"{i:03d}_{kind}.ipynb")
        if kind in ("broken", "hostile"):
            attack = rng.choice(np.array(damage if kind == "broken" else hostile, dtype=object))
            attack.hand_in(paths[-1], NOWHERE)
        else:
            paths[-1].write_text(json.dumps(notebook(ANSWERS[kind](rng)), indent=1))
    return paths


def right(rng: np.random.Generator) -> dict[str, str]:  # noqa: ARG001 - as the others
    return solved()


def wrong(rng: np.random.Generator) -> dict[str, str]:
    chosen = rng.choice(np.array(MISTAKES, dtype=object), rng.integers(1, 3, endpoint=True), replace=False)
    return solved() | {path.stem.split("__")[0]: path.read_text() for path in chosen}


def unfinished(rng: np.random.Generator) -> dict[str, str]:
    answers = solved()
    return dict(list(answers.items())[: rng.integers(1, len(answers))])


def empty(rng: np.random.Generator) -> dict[str, str]:  # noqa: ARG001 - as the others
    return {}


ANSWERS = {"right": right, "wrong": wrong, "unfinished": unfinished, "empty": empty}


if __name__ == "__main__":
    folder, students, seed = (*sys.argv[1:], *("200", "0")[len(sys.argv) - 2 :])
    print(len(write(Path(folder), int(students), np.random.default_rng(int(seed)))), "files")
