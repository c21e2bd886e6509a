"""WRONG · set 01 · momentum_step: velocity kept between calls"""
# %% answer
velocity = None


def momentum_step(w, dw, g, eta, beta):
    global velocity
    velocity = dw if velocity is None or np.shape(velocity) != np.shape(dw) else velocity
    velocity = beta * velocity - eta * g
    return w + velocity, velocity
