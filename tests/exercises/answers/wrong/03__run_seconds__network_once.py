def run_seconds(compute, latency, transfer):
    P = compute.shape[1]
    return compute.max(axis=1).sum() + 2 * (P - 1) * (latency + transfer / P)
