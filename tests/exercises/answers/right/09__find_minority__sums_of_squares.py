"""RIGHT · set 09 · find_minority: plain lists; the sum of squares minus the squared sum over the size"""


# %% answer
def find_minority(outputs, y):
    found = []
    for c in set(y.tolist()):
        pairs = sorted((float(outputs[i]), i) for i in range(len(y)) if y[i] == c)
        values = [v for v, _ in pairs]

        def spread(part):
            return sum(v * v for v in part) - sum(part) ** 2 / len(part)

        s = min(range(1, len(values)), key=lambda s: spread(values[:s]) + spread(values[s:]))
        small = pairs[:s] if s < len(pairs) - s else pairs[s:]
        found += [i for _, i in small]
    return sorted(found)
