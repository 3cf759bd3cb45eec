"""What a clinic has set up for itself: a questionnaire, a tablet, a block diary.

One of each in the first clinic, so that whoever looks round finds them at work.
"""

from datetime import timedelta
from pathlib import Path

from clinic.models import User
from outcomes.demo import clinics
from outcomes.demo.records import Workplace
from outcomes.follow_ups.channels import tokens
from outcomes.in_clinic import diaries, tablets
from outcomes.models import BlockDiary, BlockTap, InstrumentDraft
from outcomes.own_instruments import drafts, publishing, uses
from plans.models import Intervention

DATA = Path(__file__).parent / "data"
OWN, SLOT, SITES = "reaching", "function_licensed", ("shoulder",)
LICENCE = "Written by the clinic itself for this demo; free to use."
TABLET = "Waiting room"
# Minutes after the needle, and how much of the pain before was left.
TAPS = (
    *((15, 0.7), (30, 0.35), (60, 0.2), (90, 0.2), (150, 0.25)),
    *((210, 0.4), (270, 0.55), (330, 0.75), (420, 0.9)),
)
NUMB_FROM, NUMB_UNTIL = 30, 150
NEEDLE_AT = (9, 40)


def take(place: Workplace) -> None:
    if place.clinic.slug != clinics.LAKEVIEW.slug:
        return
    by = place.providers[0].enter(place.clinic)
    _ask_own_questionnaire(place, by)
    # Its code is shown to nobody: a new one is a press away.
    tablets.add(place.clinic, name=TABLET, by=by)
    _keep_diary(place, by)


def _ask_own_questionnaire(place: Workplace, by: User) -> None:
    """Published and asked; the same file once more is a draft of the next version."""
    content = (DATA / f"{OWN}.json").read_bytes()
    scores = (DATA / f"{OWN}.toml").read_bytes()

    def bring() -> InstrumentDraft:
        (draft,) = drafts.bring(place.clinic, content, file_name=f"{OWN}.json", by=by)
        return drafts.set_scores_of_file(draft, scores, by=by, revision=draft.revision)

    made = publishing.publish(
        bring(), holder=place.clinic.name, licence=LICENCE, is_licensed=True, by=by
    )
    uses.begin(made, slot=SLOT, sites=SITES, by=by)
    bring()


def _keep_diary(place: Workplace, by: User) -> None:
    """Of the last injection that was a question as well, all eight hours of it."""
    block = (
        Intervention.objects.filter(
            clinic=place.clinic,
            status=Intervention.Status.PERFORMED,
            injection__purpose__in=diaries.DIAGNOSTIC,
            performed_on__lt=place.moment.today,
            procedure__pain_before__gte=4,
        )
        .select_related("procedure", "plan__complaint__patient")
        .order_by("-performed_on", "plan__complaint__patient__mrn")
        .first()
    )
    if block is None or block.performed_on is None:
        return
    needle = place.moment.at(block.performed_on, *NEEDLE_AT)
    before = block.procedure.pain_before or 0
    diary = BlockDiary.objects.create(
        clinic=place.clinic,
        created_at=needle,
        intervention=block,
        # Over, so nobody comes in by it.
        token_sha256=tokens.sha256_of(f"demo {block.plan.complaint.patient.mrn}"),
        opened_by=by,
        language=block.plan.complaint.patient.language,
        injected_at=needle,
        ends_at=needle + diaries.OPEN_FOR,
        pain_before=before,
    )
    BlockTap.objects.bulk_create(
        BlockTap(
            clinic=place.clinic,
            diary=diary,
            at=needle + timedelta(minutes=minutes),
            value=round(before * left),
            is_numb=NUMB_FROM <= minutes <= NUMB_UNTIL,
            page=f"demo-{minutes}",
        )
        for minutes, left in TAPS
    )
    found = diaries.summed(diary)
    BlockDiary.objects.filter(pk=diary.pk).update(
        lowest=found.lowest, held_minutes=found.held_minutes
    )
