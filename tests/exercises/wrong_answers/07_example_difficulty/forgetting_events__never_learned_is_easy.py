"""What is never learned has no event, and stays at 0.

says: never learned counts as inf
"""


def forgetting_events(correct):
    return (correct[:-1] & ~correct[1:]).sum(axis=0).astype(float)
