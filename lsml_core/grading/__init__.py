"""Exercises: `checks` and `credit` are what test cells say; `release` makes the version students get."""
