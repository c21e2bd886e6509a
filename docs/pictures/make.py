"""Make the moving pictures of README.md: `python docs/pictures/make.py`, with the course's environment.

Each is a demo while one of its controls moves from end to end and back. The alt texts of the first and the
last frame are printed: what README.md says of a picture must agree with them.
"""

import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from courseware.demos import all_demos

FOLDER = Path(__file__).parent
WIDTH = 800  # pixels
PAUSE = 250  # milliseconds per frame
REST = 1500  # milliseconds at both ends
FRAMES = 16


class Moving(NamedTuple):
    """A demo and the control that moves; the values of it from `first` to `last` are shown."""

    demo: str
    control: str
    first: float
    last: float


PICTURES = {
    "two_optimizers.webp": Moving("optimization.optimizers.two_optimizers", "eta", 0.01, 0.1),
    "exemplars.webp": Moving("submodular.greedy.exemplars", "k", 1, 20),
    "client_drift.webp": Moving("parallel.federated.client_drift", "T", 1, 64),
}


def main() -> None:
    for file, moving in PICTURES.items():
        alts = write(FOLDER / file, moving)
        print(file, (FOLDER / file).stat().st_size, "bytes", *alts, sep="\n  ")  # noqa: T201


def write(path: Path, moving: Moving) -> tuple[str, str]:
    """Write one picture; the alt texts of its two ends."""
    demo = all_demos()[moving.demo]
    if demo.prepare is not None:
        demo.prepare()
    values = [v for v in demo.controls[moving.control].values if moving.first <= float(v) <= moving.last]
    thinned = [values[round(i * (len(values) - 1) / (FRAMES - 1))] for i in range(FRAMES)]
    frames = [demo.frame(**{moving.control: value}) for value in dict.fromkeys(thinned)]
    shots = [_small(frame.png) for frame in frames]
    times = [REST, *(PAUSE for _ in shots[2:]), REST]
    there_and_back = [*shots, *shots[-2:0:-1]]
    pauses = [*times, *times[-2:0:-1]]
    there_and_back[0].save(
        path, "webp", save_all=True, append_images=there_and_back[1:], duration=pauses, loop=0, quality=80
    )
    return frames[0].alt, frames[-1].alt


def _small(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
