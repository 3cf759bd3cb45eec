"""The edition that evaluations are pinned to names exactly the files that ship."""

import subprocess
import sys

from patients.catalogue import release

CHANGED = (
    "A file in patients/catalogue/data has changed. Say what in release.toml, give it "
    "a new version if the old one has been used, and put in the fingerprint that\n"
    "    python -m patients.catalogue.release\nprints."
)


def test_the_fingerprint_is_that_of_the_files():
    _, _, noted = release.read()
    assert noted == release.fingerprint(), CHANGED


def test_the_version_fits_where_an_evaluation_keeps_it():
    assert release.version() == "2026.11.4"
    assert len(release.version()) <= 20


def test_another_content_or_another_name_is_another_fingerprint(tmp_path, monkeypatch):
    monkeypatch.setattr(release, "DATA", tmp_path)
    seen = {release.fingerprint()}
    for name, content in (("a.csv", "1"), ("a.csv", "2"), ("b.csv", "2")):
        (tmp_path / name).write_text(content, encoding="utf-8")
        seen.add(release.fingerprint())
    assert len(seen) == 4


def test_the_command_prints_the_fingerprint():
    command = [sys.executable, "-m", "patients.catalogue.release"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == release.fingerprint()
