"""RIGHT · set 08 · s2l_quotas: recursion over the smallest cluster"""


# %% answer
def s2l_quotas(sizes, budget):
    order = sorted(range(len(sizes)), key=lambda c: sizes[c])

    def serve(rest, left):
        if not rest:
            return {}
        q = min(int(sizes[rest[0]]), left // len(rest))
        return {rest[0]: q, **serve(rest[1:], left - q)}

    found = serve(order, int(budget))
    return [found[c] for c in range(len(sizes))]
