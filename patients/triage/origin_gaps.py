"""What a picture of findings still asks for, and where two of them disagree. Pure.

Nothing here gives or takes points.
"""

from collections.abc import Iterable

from patients.catalogue import findings
from patients.triage import origin_items
from patients.triage.origin_items import Picture


def to_answer(picture: Picture) -> dict[str, str]:
    """What exactly is left of a core input of which a part was recorded."""
    return {"L21": _root_area(picture), "weakness_pattern": _tell_apart(picture)}


def flags_to_check(picture: Picture) -> tuple[str, ...]:
    """Red flags that a finding of the checklist shares, while nobody answered them.

    A prompt and no flag: the limits of L34 and V03 say "check RF07", "check RF14
    first". A wide gait is scored for stenosis, and pulses that were lost long ago are
    no acute ischaemia, which is sudden.
    """
    prompts = []
    if picture.is_present("wide_gait") and picture.value("RF07") is None:
        prompts.append(
            "A wide-based gait can also be the cord or a neuropathy. Test the reflexes "
            "and the toes, and answer the red flag on an unsteady gait."
        )
    if _is_pulseless_and_cold(picture) and picture.value("RF14") is None:
        prompts.append(
            "No pulse in a cold foot. Ask whether it came on suddenly, and answer the "
            "red flag on a foot that is suddenly cold, pale or numb."
        )
    return tuple(prompts)


def remarks(picture: Picture) -> tuple[str, ...]:
    return tuple(filter(None, (_untested_pattern(picture), _silent_foot(picture))))


def _root_area(picture: Picture) -> str:
    points = origin_items.FOOT_POINTS
    if {picture.value(point) for point in points} - {"normal", None}:
        return "whether the loss of sensation follows one root area"
    blank = origin_items.untested(picture, points) or points
    return f"sensation at {_listed([point[-2:].upper() for point in blank])}"


def _tell_apart(picture: Picture) -> str:
    blank = origin_items.untested(picture, origin_items.ROOT_OR_NERVE)
    return _labels(blank or origin_items.ROOT_OR_NERVE)


def _untested_pattern(picture: Picture) -> str:
    """Why L22 is not met yet, although two weak muscles would make it."""
    pair = [muscle.key for muscle in origin_items.root_pair(picture)]
    blank = origin_items.untested(picture, origin_items.ROOT_OR_NERVE)
    if not pair or not blank:
        return ""
    return (
        f"Weak {_labels(pair)} share a root and no nerve. Test {_labels(blank)} before "
        "it counts as a root pattern."
    )


def _silent_foot(picture: Picture) -> str:
    """L41 rests on a full foot exam; a local test that is positive questions it."""
    tests = [
        found
        for found in findings.definitions().values()
        if found.block == "local_foot" and found.key != "foot_reproduced"
    ]
    positive = [test.label for test in tests if picture.is_present(test.key)]
    if picture.is_present("foot_reproduced") is not False or not positive:
        return ""
    return (
        "The foot exam is said not to reproduce the symptom, yet recorded as positive: "
        f"{'; '.join(positive)}. Look again which of the two holds."
    )


def _is_pulseless_and_cold(picture: Picture) -> bool:
    pulses = {picture.value(code) for code in ("pulse_dorsalis", "pulse_tibial")}
    return pulses == {"absent"} and picture.is_present("cold_foot") is True


def _labels(codes: Iterable[str]) -> str:
    return _listed([findings.definitions()[code].label.lower() for code in codes])


def _listed(words: list[str]) -> str:
    """Such as "L4, L5 and S1"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
