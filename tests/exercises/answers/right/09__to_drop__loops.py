def to_drop(gradients, y, medoids):
    served = {int(m): 0 for m in medoids}
    for i in range(len(y)):
        mine = [int(m) for m in medoids if y[m] == y[i]]
        served[min(mine, key=lambda m: float(np.linalg.norm(gradients[i] - gradients[m])))] += 1
    return sorted(m for m in served if served[m] == 1)
