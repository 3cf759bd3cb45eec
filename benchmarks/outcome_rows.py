"""A clinic's outcomes in bulk: patients, courses, follow-ups, answers and scores.

Eight measures at seven time points a course. Three of four time points are answered;
treatments, providers, ages and baselines are mixed so that no filter keeps everybody.
"""

from datetime import date, timedelta

from benchmarks import many_rows
from benchmarks.many_rows import Keys
from clinic import clock
from clinic.models import Clinic, User
from outcomes.models import Episode, Measure, Response, Score
from tests import factories
from tests.outcomes import rows

MEASURES = 8
# Days from day 0; the first is the baseline.
DAYS = (0, 14, 42, 90, 182, 365, 730)
KEYS = ("baseline", "w2", "w6", "m3", "m6", "m12", "m24")
A_COURSE = MEASURES * len(DAYS)
TREATMENTS = ("prp", "exercise", "injection", "bmc", "lifestyle", "surgery")
PROVIDERS = 12
# Courses began over so many days, the last one two years ago and more.
SPREAD = 1_500
_OFFSET = (
    f"(CASE n % {len(DAYS)} "
    + " ".join(f"WHEN {k} THEN {d}" for k, d in enumerate(DAYS))
    + " END)"
)
_DUE = f"(n / {len(DAYS)}) * 7 % {SPREAD} + {_OFFSET}"
_IS_ANSWERED = f"(n % {len(DAYS)} = 0 OR (n * 37 + n / 11) % 4 > 0)"
_ANSWERED = f"(SELECT n FROM numbers WHERE {_IS_ANSWERED}) AS answered"


def clinic_with(scores: int) -> User:
    """Somebody who treats patients in a clinic with so many scores, or a few more.

    The caller builds `quickly`.
    """
    clinic = factories.make_clinic()
    user = factories.make_user(clinic)
    doctors = [factories.make_user(clinic) for _ in range(PROVIDERS)]
    measures = [
        rows.make_measure(clinic, f"measure_{n}", maximum=10 if n < 4 else 100)
        for n in range(MEASURES)
    ]
    pattern = rows.make_episode(clinic)
    rows.answer(pattern, measures[0], m3=5)
    courses = -(-scores // (A_COURSE * 3 // 4))
    _fill(clinic, pattern, courses, doctors)
    return user


def _fill(
    clinic: Clinic,
    pattern: Episode,
    courses: int,
    doctors: list[User],
) -> None:
    people, complaints, plans, episodes = Keys(), Keys(), Keys(), Keys()
    start = clock.today(clinic.zone) - timedelta(days=760 + SPREAD)
    began = many_rows.day(start, f"n * 7 % {SPREAD}")
    complaint, plan = pattern.complaint, pattern.plan
    ids = [many_rows.uuid(doctor.pk) for doctor in doctors]
    born = many_rows.day(date(1935, 1, 1), "n * 131 % 24000")
    many_rows.copy(
        complaint.patient,
        courses,
        {
            "id": people.of("n"),
            "mrn": "'B' || n",
            "birth_date": born,
            "sex": "CASE WHEN n % 5 < 3 THEN 'female' ELSE 'male' END",
            "payer_class": "CASE WHEN n % 3 = 0 THEN 'medicare' ELSE 'commercial' END",
        },
    )
    many_rows.copy(
        complaint, courses, {"id": complaints.of("n"), "patient_id": people.of("n")}
    )
    many_rows.copy(
        plan,
        courses,
        {
            "id": plans.of("n"),
            "complaint_id": complaints.of("n"),
            "treatment_key": _one_of(TREATMENTS, "(n % 6) * (n % 6)"),
            "treatment_label": _one_of(
                [t.upper() for t in TREATMENTS], "(n % 6) * (n % 6)"
            ),
            "provider_id": _one_of(ids, "n * 5", ""),
        },
    )
    many_rows.copy(
        pattern,
        courses,
        {
            "id": episodes.of("n"),
            "plan_id": plans.of("n"),
            "patient_id": people.of("n"),
            "complaint_id": complaints.of("n"),
            "anchor_on": began,
            "facts_due_at": "NULL",
        },
    )
    _answers(pattern, courses, start, (people, complaints, episodes))


def _one_of(values: object, number: str, quote: str = "'") -> str:
    each = list(values)  # type: ignore[call-overload]
    whens = " ".join(
        f"WHEN {place} THEN {quote}{value}{quote}" for place, value in enumerate(each)
    )
    return f"(CASE ({number}) % {len(each)} {whens} END)"


def _answers(
    pattern: Episode,
    courses: int,
    start: date,
    keys: tuple[Keys, Keys, Keys],
) -> None:
    """A follow-up at each time point, and what was answered there."""
    people, _, episodes = keys
    course, points = f"n / {len(DAYS)}", courses * len(DAYS)
    follow_ups, responses = Keys(), Keys()
    row = pattern.follow_ups.get(timepoint_key="m3")
    many_rows.copy(
        row,
        points,
        {
            "id": follow_ups.of("n"),
            "patient_id": people.of(course),
            "episode_id": episodes.of(course),
            "timepoint_key": _one_of(KEYS, "n"),
            "label": _one_of(KEYS, "n"),
            "offset_days": _OFFSET,
            "is_baseline": f"n % {len(DAYS)} = 0",
            "opens_on": many_rows.day(start, f"{_DUE} - 5"),
            "due_on": many_rows.day(start, _DUE),
            "closes_on": many_rows.day(start, f"{_DUE} + 5"),
            # Or those who are missing would count as waiting for the clinic's part.
            "answered_at": "NULL",
            "state": f"CASE WHEN {_IS_ANSWERED} THEN 'completed' ELSE 'expired' END",
        },
    )
    response = Response.objects.get(follow_up=row)
    many_rows.copy(
        response,
        points,
        {
            "id": responses.of("n"),
            "patient_id": people.of(course),
            "follow_up_id": follow_ups.of("n"),
            "answered_on": many_rows.day(start, _DUE),
        },
        _ANSWERED,
    )
    _scores(Score.objects.get(response=response), points, start, keys, responses)


def _scores(
    score: Score, points: int, start: date, keys: tuple[Keys, Keys, Keys], own: Keys
) -> None:
    people, complaints, _ = keys
    course = f"n / {len(DAYS)}"
    own_measures = Measure.objects.filter(key__startswith="measure_")
    measures = own_measures.filter(clinic=score.clinic_id).order_by("key")
    for place, measure in enumerate(measures):
        top = 10 if place < 4 else 100
        begin = f"(({course}) * 31 % {top // 2} + {top // 2})"
        fall = f"(({course}) * 17 % {top} * (n % {len(DAYS)}) / 12)"
        many_rows.copy(
            score,
            points,
            {
                "id": Keys().of("n"),
                "patient_id": people.of(course),
                "complaint_id": complaints.of(course),
                "measure_id": many_rows.uuid(measure.pk),
                "response_id": own.of("n"),
                "measured_on": many_rows.day(start, _DUE),
                "value": f"CASE WHEN {begin} > {fall} THEN {begin} - {fall} ELSE 0 END",
            },
            _ANSWERED,
        )
