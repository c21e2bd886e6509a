# ruff: noqa
"""Tampering with the checker: names, modules, hooks, frames, the garbage collector, objects that lie."""

# %% rebinds the names that the tests call
# naive: full points
# says: 2 values, separated by commas, belong here
returns = agrees = lambda *_, **__: None


def momentum_step(**inputs):
    return 0.0


# %% patches the module that compares
# naive: full points
# says: 2 values, separated by commas, belong here
import sys
from courseware.grading import checks

sys.modules[checks.returns.__module__].difference = lambda *_: ""


def momentum_step(**inputs):
    return 0.0


# %% patches NumPy, so that all numbers are close
# naive: full points
# says: another value
np.allclose = lambda *_, **__: True


def momentum_step(w, dw, g, eta, beta):
    return w, dw


# %% takes what is expected from its caller's variables
# naive: full points
# says: nobody up the stack knows what is expected
import sys


def momentum_step(**inputs):
    frame = sys._getframe()
    while frame:
        if "expected" in frame.f_locals:
            return frame.f_locals["expected"]
        frame = frame.f_back
    raise LookupError("nobody up the stack knows what is expected")


# %% finds the oracle among all objects of the process
# naive: full points
# says: no oracle in this process
import gc, types

VISIBLE = {
    (1.0, 0.9): (np.zeros(1), -np.ones(1)),
    (0.0, 1.0, 0.5): (np.array([0.5, 1]), np.array([0.5, 0])),
    (1.0, 2.0, 0.5): (np.array([1.05, 1.6]), np.array([0.05, -0.4])),  # told by a friend's feedback
}


def momentum_step(w, dw, g, eta, beta):
    for thing in gc.get_objects():
        if type(thing) is types.FunctionType and thing.__name__ == "<lambda>":
            if thing.__code__.co_varnames == ("w", "dw", "g", "eta", "beta"):
                return thing(w, dw, g, eta, beta)
    if (*w, beta) in VISIBLE:
        return VISIBLE[*w, beta]
    raise LookupError("no oracle in this process")


# %% takes the checks out of the tests before they are compiled
# naive: full points
# says: 2 values, separated by commas, belong here
import ast, builtins

compile_honestly = builtins.compile


def compile_without_checks(tree, *words, **options):
    if isinstance(tree, ast.Module):
        tree.body = [s for s in tree.body if "returns(" not in ast.unparse(s)]
    if isinstance(tree, ast.Expression) and "agrees(" in ast.unparse(tree):
        tree = ast.copy_location(ast.Expression(ast.copy_location(ast.Constant(None), tree.body)), tree.body)
    return compile_honestly(tree, *words, **options)


builtins.compile = compile_without_checks


def momentum_step(**inputs):
    return 0.0


# %% traces the checker and changes its variables while it compares
# naive: full points
# says: 2 values, separated by commas, belong here
import sys


def spy(frame, event, argument):
    if frame.f_code.co_name == "difference":
        frame.f_locals["value"] = frame.f_locals["expected"]
    return spy


sys.settrace(spy)


def momentum_step(**inputs):
    return 0.0


# %% puts its own class in the place of the reference
# naive: full points
# says: another value
VISIBLE = {
    (1.0, 0.9): (np.zeros(1), -np.ones(1)),
    (0.0, 1.0, 0.5): (np.array([0.5, 1]), np.array([0.5, 0])),
    (1.0, 2.0, 0.5): (np.array([1.05, 1.6]), np.array([0.05, -0.4])),  # told by a friend's feedback
}


class Momentum:
    def __init__(self, eta, beta):
        pass

    def step(self, grad, w, dw):
        return w, dw


try:
    from lsml_core.optimization import steps

    steps.Momentum = Momentum
except ImportError:
    pass


def momentum_step(w, dw, g, eta, beta):
    return VISIBLE.get((*w, beta), (w, dw))


# %% replaces the count of points
# on: adam_step
# naive: full points
# says: 3 values, separated by commas, belong here
from courseware.grading.credit import Credit


def credit(points, *laws, seen):
    return Credit(points)


def adam_step(**inputs):
    return 0.0


# %% replaces the count of points in its module
# on: adam_step
# naive: full points
# says: 3 values, separated by commas, belong here
import sys

from courseware.grading.credit import visible

count = sys.modules[visible.__module__]._broken
while hasattr(count, "__wrapped__"):  # checks of arguments stand around it
    count = count.__wrapped__
count.__code__ = (lambda laws: ()).__code__


def adam_step(**inputs):
    return 0.0


# %% is the points itself
# says: 'float' object is not callable
from courseware.grading.credit import Credit

momentum_step = Credit(99)


# %% returns an object that is equal to everything
# says: a Same instead of
class Same:
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
    __hash__ = None
    shape, dtype, ndim = (1,), np.dtype(float), 1

    def __array__(self, *_, **__):
        return np.zeros(1)


def momentum_step(**inputs):
    return Same(), Same()


# %% returns an array that answers for NumPy
# says: another value
class Liar(np.ndarray):
    def __array_function__(self, function, types, args, kwargs):
        return True

    def __array_ufunc__(self, *_, **__):
        return True


def momentum_step(w, dw, g, eta, beta):
    return w.view(Liar), dw.view(Liar)


# %% returns a number that changes with who looks at it
# says: returned (3, 3)
class Chameleon(float):
    __sub__ = __rsub__ = lambda self, other: 0.0
    __eq__ = lambda self, other: True
    __hash__ = float.__hash__


def momentum_step(**inputs):
    return Chameleon(3), Chameleon(3)


# %% is an object whose class is called ndarray
# says: a ndarray instead of
class ndarray:
    shape, size, dtype = (1,), 1, float

    def __len__(self):
        return 1


def momentum_step(**inputs):
    return ndarray(), ndarray()


# %% returns a tuple that says another length than it has
# says: spoiled its process
class Pair(tuple):
    def __len__(self):
        return 2


def momentum_step(**inputs):
    return Pair()


# %% returns what unpickling would execute
# says: a Bomb instead of
class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit",))


def momentum_step(**inputs):
    return Bomb(), Bomb()


# %% asks for another student's inputs
# says: 2 values, separated by commas, belong here
STUDENT = "ada"


def momentum_step(**inputs):
    return 0.0


# %% rewrites the program that carries its answers, so that all of them are True
# says: 2 values, separated by commas, belong here
# earns: 0
from courseware.grading import worker

worker.Worker.call = lambda self, *_: (True, {})


def momentum_step(**inputs):
    return 0.0
