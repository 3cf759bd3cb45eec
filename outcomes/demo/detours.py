"""Plans that did not go straight: intended, held, repeated, doubted.

A few patients only, and by the verbs themselves, once the others' rows stand. Whoever
is not there, as in a very small demo, is passed over.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from clinic.models import User
from outcomes.baselines import capture
from outcomes.demo import harm, own_protocols
from outcomes.demo.records import Workplace
from outcomes.models import FollowUp, Provenance
from patients.models import Complaint
from plans.cautions import catalogue, passing
from plans.course import confirmation, elsewhere, interventions, lifecycle, starting
from plans.course.lifecycle import Move
from plans.models import Intervention, Modality, Plan, Protocol
from plans.procedures import details, performing
from plans.procedures.catalogue_field import NEEDLES
from plans.procedures.used_lots import Lot

Status = Intervention.Status
# What is thought of next, by where it hurts.
NEXT = {
    "knee": "bone_marrow_concentrate",
    "hip": "prp",
    "shoulder": "prp",
    "heel": "prp",
    "low_back": "spinal_stenosis",
    "buttock": "si_joint",
}
NEXT_ELSEWHERE = "herniated_disc"
INTENDED = 4
HOLDS: tuple[tuple[str, str, int], ...] = (
    (Modality.PRP, "Dental abscess: waits until the antibiotics are over", 21),
    (Modality.PHYSICAL_THERAPY, "Abroad with family until next month", 33),
)
# (what, modality, months before the first visit, how well the day is known)
ELSEWHERE: tuple[tuple[str, str, int, str], ...] = (
    ("Steroid injection by a hospital", Modality.IMAGE_GUIDED_INJECTION, 9, "month"),
    ("Chiropractor, eight visits", Modality.OTHER, 5, "month"),
    ("Insoles from a shop", Modality.OTHER, 14, "year"),
    ("Physical therapy near home", Modality.PHYSICAL_THERAPY, 7, "month"),
    ("Acupuncture, four sessions", Modality.OTHER, 3, "day"),
)
REPEAT_AFTER, REPEATED_AGO = timedelta(days=100), 33
WHY_REPEATED = "Asked and discussed: the first gave clear relief for eleven weeks."
# As a patient remembers the days before it.
REMEMBERED = {"pain_site": 7, "pain_back": 5, "activity_limits": 6}
SAID = ("yes", "no")


def take(place: Workplace) -> None:
    """The same ones for the same demo: everybody is found by record number."""
    by = place.providers[0].enter(place.clinic)
    _intend(place, by)
    _hold(place, by)
    _report(place, by)
    _say(place)
    repeated = _repeat(place, by)
    if repeated is not None:
        _remember(place, repeated, by)
    own_protocols.revise(place.clinic, by)


def _complaints(place: Workplace) -> QuerySet[Complaint]:
    """Of patients who are still there."""
    found = Complaint.objects.filter(
        clinic=place.clinic,
        patient__withdrawn_on=None,
        patient__deceased_on=None,
        closed_on=None,
    )
    return found.select_related("patient__clinic").order_by(
        "patient__mrn", "side", "opened_on"
    )


def _plans(place: Workplace, **about: Any) -> QuerySet[Plan]:
    found = Plan.objects.filter(
        clinic=place.clinic, complaint__in=_complaints(place), status="active", **about
    )
    return found.select_related("complaint__patient__clinic", "protocol").order_by(
        "complaint__patient__mrn", "started_on", "complaint__side"
    )


def _intend(place: Workplace, by: User) -> None:
    """What may come after a treatment is over: two drafts, and two told already."""
    offered = {p.key: p for p in Protocol.objects.filter(clinic=place.clinic)}
    over = _complaints(place).exclude(plans__status__in=["active", "on_hold"])
    for number, complaint in enumerate(over[:INTENDED]):
        plan = starting.draft(
            complaint,
            protocol=offered[NEXT.get(complaint.pain_site, NEXT_ELSEWHERE)],
            by=by,
            started_on=place.moment.today + timedelta(days=4 + 3 * number),
            provider=by,
        )
        if number % 2:
            lifecycle.move(plan, Move.PROPOSE, by=by)


def _hold(place: Workplace, by: User) -> None:
    """A needle that must wait, and a patient who is away."""
    for modality, reason, days in HOLDS:
        ahead = {
            "interventions__status": Status.PLANNED,
            "interventions__planned_on__gt": place.moment.today,
        }
        plan = _plans(place, modality=modality, **ahead).first()
        if plan is not None:
            until = place.moment.today + timedelta(days=days)
            lifecycle.move(plan, Move.HOLD, by=by, reason=reason, hold_until=until)


def _report(place: Workplace, by: User) -> None:
    found = _complaints(place)[3::9][: len(ELSEWHERE)]
    for complaint, told in zip(found, ELSEWHERE, strict=False):
        what, modality, months, precision = told
        elsewhere.report(
            complaint,
            what=what,
            modality=modality,
            began_on=complaint.opened_on - timedelta(days=round(months * 30.4)),
            precision=precision,
            by=by,
        )


def _say(place: Workplace) -> None:
    """Of procedures whose day is past, what two patients answered."""
    past = Intervention.objects.filter(
        plan__in=_plans(place),
        status=Status.PLANNED,
        modality__in=NEEDLES,
        planned_on__lt=place.moment.today,
    ).order_by("plan__complaint__patient__mrn", "planned_on")
    for each, said in zip(past[: len(SAID)], SAID, strict=False):
        confirmation.patient_said(each, said)


def _repeat(place: Workplace, by: User) -> Intervention | None:
    """An injection that helped for a while, given once more with its own course."""
    day = place.moment.today - timedelta(days=REPEATED_AGO)
    first = _that_wore_off(place, day)
    if first is None:
        return None
    again = interventions.add(
        first.plan,
        title="Repeat injection",
        modality=first.modality,
        planned_on=day,
        by=by,
        is_repeat=True,
        kind=first.kind,
        target=first.target,
    )
    used = harm.used(again, day)
    return performing.perform_with_details(
        again,
        performed_on=day,
        by=by,
        values=_as_before(first),
        lots=[Lot(each.kind, each.name, each.lot) for each in used],
        checked=True,
        caution_reasons=dict.fromkeys(catalogue.cautions(), WHY_REPEATED),
    )


def _that_wore_off(place: Workplace, day: date) -> Intervention | None:
    """Long enough before the day, where nothing stops a needle then."""
    found = Intervention.objects.filter(
        plan__in=_plans(place, protocol__key=Modality.IMAGE_GUIDED_INJECTION),
        status=Status.PERFORMED,
        is_index=True,
        performed_on__lte=day - REPEAT_AFTER,
    )
    related = found.select_related(
        "plan__complaint__patient__clinic", "plan__protocol", *details.MODELS
    ).order_by("plan__complaint__patient__mrn", "performed_on")
    may = (each for each in related if not passing.sheet(each, on=day).is_stopped)
    return next(may, None)


def _as_before(first: Intervention) -> dict[str, Any]:
    """The same way, agent and dose; pain is as it was that day."""
    values = {
        name: value
        for name, value in details.stored(first).items()
        if name not in ("performed_on", "performed_by", "systemic_reaction_2w")
    }
    return values | {"pain_before": 6, "pain_after_30min": 2, "purpose": "both"}


def _remember(place: Workplace, repeated: Intervention, by: User) -> None:
    """Nobody asked before the needle; a call yesterday made up for it."""
    baseline = FollowUp.objects.filter(
        episode__anchor_intervention=repeated, is_baseline=True
    ).first()
    if baseline is None:
        return
    asked = capture.questions(baseline)
    capture.take(
        baseline,
        answers={i.link_id: Decimal(REMEMBERED.get(i.link_id, 5)) for i in asked},
        provenance=Provenance.PHONE,
        by=by,
        at=place.moment.at(place.moment.today - timedelta(days=1), 15),
    )
