"""The real implementations behind the lectures, one package per topic: `from lsml_core import optimization`."""
