"""A sheet as PDF: a template of ours, and data that never becomes part of it."""

import functools
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROGRAM = HERE / "compiling.py"
TEMPLATES = HERE / "templates"
LONGEST = 20

logger = logging.getLogger(__name__)


class TypesettingError(Exception):
    """No PDF came of it; the page can be printed instead."""


def make(
    template: str, data: Mapping[str, Any], *, paper: str, language: str = "en"
) -> bytes:
    """The PDF of a template's sheet; `data` holds text, lists of it, and drawings.

    Text stays text: the template reads it as JSON and shows it, whatever signs of the
    typesetting language it holds. TypesettingError after 20 seconds, or where the
    program ended badly.
    """
    return run(template, {**data, "paper": paper, "language": language})


def run(
    template: str, data: Mapping[str, Any], *, format: str = "pdf", ppi: int = 144
) -> bytes:
    """Tests look at a PNG of the first page."""
    job = {
        "source": source(template),
        "data": json.dumps(data, ensure_ascii=False, default=str),
        "folder": folder().name,
        "format": format,
        "ppi": ppi,
    }
    try:
        done = subprocess.run(
            # Isolated: nothing of the environment, and no folder but Python's own.
            [sys.executable, "-I", str(PROGRAM)],
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=LONGEST,
            env={},
            cwd=folder().name,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.error("%s was not typeset: %s", template, type(error).__name__)
        raise TypesettingError(template) from None
    if done.returncode != 0 or not done.stdout:
        # What the program says may quote what stands on the sheet.
        logger.error("%s was not typeset: exit %s", template, done.returncode)
        raise TypesettingError(template)
    return done.stdout


@functools.cache
def source(template: str) -> str:
    """What all sheets share, and this one's own."""
    files = (TEMPLATES / "common.typ", TEMPLATES / f"{template}.typ")
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@functools.cache
def folder() -> "tempfile.TemporaryDirectory[str]":
    """Holds the unpacked letters, and nothing of a patient: 0700, gone with us."""
    return tempfile.TemporaryDirectory(prefix="mendline-sheets-")
