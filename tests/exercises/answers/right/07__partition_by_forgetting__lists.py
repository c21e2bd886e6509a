"""RIGHT · set 07 · partition_by_forgetting: lists of ints and a loop over the examples"""
def partition_by_forgetting(correct, size, rng):
    safe, other = [], []
    for i in range(correct.shape[1]):
        column = correct[:, i].tolist()
        lost = any(a and not b for a, b in zip(column, column[1:]))
        (other if lost or not any(column) else safe).append(i)
    return [[int(i) for i in rng.permutation(group)[:size]] for group in (other, safe)]
