"""Where providers call us: signed, bounded, and answered alike for what is unknown."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinic import clock
from outcomes.follow_ups.incoming import esp, mail, signatures, twilio

logger = logging.getLogger(__name__)

# A text message with all that is told of it; a mail with a picture or two.
MOST_OF_A_FORM = 64 * 1024
MOST_OF_A_MAIL = 2 * 1024 * 1024
SMS_PROVIDERS = {twilio.PROVIDER}

View = Callable[..., HttpResponse]


def webhook(most_bytes: int) -> Callable[[View], View]:
    """For programs: no sign-in and no form token, and no more than fits."""

    def decorate(view: View) -> View:
        @login_not_required
        @csrf_exempt
        @require_POST
        @wraps(view)
        def bounded(http: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            length = http.META.get("CONTENT_LENGTH") or "0"
            if not length.isdecimal() or int(length) > most_bytes:
                return HttpResponse("Too large.", status=413, content_type="text/plain")
            return view(http, *args, **kwargs)

        return bounded

    return decorate


@webhook(MOST_OF_A_FORM)
def sms_status(http: HttpRequest, provider: str) -> HttpResponse:
    if not _is_signed_form(http, provider):
        return _forged(provider)
    twilio.take_receipt(http.POST.dict(), http.GET.get("message", ""), at=clock.now())
    return HttpResponse(status=200)


@webhook(MOST_OF_A_FORM)
def sms_inbound(http: HttpRequest, provider: str) -> HttpResponse:
    if not _is_signed_form(http, provider):
        return _forged(provider)
    answer = twilio.take_message(http.POST.dict(), at=clock.now())
    return HttpResponse(answer, content_type="text/xml; charset=utf-8")


@webhook(MOST_OF_A_MAIL)
def email_inbound(http: HttpRequest) -> HttpResponse:
    """A whole mail as it came, handed on by the clinic's own mail server."""
    signature = http.headers.get("X-Mendline-Signature", "")
    key = settings.MAIL_WEBHOOK_KEY
    if not signatures.is_ours(signature, key=key, body=http.body):
        return _forged("mail")
    mail.take(http.body, at=clock.now())
    return HttpResponse(status=200)


@webhook(MOST_OF_A_MAIL)
def esp_tracking(http: HttpRequest, provider: str) -> HttpResponse:
    return _by_esp(esp.take_receipts, http, provider)


@webhook(MOST_OF_A_MAIL)
def esp_inbound(http: HttpRequest, provider: str) -> HttpResponse:
    return _by_esp(esp.take_mails, http, provider)


def _by_esp(
    take: Callable[[HttpRequest, str, datetime], None],
    http: HttpRequest,
    provider: str,
) -> HttpResponse:
    try:
        take(http, provider, clock.now())
    except esp.ForgedError:
        return _forged(provider)
    return HttpResponse(status=200)


def _is_signed_form(http: HttpRequest, provider: str) -> bool:
    if provider not in SMS_PROVIDERS:
        raise Http404("No such provider.")
    return signatures.is_twilio(
        http.headers.get("X-Twilio-Signature", ""),
        key=settings.SMS_WEBHOOK_KEY,
        # As the provider was told it; a proxy may have changed scheme and host.
        url=f"{settings.SITE_URL}{http.get_full_path()}",
        fields=dict(http.POST.lists()),
    )


def _forged(provider: str) -> HttpResponse:
    logger.warning("webhook of %s refused: its signature is not right", provider)
    return HttpResponse("Not signed.", status=403, content_type="text/plain")
