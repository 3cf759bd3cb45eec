import pytest

from outcomes.follow_ups.wording import mail_html, texts
from outcomes.follow_ups.wording.texts import Text

VALUES = {
    "clinic": "Lakeview",
    "link": "https://x.example/s/abc",
    "phone": "312 555 0100",
    "emergency": "Emergency? Call 911.",
    "minutes": "3",
}


def reasons(text, channel="email", language="en", *names):
    found = texts.objections(text, channel, language, names)
    return [(one.field, one.reason) for one in found]


def test_a_good_text_meets_no_objection():
    assert reasons(Text("From {clinic}", "{link}\n\n{emergency}\n{phone}")) == []


def test_an_unknown_variable_is_named_with_those_that_are_known():
    assert reasons(Text("From {clinic}", "Dear {name}, {link} {}")) == [
        ("body", f"{{name}} is not known; use {texts.KNOWN}."),
        ("body", f"{{}} is not known; use {texts.KNOWN}."),
    ]


@pytest.mark.parametrize(
    "written", ["{clinic.pk}", "{clinic!r}", "{0}", "{ link }", "{LINK}", "{link:>9}"]
)
def test_a_variable_has_no_second_spelling(written):
    assert "is not known" in reasons(Text("Hi", f"{{link}} {written}"))[0][1]


@pytest.mark.parametrize(
    ("text", "channel", "field", "words"),
    [
        (Text("Hi", "Answer, please."), "email", "body", "{link} is missing"),
        (Text("", "{link}"), "email", "subject", "Give a subject"),
        (Text("Go: {link}", "{link}"), "email", "subject", "in the text only"),
        (Text("Hi\nBcc: x", "{link}"), "email", "subject", "one line"),
        (Text("Hi", "{link} STOP"), "sms", "subject", "has no subject"),
        (Text("", "{link} stop it"), "sms", "body", "how to stop"),
        (Text("", "{link} UNSTOPPABLE"), "sms", "body", "Reply STOP to end."),
        (Text("Your knee", "{link}"), "letter", "subject", "“knee” in the subject"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(text, channel, field, words):
    found = reasons(text, channel)
    assert [one for one, _ in found] == [field] and words in found[0][1]


def test_a_spanish_text_message_says_alto():
    assert "Responda ALTO" in reasons(Text("", "{link} STOP"), "sms", "es")[0][1]
    assert reasons(Text("", "{link} Responda ALTO."), "sms", "es") == []


def test_a_clinical_word_is_named_with_its_line():
    found = reasons(Text("Hi", "Hello,\n\n{link}\nDid the INYECCIÓN help?"))
    assert len(found) == 1
    assert "“INYECCIÓN” in line 4 is a procedure" in found[0][1]


def test_the_clinics_name_may_hold_a_clinical_word():
    text = Text("Hi", "Lakeview Spine asks {link}")
    assert len(reasons(text)) == 1
    assert reasons(text, "email", "en", "Lakeview Spine") == []


def test_values_are_put_in_as_they_are():
    odd = {**VALUES, "clinic": "{phone} {{ x }} {% y %} \\1"}
    filled = texts.fill("{clinic}, {other} {{ clinic }}", odd)
    assert filled == "{phone} {{ x }} {% y %} \\1, {other} {{ clinic }}"


def test_line_ends_are_made_one_kind():
    assert texts.tidy("\r\n a \r\n\r\nb\rc  \n") == "a\n\nb\nc"


def test_a_text_message_loses_accents_only_where_they_make_it_too_long():
    short, long = "¿Cómo está? " + "a" * 50, "¿Cómo está? " + "a" * 130
    assert texts.fitted(short) == short
    assert texts.fitted(long) == "¿Como esta? " + "a" * 130


def test_a_text_message_of_three_parts_is_too_long():
    found = texts.length_objections("a" * 307, "sms")
    assert "3 text messages long; 2 are the most" in found[0].reason
    assert texts.length_objections("a" * 306, "sms") == []
    assert texts.length_objections("a" * 2000, "email") == []


def html(body, **values):
    return str(mail_html.paragraphs(body, {**VALUES, **values}, label="Answer"))


def test_html_is_made_of_the_text():
    assert html("Hello,\nyou\n\n{link}\n\nor {link}\n\n{emergency}") == (
        "<p>Hello,<br>\nyou</p>\n"
        '<p class="mail-button"><a class="mail-link" href="https://x.example/s/abc">'
        "Answer</a></p>\n"
        '<p>or <a class="mail-link" href="https://x.example/s/abc">'
        "https://x.example/s/abc</a></p>\n"
        '<p class="mail-emergency"><strong>Emergency? Call 911.</strong></p>'
    )


def test_nothing_that_was_written_becomes_markup():
    found = html('<script>{clinic}</script> & "x"', clinic="<img src=x>")
    assert "<script" not in found and "<img" not in found
    assert "&lt;script&gt;&lt;img src=x&gt;&lt;/script&gt; &amp; " in found


def test_a_mail_follows_the_readers_own_colours():
    found = mail_html.document("{link}", VALUES, language="es", label="Ver")
    assert found.startswith("<!doctype html>") and '<html lang="es">' in found
    assert 'content="light dark"' in found
    assert "<table" not in found and "#" not in found and "style=" not in found
