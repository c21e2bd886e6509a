"""RIGHT · set 06 · greedi_merge: a sorted pool without repeats, empty machines left out"""
def greedi_merge(greedy, value, parts, k):
    local = [tuple(greedy(list(part), k)) for part in parts if part]
    pool = sorted({e for S in local for e in S})
    candidates = [*local, tuple(greedy(pool, k))]
    return np.array(candidates[int(np.argmax([value(S) for S in candidates]))])
