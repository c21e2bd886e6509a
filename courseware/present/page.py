"""What Voilà runs for every visitor, in a kernel of its own."""

from courseware.present.stage import Stage

Stage().show()
