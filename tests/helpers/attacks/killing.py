# ruff: noqa
"""Killing others: the parent, the grader, the neighbours."""

# %% kills its parent
# says: PermissionError
import os, signal

os.kill(os.getppid(), signal.SIGKILL)


# %% kills every process that it may
# says: PermissionError
import os, signal

os.kill(-1, signal.SIGKILL)


# %% kills its process group
# says: PermissionError
import os, signal

os.killpg(0, signal.SIGKILL)


# %% kills by number, one after the other
# says: killed nobody
import os


def momentum_step(**inputs):
    killed = []
    for pid in range(1, 40_000):
        try:
            if pid != os.getpid():
                os.kill(pid, 9)
                killed.append(pid)
        except OSError:
            pass
    raise RuntimeError(f"killed {killed or 'nobody'}")


# %% has the kernel kill its parent, by a signal that says "you can read"
# says: PermissionError
import fcntl, os, signal

here, there = os.pipe()
fcntl.fcntl(here, fcntl.F_SETOWN, os.getppid())
fcntl.fcntl(here, 10, signal.SIGKILL)  # F_SETSIG
fcntl.fcntl(here, fcntl.F_SETFL, os.O_ASYNC)
os.write(there, b"x")


# %% has the kernel stop its parent, so that the grader waits for it
# says: PermissionError
import fcntl, os, signal, time

here, there = os.pipe()
fcntl.fcntl(here, 10, signal.SIGSTOP)
fcntl.fcntl(here, fcntl.F_SETOWN, os.getppid())
fcntl.fcntl(here, fcntl.F_SETFL, os.O_ASYNC)
os.write(there, b"x")
time.sleep(0.2)


# %% names another owner of its line to the grader by the older call
# says: PermissionError
import fcntl, os, struct

fcntl.ioctl(3, 0x8901, struct.pack("i", os.getppid()))


# %% takes its parent's time
# says: PermissionError
import os, resource

resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0))


# %% traces its parent
# says: Operation not permitted
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(16, os.getppid(), 0, 0) < 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


# %% signals a thread of its parent
# says: Operation not permitted
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(234, os.getppid(), os.getppid(), 9) < 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
