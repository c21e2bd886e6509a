"""RIGHT · set 05 · facility_gains: loop over pairs"""
# %% answer
def facility_gains(similarity, chosen):
    rows = similarity.tolist()
    best = [max((row[c] for c in chosen), default=0.0) for row in rows]
    return [sum(max(row[e] - b, 0.0) for row, b in zip(rows, best)) for e in range(len(rows[0]))]
