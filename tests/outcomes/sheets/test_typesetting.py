"""PDFs: what people write stays text, and nothing is read or fetched for it."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from outcomes.sheets.typesetting import drawings, pdf
from tests.outcomes.sheets import pdfs

NAMES = {
    "signs": "#panic $x^2$ *bold* _it_ `raw` <label> @ref \\ // [x] {y} = + - / ~",
    "quotes": "“O'Neil” \"Ann\" 'B' \u00a0 &amp; <b>",
    "long": "Wolfeschlegelsteinhausenbergerdorff " * 2 + "Anna-Maria",
    "accents": "Ñandú Łukasz Žižek Çelik Đặng",
    "command": '#sys.inputs.data #read("/etc/passwd") #image("x.png")',
}
RIGHT_TO_LEFT = {"hebrew": "שרה כהן", "arabic": "فاطمة الزهراء"}


@pytest.fixture
def template(tmp_path, monkeypatch):
    """One that shows a name on the sheet that all share."""
    own = tmp_path / "one.typ"
    own.write_text("#show: sheet.with(title: data.title)\n#data.name\n#data.more")
    common = (pdf.TEMPLATES / "common.typ").read_text(encoding="utf-8")
    (tmp_path / "common.typ").write_text(common, encoding="utf-8")
    monkeypatch.setattr(pdf, "TEMPLATES", tmp_path)
    pdf.source.cache_clear()
    yield own
    pdf.source.cache_clear()


def made(name="", **more):
    data = {"clinic": "Lakeview", "title": "A sheet", "name": name, "more": ""}
    return pdf.make("one", {**data, **more}, paper="a4")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_whatever_a_name_holds_is_shown_and_not_obeyed(template, name):
    assert " ".join(name.split()) in pdfs.text(made(name)).replace("\u00ad", "")


@pytest.mark.parametrize("name", RIGHT_TO_LEFT.values(), ids=RIGHT_TO_LEFT)
def test_names_from_right_to_left_have_their_letters(template, name):
    shown = pdfs.text(made(name, more="Plain"))
    # A reader gives back shapes or letters; the order is the reader's.
    letters = {sign for sign in name if not sign.isspace()}
    assert letters & set(shown), shown
    assert "Plain" in shown


def test_a_sign_that_no_letters_have_makes_no_sheet_fail(template):
    assert "Ana" in pdfs.text(made("Ana \U0001f600 \U00010380 \ue000"))


def test_a_sheet_has_a_title_a_language_and_tags(template):
    found = pdfs.reader(pdf.make("one", DATA, paper="us-letter", language="es"))
    assert found.metadata.title == "Informe"
    assert found.trailer["/Root"]["/Lang"] == "es"
    assert found.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in found.trailer["/Root"]


DATA = {"clinic": "Lakeview", "title": "Informe", "name": "Ana", "more": ""}


@pytest.mark.parametrize(
    "attempt",
    ['#read("/etc/passwd")', '#import "@preview/cetz:0.2.2": canvas', '#read("../x")'],
    ids=["file", "package", "outside"],
)
def test_even_a_template_reads_no_file_and_fetches_nothing(template, attempt, caplog):
    template.write_text(f"#show: sheet.with(title: data.title)\n{attempt}")
    with pytest.raises(pdf.TypesettingError):
        made("Wolfeschlegel")
    assert "Wolfeschlegel" not in caplog.text
    assert "one was not typeset: exit 1" in caplog.text


def test_one_that_never_ends_is_stopped(template, monkeypatch, caplog):
    monkeypatch.setattr(pdf, "LONGEST", 2)
    template.write_text(
        "#show: sheet.with(title: data.title)\n"
        "#for a in range(100000) { for b in range(100000) { let _ = calc.sin(b) } }"
    )
    with pytest.raises(pdf.TypesettingError):
        made()
    assert "TimeoutExpired" in caplog.text


def test_its_folder_is_for_nobody_else_and_holds_letters_alone(template):
    made("Fennimore")
    folder = Path(pdf.folder().name)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    held = {each.name for each in folder.rglob("*") if each.is_file()}
    assert held == {"FiraGO-Regular.ttf", "FiraGO-Bold.ttf"}


def test_no_process_that_serves_pages_loads_the_compiler():
    code = (
        "import os, sys, django\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
        "django.setup()\n"
        "import config.urls\n"
        "print([name for name in ('typst', 'pymupdf_fonts') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_drawing_stands_by_itself():
    page = '<svg class="chart-wide" font-family="x, y"><text>\x0ba</text></svg>'
    alone = drawings.of_variant(f"<figure>{page}</figure>", "wide")
    assert alone == (
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart-wide" '
        'font-family="FiraGO"><text>a</text></svg>'
    )
    with pytest.raises(ValueError, match="no compact"):
        drawings.of_variant(page, "compact")
