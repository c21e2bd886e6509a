"""RIGHT · set 06 · split: sort complex"""
# %% answer
def split(x, m):
    order = np.argsort(np.angle(x[:, 0] + 1j * x[:, 1]))
    where = np.zeros(len(x))
    for machine, part in enumerate(np.split(order, m)):
        where[part] = machine
    return where
