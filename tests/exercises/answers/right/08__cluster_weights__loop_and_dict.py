"""RIGHT · set 08 · cluster_weights: a loop over examples and a dict"""


# %% answer
def cluster_weights(gradients, y, chosen):
    count = {int(j): 0 for j in chosen}
    for i in range(len(y)):
        own = [int(j) for j in chosen if y[j] == y[i]]
        count[min(own, key=lambda j: ((gradients[i] - gradients[j]) ** 2).sum())] += 1
    return [count[int(j)] for j in chosen]
