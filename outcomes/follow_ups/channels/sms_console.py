"""Text messages that stay on this machine, beside the mails of the demo mailbox."""

from outcomes.follow_ups.channels import mailbox
from outcomes.follow_ups.channels.outcome import Outcome, Verdict
from outcomes.follow_ups.channels.sms_text import Text


def send(text: Text) -> Outcome:
    mailbox.keep_text(text.clinic_id, text.message_id, to=text.to, body=text.body)
    return Outcome(Verdict.ACCEPTED, provider_ref=str(text.message_id))


def was_sent(text: Text) -> bool | None:
    return mailbox.has(text.clinic_id, text.message_id)
