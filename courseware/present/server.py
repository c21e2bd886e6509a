"""The words of `lsml present` → the words of Voilà, and what its kernels read from the environment."""

import os
from collections.abc import Sequence
from pathlib import Path

from courseware.console import Parser
from courseware.present import places

HERE = Path(__file__).parent
EXTENSIONS = ("@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget")
"""Front-end extensions that the page loads: no others, some of which fit JupyterLab only."""
ABOUT = """\
Show the demos of a lecture full screen, one at a time, with a kernel: every control moves.

  lsml present 05                               the demos of lecture 05
  lsml present                                  the demos of all lectures
  lsml present 05 --prepare                     do the heavy work of all demos (training) at the start
  lsml present 'site/slides/05_submodularity.html#/4/2/submodular.greedy.exemplars?k=7'
                                                begin with a scene of the deck (K and C copy such links there)
  lsml present 05 --no-browser --port 8899      open http://localhost:8899 yourself

Keys: → and ← next and previous demo, O all demos, F full screen, K keep this scene, N next kept scene,
C copy a link that holds the kept scenes, ? help. From a slider, Esc gives the arrow keys back; PageDown
and PageUp work everywhere. Nothing is loaded from the internet. Stop the server with Ctrl-C."""


def voila_words(words: Sequence[str], root: Path) -> list[str]:
    """What to call `python -m voila` with for `lsml present words` in the course at `root`.

    words: what follows `lsml present` on the command line.   root: the folder that holds `lectures/`.
    The plan and the folder of the page's template go to the environment. ValueError for an unknown lecture.
    """
    parser = Parser("lsml present", ABOUT, usage="lsml present [LECTURE | LINK] [WORDS]")
    parser.add_argument("lecture", nargs="?", default="", help="beginning of its name, or a scene's link")
    parser.add_argument("--port", type=int, default=8866, help="of the server on this machine (8866)")
    parser.add_argument("--no-browser", action="store_true", help="open none; the address is printed")
    parser.add_argument("--prepare", action="store_true", help="do the heavy work of all demos at the start")
    told = parser.parse_args([*words])
    found = sorted((root / "lectures").glob("*.ipynb"))
    begin, link = places.lecture_of(told.lecture, [path.stem for path in found]) if told.lecture else ("", "")
    shown = places.places(path for path in found if path.stem.startswith(begin))
    places.write(places.Plan(shown, link, told.prepare))
    rest = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = os.pathsep.join([str(HERE / "share"), *([rest] if rest else [])])
    return [
        str(HERE / "page.py"),
        f"--port={told.port}",
        "--template=course",
        "--theme=light",
        "--show_tracebacks=True",
        "--VoilaConfiguration.extension_language_mapping=.py=python",
        *(f"--VoilaConfiguration.extension_allowlist={name}" for name in EXTENSIONS),
        *(["--no-browser"] if told.no_browser else []),
    ]
