# ruff: noqa
"""Writing what is not yours: files, grades, programs, the machine's devices."""

# %% plants a file in the course's folder
# says: OSError
import os

os.makedirs(CHECKOUT, exist_ok=True)
open(CHECKOUT + "/planted", "w").write("planted")


# %% overwrites the solutions
# says: FileNotFoundError
open(CHECKOUT + "/solutions/" + SET + ".ipynb", "w").write("planted")


# %% empties a neighbour's file
# says: FileNotFoundError
open(SUBMISSIONS + "/honest_first.ipynb", "w").close()


# %% deletes all submissions
# says: FileNotFoundError
import shutil

shutil.rmtree(SUBMISSIONS)


# %% gives itself points in the folder of results
# says: FileNotFoundError
open(GRADES + "/students/writing.json", "w").write("planted")


# %% plants a command that runs when the instructor logs in
# says: FileNotFoundError
open(HOME + "/.profile", "a").write("touch planted")


# %% writes into its own home, which must be nobody else's
# says: 2 values, separated by commas, belong here
import os

open(os.path.expanduser("~/planted"), "w").write("planted")


def momentum_step(**inputs):
    return 0.0


# %% plants a file in the folders for temporary files
# says: planted nowhere
import os


def momentum_step(**inputs):
    planted = []
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/dev", "/", TEMPORARY):
        try:
            open(folder + "/planted", "w").write("planted")
            planted.append(folder)
        except OSError:
            pass
    raise RuntimeError(f"planted {planted or 'nowhere'}")


# %% plants a module that every Python of this environment would run
# says: OSError
import pathlib

pathlib.Path(np.__file__).parents[1].joinpath("planted.pth").write_text("import planted")


# %% changes NumPy for the next student
# says: OSError
open(np.__file__, "a").write("planted = True")


# %% changes the program that runs the next student's code
# says: OSError
from courseware.grading import worker

open(worker.__file__, "a").write("planted = True")


# %% takes a device from the whole machine
# says: 2 values, separated by commas, belong here
import os

for device in ("/dev/null", "/dev/zero", "/dev/urandom"):
    os.chmod(device, 0o646)
os.fchmod(0, 0o646)


def momentum_step(**inputs):
    return 0.0


# %% makes a link that leads out
# says: OSError
import os

os.symlink(SUBMISSIONS, "planted")


# %% gives a file of the system a second name
# says: OSError
import os

os.link(np.__file__, "planted")


# %% mounts a folder over the packages
# says: OSError
import ctypes, os, pathlib

packages = str(pathlib.Path(np.__file__).parents[1]).encode()
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"none", packages, b"tmpfs", 0, 0) < 0:
    raise OSError(ctypes.get_errno(), "")


# %% makes a device of its own, the first disk
# says: OSError
import os, stat

os.mknod("planted", 0o600 | stat.S_IFBLK, os.makedev(8, 0))


# %% leaves the answer for a friend
# says: left nothing to find
import os

found = [name for name in os.listdir(".") if name.startswith("planted")]
open(f"planted{os.getpid()}", "w").write("dw = beta * dw - eta * g")


def momentum_step(**inputs):
    raise RuntimeError(f"a friend left {found or 'nothing to find'}")


# %% is the friend, and leaves something, too
# says: left nothing to find
import os

found = [name for name in os.listdir(".") if name.startswith("planted")]
open(f"planted{os.getpid()}", "w").write("dw = beta * dw - eta * g")


def momentum_step(**inputs):
    raise RuntimeError(f"a friend left {found or 'nothing to find'}")
