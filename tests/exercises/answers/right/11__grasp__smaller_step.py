"""RIGHT · set 11 · grasp: another small step"""
def grasp(grad, w):
    g = grad(w)
    step = 3e-5
    Hg = (grad(w + step * g) - grad(w - step * g)) / (step + step)
    return (w * Hg).tolist()
