# ruff: noqa
"""Resource exhaustion: time, memory, processes, threads, output, disk, open files."""

# %% loops for ever while its cell runs
# says: The cell momentum_step used more than 1 s of computing time
while True:
    pass


# %% loops for ever when it is called
# says: used more than 0.5 s of computing time
def momentum_step(**inputs):
    while True:
        pass


# %% sleeps for an hour while its cell runs
# says: did nothing for 0.5 s
import time

time.sleep(3600)


# %% naps for ever, so that it never seems to be idle
# says: raised TimeoutError
import time


def momentum_step(**inputs):
    while True:
        time.sleep(0.005)


# %% waits for a lock that it holds itself
# says: did nothing for 0.5 s
import threading

lock = threading.Lock()
lock.acquire()
lock.acquire()


# %% is busy in C, where no exception of Python's could stop it
# says: used more than 0.5 s of computing time
import re


def momentum_step(**inputs):
    re.match("(a+)+$", "a" * 60 + "b")


# %% computes a number with more digits than there are atoms
# says: used more than 1 s of computing time
x = 9**9**9


# %% catches everything, also what would stop it
# says: used more than 0.5 s of computing time
def momentum_step(**inputs):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


# %% ignores every signal
# says: used more than 1 s of computing time
import signal

for number in {*signal.Signals} - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while True:
    pass


# %% asks for a terabyte at once
# says: MemoryError
x = bytearray(1 << 40)


# %% grows a list until the memory is used up
# says: MemoryError
def momentum_step(**inputs):
    x = []
    while True:
        x.append(np.zeros(1 << 24))


# %% starts processes that start processes
# says: PermissionError
import os

while True:
    os.fork()


# %% starts thousands of threads, which the machine cannot give to others
# says: started more than 200 threads
import threading

threading.stack_size(1 << 15)
while True:
    threading.Thread(target=threading.Event().wait, daemon=True).start()


# %% computes on four threads at once
# says: used more than 1 s of computing time
import threading


def spin():
    while True:
        pass


for _ in range(4):
    threading.Thread(target=spin).start()
spin()


# %% prints 100 MB
# says: is a return missing?
def momentum_step(**inputs):
    for _ in range(10):
        print("x" * 10**7)


# %% writes a file of a gigabyte
# says: OSError
with open("big", "wb") as file:
    while True:
        file.write(bytes(1 << 20))


# %% makes a million empty files
# says: ended its process (SIGKILL)
for i in range(10**6):
    open(str(i), "w").close()


# %% opens files until there is no handle left
# says: Too many open files
files = []
while True:
    files.append(open("/dev/null"))


# %% recurses without a limit until the stack is used up
# says: ended its process (SIGSEGV)
import sys

sys.setrecursionlimit(10**9)
momentum_step = lambda **inputs: momentum_step(**inputs)


# %% is a formula that the parser chokes on
# says: The cell momentum_step
eval("-" * 200_000 + "1")


# %% goes on computing after it has answered
# says: 2 values, separated by commas, belong here
import threading


def spin():
    while True:
        pass


def momentum_step(**inputs):
    threading.Thread(target=spin, daemon=True).start()
    return 1.0


# %% starts 3,000 threads without stacks in a few milliseconds, between two looks of the grader
# says: started more than 200 threads
import ctypes, os, struct, time

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_long,
]
if os.uname().machine == "x86_64":
    page = libc.mmap(None, 4096, 7, 0x22, -1, 0)
    code = b"\x53\xbb" + struct.pack("<I", 3000)
    loop = len(code)
    code += b"\xb8\x38\0\0\0\xbf" + struct.pack("<I", 0x50F00) + b"\x31\xf6\x31\xd2\x4d\x31\xd2\x4d"
    code += b"\x31\xc0\x0f\x05\x85\xc0\x74\x0a\xff\xcb"
    code += b"\x0f\x85" + struct.pack("<i", loop - (len(code) + 6)) + b"\xeb\x09"
    code += b"\xb8\x22\0\0\0\x0f\x05\xeb\xf7\x5b\xc3"
    ctypes.memmove(page, code, len(code))
    ctypes.CFUNCTYPE(ctypes.c_int)(page)()
    time.sleep(1)
else:
    import threading

    while True:
        threading.Thread(target=threading.Event().wait, daemon=True).start()


# %% has the grader compute with arrays that only become huge when they meet
# on: nesterov_step
# says: MemoryError
def nesterov_step(w, dw, grad, eta, beta):
    column = np.zeros((2_000_000, 1))
    for n in (1, 2, 3, 5, 8, 100, 1000):
        try:
            grad(np.broadcast_to(column, (2_000_000, n)))
        except MemoryError:
            raise
        except Exception:
            pass
    return grad(column + np.zeros(len(w) * 1000))


# %% says that its cells raised errors of many megabytes
# says: The cell momentum_step raised
# earns: at most 3
from courseware.grading import worker

worker.Worker.run = lambda self, *a: (("E", "\U0001f600" + "x" * (7 << 20), 1),)
raise ValueError("x" * (30 << 20))
