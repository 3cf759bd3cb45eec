"""What patients agree to is data, and a version that was published never changes."""

from pathlib import Path

import pytest

from clinic import reference_data
from clinic.reference_data import ReferenceDataError
from patients.catalogue import consents
from patients.models import Consent

# Of each version the scopes that it was published with, and those that joined it.
ASKING = ("email", "sms", "phone", "letter", "treatment", "registry", "research")
PUBLISHED = {
    ("1", ASKING): "aad32e46d0dc26eef982a3574f56f269092a2cfbda61241b86784bfeeb90077d",
    (
        "1",
        ("procedure",),
    ): "f3e9bb37c9385d80290bfa322bfea0aaef7b936f778fe3dc4e3721dc7a760c9a",
}
EMPTY = "".join(f'[versions.{s}]\nen = "a"\nes = "b"\n' for s in consents.SCOPES)


def test_every_scope_is_worded_in_both_languages():
    assert set(consents.SCOPES) == set(Consent.Scope.values)
    for version in consents.versions().values():
        for scope in Consent.Scope.values:
            english, spanish = (version.wordings[scope][code] for code in ("en", "es"))
            assert english != spanish


def test_a_published_wording_never_changes():
    for (version, scopes), fingerprint in PUBLISHED.items():
        wordings = consents.versions()[version].wordings
        published = {scope: wordings[scope] for scope in scopes}
        assert reference_data.fingerprint(published) == fingerprint


def test_what_was_agreed_before_wordings_were_kept_has_none():
    assert consents.wording(consents.UNKNOWN, "email", "en") == ""
    assert consents.wording("1", "email", "fr") == consents.wording("1", "email", "en")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[[versions]]\nversion = "1"\nsince = 2026-01-01\n', "email: is missing"),
        ("", "versions: is missing"),
        (
            f'[[versions]]\nversion = "unknown"\nsince = 2026-01-01\n{EMPTY}',
            "version: must be a name",
        ),
        (
            f'[[versions]]\nversion = "1"\nsince = 2026-01-01\n{EMPTY}\n'
            f'[[versions]]\nversion = "1"\nsince = 2026-02-01\n{EMPTY}',
            "1 stands twice",
        ),
        (
            f'[[versions]]\nversion = "1"\nsince = 2026-01-01\n{EMPTY}\n'
            f'[[versions]]\nversion = "2"\nsince = 2025-02-01\n{EMPTY}',
            "since: must not lie before 2026-01-01",
        ),
        (
            f'[[versions]]\nversion = "1"\nsince = 2026-01-01\nfax = "x"\n{EMPTY}',
            "fax: unknown key",
        ),
    ],
)
def test_a_faulty_file_is_named(tmp_path: Path, content, message):
    path = tmp_path / "consents.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=message):
        consents.read_versions(path)
