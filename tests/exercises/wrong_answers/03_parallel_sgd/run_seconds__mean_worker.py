"""The mean worker sets the clock.

says: as long as its slowest worker
"""


def run_seconds(compute, latency, transfer):
    steps, P = compute.shape
    return compute.mean(axis=1).sum() + steps * 2 * (P - 1) * (latency + transfer / P)
