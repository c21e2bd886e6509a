"""The copied canvas: as good as a new figure."""

import gc

from matplotlib.transforms import Affine2D, TransformNode

from courseware.plots.canvas import canvas


def test_no_new_transform_takes_the_place_of_another_in_a_copied_canvas():
    """Transforms list their dependents by `id`: those in a copy's lists must never be given out again."""
    fig, axes = canvas(2, rows=2, height=7.123)  # stored now, not by an earlier test
    nodes, lists, found = set(), set(), [ax.transData for ax in axes]
    while found:
        node = found.pop()
        if id(node) not in nodes:
            nodes.add(id(node))
            lists |= {*node._parents}
            found += [value for value in vars(node).values() if isinstance(value, TransformNode)]
            found += [parent for ref in node._parents.values() if (parent := ref()) is not None]
    del node, found
    gc.collect()
    new = [Affine2D() for _ in range(50_000)]
    assert len(lists) > 20
    assert not lists & {id(node) for node in new}
    assert fig.axes == axes
