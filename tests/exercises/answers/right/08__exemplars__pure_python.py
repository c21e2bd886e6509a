"""RIGHT · set 08 · exemplars: dicts and math.dist only"""

# %% answer
import math


def exemplars(gradients, members, k):
    ids = [int(m) for m in members]
    row = {i: gradients[i].tolist() for i in ids}
    D = max(math.dist(row[i], row[j]) for i in ids for j in ids)
    best, chosen = dict.fromkeys(ids, 0.0), []
    for _ in range(k):
        gain = {
            j: sum(max(D - math.dist(row[i], row[j]) - best[i], 0) for i in ids)
            for j in ids
            if j not in chosen
        }
        j = max(gain, key=gain.get)
        chosen.append(j)
        best = {i: max(best[i], D - math.dist(row[i], row[j])) for i in ids}
    return tuple(chosen)
