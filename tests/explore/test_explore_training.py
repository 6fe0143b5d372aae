"""XOR learned live: whatever is pressed in the middle of a run, the picture is that of the run."""

import asyncio
import re
import time
from importlib import import_module

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core.training import Diverged, Training
from tests.markup import number

live = import_module("backprop_lab.explore.xor_training")  # the app has the same name

XOR = bl.lectures.xor()


@pytest.fixture
def app():
    return explore.xor_training()


def playing(app, *acts, seconds=0.25):
    """Play, do something, wait, and so on; then pause."""

    async def run():
        app.play()
        for act in (*acts, lambda: None):
            await asyncio.sleep(seconds)
            act()
        app.end()
        await asyncio.sleep(0)

    asyncio.run(run())


async def played_out(app):
    """Play until the run ends by itself."""
    app.play()
    async with asyncio.timeout(60):
        await app.task


def test_it_starts_with_the_lecture(app):
    assert number(app, "steps") == 0
    assert number(app, "risk") == 0.155131
    outputs = bl.forward(XOR.network, XOR.X).output[:, 0]
    assert [number(app, f"f_{k}") for k in range(4)] == outputs.round(4).tolist()
    assert "2 of 4 on the right side" in app.views["status"].value


def test_a_step_is_a_step(app):
    app.step()
    run = Training(XOR.network, XOR.X, XOR.Y)
    run.run(1)
    assert number(app, "steps") == 1
    assert number(app, "risk") == round(run.risks[-1], 6)


def test_play_runs_until_it_is_paused_and_shows_what_training_gives(app):
    app.controls["speed"].value = 100
    playing(app)
    steps = app.run.training.steps
    assert steps > 100
    assert app.buttons["play"].description == "Play"
    run = Training(XOR.network, XOR.X, XOR.Y)
    run.run(steps)
    assert app.run.training.risks == run.risks
    app._show()
    assert number(app, "steps") == steps
    fresh = live.Run.of(XOR.network, "half_squared_error", 0.5, None)
    fresh.advance(steps)
    assert live.training_view(fresh)["picture"] == app.views["picture"].value


def test_a_run_is_drawn_alike_however_often_it_is_looked_at():
    pictures = []
    for pieces in ([700], [1] * 130 + [570], [333, 367]):
        run = live.Run.of(XOR.network, "half_squared_error", 2.0, None)
        for steps in pieces:
            run.advance(steps)
            run.curves()
        pictures.append(live.training_view(run)["picture"])
    assert pictures[0] == pictures[1] == pictures[2]
    assert len(run.points) < 300


def test_rate_and_batch_hold_at_once_and_the_run_goes_on(app):
    app.step()
    app.controls["rate"].value = 2.0
    app.controls["batch"].value = 1
    assert app.run.training.learning_rate == 2.0
    assert app.run.training.batch == 1
    assert number(app, "steps") == 1
    playing(
        app, lambda: app.controls["rate"].set(3), lambda: setattr(app.controls["batch"], "value", 0)
    )
    assert app.run.training.learning_rate == 3.0
    assert app.run.training.batch == 4
    assert app.run.training.steps > 1


@pytest.mark.parametrize(
    ("control", "value"),
    [("units", 3), ("activation", "relu"), ("loss", "binary_cross_entropy"), ("seed", 7),
     ("start", "twins")],
)  # fmt: skip
def test_other_settings_begin_a_new_run_that_plays_on(app, control, value):
    app.controls["start"].value = "random"
    steps = []

    def change():
        steps.append(app.run.training.steps)
        app.controls[control].value = value
        steps.append(app.run.training.steps)

    playing(app, change)
    assert steps[0] > 0
    assert steps[1] == 0
    assert app.run.training.steps > 0
    assert app.before is not None, "the old curve stays"
    assert app.run.training.network.layers[0].units == app.controls["units"].value


def test_again_begins_from_the_same_weights_and_keeps_the_curve(app):
    app.controls["start"].value = "random"
    first = app.run.training.network
    for _ in range(3):
        app.step()
    old = app.run.curves()
    app.controls["rate"].value = 5.0
    app.again()
    again = app.run.training.network
    assert all(np.array_equal(a.W, b.W) for a, b in zip(first.layers, again.layers, strict=True))
    assert app.run.training.learning_rate == 5.0
    assert np.array_equal(app.before[:, :2], old[:, :2])
    assert not re.search(r'data-q="risk_before">\s*<path d=""', app.views["picture"].value)
    app.again()
    assert np.array_equal(app.before, old), "a run without a step is nothing to compare with"


