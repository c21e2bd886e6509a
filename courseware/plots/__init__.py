"""Pictures of results: each function takes an Axes and plain arrays, draws, and returns nothing."""
