"""The stored runs of lecture 08 on images, some minutes on one core: `python -m courseware.studies.coresets`.

Name parts on the command line to run only those again; the others stay as they are.

    gradient   error of the gradient of softmax regression: 10 % by CRAIG, at random, and at random per class
    convex     softmax regression trained on all examples and on these subsets, for several step sizes
    deep       a network trained on subsets that are chosen once, or anew after every pass over them
    crest      a network trained on CREST's mini-batches and on random ones; refreshes and choices
    regions    CREST's checks of the quadratic model, for several thresholds

The runs stand in `coreset_gradients` (gradient), `coreset_training` (convex, deep) and `coreset_crest`
(crest, regions), their images and subsets in `coreset_subsets`; `coreset_readings` says how they are read.

An array is called `<part>.<field>`; for two sets of images, `<part>.<set>.<field>`. Accuracies and losses
have the axes (method, step size, seed, time) unless the part says otherwise. Data: digits of 8 × 8 pixels,
and Fashion-MNIST of 14 × 14 pixels.
"""

import sys

import numpy as np
from tqdm.auto import tqdm

from courseware.studies import FOLDER, store
from courseware.studies.coreset_crest import run_crest, run_regions
from courseware.studies.coreset_gradients import run_gradient
from courseware.studies.coreset_training import run_convex, run_deep

PARTS = {
    "gradient": run_gradient,
    "convex": run_convex,
    "deep": run_deep,
    "crest": run_crest,
    "regions": run_regions,
}


def main() -> None:
    for part in tqdm(sys.argv[1:] or [*PARTS], desc="runs of lecture 08"):
        fresh, path = {f"{part}.{name}": array for name, array in PARTS[part]()}, FOLDER / "coresets.npz"
        others = {} if not path.exists() else dict(np.load(path))
        store("coresets", {k: v for k, v in others.items() if not k.startswith(f"{part}.")} | fresh)


if __name__ == "__main__":
    main()
