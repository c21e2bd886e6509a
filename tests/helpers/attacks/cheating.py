# ruff: noqa
"""Cheating by import, by the oracle's own values, and by the count of calls."""

# %% imports the reference
# naive: full points
# says: the grader hides the parts of the course that an exercise asks for
from lsml_core.optimization.steps import Momentum


def momentum_step(w, dw, g, eta, beta):
    return Momentum(eta, beta).step(lambda _: g, w, dw)


# %% imports the reference when nobody looks, in the hidden tests
# naive: full points
# says: No module named 'lsml_core'
def momentum_step(w, dw, g, eta, beta):
    import importlib

    steps = importlib.import_module("lsml_core.optimization.steps")
    return steps.Momentum(eta, beta).step(lambda _: g, w, dw)


# %% loads the reference from its file
# naive: full points
# says: FileNotFoundError
import importlib.util, sys

spec = importlib.util.spec_from_file_location("steps", CHECKOUT + "/lsml_core/optimization/steps.py")
sys.modules["steps"] = steps = importlib.util.module_from_spec(spec)
spec.loader.exec_module(steps)


def momentum_step(w, dw, g, eta, beta):
    return steps.Momentum(eta, beta).step(lambda _: g, w, dw)


# %% looks for another copy of the reference among the installed packages
# says: there is no other copy
import os, sys


def momentum_step(**inputs):
    found = [p for p in sys.path if os.path.exists(f"{p}/lsml_core/optimization")]
    found += [
        n
        for p in sys.path
        if os.path.isdir(p)
        for n in os.listdir(p)
        if n.startswith(("lsml_core", "courseware"))
        and "." not in n
        and p != "/course"
        and os.listdir(f"{p}/{n}")
    ]
    raise LookupError(f"there is {found or 'no other copy'}")


# %% sets the count of gradient calls back
# on: nesterov_step
# naive: full points
# says: 'Asked' object has no attribute 'calls'
def nesterov_step(w, dw, grad, eta, beta):
    a = grad(w + beta * dw)
    grad.calls = grad.calls - 1
    b = grad(w + beta * dw)
    dw = beta * dw - eta * (a + b) / 2
    return w + dw, dw


# %% takes the limit from the count of gradient calls
# on: nesterov_step
# naive: full points
# says: was called 2 times; the budget here is 1
def nesterov_step(w, dw, grad, eta, beta):
    grad.limit = None
    a, b = grad(w + beta * dw), grad(w + beta * dw)
    dw = beta * dw - eta * (a + b) / 2
    return w + dw, dw


# %% calls the function behind the count
# on: nesterov_step
# naive: full points
# says: 'Asked' object has no attribute 'function'
def nesterov_step(w, dw, grad, eta, beta):
    a, b = grad.function(w + beta * dw), grad.function(w + beta * dw)
    dw = beta * dw - eta * (a + b) / 2
    return w + dw, dw


# %% overspends its calls and hides the refusal
# on: nesterov_step
# says: was called 3 times; the budget here is 1
def nesterov_step(w, dw, grad, eta, beta):
    for _ in range(3):
        try:
            kept = grad(w + beta * dw)
        except Exception:
            pass
    dw = beta * dw - eta * kept
    return w + dw, dw


# %% overspends its calls through numbers of functions that it guesses
# on: nesterov_step
# says: guessed nothing
def nesterov_step(w, dw, grad, eta, beta):
    guessed = []
    for number in range(50):
        if number != grad._number:
            grad._number, own = number, grad._number
            try:
                guessed.append(grad(w + beta * dw))
            except Exception:
                pass
            grad._number = own
    raise RuntimeError(f"guessed {guessed or 'nothing'}")


# %% has the check read megabytes that it sends as an argument
# on: nesterov_step
# says: nesterov_step
def nesterov_step(w, dw, grad, eta, beta):
    return grad(np.ones((1 << 22, 1))), dw
