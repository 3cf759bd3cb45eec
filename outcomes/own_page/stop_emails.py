"""Where the List-Unsubscribe header of an e-mail leads: it asks before it acts.

Mail programs and their scanners open it, and some press every button. So opening it
changes nothing and looks the same for every token, and a press without the tick that
only a person makes changes nothing either.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from outcomes.follow_ups.channels import tokens
from outcomes.follow_ups.incoming import stopping
from outcomes.models import Message
from outcomes.survey import pages, same_origin, texts

HOW = "unsubscribe"


# It comes without a cookie, so it has no CSRF token; see same_origin.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(http: HttpRequest, token: str) -> HttpResponse:
    """Every answer is a 200: Django logs the path of others, and so the token."""
    if http.method != "POST":
        return _question()
    if not same_origin.is_own(http):
        return pages.bilingual_notice("foreign")
    if not http.POST.get("yes"):
        return _question(is_missing=True)
    message = _message(token)
    if message is None:
        return pages.bilingual_notice("not_stopped")
    stopping.stop([message.request.person], message.channel, how=HOW)
    return pages.bilingual_notice("stopped", clinic=message.request.clinic)


def _message(token: str) -> Message | None:
    message_id = tokens.message_to_stop(token)
    if message_id is None:
        return None
    found = Message.objects.filter(pk=message_id, channel=Message.Channel.EMAIL)
    related = ("request__clinic", "request__patient__merged_into")
    return found.select_related(*related).first()


def _question(*, is_missing: bool = False) -> HttpResponse:
    title = " · ".join(phrase.text for phrase in pages.both("stop_title"))
    context = {
        "language": "en",
        "title": title,
        "emergency": pages.both("emergency"),
        "en": texts.phrases("en"),
        "es": texts.phrases("es"),
        "error": pages.both("stop_missing") if is_missing else None,
    }
    return pages.render("stop_emails", context, folder="own_page")
