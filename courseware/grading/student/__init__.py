"""`lsml check`: the visible checks of a notebook, before it is handed in."""
