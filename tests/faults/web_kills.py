"""Patients who submit to a real web server that is killed and started again."""

import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from statistics import median
from uuid import UUID

from django.db.models import Count

from outcomes.models import Answer, FollowUp, Response, SurveyRequest
from tests import factories
from tests.faults.web import ANSWERS, Web, serving, submit
from tests.outcomes.survey.conftest import ask

# So many patients for each kill that submits are always under way.
PATIENTS_A_KILL, AT_A_TIME = 2, 6
# A new start takes seconds; what answers is forked again in a moment. So only some
# kills take the process that holds the port too.
KILLS_A_START = 20
LONGEST_BEFORE_KILL, PAGES_BEFORE_KILL = 0.08, 4


def torn() -> int:
    """Responses that are sealed and not whole, or scored and not sealed; one query."""
    found = Response.objects.annotate(
        given=Count("answers", distinct=True), scored=Count("scores", distinct=True)
    ).values_list(
        *("state", "given", "scored", "follow_up__state", "request__state"),
        "follow_up__answered_at",
    )
    return sum(not is_whole(*row) for row in found)


def is_whole(
    state: str, given: int, scored: int, follow_up: str, request: str, at: object
) -> bool:
    is_sealed = state == Response.State.SEALED
    is_over = request == SurveyRequest.State.COMPLETED
    is_answered = follow_up == FollowUp.State.COMPLETED and at is not None
    if not is_sealed:
        return not (scored or is_over or is_answered)
    return given == ANSWERS and scored > 0 and is_over and is_answered


def missing(given: Iterable[tuple[UUID, set[str]]]) -> int:
    """Answers after which the next question came, and that are not stored."""
    stored: dict[UUID | None, set[str]] = defaultdict(set)
    rows = Answer.objects.values_list("response__request", "link_id")
    for request, link_id in rows:
        stored[request].add(link_id)
    return sum(len(keys - stored[request]) for request, keys in given)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What held; `unkept` were answered or thanked and are not there after a kill."""

    kills: int
    surveys: int
    lost_answers: int
    tries: int
    unkept: int
    torn: int
    doubled: int

    @property
    def holds(self) -> bool:
        return not (self.unkept or self.torn or self.doubled)

    def __str__(self) -> str:
        return (
            f"{self.surveys} surveys submitted and {self.kills} kills: "
            f"{self.unkept} acknowledged and lost, {self.torn} stored in part, "
            f"{self.doubled} stored twice; {self.lost_answers} replies never arrived, "
            f"up to {self.tries} tries"
        )


def _longest(web: Web) -> float:
    """Some kills come after the answer, however slow the machine is."""
    lately = web.seconds[-100:]
    return max(LONGEST_BEFORE_KILL, PAGES_BEFORE_KILL * median(lately or [0.0]))


def run(kills: int, seed: int = 12) -> Outcome:
    """Kill the server so often, each time while somebody sends a survey in."""
    clinic, rng = factories.make_clinic(), Random(seed)
    surveys = [
        ask(factories.make_complaint(factories.make_patient(clinic)))
        for _ in range(kills * PATIENTS_A_KILL)
    ]
    done, unkept, in_part = 0, 0, 0
    with serving() as web, ThreadPoolExecutor(AT_A_TIME) as patients:
        thanked = {
            survey.request.pk: patients.submit(submit, web, survey)
            for survey in surveys
        }
        while done < kills and not all(each.done() for each in thanked.values()):
            web.is_sending.clear()
            if not web.is_sending.wait(timeout=5):
                continue
            time.sleep(rng.uniform(0, _longest(web)))
            kept = [pk for pk, each in thanked.items() if each.done()]
            given = [(s.request.pk, web.acknowledged[s.path].copy()) for s in surveys]
            is_gone = not done % KILLS_A_START or not web.kill_workers()
            if is_gone:
                web.kill()
            done += 1
            unkept += SurveyRequest.objects.filter(pk__in=kept, state="open").count()
            unkept += missing(given)
            in_part += torn()
            if is_gone:
                web.start()
            else:
                web.wait()
        tries = max(each.result() for each in thanked.values())
        sealed = Response.objects.filter(state=Response.State.SEALED)
        whole = sealed.values("request").distinct().count()
        return Outcome(
            kills=done,
            surveys=len(surveys),
            lost_answers=web.lost_answers,
            tries=tries,
            unkept=unkept + len(surveys) - whole,
            torn=in_part + torn(),
            doubled=Response.objects.count() - len(surveys),
        )
