"""Reports that are attached: what they may be, where they lie, how they leave."""

import hashlib
import stat

import pytest
from django.core.exceptions import ValidationError

from clinic import audit
from clinic.models import AuditEvent
from patients.models import Study, StudyFile
from patients.triage import studies
from patients.triage.study_files import attaching, file_store, file_types
from tests import factories
from tests.reports import JPEG, PDF, PNG, TIFF, TIFF_BIG_ENDIAN

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def study(complaint):
    return factories.make_study(complaint)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def kept(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (TIFF, "image/tiff"),
        (TIFF_BIG_ENDIAN, "image/tiff"),
    ],
)
def test_a_report_is_what_its_first_bytes_say(content, content_type):
    assert file_types.sniff(content).content_type == content_type


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (HTML, "is a web page"),
        (b"\xef\xbb\xbf\n <HTML><body>", "is a web page"),
        (SVG, "is an SVG drawing"),
        (b'<?xml version="1.0"?>\n<!-- a -->\n' + SVG, "is an SVG drawing"),
        (HTML + b"\n" + PDF, "stands before the PDF"),
        (b"\n" + PDF, "stands before the PDF"),
        (b"GIF89a" + PDF, "stands before the PDF"),
        (b"MZ" + b"\0" * 100, "is no PDF, PNG"),
        (b"PK\x03\x04" + b"\0" * 100, "is no PDF, PNG"),
        (b"\x89PNG\r\n", "is no PDF, PNG"),
        (PDF + b"\0" * file_types.MOST_BYTES, "larger than 10 MB"),
    ],
)
def test_anything_else_is_refused_in_words(content, words):
    with pytest.raises(ValidationError) as caught:
        file_types.sniff(content)
    assert words in caught.value.message_dict["file"][0]


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("MRI Fennimore.pdf", "MRI Fennimore.pdf"),
        ("SCAN.PDF", "SCAN.PDF"),
        ("report.html", "report.html.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\Users\me\Befund.pdf", "Befund.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"),
        ("gpj\u202eexe.pdf", "gpj exe.pdf"),
        (" .. ", "report.pdf"),
        ("", "report.pdf"),
        ("x" * 300 + ".pdf", "x" * 156 + ".pdf"),
    ],
)
def test_a_name_is_made_safe_and_ends_as_what_it_is(name, kept_as):
    assert file_types.safe_name(name, file_types.sniff(PDF)) == kept_as


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a b.pdf", "filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"),
        (
            'Müller "x".pdf',
            "filename=\"Muller _x_.pdf\"; filename*=UTF-8''M%C3%BCller%20%22x%22.pdf",
        ),
        (
            "報告.pdf",
            "filename=\"report.pdf\"; filename*=UTF-8''%E5%A0%B1%E5%91%8A.pdf",
        ),
    ],
)
def test_the_name_goes_out_plain_and_whole(name, header):
    assert file_types.disposition(name) == f"attachment; {header}"


def test_a_report_is_kept_for_the_owner_only(study, physician, own_folder):
    file = attaching.attach(study, by=physician, name="MRI.pdf", content=PDF)
    path = own_folder / "attachments" / str(study.clinic_id) / str(file.pk)
    assert path.read_bytes() == PDF == attaching.content_of(file)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert kept(own_folder) == [path]
    assert (file.size, file.sha256) == (len(PDF), hashlib.sha256(PDF).hexdigest())


def test_the_event_names_no_file(study, physician):
    attaching.attach(study, by=physician, name="Marta Fennimore.pdf", content=PDF)
    event = AuditEvent.objects.get(action="study_file.attached")
    assert event.actor == physician
    assert "Marta" not in str(event.facts)


def test_a_row_that_cannot_be_kept_leaves_no_bytes(
    study, physician, own_folder, monkeypatch
):
    def fail(**_):
        raise RuntimeError("the disk of the database is full")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError):
        attaching.attach(study, by=physician, name="MRI.pdf", content=PDF)
    assert not StudyFile.objects.exists()
    assert kept(own_folder) == []


def test_bytes_that_cannot_be_kept_leave_no_row(study, physician, own_folder):
    (own_folder / "attachments").write_text("not a folder")
    with pytest.raises(FileExistsError):
        attaching.attach(study, by=physician, name="MRI.pdf", content=PDF)
    assert not StudyFile.objects.exists()


def test_the_same_file_twice_is_kept_once(study, physician, own_folder):
    attaching.attach(study, by=physician, name="a.pdf", content=PDF)
    with pytest.raises(ValidationError, match="attached already"):
        attaching.attach(study, by=physician, name="b.pdf", content=PDF)
    assert StudyFile.objects.count() == len(kept(own_folder)) == 1


@pytest.mark.parametrize("state", attaching.OUT_OF_USE)
def test_nothing_is_attached_to_what_is_out_of_use(study, state, own_folder):
    Study.objects.update(state=state, due_on=None)
    with pytest.raises(ValidationError, match="nothing is attached"):
        attaching.attach(study, by=audit.SYSTEM, name="a.pdf", content=PDF)
    assert kept(own_folder) == []


def test_a_study_takes_a_bounded_number_of_files(study, physician, monkeypatch):
    monkeypatch.setattr(attaching, "MOST_FILES", 1)
    attaching.attach(study, by=physician, name="a.pdf", content=PDF)
    with pytest.raises(ValidationError, match="1 files at most"):
        attaching.attach(study, by=physician, name="b.png", content=PNG)


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_bytes_that_are_not_as_they_came_are_not_given_out(
    study, physician, damage, caplog
):
    file = attaching.attach(study, by=physician, name="a.pdf", content=PDF)
    path = file_store.folder(study.clinic_id) / str(file.pk)
    path.unlink() if damage == "gone" else path.write_bytes(PDF + b"x")
    assert attaching.content_of(file) is None
    assert str(file.pk) in caplog.text


def test_a_reviewed_study_still_takes_a_file(study, physician):
    studies.receive(
        study, by=physician, performed_on=study.ordered_on, results=["normal"]
    )
    studies.review(study, by=physician)
    assert attaching.attach(study, by=physician, name="a.png", content=PNG).pk
