"""How long a person takes to fill in a form, without a clock.

The keystroke-level model of Card, Moran and Newell (Communications of the ACM 23,
1980): seconds are added up for each act, so the same form always costs the same.
"""

from dataclasses import dataclass

from playwright.sync_api import Locator

KEY = 0.28
POINT = 1.1
CLICK = 0.2
HAND_MOVES = 0.4
# Look the value up and decide.
THINK = 1.35
# How many stops of the Tab key lie from the control that has the focus to this one;
# a group of radio buttons is one stop, and what is folded away is none.
STOPS = """to => {
    const stop = node => node.type === "radio" ? node.name : node;
    const controls = "main :is(a, button, input, select, summary, textarea)";
    const seen = [...document.querySelectorAll(controls)].filter(
        node => node.checkVisibility() && !node.disabled && node.type !== "hidden");
    const stops = [...new Set(seen.map(stop))];
    const from = stops.indexOf(stop(document.activeElement));
    const there = stops.indexOf(stop(to));
    return from < 0 || there < from ? -1 : there - from;
}"""


@dataclass(slots=True)
class Person:
    """Fills in a form from its top, by Tab where that is shorter than the mouse."""

    seconds: float = 0
    acts: int = 0

    def click(self, control: Locator) -> None:
        self._reach(control)
        control.click()

    def tick(self, control: Locator, *, on: bool = True) -> None:
        self._reach(control)
        # The box of a styled choice lies under its words.
        control.set_checked(on, force=True)
        control.focus()

    def choose(self, control: Locator, value: str) -> None:
        """Opens the list and presses the letter of a line, twice on average."""
        self.think()
        self._reach(control)
        control.select_option(value)
        control.focus()
        self.seconds += 2 * KEY

    def pick_offered(self, control: Locator, value: str) -> None:
        """Of a field that offers what is usually typed: down, and Enter."""
        self.think()
        self._reach(control)
        control.fill(value)
        self.seconds += 2 * KEY

    def type(self, control: Locator, text: str) -> None:
        self.think()
        self._reach(control)
        control.fill(text)
        self.seconds += KEY * len(text)

    def think(self) -> None:
        self.seconds += THINK

    def _reach(self, control: Locator) -> None:
        self.acts += 1
        by_mouse = POINT + CLICK + 2 * HAND_MOVES
        stops = control.evaluate(STOPS)
        self.seconds += by_mouse if stops < 0 else min(by_mouse, KEY * (stops + 1))
