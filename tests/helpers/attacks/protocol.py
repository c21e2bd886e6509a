# ruff: noqa
"""Abuse of the line to the grader: huge, deep, malformed, endless, forged messages, and values that hurt."""

# %% answers before it is asked, with what it hopes is right
# says: The cell momentum_step spoiled its process (it spoke without being asked)
import os
from courseware.grading.codec import encode

data = encode(("value", (np.zeros(1), -np.ones(1)), {}))
os.write(3, (len(data).to_bytes(4, "big") + data) * 40)


# %% says that its cell went well, a hundred times, and then nothing
# says: The cell momentum_step
import os
from courseware.grading.codec import encode

data = encode(("value", None))
os.write(3, (len(data).to_bytes(4, "big") + data) * 100)
os._exit(0)


# %% announces four gigabytes
# says: a message of 4294967295 bytes
import os


def momentum_step(**inputs):
    os.write(3, b"\xff" * 4)


# %% announces a message and never sends it
# says: did nothing for 0.5 s
import os, time


def momentum_step(**inputs):
    os.write(3, b"\0\0\0\x10")
    time.sleep(3600)


# %% sends noise
# says: spoiled its process
import os


def momentum_step(**inputs):
    os.write(3, b"\0\0\1\0" + bytes(range(256)))


# %% sends a list in a list in a list, ten thousand deep
# says: a value nested deeper than 32 levels
import os


def momentum_step(**inputs):
    data = b"l\0\0\0\1" * 10_000
    os.write(3, len(data).to_bytes(4, "big") + data)


# %% returns a list that holds itself
# says: nested deeper than 32 levels
def momentum_step(**inputs):
    x = []
    x.append(x)
    return x, x


# %% says that an array is as large as a disk
# says: an array of shape
import os, struct
from courseware.grading.codec import encode


def momentum_step(**inputs):
    array = b"a" + struct.pack(">I", 3) + b"<f8" + struct.pack(">B2Q", 2, 1 << 40, 1 << 20)
    data = b"t\0\0\0\2" + encode("value") + array
    os.write(3, len(data).to_bytes(4, "big") + data)


# %% asks the grader without end instead of answering
# says: raised TimeoutError
import os
from courseware.grading.codec import encode


def momentum_step(**inputs):
    data = encode(("ask", "call", 0, (), {}))
    while True:
        os.write(3, len(data).to_bytes(4, "big") + data)
        os.read(3, 1 << 16)


# %% asks and never listens to what it is told
# says: raised TimeoutError
import os
from courseware.grading.codec import encode


def momentum_step(**inputs):
    data = encode(("ask", "call", 0, (), {}))
    data = (len(data).to_bytes(4, "big") + data) * 1000
    while True:
        os.write(3, data)


# %% keeps the grader reading, half a million values at a time
# says: raised TimeoutError: used more than 0.5 s of computing time
import os
from courseware.grading.codec import encode

one = encode(("ask", "call", 0, (None,), {}))
words = one.replace(b"t\0\0\0\1N", b"t" + (400_000).to_bytes(4, "big") + b"N" * 400_000)
words = len(words).to_bytes(4, "big") + words


def momentum_step(**inputs):
    while True:
        rest = memoryview(words)
        while rest:
            rest = rest[os.write(3, rest) :]
        os.read(3, 1 << 16)


# %% drips its answer, byte by byte
# says: raised TimeoutError
import os, time


def momentum_step(**inputs):
    os.write(3, b"\1\0\0\0")
    while True:
        os.write(3, b"x")
        time.sleep(0.005)


# %% returns a random generator that asks back whenever NumPy looks at it, each time with 28 MB
# says: spoiled its process
import os, struct
from courseware.grading.codec import encode

mine = b"r" + struct.pack(">Q2?", 1, False, False) + b"s\0\0\0\1T"
load = b"b" + struct.pack(">I", 28 << 20) + bytes(28 << 20)
words = b"t\0\0\0\3" + encode("value") + load + b"Rt\0\0\0\2N" + mine
words = len(words).to_bytes(4, "big") + words


def momentum_step(**inputs):
    while True:
        rest = memoryview(words)
        while rest:
            rest = rest[os.write(3, rest) :]
        size = int.from_bytes(os.read(3, 4), "big")
        while size:
            size -= len(os.read(3, size))


# %% returns more than fits
# says: more than 32 MB
def momentum_step(**inputs):
    return np.ones(5 << 20), np.ones(5 << 20)


# %% returns a message that takes minutes to print
# says: 2 values, separated by commas, belong here
def momentum_step(**inputs):
    return [np.zeros(1)] * 50_000


# %% returns keys that collide, so that a dict of them is slow
# says: keys that collide
import os
from courseware.grading.codec import encode


def momentum_step(**inputs):
    data = encode(("value", {(i * ((1 << 61) - 1),): 0 for i in range(1000)}, {}))
    os.write(3, len(data).to_bytes(4, "big") + data)


# %% returns nan, which no comparison can find too large
# says: nan or inf
def momentum_step(w, dw, g, eta, beta):
    return np.full_like(w, np.nan), np.full_like(w, np.nan)


# %% returns arrays of objects
# says: an array of type object cannot be sent
def momentum_step(**inputs):
    return np.array([print]), np.array([print])


# %% returns a number of a million digits
# says: an int of
def momentum_step(**inputs):
    return 10**1_000_000, 1


# %% returns a function of the grader's that it never got
# says: a function that was never given
import os, struct
from courseware.grading.codec import encode


def momentum_step(**inputs):
    data = b"t\0\0\0\2" + encode("value") + b"r" + struct.pack(">Q2?", 0, True, True) + b"s\0\0\0\1f"
    os.write(3, len(data).to_bytes(4, "big") + data)


# %% calls the grader by verbs that are its own
# says: this function belongs to an earlier check, or to none
import os
from courseware.grading.codec import decode, encode


def momentum_step(**inputs):
    data = encode(("ask", "run", "import os; os._exit(0)", "cell", False))
    os.write(3, len(data).to_bytes(4, "big") + data)
    answer = os.read(3, 1 << 16)
    raise RuntimeError(decode(answer[4:])[2])


# %% raises an error whose text no file can hold
# says: raised ValueError: \udc80
def momentum_step(**inputs):
    raise ValueError("\udc80")


# %% raises an error whose text says that all is well
# on: adam_step
# says: raised ValueError: no
def adam_step(**inputs):
    well = "visible checks passed; hidden tests run when graded"
    raise ValueError(f"no\n{well}\n\r{well}\x0b{well}\u2028{well}")


# %% raises an error of ten million words
# says: raised ValueError: word word
def momentum_step(**inputs):
    raise ValueError("word " * 10**7)


# %% raises an error that cannot be printed
# says: ended its process
class Silent(Exception):
    def __str__(self):
        raise SystemExit


def momentum_step(**inputs):
    raise Silent


# %% raises what would end a loop of the check
# says: raised StopIteration
def momentum_step(**inputs):
    raise StopIteration


# %% says that it was not begun, to hide what it did
# says: not implemented
def momentum_step(**inputs):
    raise NotImplementedError("not implemented")


# %% has a page of feedback run its script
# says: <script>
def momentum_step(**inputs):
    raise ValueError("<script>alert(1)</script>")
