"""The patient's side of a block diary: a date of birth once, then one tap at a time."""

import secrets
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinic import clock
from outcomes.follow_ups.channels import tokens
from outcomes.in_clinic import diaries
from outcomes.models import BlockDiary
from outcomes.survey import entry, guessing, pages, same_origin, texts
from outcomes.survey.identity import Outcome

SALT, FORM_SALT = "outcomes.block_diary.session", "outcomes.block_diary.form"
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class DiarySession:
    """Who confirmed the date of birth; bound to one diary, and as long as it is."""

    diary_id: UUID
    language: str

    @property
    def form_token(self) -> str:
        return salted_hmac(FORM_SALT, str(self.diary_id)).hexdigest()

    @classmethod
    def read(cls, http: HttpRequest) -> Self | None:
        try:
            content = signing.loads(http.COOKIES.get(cookie_name(), ""), salt=SALT)
        except signing.BadSignature:
            return None
        return cls(UUID(content["diary"]), content["language"])

    def keep(self, response: HttpResponse, diary: BlockDiary) -> None:
        response.set_cookie(
            cookie_name(),
            signing.dumps(
                {"diary": str(self.diary_id), "language": self.language}, salt=SALT
            ),
            max_age=diary.ends_at - clock.now(),
            secure=settings.IS_HTTPS,
            httponly=True,
            samesite="Lax",
        )


def cookie_name() -> str:
    """Under https the prefix binds it to this very host."""
    return "__Host-diary" if settings.IS_HTTPS else "diary"


# As the way in to a survey: the form comes without a cookie; see same_origin.
@csrf_exempt
@login_not_required
@get_or_post
def enter(http: HttpRequest, token: str) -> HttpResponse:
    """Every answer is a 200: Django logs the path of others, and so the token."""
    if http.method != "POST":
        return entry.form({})
    given = entry.given_date(http)
    if isinstance(given, HttpResponse):
        return given
    diary = diaries.find(token, clock.now())
    if diary is None:
        if not BlockDiary.objects.filter(token_sha256=tokens.sha256_of(token)).exists():
            guessing.note_unknown()
        return pages.bilingual_notice("diary_closed")
    check = diaries.check(diary, given)
    if check.outcome == Outcome.LOCKED:
        return pages.bilingual_notice("locked", clinic=diary.clinic)
    if check.outcome != Outcome.CONFIRMED:
        return entry.again(http.POST.dict(), diary.clinic, check)
    guessing.give_back(http)
    response = pages.redirect("outcomes:diary")
    DiarySession(diary.pk, diary.language).keep(response, diary)
    return response


@csrf_exempt
@login_not_required
@get_or_post
def diary(http: HttpRequest) -> HttpResponse:
    """Eleven buttons; each press is kept with the moment it came in."""
    held = DiarySession.read(http)
    if held is None:
        return pages.bilingual_notice("diary_closed", status=403)
    found = BlockDiary.objects.select_related(*diaries.RELATED).get(pk=held.diary_id)
    if http.GET.get("language") in texts.LANGUAGES:
        held = replace(held, language=http.GET["language"])
    if not found.is_open(clock.now()):
        return _over(found, held)
    if http.method == "POST":
        return _tapped(http, found, held)
    response = _page(found, held)
    held.keep(response, found)
    return response


def _tapped(http: HttpRequest, diary: BlockDiary, held: DiarySession) -> HttpResponse:
    form = http.POST
    is_own = constant_time_compare(form.get("diary", ""), held.form_token)
    if not (same_origin.is_own(http) and is_own):
        return pages.bilingual_notice("diary_closed", status=403)
    page, pain = form.get("page", ""), form.get("pain", "")
    is_number = pain.isascii() and pain.isdigit() and len(pain) <= 2
    if not is_number or not 0 < len(page) <= tokens.TOKEN_BYTES * 2:
        return _page(diary, held, error=texts.say("diary_error", held.language))
    try:
        diaries.tap(diary, value=int(pain), is_numb="numb" in form, page=page[:22])
    except ValidationError:
        return _page(diary, held, error=texts.say("diary_error", held.language))
    response = pages.redirect("outcomes:diary")
    held.keep(response, diary)
    return response


def _page(diary: BlockDiary, held: DiarySession, *, error: str = "") -> HttpResponse:
    language = held.language
    zone = ZoneInfo(diary.person.time_zone)
    last = diary.taps.order_by("at", "id").last()
    other = texts.other_language(language)
    context: dict[str, Any] = {
        **pages.frame(diary.clinic, language, texts.say("diary_title", language)),
        "t": texts.phrases(language),
        "call": pages.call(diary.clinic, language),
        "values": range(diaries.WORST + 1),
        "form_token": held.form_token,
        "page": secrets.token_urlsafe(tokens.TOKEN_BYTES),
        "until_text": texts.say(
            "diary_until", language, until=f"{diary.ends_at.astimezone(zone):%H:%M}"
        ),
        "error": error,
        "saved": last
        and texts.say(
            "diary_saved",
            language,
            pain=last.value,
            at=f"{last.at.astimezone(zone):%H:%M}",
        ),
        "switch": {
            "address": f"?language={other}",
            "language": other,
            "label": texts.say("switch", language),
        },
    }
    return pages.render("diary", context, folder="in_clinic")


def _over(diary: BlockDiary, held: DiarySession) -> HttpResponse:
    response = pages.notice("diary_over", diary.clinic, held.language)
    response.delete_cookie(cookie_name(), samesite="Lax")
    return response
