"""RIGHT · set 07 · forgetting_events: generator"""
# %% answer
def forgetting_events(correct):
    return [
        float(sum(a and not b for a, b in zip(column, column[1:]))) if any(column) else float("inf")
        for column in correct.T.tolist()
    ]
