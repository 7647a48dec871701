"""A real browser for the tests: finds Chromium, or installs it.

``python -m tests.e2e.browser`` is part of ``make test``'s set-up.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"

FLAGS = [
    "--no-sandbox",  # as root in a container Chromium does not start otherwise
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """Path of a Chromium: $CHROMIUM, one on the PATH, or the one that Playwright keeps."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    if Path(MAC).exists():
        return MAC
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Install Chromium by the system's package manager, else by Playwright."""
    if sys.platform == "linux" and shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*sudo, "apt-get", "-qq", "update"], check=False, env=quiet)
        done = subprocess.run([*sudo, "apt-get", "-qqy", "install", "chromium"], env=quiet)
        if done.returncode == 0:
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """Make sure that there is a browser; exits with what to do where there is none."""
    if find() is None:
        install()
    if find() is None:
        sys.exit("The browser tests need Chromium: install it, or name it in $CHROMIUM.")


if __name__ == "__main__":
    main()