def test_other_weights_are_the_next_seeds(app):
    app.other()
    first = app.run.training.network.layers[0].W
    app.other()
    assert app.controls["start"].value == "random"
    assert app.controls["seed"].value == 2
    assert not np.array_equal(first, app.run.training.network.layers[0].W)


def test_the_lectures_weights_are_for_two_units(app):
    good = app.views["picture"].value
    app.controls["units"].value = 3
    assert "hidden units: got 3; the lecture's weights are for 2" in app.message.value
    assert app.views["picture"].value == good
    app.controls["start"].value = "random"
    assert "got" not in app.message.value
    app.controls["start"].value = "twins"
    app.controls["units"].value = 1
    assert "twins take at least 2" in app.message.value


def test_twins_are_named_and_never_part(app):
    app.controls["start"].value = "twins"
    app.controls["speed"].value = 100
    playing(app)
    app._show()
    assert app.run.training.steps > 50
    assert "twins" in app.views["status"].value


def test_a_run_that_overflows_is_said_and_there_is_a_way_back(app):
    for name, value in (
        ("activation", "identity"),
        ("loss", "binary_cross_entropy"),
        ("speed", 100),
    ):
        app.controls[name].value = value
    app.controls["rate"].value = 20.0
    asyncio.run(played_out(app))
    step = app.run.training.steps + 1
    assert (
        f"the loss has overflowed at step {step}: the learning rate is too large"
        in app.message.value
    )
    assert app.buttons["play"].description == "Play"
    assert app.task is None
    app.controls["rate"].value = 0.5
    app.again()
    assert "overflowed" not in app.message.value
    playing(app)
    assert app.run.training.steps > 0


def test_a_rate_out_of_range_is_said_and_the_run_goes_on(app):
    app.controls["rate"].value = 0
    assert "expected a number from 0.1 to 20" in app.message.value
    assert app.run.training.learning_rate == 0.5
    app.step()
    assert app.run.training.steps == 1
    assert app.controls["rate"].value == 0, "what was typed is kept"


def test_a_long_run_ends_by_itself(app, monkeypatch):
    monkeypatch.setattr(live, "LONGEST", 130)
    app.controls["speed"].value = 100
    asyncio.run(played_out(app))
    assert app.run.training.steps == 130
    assert "130 steps are done" in app.message.value
    assert app.task is None


def test_the_kernel_is_free_while_it_plays(app):
    """Another task gets its turn again and again, at the highest speed, pictures included: after
    so much of the processor's time, however busy the machine."""
    app.controls["speed"].value = 1000
    gaps, pictures = [], set()

    async def run():
        app.play()
        last = time.process_time()
        while len(pictures) < 6:
            await asyncio.sleep(0)
            gaps.append(time.process_time() - last)
            last = time.process_time()
            pictures.add(app.views["picture"].value)
        app.end()

    asyncio.run(run())
    assert max(gaps) < 0.25
    assert np.median(gaps) < 0.05


def test_the_kernel_is_free_every_few_steps(app):
    app.controls["speed"].value = 1000

    async def run():
        app.play()
        seen = [0]
        while seen[-1] < 500:
            await asyncio.sleep(0)
            seen.append(app.run.training.steps)
        app.end()
        return seen

    assert max(np.diff(asyncio.run(run()))) <= 20


def test_a_rate_holds_even_while_other_settings_do_not(app):
    app.controls["units"].value = 3  # not with the lecture's weights
    app.controls["rate"].value = 5.0
    assert "hidden units: got 3" in app.message.value
    assert app.run.training.learning_rate == 5.0


def test_single_examples_come_in_the_seeds_order(app):
    app.controls["start"].value = "random"
    app.controls["batch"].value = 1
    app.controls["seed"].value = 4
    for _ in range(3):
        app.step()
    net = live.start("random", 2, "sigmoid", 4)
    run = Training(net, XOR.X, XOR.Y, learning_rate=0.5, batch=1, seed=4)
    run.run(3)
    assert app.run.training.risks == run.risks


def test_a_run_that_overflows_stays_on_the_chart(app):
    for name, value in (("activation", "identity"), ("loss", "binary_cross_entropy")):
        app.controls[name].value = value
    app.controls["rate"].value = 20.0
    with pytest.raises(Diverged):
        app.run.advance(1000)
    app._show()
    path = re.search(r'data-q="risk">\s*<path d="([^"]*)"', app.views["picture"].value)[1]
    heights = [float(y) for y in re.findall(r"[ML]\S+ ([-\d.]+)", path)]
    assert min(heights) > 0
    assert max(heights) < 300
