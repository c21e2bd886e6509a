"""RIGHT · set 07 · keep_window: sorted, a list"""
def keep_window(score, skip, size):
    return sorted(range(len(score)), key=lambda i: score[i])[skip : skip + size]
