"""Runs by itself, as a program: what comes in on stdin goes out as a PDF on stdout.

typst is a library of 80 MB and a compiler of whatever it is given, so no process of
ours loads it. Here it has memory, processor time and file size limited, a folder of its
own as its whole file system, and no package to fetch.

Nothing of the project is imported: the program starts in a tenth of a second.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import pymupdf_fonts
import typst

# FiraGO, under the SIL Open Font License: Latin, Greek, Cyrillic, Arabic, Hebrew and
# more, in two weights.
LETTERS = {"FiraGO-Regular.ttf": "figo", "FiraGO-Bold.ttf": "figbo"}
MEMORY, SECONDS, LARGEST_FILE = 2 << 30, 15, 32 << 20
# PDF/UA is what screen readers want. It takes no character without a letter, so one
# that our letters lack is looked for on the machine, and at last drawn as a box.
READABLE: "list[typst.PDFStandard]" = ["ua-1"]
TRIES: "tuple[tuple[list[typst.PDFStandard], bool], ...]" = (
    (READABLE, False),
    (READABLE, True),
    ([], True),
)


def main() -> int:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
    ):
        resource.setrlimit(what, (most, most))
    sys.stdout.buffer.write(compiled(json.load(sys.stdin.buffer)))
    return 0


def compiled(job: dict[str, Any]) -> bytes:
    """`source` is a template, `data` is JSON for it, `folder` is ours alone."""
    folder = Path(job["folder"])
    letters = unpacked(folder)
    for standards, uses_machine in TRIES:
        try:
            return made(job, letters, standards, uses_machine=uses_machine)
        except typst.TypstError as error:
            if "could not be displayed" not in str(error):
                raise
    raise AssertionError("without a standard no character is refused")


def made(
    job: dict[str, Any],
    letters: Path,
    standards: "list[typst.PDFStandard]",
    *,
    uses_machine: bool,
) -> bytes:
    compiler = typst.Compiler(
        root=letters,
        font_paths=typst.Fonts(
            include_system_fonts=uses_machine, font_paths=[str(letters)]
        ),
        sys_inputs={"data": job["data"]},
        package_path=letters,
        package_cache_path=letters,
    )
    pages = compiler.compile(
        job["source"].encode(),
        format=job["format"],
        ppi=job["ppi"],
        pdf_standards=standards if job["format"] == "pdf" else [],
    )
    # Pictures come a page each.
    page = pages[0] if isinstance(pages, list) else pages
    return page or b""


def unpacked(folder: Path) -> Path:
    """The letters as files; whoever comes second finds them there."""
    letters = folder / "letters"
    letters.mkdir(mode=0o700, exist_ok=True)
    for name, key in LETTERS.items():
        if not (letters / name).exists():
            unfinished = letters / f".{os.getpid()}-{name}"
            unfinished.write_bytes(pymupdf_fonts.myfont(key))
            unfinished.replace(letters / name)
    return letters


if __name__ == "__main__":
    sys.exit(main())
