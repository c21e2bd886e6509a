"""A class with attackers in it: their submissions, a checkout of their own, and what they leave behind.

    attacks/*.py           cells of attackers, one behind each `# %%`, the sentence there says what it tries
    attacks/surgery.py     changes of a notebook          attacks/damage.py     files that are none
    Attack                 one of them: how it is handed in, what must be said of it, what it is worth

Every attacker has solved `adagrad_step` and nothing else. An attack in a cell is the answer to the question
behind `# on:`, `momentum_step` without one. `# naive: full points` says that it gets full points where tests
and answers share a process, `# naive: ends the grader` that such a grader does not live to give any.
"""

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from helpers import ROOT
from helpers.attacks import damage, surgery

SET = "01_momentum_and_adaptive_steps"
LATER, LATER_POINTS = "adagrad_step", 3
LIMITS = {"call": 0.5, "cell": 1, "total": 5, "idle": 0.5, "wait": 4, "total_wait": 12}
LIMITS |= {"own_cell": 1, "own_total": 3}
CODE = sorted(
    p.stem for p in (Path(__file__).parent / "attacks").glob("*.py") if p.stem not in ("damage", "surgery")
)
KINDS = (*CODE, "surgery", "damage")


@dataclass(frozen=True)
class Attack:
    """The later question `earns` that, or less if not `surely`; the others nothing; `says` is reported."""

    student: str
    tries: str
    says: str
    hand_in: Callable[[Path, "Places"], object]
    on: str = "momentum_step"
    earns: float = LATER_POINTS
    surely: bool = True
    source: str = ""
    naive: str = ""

    @property
    def kind(self) -> str:
        return self.student.split("_")[0]


class Places(SimpleNamespace):
    """Folders by name, as attackers know them: the worst case is that they know all."""

    def told(self) -> str:
        names = {name.upper(): str(path) for name, path in vars(self).items()}
        return "\n".join(f"{name} = {path!r}" for name, path in {**names, "SET": SET}.items())


# --- the attacks ---


def attacks() -> list[Attack]:
    found = [attack for kind in CODE for attack in _cells(kind)]
    for kind, module, how in (("surgery", surgery, _surgery), ("damage", damage, _damage)):
        functions = [f for f in vars(module).values() if "says: " in (getattr(f, "__doc__", "") or "")]
        found += [_of_function(kind, i, f, how) for i, f in enumerate(functions, 1)]
    return found


def _cells(kind):
    text = (Path(__file__).parent / "attacks" / f"{kind}.py").read_text()
    for i, part in enumerate(text.split("# %% ")[1:], 1):
        tries, source = part.split("\n", 1)
        words = dict(re.findall(r"^# (says|on|naive|earns): (.+)$", source, re.MULTILINE))
        on, earns = words.get("on", "momentum_step"), words.get("earns", str(LATER_POINTS))

        def hand_in(path, places, source=source, on=on):
            told = f"{places.told()}\n{source}"
            path.write_text(json.dumps(notebook({LATER: solved()[LATER], on: told})))

        naive = words.get("naive", "")
        worth = {"earns": float(earns.removeprefix("at most ")), "surely": "at most" not in earns}
        yield Attack(
            f"{kind}_{i:02d}", tries, words["says"], hand_in, on, **worth, source=source, naive=naive
        )


def _of_function(kind, i, function, how):
    tries, *words = (line.strip() for line in function.__doc__.splitlines())
    said = dict(line.split(": ", 1) for line in words)
    earns = float(said.get("earns", 0 if kind == "damage" else LATER_POINTS))
    return Attack(f"{kind}_{i:02d}", tries, said["says"], lambda path, _: how(function, path), earns=earns)


def _surgery(change, path):
    book = notebook({LATER: solved()[LATER], "momentum_step": surgery.RIGHT})
    change(book)
    path.write_text(json.dumps(book))


def _damage(make, path):
    make(path, notebook({LATER: solved()[LATER], "momentum_step": surgery.RIGHT}))


# --- submissions ---


def notebook(answers):
    """The released notebook with some `answers`."""
    book = json.loads((ROOT / "exercises" / f"{SET}.ipynb").read_text())
    for cell in book["cells"]:
        cell["source"] = answers.get(cell["id"], "".join(cell["source"]))
    return book


