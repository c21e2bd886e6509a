"""RIGHT · set 08 · s2l_quotas: sorted pairs and a dict"""


# %% answer
def s2l_quotas(sizes, budget):
    found, left = {}, budget
    queue = sorted((int(s), c) for c, s in enumerate(sizes))
    while queue:
        size, c = queue[0]
        found[c] = min(size, left // len(queue))
        left -= found[c]
        queue = queue[1:]
    return [found[c] for c in range(len(sizes))]
