"""The worker that is slowest over the whole run sets the clock.

says: as long as its slowest worker
"""


def run_seconds(compute, latency, transfer):
    steps, P = compute.shape
    return compute.sum(axis=0).max() + steps * 2 * (P - 1) * (latency + transfer / P)