def solved():
    """Answer id → the master's own."""
    cells = json.loads((ROOT / "solutions" / f"{SET}.ipynb").read_text())["cells"]
    meta = lambda cell: cell["metadata"].get("nbgrader", {})
    return {meta(c)["grade_id"]: "".join(c["source"]) for c in cells if meta(c).get("solution")}


def hand_in_class(work: Path, chosen: list[Attack]) -> tuple[Places, list[str]]:
    """The class's folders below `work`, and the names of honest students: one around each kind of attack."""
    folders = ("checkout", "submissions", "grades", "home", "temporary")
    places = Places(**{name: work / name for name in folders})
    for name in folders:
        (work / name).mkdir()
    _check_out(places.checkout)
    kinds = {attack.kind for attack in chosen}
    honest = ["honest_first", "zz_honest", *(f"{kind}_{end}" for kind in kinds for end in ("00", "99"))]
    for student in honest:
        (places.submissions / f"{student}.ipynb").write_text(json.dumps(notebook(solved())))
    for attack in chosen:
        attack.hand_in(places.submissions / f"{attack.student}.ipynb", places)
    return places, honest


def _check_out(folder):
    """The course without its data, with solutions whose limits are so small that tests are quick."""
    leave_out = shutil.ignore_patterns("__pycache__", "files", "*.ipynb")
    for package in ("lsml_core", "courseware"):
        shutil.copytree(ROOT / package, folder / package, ignore=leave_out)
    (folder / "solutions").mkdir()
    master = json.loads((ROOT / "solutions" / f"{SET}.ipynb").read_text())
    master["metadata"]["lsml"] = {"limits": LIMITS}
    (folder / "solutions" / f"{SET}.ipynb").write_text(json.dumps(master))


def command(places: Places) -> tuple[list[str], dict]:
    """`lsml grade` of that checkout, without pictures: the words, and where and with what they are run."""
    grade = "from courseware.grading.command import grade; sys.exit(grade(sys.argv[1:], pathlib.Path.cwd()))"
    words = [sys.executable, "-c", f"import sys, pathlib; {grade}", SET, str(places.submissions)]
    environment = os.environ | {
        "PYTHONPATH": str(places.checkout),
        "HOME": str(places.home),
        "TMPDIR": str(places.temporary),
        "SECRET_TOKEN": "planted",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }
    out = ["--out", str(places.grades), "--workers", "2"]
    return [*words, *out], {"cwd": places.checkout, "env": environment}


# --- what is left behind ---


def listing(places: Places) -> dict[str, tuple]:
    """Everything that attackers must not change: path → kind, mode, size, time, and what a link leads to.

    Other programs use the machine's own folders, too: there, only what attackers plant is looked for.
    """
    found = {}
    for top in (places.checkout, places.submissions, places.home, places.temporary):
        for folder, folders, files in os.walk(top):
            for path in (os.path.join(folder, name) for name in (*folders, *files)):
                status = os.lstat(path)
                link = os.readlink(path) if os.path.islink(path) else ""
                found[path] = (status.st_mode, status.st_size, status.st_mtime_ns, link)
    for device in ("/dev/null", "/dev/zero", "/dev/urandom"):
        found[device] = (os.stat(device).st_mode,)
    shared = ["/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/run", str(ROOT), str(ROOT.parent), Path.home()]
    shared += [path for path in sys.path if os.path.basename(path) == "site-packages"]
    for folder in filter(os.path.isdir, shared):
        found |= {f"{folder}/{name}": () for name in os.listdir(folder) if "planted" in name}
    return found


def descendants(pid: int) -> set[int]:
    """Processes below `pid` that run; those of a dead parent belong to the living one that collects them."""
    parents = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(entry)] = int(fields[1])
    found, before = {pid}, set()
    while found != before:
        before = found
        found = before | {child for child, parent in parents.items() if parent in before}
    return found - {pid}


def survivors(known: set[int], patience: float = 5) -> set[int]:
    """Processes below this one besides those `known`, after some seconds to end."""
    deadline = time.monotonic() + patience
    while (left := descendants(os.getpid()) - known) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
