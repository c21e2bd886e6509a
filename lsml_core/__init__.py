"""The course's algorithms, a package a topic: `from lsml_core import optimization`."""
