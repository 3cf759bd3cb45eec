"""The figures of the report on pain sources, from rows alone."""

import re
from datetime import date, timedelta

import pytest

from outcomes.dashboards import diagnosis_categories
from outcomes.dashboards.sources import choices, counts
from outcomes.dashboards.sources.choices import Choices
from outcomes.dashboards.sources.counts import SourceRow
from patients.catalogue import icd10, places

DAY = date(2026, 1, 1)


def row(
    site="heel", current=None, first=None, dx=(None, None), days=(None, None, None)
):
    dates = [None if each is None else DAY + timedelta(days=each) for each in days]
    return SourceRow(site, current, first, *dx, *dates)


def test_every_site_belongs_to_one_group():
    grouped = [s for _, sites in choices.SITE_GROUPS.values() for s in sites]
    assert sorted(grouped) == sorted(places.body_sites())


def test_every_source_is_of_one_kind():
    kinds = {key: choices.kind_of(key) for key in places.pain_sources()}
    assert set(kinds.values()) == set(choices.KINDS)
    assert (kinds["si_joint"], kinds["plantar_fascia"]) == ("back", "limb")
    assert kinds["spinal_cord"] == "body"
    assert kinds["unknown"] == choices.kind_of(None) == "open"


def test_every_shipped_code_has_a_category_in_our_words():
    lines = [
        line
        for path in icd10.DATA.glob("icd10cm_*.csv")
        for line in path.read_text(encoding="utf-8").splitlines()[1:]
    ]
    shipped = {line[:3] for line in lines if re.match(r"[A-Z]\d", line)}
    assert len(shipped) > 50
    assert shipped - set(diagnosis_categories.labels()) == set()
    assert diagnosis_categories.words("M72") == "M72 plantar fascia"
    assert diagnosis_categories.words("X99") == "X99"


def test_the_matrix_adds_up_in_both_directions():
    rows = [row(current="root_s1")] * 3 + [row("foot", "disc"), row("foot"), row()]
    found = counts.matrix(rows)
    assert found.sites == ("heel", "foot")
    assert found.sources == ("root_s1", "disc", None)
    assert [found.of_site(site) for site in found.sites] == [4, 2]
    assert [found.of_source(source) for source in found.sources] == [3, 1, 2]
    assert (found.total, found.named, found.of_kind("back")) == (6, 4, 4)


def test_not_known_yet_names_no_source():
    found = counts.matrix([row(current="unknown"), row(current="vascular")])
    assert (found.named, found.of_kind("open"), found.of_kind("body")) == (1, 1, 1)


def test_what_the_first_word_became_is_told_with_its_n():
    pairs = [("M72", "M51")] * 14 + [("M72", "M72")] * 26 + [("M72", None)]
    found = counts.changes([*pairs, ("M54", "M54"), (None, None), (None, None)])
    lines = [(c.first, c.final, c.n, c.of) for c in found.lines]
    assert lines == [
        ("M72", "M72", 26, 41),
        ("M72", "M51", 14, 41),
        ("M72", None, 1, 41),
        ("M54", "M54", 1, 1),
    ]
    assert (found.changed, found.kept, found.fallen) == (14, 27, 1)
    assert (found.total, found.without) == (42, 2)


def test_without_rows_there_is_nothing_to_say():
    assert counts.matrix([]).total == 0
    assert counts.changes([]).lines == ()
    assert {span.n for span in counts.spans([])} == {0}


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        ([], None),
        ([7], None),
        ([0, 10], (2.5, 7.5)),
        ([1, 2, 3, 4, 5], (2, 4)),
        ([1, 2, 3, 4], (1.75, 3.25)),
    ],
)
def test_quartiles_are_those_of_type_7(days, wanted):
    assert counts.quartiles(days) == wanted


def test_times_count_what_lacks_a_date_and_what_runs_backwards():
    rows = [
        row(days=(0, 10, 40)),
        row(days=(0, 30, 20)),
        row(days=(0, None, 5)),
        row(days=(None, 3, None)),
    ]
    evaluation, treatment, whole = counts.spans(rows)
    assert (evaluation.n, evaluation.median, evaluation.lacking) == (2, 20, 2)
    assert (treatment.n, treatment.lacking, treatment.backwards) == (1, 2, 1)
    assert (whole.n, whole.median, whole.lacking, whole.backwards) == (3, 20, 1, 0)


def test_the_address_says_only_what_was_chosen():
    assert Choices().address() == "?site=foot_area"
    chosen = Choices(site="heel", opened_from=DAY, certainty="confirmed")
    assert chosen.address(source="none") == (
        "?site=heel&opened_from=2026-01-01&certainty=confirmed&source=none"
    )


@pytest.mark.parametrize(
    ("site", "title"),
    [
        ("foot_area", "Where foot pain came from"),
        ("heel", "Where heel pain came from"),
        ("all", "Where pain came from"),
    ],
)
def test_the_title_names_the_site(site, title):
    assert Choices(site=site).title == title
