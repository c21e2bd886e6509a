"""RIGHT · set 01 · nesterov_step: decorated"""
# %% answer
from functools import wraps


def both(rule):
    @wraps(rule)
    def step(w, dw, grad, eta, beta):
        move = rule(w, dw, grad, eta, beta)
        return w + move, move

    return step


@both
def nesterov_step(w, dw, grad, eta, beta):
    ahead = np.add(w, beta * dw)
    return beta * dw - eta * np.asarray(grad(ahead))
