"""RIGHT · set 01 · measure_rate: recursion"""
# %% answer
def measure_rate(grad, start, eta, steps):
    def run(w, left):
        after = w - eta * grad(w)
        return np.linalg.norm(after) / np.linalg.norm(w) if left == 1 else run(after, left - 1)

    return run(np.array(start), steps)
