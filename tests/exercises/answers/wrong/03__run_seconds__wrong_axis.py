def run_seconds(compute, latency, transfer):
    T, P = compute.shape
    return compute.max(axis=0).sum() + T * 2 * (P - 1) * (latency + transfer / P)
