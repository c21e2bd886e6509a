"""RIGHT · set 03 · delay_bound: scipy sparse"""
# %% answer
from scipy.sparse import csr_array


def delay_bound(x):
    used = csr_array((x != 0).astype(int))
    pairs = (used @ used.T).tocoo()
    conflicts = int(np.sum((pairs.data > 0) & (pairs.coords[0] != pairs.coords[1])))
    return len(x) ** 2 / (2 * conflicts) if conflicts else float("inf")
