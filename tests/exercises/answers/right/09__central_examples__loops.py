def central_examples(gradients, y, k):
    costs = []
    for i in range(len(y)):
        costs.append(sum(float(np.linalg.norm(gradients[i] - gradients[j])) for j in range(len(y)) if y[j] == y[i]))
    chosen = []
    for i in range(len(y)):
        better = sum(1 for j in range(len(y)) if y[j] == y[i] and costs[j] < costs[i])
        if better < k:
            chosen.append(i)
    return chosen
