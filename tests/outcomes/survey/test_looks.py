"""The sheets of patients' pages, read as a browser of 2018 would, and their weight."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.outcomes.survey.conftest import Survey, enter

SHEETS = (
    "outcomes/survey.css",
    "outcomes/own_page.css",
    "outcomes/in_clinic.css",
    "patients/body_map.css",
)
# What drops a whole rule or breaks a page in iOS 12 and Chrome 62. Others that are
# newer, such as text-wrap or accent-color, only look better where they are known.
TOO_NEW = (
    *("inset:", "aspect-ratio:", "light-dark(", "clamp(", "min(", "max(", "@layer"),
    *(":is(", ":where(", ":has(", "place-items:", "place-content:", "color-mix("),
)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
DECLARED = re.compile(r"(--[a-z0-9-]+):\s*([^;]+);")
WEIGHS, REQUESTS = 60_000, 3


def text_of(sheet: str) -> str:
    return re.sub(r"/\*.*?\*/", "", Path(finders.find(sheet)).read_text(), flags=re.S)


def rules(sheet: str) -> Iterator[tuple[str, str]]:
    for selector, body in RULE.findall(text_of(sheet)):
        yield selector.strip(), body


@pytest.mark.parametrize("sheet", SHEETS)
def test_nothing_is_too_new_for_an_old_phone(sheet):
    for selector, body in rules(sheet):
        for new in TOO_NEW:
            assert not re.search(rf"(?<![\w-]){re.escape(new)}", body), selector
        # Known by its old name to every browser; in flex the old ones have no gap.
        assert not re.search(r"(?<![\w-])(row-|column-)?gap:", body) or (
            "columns:" in body
        ), selector
        is_flex = re.search("display: (inline-)?flex", body)
        assert "grid-gap" not in body or not is_flex, selector
        if "dvh" in body:
            assert re.search(r"(min-height): 100vh; \1: 100dvh", body), selector


@pytest.mark.parametrize("sheet", SHEETS)
def test_focus_is_seen_where_the_finer_rule_is_not_known(sheet):
    """An old browser drops a rule whose selector it cannot read."""
    selectors = [selector for selector, _ in rules(sheet)]
    for selector in selectors:
        if ":focus-visible" in selector and ":not(:focus-visible)" not in selector:
            assert selector.replace(":focus-visible", ":focus") in selectors


def test_the_tokens_are_the_staffs():
    ours, theirs = (
        DECLARED.findall(text_of(s)) for s in (SHEETS[0], "clinic/tokens.css")
    )
    names = {name for name, _ in ours}
    assert ours == [pair for pair in theirs if pair[0] in names]


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_token_that_is_used_is_there(sheet):
    used = set(re.findall(r"var\((--[a-z0-9-]+)", text_of(sheet)))
    assert used <= {name for name, _ in DECLARED.findall(text_of(SHEETS[0]))}


def files_of(page: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="/static/([^"]+)"', page))


def on_the_wire(file: str) -> int:
    """Static files go out packed; see docs/architecture.md."""
    return len(gzip.compress(Path(finders.find(file)).read_bytes()))


def test_the_first_page_and_the_first_question_are_light(survey: Survey):
    first = Client().get(survey.path).content.decode()
    question = enter(survey).get("/survey/1/").content.decode()
    at_first, then = files_of(first), files_of(question)
    assert 1 + len(at_first) <= REQUESTS
    # What the first page brought is still there.
    assert 1 + len(then - at_first) <= REQUESTS
    for page, files in ((first, at_first), (question, then)):
        assert len(page.encode()) + sum(map(on_the_wire, files)) <= WEIGHS
        assert "http://" not in page and "https://" not in page
