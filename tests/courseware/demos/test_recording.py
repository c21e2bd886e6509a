"""The renderer's recordings: replayed where nothing differs, and never shown where something does."""

import io

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FixedLocator, FuncFormatter
from PIL import Image

from courseware.demos.engine import recording, render
from courseware.plots.axes import headline
from courseware.plots.canvas import canvas, is_still, still


def picture():
    """One artist of every kind that the course draws, all marked as still, beside moving ones."""
    fig, (ax, right) = canvas(2, height=3.0)
    ax.plot([0, 1, 2], [0, 2, 1], "o-", label="moves")
    still(*ax.plot([0, 2], [2, 0], "s--", color="red"))
    still(ax.text(0.5, 1.5, "gap"), ax.add_patch(Circle((1, 1), 0.3, facecolor="0.8", edgecolor="0.2")))
    still(ax.add_collection(LineCollection([[(0, 0.2), (2, 0.4)], [(0, 0.4), (2, 0.6)]], colors="green")))
    still(ax.scatter([0.2, 1.8], [1.2, 1.2], c=[0.0, 1.0]))
    still(*ax.bar([0.5, 1.5], [0.3, 0.5], width=0.2))
    still(right.imshow(np.arange(12.0).reshape(3, 4), aspect="auto"))
    right.legend(handles=ax.lines[:2], labels=["moves", "stays"])
    headline(ax, "Nothing is stale")
    ax.set(xlabel="steps", ylabel="loss", xlim=(0, 2), ylim=(0, 2))
    right.set(xlabel="column", ylabel="row")
    return fig, ax, right


