"""How far an import is, at a terminal and elsewhere."""

from io import StringIO

from clinic.management import progress


def test_a_short_stage_is_one_line():
    lines = []
    with progress.Lines(lines.append) as watch:
        watch.stage("Reading", 500)
        watch.at(250)
        watch.at(500)
    assert lines == ["Reading ..."]


def test_a_long_stage_is_told_in_tenths():
    lines = []
    with progress.Lines(lines.append, long=1000) as watch:
        watch.stage("Reading", 1000)
        for done in range(0, 1001, 50):
            watch.at(done)
    assert lines == ["Reading ...", *(f"Reading ... {n} %" for n in range(10, 100, 10))]


def test_a_terminal_gets_a_bar():
    terminal = StringIO()
    terminal.isatty = lambda: True
    with progress.Bar(terminal) as watch:
        watch.stage("Importing", 10)
        watch.at(10)
    assert "Importing" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
