import pytest

from clinic import spreadsheets


@pytest.mark.parametrize(
    "text", ["=1+1", "+1 312 555 0142", "-2", "@sum", "＝1", "＋1", "－1", "＠sum"]
)
def test_what_would_be_a_formula_is_a_text_and_reads_back_as_it_was(text):
    assert spreadsheets.inert(text) == f"'{text}"
    assert spreadsheets.plain(spreadsheets.inert(text)) == text


@pytest.mark.parametrize("text", ["\n=1+1", " =1+1", "\u00a0@sum", " \t-2", " ＝1"])
def test_space_before_a_formula_does_not_hide_it(text):
    assert spreadsheets.inert(text) == f"'{text}"


def test_space_before_a_text_is_left_alone():
    assert spreadsheets.inert(" 5 mg") == " 5 mg"


def test_a_stream_says_what_a_download_says():
    rows = [("=1+1", None), ("a,b", 'c"d')]
    whole = spreadsheets.download("x.csv", ("a", "b"), rows)
    parts = spreadsheets.stream("x.csv", ("a", "b"), rows)
    assert b"".join(parts.streaming_content) == whole.content
    assert parts["Content-Disposition"] == 'attachment; filename="x.csv"'


def test_an_id_that_was_kept_from_losing_its_zeros_is_read():
    assert spreadsheets.plain(' ="00123" ') == "00123"
    assert spreadsheets.plain('="a"&"b"') == '="a"&"b"'


def test_a_name_may_begin_with_an_apostrophe():
    assert spreadsheets.plain("'t Hooft") == "'t Hooft"
    assert spreadsheets.inert("O'Brien") == "O'Brien"
