"""Two thousand random changes of an app's controls, while it plays: `make nightly`.

No exception, no growing memory, and the final picture is the one that a new app draws.
"""

import asyncio
import gc
import random

import ipywidgets as widgets
import psutil
import pytest

from backprop_lab import explore
from backprop_lab.core import depth
from backprop_lab.explore import NumberSlider

CHANGES = 2000
MOST_GROWTH = 60e6
"""Bytes that the second half may add: caches of drawn frames are small, a leaked picture is not."""

APPS = {
    "xor_training": explore.xor_training,
    "steps_on_a_parabola": explore.steps_on_a_parabola,
    "risk_after_a_step": explore.risk_after_a_step,
    "phase_map": explore.phase_map,
    "deep_training": explore.deep_training,
}


def change(control, rng):
    """A random value; of a number field now and then one that is out of range."""
    if isinstance(control, NumberSlider):
        low, high = control.low, control.high
        value = rng.uniform(low - 0.02 * (high - low), high)
        control.value = round(value, 0 if control.whole else 3)
    elif isinstance(control, widgets.Checkbox):
        control.value = rng.random() < 0.5
    else:
        control.index = rng.randrange(len(control.options))


def press(app, rng):
    """One of the buttons, as a click would."""

    def buttons(widget):
        if isinstance(widget, widgets.Button):
            yield widget
        for child in getattr(widget, "content", getattr(widget, "children", ())):
            yield from buttons(child)

    found = list(buttons(app))
    if found:
        rng.choice(found).click()


def memory():
    depth._normals.cache_clear()
    depth._norms.cache_clear()
    gc.collect()
    return psutil.Process().memory_info().rss


def settle(app, settings):
    """Good values for every control, and a run that has not begun."""
    for name, value in settings.items():
        control = app.controls[name]
        if isinstance(control, NumberSlider):
            control.set(value)
        else:
            control.value = value
    if hasattr(app, "again"):
        app.before = None
        app.again()
        app.before = None
        app.refresh()


@pytest.mark.nightly
@pytest.mark.parametrize("name", APPS)
def test_soak(name):
    rng, failures, grown = random.Random(name), [], []
    app = APPS[name]()

    async def soak():
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: failures.append(context.get("exception") or context["message"])
        )
        for k in range(CHANGES):
            if k % 20 == 0:
                press(app, rng)
            if hasattr(app, "play") and not app.task:
                app.play()
            control = rng.choice(list(app.controls))
            change(app.controls[control], rng)
            await asyncio.sleep(0.02 if k % 10 == 0 else 0)
            if k in (CHANGES // 2, CHANGES - 1):
                grown.append(memory())
        if getattr(app, "end", None):
            app.end()
        settle(app, settings)
        while getattr(app, "task", None):
            await asyncio.sleep(0.05)

    fresh = APPS[name]()
    settings = fresh.settings()
    asyncio.run(soak())
    assert failures == []
    assert "✗" not in app.message.value, app.message.value
    assert grown[1] - grown[0] < MOST_GROWTH
    assert {view: shown.value for view, shown in app.views.items()} == {
        view: shown.value for view, shown in fresh.views.items()
    }
