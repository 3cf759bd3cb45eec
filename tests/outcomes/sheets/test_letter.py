"""The letter that tells a referrer how a treatment went."""

import re

import pytest
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEvent
from outcomes.models import Measure, Response
from outcomes.sheets.letter import words
from patients.catalogue import places
from patients.models import OutsideClinician
from patients.triage import ledger
from plans.models import Modality, Plan
from tests import factories
from tests.outcomes import rows
from tests.outcomes.sheets import pdfs


@pytest.fixture
def at_work(client, physician):
    client.force_login(physician)
    return client


@pytest.fixture
def episode(clinic, physician):
    """Pain 7 before and 3 at three months; two of four surveys were answered."""
    episode = rows.make_episode(clinic)
    for key, values in {
        "pain_site": {"baseline": 7, "m3": 3},
        "global_change": {"m3": 2},
    }.items():
        measure = Measure.objects.get(clinic=clinic, key=key)
        rows.answer(episode, measure, **values)
    ledger.name_source(
        episode.complaint, by=physician, source="root_l5", certainty="probable"
    )
    OutsideClinician.objects.create(
        clinic=clinic,
        patient=episode.patient,
        role="referrer",
        name="Dr. Imre Hallowick",
        practice="Willowmere Foot",
        address="12 Millrace Lane\nOakhollow",
    )
    return episode


def address(episode, name="outcomes:outcome_letter"):
    return reverse(name, args=[episode.plan_id])


def page(client, episode, **said):
    reply = (
        client.post(address(episode), said) if said else client.get(address(episode))
    )
    assert reply.status_code == 200
    return " ".join(reply.content.decode().split())


def download(client, episode, **said):
    where = address(episode, "outcomes:outcome_letter_pdf")
    return client.post(where, said) if said else client.get(where)


def test_it_tells_the_referrer_who_was_treated_for_what_and_how_it_went(
    at_work, episode
):
    for shown in (page(at_work, episode), pdfs.text(download(at_work, episode))):
        for told in (
            "Dr. Imre Hallowick",
            "12 Millrace Lane",
            str(episode.patient),
            "born March 14, 1957",
            "pain: left foot",
            "L5 nerve root, left (probable)",
            "since March 3, 2025: going on",
            "Surveys that we asked for so far: 4; answered: 2.",
            "4 better, more than the meaningful change (2); answered June 1, 2025",
            "Much better",
            "These are changes after treatment, not effects of treatment.",
            "Sincerely,",
        ):
            assert told in shown, told


def test_in_spanish_every_word_of_ours_is(at_work, episode):
    said = {"language": "es", "added": ""}
    for shown in (
        page(at_work, episode, **said),
        pdfs.text(download(at_work, episode, **said)),
    ):
        for told in (
            "Estimado/a Dr. Imre Hallowick:",
            "nacimiento: 14 de marzo de 1957",
            "Raíz nerviosa L5, izquierda (probable)",
            "Encuestas que hemos pedido hasta ahora: 4; respondidas: 2.",
            "4 mejor, más que el cambio que importa (2); respondió el 1 de junio",
            "Mucho mejor",
            "menos es mejor",
            "Atentamente,",
        ):
            assert told in shown, told
        for english in ("lower is better", "meaningful", "Sincerely", "better"):
            body = re.sub("<[^>]*>", " ", shown)
            body = body[body.find("Estimado") : body.find("Atentamente")]
            assert english not in body, english


def test_a_page_in_english_is_not_left_in_spanish(at_work, episode):
    page(at_work, episode, language="es", added="")
    assert "lower is better" in page(at_work, episode)


def test_a_sentence_of_ones_own_is_shown_and_kept_nowhere(at_work, episode):
    own = "He walks again. #panic $x$ <b>*thanks*</b>"
    said = {"language": "en", "added": own}
    assert own in pdfs.text(download(at_work, episode, **said))
    shown = page(at_work, episode, **said)
    assert "&lt;b&gt;*thanks*&lt;/b&gt;" in shown
    assert "He walks again" not in page(at_work, episode)
    for event in AuditEvent.objects.all():
        assert "walks" not in str(event.facts)


@pytest.mark.parametrize(
    ("said", "words_of_refusal"),
    [
        ({"language": "fr", "added": ""}, "fr is not one of the available choices."),
        ({"language": "en", "added": "x" * 601}, "at most 600 characters"),
    ],
    ids=["language", "length"],
)
def test_what_cannot_be_said_is_refused_by_the_field(
    at_work, episode, said, words_of_refusal
):
    assert words_of_refusal in page(at_work, episode, **said)
    reply = download(at_work, episode, **said)
    assert reply.status_code == 400
    assert words_of_refusal in reply.content.decode()


