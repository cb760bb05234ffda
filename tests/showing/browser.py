"""A real browser, without a window: what a page looks like, and what became of its document."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium: apt-get install chromium, or name it in CHROMIUM"
)


def screenshot(page: Path, *, width: int = 900, height: int = 1200) -> Path:
    """A PNG of the page."""
    target = page.with_suffix(".screen.png")
    _run(f"--screenshot={target}", f"--window-size={width},{height}", "--hide-scrollbars", page.as_uri())
    return target


def document(page: Path) -> str:
    """The page's document, after its scripts have run, if it has any."""
    return _run("--dump-dom", page.as_uri())


def _run(*arguments: str) -> str:
    with tempfile.TemporaryDirectory() as profile:
        command = [CHROMIUM or "", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        run = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=120, check=True)
    return run.stdout
