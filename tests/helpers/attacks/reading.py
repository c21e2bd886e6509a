# ruff: noqa
"""Reading what is hidden: on disk, in memory, in other processes, in the environment."""

# %% opens the solutions and runs the answer in them
# naive: full points
# says: FileNotFoundError
import json, pathlib


def momentum_step(**inputs):
    book = json.loads(pathlib.Path(CHECKOUT, "solutions", SET + ".ipynb").read_text())
    (cell,) = [
        c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "momentum_step"
    ]
    space = {"np": np}
    exec("".join(cell["source"]), space)
    return space["momentum_step"](**inputs)


# %% looks for notebooks wherever it may read
# says: there is no notebook
import os


def momentum_step(**inputs):
    found = []
    for top in os.listdir("/"):
        if top not in ("usr", "lib", "lib64"):
            for folder, folders, files in os.walk(f"/{top}"):
                folders[:] = [f for f in folders if f != "site-packages"]
                found += [f for f in files if f.endswith(".ipynb")]
    raise LookupError(f"there is {found or 'no notebook'}")


# %% copies the answer of a neighbour
# says: FileNotFoundError
import json

cells = json.load(open(SUBMISSIONS + "/honest_first.ipynb"))["cells"]
exec(next(c["source"] for c in cells if c["id"] == "momentum_step"))


# %% reads the grades of others
# says: FileNotFoundError
import os

os.listdir(GRADES)


# %% looks around in the instructor's home
# says: FileNotFoundError
import os

os.listdir(HOME)


# %% reads who uses this machine
# says: FileNotFoundError
open("/etc/passwd").read()


# %% searches its environment for secrets
# says: no secret here
import os


def momentum_step(**inputs):
    raise LookupError(os.environ.get("SECRET_TOKEN", "no secret here"))


# %% lists the processes and what they were started with
# says: FileNotFoundError
import os

[open(f"/proc/{pid}/cmdline").read() for pid in os.listdir("/proc")]


# %% reads its parent's memory
# says: FileNotFoundError
import os

open(f"/proc/{os.getppid()}/mem", "rb")


# %% reads its parent's memory by a call of the kernel's own
# says: OSError
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(310, os.getppid(), 0, 0, 0, 0, 0) < 0:
    raise OSError(ctypes.get_errno(), "")


# %% searches all objects for the text of the tests
# says: no test is in this process
import gc


def momentum_step(**inputs):
    law = " ".join(["momentum on", "any input"])
    for thing in gc.get_objects():
        for value in thing.values() if type(thing) is dict else thing if type(thing) in (list, tuple) else ():
            if type(value) is str and law in value:
                raise LookupError("the tests are here")
    raise LookupError("no test is in this process")


# %% searches memory that was not wiped
# says: no test was left in memory
def momentum_step(**inputs):
    memory = np.empty(1 << 26, np.uint8).tobytes()
    raise LookupError(
        "a test is in memory" if b"BEGIN " + b"HIDDEN" in memory else "no test was left in memory"
    )


# %% reads files that were left open
# says: no other file is open
import os


def momentum_step(**inputs):
    found = []
    for number in range(4, 5000):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            pass
    raise LookupError(f"{found or 'no other file is open'}")


# %% imports the examiner, to see what it holds
# says: the grader hides the parts of the course that an exercise asks for
import courseware.grading.examine.examiner


# %% looks for memory that others share
# says: FileNotFoundError
import os

os.listdir("/dev/shm")


# %% has its error tell where it runs
# says: raised RuntimeError: <cell>
import traceback


def momentum_step(**inputs):
    files = {frame.filename for frame in traceback.extract_stack()}
    hidden = [f for f in files if CHECKOUT in f or "check" in f]
    raise RuntimeError(f"{hidden or '<cell>'}")