def pixels_of(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def saved(fig):
    file = io.BytesIO()
    fig.savefig(file, format="png")
    return pixels_of(file.getvalue())


def line(ax):
    return ax.lines[1]


def tick_label(ax):
    return ax.get_xticklabels()[1]


CHANGES = {
    "labelpad": lambda ax, _: setattr(ax.xaxis, "labelpad", 9),
    "weight of a label": lambda ax, _: ax.xaxis.label.set_fontweight("bold"),
    "style of a label": lambda ax, _: ax.yaxis.label.set_fontstyle("italic"),
    "size of a label": lambda ax, _: ax.yaxis.label.set_fontsize(9),
    "rotation of a label": lambda ax, _: ax.yaxis.label.set_rotation(60),
    "alpha of a label": lambda ax, _: ax.xaxis.label.set_alpha(0.3),
    "place of a label": lambda ax, _: ax.xaxis.set_label_coords(0.8, -0.1),
    "side of a label": lambda ax, _: ax.yaxis.set_label_position("right"),
    "path effects of a label": lambda ax, _: ax.xaxis.label.set_path_effects(
        [withStroke(linewidth=3, foreground="r")]
    ),
    "box of a label": lambda ax, _: ax.xaxis.label.set_bbox({"facecolor": "yellow"}),
    "label removed": lambda ax, _: ax.xaxis.label.set_visible(False),
    "tick length": lambda ax, _: ax.tick_params(length=9),
    "tick pad, colours": lambda ax, _: ax.tick_params(axis="y", pad=7, labelcolor="red", color="blue"),
    "tick labels turned": lambda ax, _: ax.tick_params(axis="x", labelrotation=30),
    "tick font": lambda ax, _: ax.tick_params(labelsize=8, labelfontfamily="serif"),
    "ticks inside": lambda ax, _: ax.tick_params(direction="in", width=3),
    "ticks on top": lambda ax, _: ax.xaxis.tick_top(),
    "one tick label": lambda ax, _: tick_label(ax).set_fontweight("bold"),
    "one grid line": lambda ax, _: ax.xaxis.get_gridlines()[1].set_linewidth(4),
    "grid of one axis": lambda ax, _: ax.grid(False, axis="x"),
    "grid dashes": lambda ax, _: ax.grid(linestyle=":", color="red", alpha=0.5),
    "minor ticks": lambda ax, _: ax.minorticks_on(),
    "minor grid": lambda ax, _: (ax.minorticks_on(), ax.grid(which="minor", color="pink")),
    "formatter": lambda ax, _: ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.3f}")),
    "locator": lambda ax, _: ax.xaxis.set_major_locator(FixedLocator([0.3, 0.4, 1.7])),
    "names of ticks": lambda ax, _: ax.set_xticks([0, 1], ["zero", "one"]),
    "an offset": lambda ax, _: (ax.set_ylim(0, 2e9), ax.set_title("gj", pad=2)),
    "a low title": lambda ax, _: (ax.set_title("gjy", pad=0), ax.xaxis.tick_top()),
    "limits": lambda ax, _: ax.set_xlim(0, 1.9),
    "inverted": lambda ax, _: ax.invert_yaxis(),
    "scale": lambda ax, _: ax.set_yscale("symlog"),
    "aspect": lambda ax, _: ax.set_aspect("equal"),
    "place of the axes": lambda ax, _: ax.set_position([0.1, 0.3, 0.3, 0.4]),
    "axis above lines": lambda ax, _: ax.set_axisbelow(False),
    "axis removed": lambda ax, _: ax.xaxis.set_visible(False),
    "axes off": lambda ax, _: ax.set_axis_off(),
    "frame off": lambda ax, _: ax.set_frame_on(False),
    "axes removed": lambda ax, _: ax.set_visible(False),
    "background": lambda ax, _: ax.set_facecolor("beige"),
    "background of the figure": lambda ax, _: ax.figure.set_facecolor("beige"),
    "spine moved": lambda ax, _: ax.spines["bottom"].set_position(("outward", 12)),
    "spine shown": lambda ax, _: ax.spines["top"].set_visible(True),
    "spine thick": lambda ax, _: ax.spines["left"].set(linewidth=4, color="red", zorder=0.1),
    "line width": lambda ax, _: line(ax).set_linewidth(5),
    "line dashes": lambda ax, _: line(ax).set_linestyle(":"),
    "line data": lambda ax, _: line(ax).set_ydata([1.9, 0]),
    "line marker": lambda ax, _: line(ax).set(marker="D", markersize=12, markeredgecolor="k", markevery=[0]),
    "line alpha": lambda ax, _: line(ax).set_alpha(0.3),
    "line behind": lambda ax, _: line(ax).set_zorder(0.1),
    "line in front": lambda ax, _: line(ax).set_zorder(9),
    "line hidden": lambda ax, _: line(ax).set_visible(False),
    "line animated": lambda ax, _: line(ax).set_animated(True),
    "line rough": lambda ax, _: line(ax).set_sketch_params(2, 20, 5),
    "line snapped": lambda ax, _: line(ax).set(snap=True, antialiased=False),
    "line in other coordinates": lambda ax, _: line(ax).set_transform(ax.transAxes),
    "line not clipped": lambda ax, _: line(ax).set(clip_on=False, ydata=[2.2, -0.1]),
    "line clipped to a disc": lambda ax, _: line(ax).set_clip_path(ax.patches[0]),
    "text": lambda ax, _: ax.texts[0].set_text("gaps"),
    "text turned": lambda ax, _: ax.texts[0].set(rotation=45, ha="center", va="top", color="red"),
    "text family": lambda ax, _: ax.texts[0].set_fontfamily("monospace"),
    "patch": lambda ax, _: ax.patches[0].set(facecolor="pink", linewidth=3, hatch="/"),
    "patch moved": lambda ax, _: ax.patches[0].set(center=(1.2, 1)),
    "patch alpha": lambda ax, _: ax.patches[0].set_alpha(0.5),
    "bar height": lambda ax, _: ax.patches[1].set_height(1.0),
    "collection width": lambda ax, _: ax.collections[0].set_linewidths([1, 6]),
    "collection paths": lambda ax, _: ax.collections[0].set_segments([[(0, 0), (2, 2)]]),
    "points moved": lambda ax, _: ax.collections[1].set_offsets([(0.5, 0.5), (1.5, 0.5)]),
    "points coloured": lambda ax, _: ax.collections[1].set(cmap="magma", sizes=[90, 10], clim=(-1, 1)),
    "image": lambda _, right: right.images[0].set_data(np.arange(12.0)[::-1].reshape(3, 4)),
    "image colours": lambda _, right: right.images[0].set(cmap="magma", clim=(0, 5), alpha=0.5),
    "image smooth": lambda _, right: right.images[0].set_interpolation("bilinear"),
    "image extent": lambda _, right: right.images[0].set_extent((0, 2, 0, 2)),
    "legend entry": lambda _, right: right.get_legend().get_texts()[0].set_text("changed"),
    "legend frame": lambda _, right: right.get_legend().get_frame().set_linewidth(3),
    "title": lambda ax, _: ax._left_title.set_text("Something changed"),
    "text of the figure": lambda ax, _: ax.figure.text(0.5, 0.5, "over everything", zorder=-1),
    "aligned labels": lambda ax, right: (right.tick_params(pad=20), ax.figure.align_xlabels()),
    "layout": lambda ax, _: ax.figure.set_layout_engine("tight"),
    "a twin": lambda ax, _: ax.twinx().set_ylabel("other"),
    "an inset": lambda ax, _: ax.inset_axes([0.5, 0.5, 0.4, 0.4]),
    "axes in front": lambda ax, _: ax.set(zorder=5, xlabel=30 * "long "),
}


