import pytest

from clinic import spreadsheets


@pytest.mark.parametrize("text", ["=1+1", "+1 312 555 0142", "-2", "@sum"])
def test_what_would_be_a_formula_is_a_text_and_reads_back_as_it_was(text):
    assert spreadsheets.inert(text) == f"'{text}"
    assert spreadsheets.plain(spreadsheets.inert(text)) == text


def test_an_id_that_was_kept_from_losing_its_zeros_is_read():
    assert spreadsheets.plain(' ="00123" ') == "00123"
    assert spreadsheets.plain('="a"&"b"') == '="a"&"b"'


def test_a_name_may_begin_with_an_apostrophe():
    assert spreadsheets.plain("'t Hooft") == "'t Hooft"
    assert spreadsheets.inert("O'Brien") == "O'Brien"
