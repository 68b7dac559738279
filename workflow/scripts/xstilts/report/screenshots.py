"""Pictures of the page as a browser shows it, for the README."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from xstilts.core.errors import StudyError

# In a frame: a headless browser has a least width, and it loses a fragment's place in a picture.
FRAME = (
    '<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }} iframe {{ border: 0; '
    'display: block }}</style><iframe width="{width}" height="{height}" src="{page}#{place}">'
    "</iframe>"
)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
    "--virtual-time-budget=8000",
)  # fmt: skip


def take(page: Path, anchor: str, size: tuple[int, int], picture: Path) -> None:
    """Write a PNG of `page` at the `anchor`, `size` pixels wide and high.

    Raises StudyError where there is no Chromium, or it takes no picture.
    """
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise StudyError("Screenshots need the program chromium: install it, or leave them out.")
    width, height = size
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder) / "frame.html"
        address = page.resolve().as_uri()
        text = FRAME.format(width=width, height=height, page=address, place=anchor)
        frame.write_text(text, encoding="utf-8")
        own = (f"--user-data-dir={folder}/profile", f"--window-size={width},{height}")
        command = [browser, *FLAGS, *own, f"--screenshot={picture.resolve()}", frame.as_uri()]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=180)
    if ended.returncode or not picture.is_file():
        raise StudyError(f"chromium took no picture of {page}: {ended.stderr.strip()[-300:]}")