@pytest.fixture(scope="module")
def before():
    """The unchanged picture. Its recordings stay, so that one could be mistaken for that of a change."""
    return pixels_of(render.render(picture()[0]))


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_property_is_seen(name, before):
    (drawn, *axes), (slow, *same) = picture(), picture()
    CHANGES[name](*axes)
    CHANGES[name](*same)
    after = pixels_of(render.render(drawn))
    np.testing.assert_array_equal(after, saved(slow))
    assert (after != before).any() or name in ("line animated", "layout")


@pytest.mark.parametrize(
    ("name", "value"), [("grid.color", "red"), ("xtick.major.size", 9), ("font.size", 9)]
)
def test_a_changed_default_is_seen_where_it_is_read_at_drawing(name, value, before):
    drawn, slow = picture()[0], picture()[0]
    with mpl.rc_context({name: value}):
        after, same = pixels_of(render.render(drawn)), saved(slow)
    np.testing.assert_array_equal(after, same)


def test_equal_pictures_are_drawn_from_recordings(monkeypatch):
    render.render(picture()[0])
    monkeypatch.setattr(recording, "_record", lambda *_: pytest.fail("drawn again"))
    fig, *_ = picture()
    looked_at = [part for part, _ in recording._looks(fig)]
    assert len(looked_at) == 4 + sum(is_still(a) for ax in fig.axes for a in ax.get_children())
    render.render(fig)
    assert not any("draw" in vars(part) for part in looked_at)  # the figure is as it was


def test_a_figure_may_be_changed_after_it_was_recorded():
    """A recording holds copies: the first figure's later life does not reach it."""
    recording._RECORDINGS.clear()
    first, ax, right = picture()
    before = render.render(first)
    ax.lines[1].get_path().vertices[:] = 0
    right.images[0].get_array()[:] = 0
    first.set_size_inches(3, 3)
    assert render.render(picture()[0]) == before


def test_no_more_recordings_are_kept_than_said(monkeypatch):
    monkeypatch.setattr(recording, "_KEPT", 7)
    render.render(picture()[0])
    assert len(recording._RECORDINGS) == 7


def test_an_object_at_the_address_of_a_forgotten_one_has_its_own_look():
    """While a part is drawn, its line may replace its path: the next object must not inherit that look."""
    look = recording._Look()
    assert len({look(Path([(width, 0), (0, 0)])) for width in range(100)}) == 100
