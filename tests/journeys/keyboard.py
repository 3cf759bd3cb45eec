"""Fills a form in as somebody without a mouse does: Tab, arrows, Space, typing."""

from collections.abc import Mapping

from playwright.sync_api import Page

MOST_STEPS = 900
FOCUSED = """() => {
  const at = document.activeElement;
  return {tag: at.tagName, type: at.type || "", name: at.name || "",
          value: at.value || "", checked: !!at.checked,
          text: (at.innerText || "").trim()};
}"""


def fill(page: Page, wanted: Mapping[str, str | list[str]], *, press: str = "") -> None:
    """Tab through the page, enter each value by its control's name, press a button.

    Fails if a control is not reached; `press` is how the button's text begins.
    """
    left = dict(wanted)
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at["name"] in left:
            if _enter(page, at, left[at["name"]]):
                del left[at["name"]]
        elif press and not left and at["text"].startswith(press):
            page.keyboard.press("Enter")
            return
        if not left and not press:
            return
    raise AssertionError(f"the Tab key never reached {list(left) or press}")


def _enter(page: Page, at: dict, value: str | list[str]) -> bool:
    """Whether the control is done with; a list is of check boxes of one name."""
    if isinstance(value, list):
        if at["value"] in value:
            page.keyboard.press("Space")
            value.remove(at["value"])
        return not value
    if at["type"] == "radio":
        _choose(page, value)
    elif at["tag"] == "SELECT":
        _select(page, value)
    elif at["type"] == "date":
        year, month, day = value.split("-")
        page.keyboard.type(f"{month}{day}{year}")
    else:
        page.keyboard.type(value)
    return True


def _choose(page: Page, value: str) -> None:
    for _ in range(30):
        at = page.evaluate(FOCUSED)
        if at["value"] == value and at["checked"]:
            return
        page.keyboard.press("Space" if at["value"] == value else "ArrowRight")
    raise AssertionError(f"the arrow keys never reached {value}")


def _select(page: Page, value: str) -> None:
    for _ in range(60):
        if page.evaluate(FOCUSED)["value"] == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrow keys never reached {value}")
