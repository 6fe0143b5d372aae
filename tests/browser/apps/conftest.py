"""The page of apps, opened once, and the walk-through on it."""

import pytest

from ..conftest import lying
from .app import STAGES, START_AGAIN, SWITCHES, App
from .numbers import NAMES, POINTS, START, wrong_numbers


@pytest.fixture(scope="package")
def page_of_apps(desk):
    with lying(desk, "apps.ipynb") as opened:
        yield opened


@pytest.fixture
def app(page_of_apps):
    """Makes an app of the page; nothing on it may have complained in the end."""
    page_of_apps.page.bring_to_front()
    page_of_apps.theme("Light")
    yield lambda name: App(page_of_apps, name)
    assert page_of_apps.complaints == []


@pytest.fixture
def walkthrough(app):
    """The walk-through in its last stage, with the lecture's numbers, before its first step."""
    made = app("walkthrough")
    for switch in made.read()["pressed"]:
        if switch in SWITCHES:
            made.press(f"button(ROOT, {switch!r})", "Enter")
    made.press(f"button(ROOT, {STAGES[2]!r})", "Enter")
    made.until(lambda found: found["pressed"] != [STAGES[2]], "stage")
    made.press(START_AGAIN, "Enter")
    made.until(lambda found: "press Next" not in found["caption"], "no step")
    made.press('button(ROOT, "Lecture\'s weights")', "Enter")
    made.until(lambda found: {n: float(found["controls"][n]) for n in NAMES} != START)
    made.choose("point", POINTS[2])
    made.choose("weight", "u_1")
    made.until(wrong_numbers)
    return made
