from typing import Any

from django import forms

from outcomes.follow_ups.wording import texts
from outcomes.follow_ups.wording.texts import Text
from outcomes.models.messages import Channel


class WordingForm(forms.Form):
    subject = forms.CharField(
        label="Subject", max_length=texts.LONGEST_SUBJECT, required=False
    )
    body = forms.CharField(
        label="Text",
        max_length=texts.LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 16}),
    )

    def __init__(self, *args: Any, channel: str, text: Text, **options: Any) -> None:
        options["initial"] = text.fields
        super().__init__(*args, **options)
        if channel == Channel.SMS:
            del self.fields["subject"]
            self.fields["body"].widget.attrs["rows"] = 6
        elif channel == Channel.LETTER:
            self.fields["subject"].label = "Heading"
        else:
            self.fields["subject"].required = True

    @property
    def typed(self) -> Text:
        """What it holds now, right or wrong; for the preview."""
        subject = self["subject"].value() if "subject" in self.fields else ""
        return Text(str(subject or ""), str(self["body"].value() or ""))
