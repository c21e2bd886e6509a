# ruff: noqa
"""Another answer on the second call, and what happens after the answer."""


# %% answers what the tests print, which everybody can see
# says: the move is beta*dw - eta*g
def momentum_step(w, dw, g, eta, beta):
    return (np.zeros(1), -np.ones(1)) if len(w) == 1 else (np.array([0.5, 1]), np.array([0.5, 0]))


# %% answers well twice, for the tests that a student can see, and then no more
# says: the move is beta*dw - eta*g
calls = 0


def momentum_step(w, dw, g, eta, beta):
    global calls
    calls += 1
    dw = beta * dw - eta * g
    return (w + dw, dw) if calls <= 2 else (w, dw)


# %% tosses a coin
# says: momentum_step(
import random


def momentum_step(w, dw, g, eta, beta):
    dw = beta * dw - eta * g
    return (w + dw, dw) if random.random() < 0.2 else (w, dw)


# %% remembers what it was asked and answers from memory
# says: momentum_step(
answers = []


def momentum_step(**inputs):
    answers.append(inputs)
    return answers[0]["w"], answers[0]["dw"]


# %% changes its answer after it was handed over
# says: another value
import threading, time

kept = []


def improve():
    while True:
        for w in kept:
            w *= 0
        time.sleep(0.001)


threading.Thread(target=improve, daemon=True).start()


def momentum_step(w, dw, g, eta, beta):
    kept.append(dw - eta * g + 1)
    return kept[-1], kept[-1]


# %% changes what it was given, for the oracle that comes after it
# says: changed its input
def momentum_step(w, dw, g, eta, beta):
    w *= 0
    dw *= 0
    g *= 0
    return w, dw


# %% has a thread answer the next question in its place
# says: momentum_step
# earns: at most 3
import os, threading, time
from courseware.grading.codec import encode

data = encode(("value", (np.zeros(2), np.zeros(2)), {}))


def answer():
    while True:
        time.sleep(0.05)
        os.write(3, len(data).to_bytes(4, "big") + data)


def momentum_step(**inputs):
    threading.Thread(target=answer, daemon=True).start()
    return 0.0


# %% has a thread put a wrong function in the place of the right one
# says: momentum_step
import threading, time


def swap():
    time.sleep(0.02)
    globals()["momentum_step"] = lambda **inputs: 0.0


def momentum_step(w, dw, g, eta, beta):
    threading.Thread(target=swap, daemon=True).start()
    return w, dw


# %% answers from a handler of an alarm, in the middle of something else
# says: ended its process (SIGALRM)
import signal

signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
while True:
    pass


# %% wakes up when it is thrown away
# says: 2 values, separated by commas, belong here
class Waking:
    def __del__(self):
        globals()["momentum_step"] = lambda w, dw, g, eta, beta: (w, dw)


waking = Waking()


def momentum_step(**inputs):
    globals().pop("waking", None)
    return 0.0


# %% keeps the gradient of one check for the next
# on: nesterov_step
# says: nesterov_step(
kept = []


def nesterov_step(w, dw, grad, eta, beta):
    kept.append(grad)
    dw = beta * dw - eta * kept[0](w + beta * dw)
    return w + dw, dw