def test_without_a_referrer_there_is_nobody_to_write_to(at_work, episode):
    OutsideClinician.objects.all().delete()
    assert "nobody to write to" in page(at_work, episode)
    assert download(at_work, episode).status_code == 409


def test_a_plan_entered_in_error_has_no_letter(at_work, episode):
    Plan.objects.filter(pk=episode.plan_id).update(status="entered_in_error")
    assert at_work.get(address(episode)).status_code == 404


def test_a_plan_without_answers_says_so(at_work, complaint, clinic):
    OutsideClinician.objects.create(
        clinic=clinic, patient=complaint.patient, role="referrer", name="Dr Ibáñez"
    )
    plan = factories.make_plan(complaint)
    reply = at_work.get(reverse("outcomes:outcome_letter", args=[plan.pk]))
    shown = reply.content.decode()
    assert "No survey has been due yet." in shown
    assert "No answers yet." in shown
    pdf = at_work.get(reverse("outcomes:outcome_letter_pdf", args=[plan.pk]))
    assert "No answers yet." in pdfs.text(pdf)


def test_it_is_kept_who_read_it_and_who_took_it_along(at_work, episode):
    page(at_work, episode)
    reply = download(at_work, episode, language="es", added="Gracias")
    assert reply["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    assert AuditEvent.objects.filter(action="outcome_letter.read").exists()
    event = AuditEvent.objects.get(action="outcome_letter.downloaded")
    assert event.facts == {"language": "es", "has_own_words": True}
    assert event.subjects.get().patient_id == episode.patient_id


def test_the_plan_leads_to_it(at_work, episode):
    plan = reverse("outcomes:plan", args=[episode.plan_id])
    assert address(episode) in at_work.get(plan).content.decode()


def test_every_source_treatment_and_state_has_words_in_both_languages():
    for language in words.LANGUAGES:
        for key in places.pain_sources():
            assert words.say(f"source_{key}", language)
        for modality in Modality.values:
            assert words.say(f"modality_{modality}", language)
        for status in set(Plan.Status.values) - {"entered_in_error"}:
            assert words.say(f"status_{status}", language)


def test_what_was_never_asked_does_not_count_as_asked(at_work, episode):
    episode.follow_ups.filter(timepoint_key="w2").update(state_reason="never asked")
    assert "asked for so far: 3; answered: 2." in page(at_work, episode)


def test_an_answer_from_before_alone_is_none_from_now(at_work, clinic, episode):
    measure = Measure.objects.get(clinic=clinic, key="activity_limits")
    rows.answer(episode, measure, baseline=6)
    shown = page(at_work, episode)
    row = shown[shown.index("Limits on usual activity") :]
    assert re.search(r"<td class=\"number\">6</td>.*?<strong>–</strong>", row)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_with_three_charts_it_is_one_page(at_work, clinic, episode, paper, language):
    for key in ("pain_back", "activity_limits"):
        measure = Measure.objects.get(clinic=clinic, key=key)
        rows.answer(episode, measure, baseline=6, w2=5, m3=4, m12=4)
    where = address(episode, "outcomes:outcome_letter_pdf")
    said = {"language": language, "added": "One more sentence of ours."}
    reply = at_work.post(f"{where}?paper={paper}", said)
    assert len(pdfs.reader(reply).pages) == 1


def test_a_baseline_from_memory_says_so(at_work, clinic):
    episode = rows.make_episode(clinic)
    OutsideClinician.objects.create(
        clinic=clinic, patient=episode.patient, role="referrer", name="Dr. Hallowick"
    )
    pain = Measure.objects.get(clinic=clinic, key="pain_site")
    recalled = Response.objects.create(
        clinic=clinic,
        patient=episode.patient,
        follow_up=episode.follow_ups.get(timepoint_key="baseline"),
        state=Response.State.SEALED,
        provenance="patient",
        language="en",
        sealed_at=clock.now(),
        answered_on=rows.ANCHOR,
        is_recalled=True,
    )
    rows.make_score(episode, pain, 7, rows.ANCHOR, response=recalled)
    rows.answer(episode, pain, m3=3)
    assert "7 (recalled)" in page(at_work, episode)
    assert "7 (de memoria)" in page(at_work, episode, language="es", added="")
