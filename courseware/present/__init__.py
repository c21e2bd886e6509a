"""Demos one at a time on a full screen, with a kernel: what `lsml present` serves through Voilà.

places    the demos of a lecture, in order, each with its slide
stage     the widget that shows one of them, and answers keys and links to scenes
page      what Voilà runs for every visitor
server    the words of `lsml present` → the words of Voilà
"""
