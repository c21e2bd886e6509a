"""The walls around a student's code, the process behind them, and the limits of what it may use.

    walls      which files are there: the system's, installed packages, `inside/`, modules that a set names
    sandbox    the process behind the walls, with a fresh worker for each submission
    limits     time, memory and files, and what ends a worker that takes more

What a set changes stands in the metadata of its notebook: `master.Master.modules` and `.limits` read it.
"""
