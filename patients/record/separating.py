"""What was said while two records were read as one, when they are two again.

A stop is heard on both: either of the two may have said it, and hearing it twice harms
nobody. A death is copied to nobody: it stays where it was recorded, and the other
record pauses until somebody has said whose it is.
"""

from datetime import date, timedelta

from clinic import audit, clock, consequences
from clinic.audit import By
from patients.models import Consent, Patient, PatientMerge

# To find out whose death it was; whoever ends the hold earlier has said so.
TO_FIND_OUT = timedelta(days=30)
# What the words of a merge read.
BOTH = ("kept__clinic", "merged__clinic")


def carry(made: PatientMerge, kept: Patient, merged: Patient, *, by: By) -> None:
    """Record on `merged` what stops or pauses asking; consents ended there at once."""
    changes = _withdrawal(made, kept, merged) | _hold(made, kept, merged)
    if not changes:
        return
    before = {name: getattr(merged, name) for name in changes}
    for name, value in changes.items():
        setattr(merged, name, value)
    merged.save(update_fields=[*changes])
    consequences.apply("patient.updated", merged, by=by, changed=[*changes])
    audit.record(
        by=by,
        action="patient.stops_carried",
        about=merged,
        kept=str(kept.pk),
        before=_days(before),
        after=_days(changes),
    )


def in_words(made: PatientMerge) -> list[str]:
    """What separating the two leaves on the merged record, a sentence each."""
    kept, merged = made.kept, made.merged
    said = [
        f"“{consent.get_scope_display()}” was withdrawn on both."
        for consent in _consents_ended(made)
    ]
    if _withdrawal(made, kept, merged):
        said.append("The withdrawal from follow-up stays on both.")
    if _is_death_of_either(made, kept, merged):
        said.append(
            f"A death was recorded on MRN {kept.mrn} and stays there. If it was of MRN "
            f"{merged.mrn}, record it on that one; until then that one is on hold."
        )
    elif _hold(made, kept, merged):
        said.append("The hold stays on both.")
    return said


def _withdrawal(
    made: PatientMerge, kept: Patient, merged: Patient
) -> dict[str, date | str | None]:
    is_news = kept.withdrawn_on not in (None, made.kept_withdrawn_on)
    if not is_news or merged.withdrawn_on is not None:
        return {}
    return {"withdrawn_on": kept.withdrawn_on}


def _hold(
    made: PatientMerge, kept: Patient, merged: Patient
) -> dict[str, date | str | None]:
    """The longest of its own, the one said meanwhile, and the one for a death."""
    own = merged.hold_until or date.min
    until, reason = own, ""
    if kept.hold_until not in (None, made.kept_hold_until) and kept.is_on_hold:
        until, reason = max((until, reason), (kept.hold_until, kept.hold_reason))
    if _is_death_of_either(made, kept, merged):
        day = clock.today(merged.time_zone) + TO_FIND_OUT
        why = f"A death was recorded on MRN {kept.mrn} while the two were read as one."
        until, reason = max((until, reason), (day, why))
    return {"hold_until": until, "hold_reason": reason} if until > own else {}


def _is_death_of_either(made: PatientMerge, kept: Patient, merged: Patient) -> bool:
    is_news = kept.deceased_on not in (None, made.kept_deceased_on)
    return is_news and merged.deceased_on is None


def _consents_ended(made: PatientMerge) -> list[Consent]:
    return list(
        Consent.objects.filter(
            patient=made.merged_id, withdrawal_recorded_at__gte=made.created_at
        )
    )


def _days(values: dict[str, date | str | None]) -> dict[str, str | None]:
    """For the audit, which holds no free text about patients."""
    return {
        name: value.isoformat() if isinstance(value, date) else None
        for name, value in values.items()
        if name != "hold_reason"
    }
