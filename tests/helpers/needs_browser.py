"""Marks of a test file that drives a browser. Where playwright is missing, importing this skips the file."""

import pytest

pytest.importorskip("playwright.sync_api", reason="BROWSER TESTS DID NOT RUN: pip install playwright")

from playwright.sync_api import expect

from helpers.browser import CHROMIUM

NEEDS_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="BROWSER TESTS DID NOT RUN: install Chromium (Debian: apt install chromium) or Google Chrome",
    ),
]
expect.set_options(timeout=30_000)
