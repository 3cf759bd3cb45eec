"""What staff see of questionnaires that they bring."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from clinic.access import Role
from outcomes.models import InstrumentDraft
from outcomes.own_instruments import drafts, plain_formulas
from tests import factories
from tests.outcomes import own_questionnaires
from tests.outcomes.own_questionnaires import STAIRS

pytestmark = pytest.mark.django_db
BRING = "/instruments/bring/"
DICTIONARY = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,'
    "Text Validation Type OR Show Slider Number,Text Validation Min,"
    "Text Validation Max\n"
    'q1,walk,,radio,How far?,"0, Far | 1, Not far",,,,\n'
    'q2,walk,,radio,How fast?,"0, Fast | 1, Slow",,,,\n'
    "total,walk,,calc,Total,[q1]+[q2],,,,\n"
    'usual,walk,,calc,Usual,"round(mean([q1],[q2]),1)",,,,\n'
)


@pytest.fixture
def clinic():
    return factories.make_clinic()


@pytest.fixture
def desk(clinic) -> Client:
    client = Client()
    client.force_login(factories.make_user(clinic, Role.ADMIN))
    return client


def bring(desk: Client, content: bytes | str, name: str = "walk.csv"):
    data = content.encode() if isinstance(content, str) else content
    return desk.post(BRING, {"file": SimpleUploadedFile(name, data)})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + b"\x14\x00" * 400, "a spreadsheet or another packed file"),
        ("\ufeff" + DICTIONARY, "it is written in UTF-16"),
        (DICTIONARY, "it is written in UTF-16"),
        (b'{"resourceType": "Patient"}', "Patient"),
        (b" \n\n", "The file"),
        (b"<Questionnaire/>", "XML"),
        (b"{", "The file"),
    ],
)
def test_a_file_that_is_none_leaves_no_draft(desk, content, said):
    data = content.encode("utf-16-le") if isinstance(content, str) else content
    page = bring(desk, data, "a.bin").content.decode()
    assert "No questionnaire could be read from a.bin" in page
    assert said in page and page.count("UTF-16") < 2
    assert not InstrumentDraft.objects.exists()


def test_a_questionnaire_with_a_fault_still_is_a_draft(desk):
    faulty = own_questionnaires.CONTENT.replace(b'"integer"', b'"attachment"')
    assert bring(desk, faulty, "q.json").status_code == 302
    draft = InstrumentDraft.objects.get()
    page = desk.get(reverse("outcomes:instrument_draft", args=[draft.pk]))
    assert "FHIR Questionnaire" in page.content.decode()
    assert "R4" not in draft.get_source_display()


def test_a_formula_is_shown_as_people_write_it(desk):
    reply = bring(desk, DICTIONARY)
    page = desk.get(reply.url).content.decode()
    assert '<td class="formula">q1 + q2<details>' in page
    assert '<td class="formula">(mean(q1, q2)).round(1)<details>' in page
    assert "<code>(%resource.repeat(item)" in page


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("%resource.item.where(linkId='a b').answer.value.ordinal()", "a b"),
        (
            "%resource.repeat(item).where(linkId='s').answer.value"
            ".where(code='2').count()",
            "s(2)",
        ),
        ("iif(%age > 3, 1, 0)", "iif(%age > 3, 1, 0)"),
        ("(1 + 2) * (3 + 4)", "(1 + 2) * (3 + 4)"),
    ],
)
def test_what_is_not_known_of_a_formula_stays_as_it_is(path, plain):
    assert plain_formulas.read(path) == plain


def test_discarding_asks_first_and_names_what_is_lost(desk):
    reply = bring(desk, DICTIONARY)
    page = desk.get(reply.url).content.decode()
    asking = page[page.index("<details") : page.index("Yes, discard it")]
    assert '<summary class="button">Discard the draft</summary>' in asking
    assert "with 2 scores stated in it" in asking
    desk.post(f"{reply.url}discard/")
    assert not InstrumentDraft.objects.exists()


def test_the_phone_offers_spanish_only_where_the_draft_has_it(desk):
    reply = bring(desk, DICTIONARY)
    assert "Español" not in desk.get(f"{reply.url}phone/").content.decode()
    reply = bring(desk, json.dumps(STAIRS), "stairs.json")
    assert "Español" in desk.get(f"{reply.url}phone/").content.decode()


def test_the_phone_begins_in_the_language_of_the_draft(clinic, desk):
    admin = factories.make_user(clinic, Role.ADMIN)
    (draft,) = drafts.bring(
        clinic, DICTIONARY.encode(), file_name="x.csv", language="es", by=admin
    )
    page = desk.get(reverse("outcomes:instrument_draft_phone", args=[draft.pk]))
    assert '<html lang="es">' in page.content.decode()


def test_the_api_says_why_a_file_is_none(desk):
    file = SimpleUploadedFile("p.json", b'{"resourceType": "Patient"}')
    reply = desk.post("/api/v1/instruments/import/", {"file": file})
    assert reply.status_code == 400
    assert "this is a Patient, not a Questionnaire." in reply.content.decode()
    assert not InstrumentDraft.objects.exists()


def test_the_command_says_why_a_file_is_none(clinic, tmp_path):
    file = tmp_path / "p.json"
    file.write_text('{"resourceType": "Patient"}')
    with pytest.raises(CommandError, match="this is a Patient, not a Questionnaire"):
        call_command("import_instrument", str(file), clinic=clinic.slug)
    assert not InstrumentDraft.objects.exists()
