"""What shows, asks, grades and publishes the course: it composes `lsml_core`, which knows nothing of it."""
