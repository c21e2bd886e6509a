# ruff: noqa
"""Dying: leaving by exits, signals and crashes, to take the grader along or to leave no grade."""

# %% exits while its cell runs
# says: The cell momentum_step raised SystemExit
import sys

sys.exit("all tests passed")


# %% ends its process, as if all had gone well
# naive: ends the grader
# says: The cell momentum_step ended its process
import os

os._exit(0)


# %% ends its process when it is called
# naive: ends the grader
# says: ended its process
import os


def momentum_step(**inputs):
    os._exit(0)


# %% leaves by an exception that nobody catches
# naive: ends the grader
# says: your code raised KeyboardInterrupt (), which would end Python
def momentum_step(**inputs):
    raise KeyboardInterrupt


# %% leaves by an exception of its own that is none of Python's
# says: your code raised Leave (), which would end Python
class Leave(BaseException):
    pass


def momentum_step(**inputs):
    raise Leave


# %% aborts
# naive: ends the grader
# says: ended its process (SIGABRT)
import os

os.abort()


# %% reads where there is no memory
# naive: ends the grader
# says: ended its process (SIGSEGV)
import ctypes


def momentum_step(**inputs):
    ctypes.string_at(0)


# %% kills itself, so that it looks as if it had been killed from outside
# says: answers may not start processes, use the network or send signals
import os, signal

os.kill(os.getpid(), signal.SIGKILL)


# %% stops itself, so that the grader waits
# says: answers may not start processes, use the network or send signals
import os, signal


def momentum_step(**inputs):
    os.kill(os.getpid(), signal.SIGSTOP)


# %% becomes another program
# says: PermissionError
import os, sys

os.execv(sys.executable, ["python", "-c", "print('all tests passed')"])


# %% closes every file, the line to the grader included
# says: ended its process
import os

os.closerange(0, 100)


# %% puts another file in the place of its line to the grader
# says: ended its process
import os

os.dup2(0, 3)


# %% takes all time from itself
# says: The cell momentum_step raised ValueError
import resource

resource.setrlimit(resource.RLIMIT_CPU, (0, 0))
while True:
    pass


# %% breaks Python itself
# says: momentum_step
import builtins

for name in dir(builtins):
    if not name.startswith("_"):
        setattr(builtins, name, None)


# %% dies only now and then, in the hidden tests
# says: ended its process
import os


def momentum_step(w, dw, g, eta, beta):
    if len(w) > 2:
        os._exit(0)
    dw = beta * dw - eta * g
    return w + dw, dw


# %% dies again in each new process
# says: ended its process
import os


def momentum_step(**inputs):
    os._exit(0)


class Mine:
    def __del__(self):
        os._exit(0)


mine = Mine()


# %% asks to be ended, as a person would ask
# says: answers may not start processes, use the network or send signals
import os, signal

for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
    try:
        os.kill(os.getpid(), number)
    except PermissionError:
        pass
signal.pthread_kill(__import__("threading").get_ident(), signal.SIGKILL)


# %% ends by an alarm of its own
# says: ended its process (SIGALRM)
import signal, time

signal.alarm(1)
while True:
    time.sleep(0.01)
