"""XOR learned live: the picture is that of the run, whatever was set in the middle of it.

And steps on a parabola and on XOR.
"""

import re
from importlib import import_module

import numpy as np
import pytest

import backprop_lab as bl
from backprop_lab import explore
from backprop_lab.core.network import Layer, Network
from backprop_lab.core.training import Diverged, Training
from backprop_lab.explore.risk_after_a_step import risk_after, risk_view
from backprop_lab.explore.steps_on_a_parabola import parabola_view, walk
from backprop_lab.picture import elements
from tests.markup import number

live = import_module("backprop_lab.explore.xor_training")  # the app has the same name

XOR = bl.lectures.xor()
TASK = live.task_of(XOR)
DIVERGES = {"activation": "identity", "loss": "binary_cross_entropy", "rate": 20.0}


@pytest.fixture
def app():
    return explore.xor_training()


def run_of(app, *pieces, before=None, **settings):
    """The run after slices of so many steps each; a slice's settings may be other ones."""
    work, values = app.page.computes.work, app.page.values() | settings
    run = work.begin(values, before)
    for piece in pieces:
        steps, more = piece if isinstance(piece, tuple) else (piece, {})
        run = work.on(values | more | {"speed": steps}, run)
    return run


def shown(app, run, **settings):
    """What the app shows of it, as one text."""
    views = app.page.computes(app.page.values() | settings | {"work": run})
    return "".join(elements.page(view) for view in views.values())


def path(markup, name):
    return re.search(rf'data-q="{name}" d="([^"]*)"', markup)[1]


def trained(steps, layers=None, **settings):
    """The same run by `Training`."""
    net = XOR.network if layers is None else Network([Layer(*layer) for layer in layers])
    run = Training(net, XOR.X, XOR.Y, **{"learning_rate": XOR.learning_rate} | settings)
    run.run(steps)
    return run


def test_it_starts_with_the_lecture(app):
    assert number(app, "steps") == 0
    assert number(app, "risk") == 0.155131
    outputs = bl.forward(XOR.network, XOR.X).output[:, 0]
    assert [number(app, f"f_{k}") for k in range(4)] == outputs.round(4).tolist()
    assert "2 of 4 on the right side" in app.views["status"].value


@pytest.mark.parametrize("loss", ["half_squared_error", "binary_cross_entropy"])
@pytest.mark.parametrize("batch", [0, 1])
@pytest.mark.parametrize("kind", ["lecture", "random", "twins"])
def test_a_run_is_what_training_gives(app, kind, batch, loss):
    """Its risks, its norms, its weights, to the last bit; single examples in the seed's order."""
    settings = {"start": kind, "seed": 4, "batch": batch, "loss": loss, "rate": 0.7}
    run = run_of(app, 1, 33, 90, **settings)
    layers = live.start(kind, 2, "sigmoid", 4, TASK.layers)
    expected = trained(124, layers, loss=loss, learning_rate=0.7, batch=batch or None, seed=4)
    assert run.steps == 124
    assert [row[1] for row in run.points] == [expected.risks[int(row[0])] for row in run.points]
    assert run.at.risk == expected.risks[-1]
    for one, other in zip(run.at.layers, expected.network.layers, strict=True):
        assert np.array_equal(one.W, other.W)
        assert np.array_equal(one.b, other.b)
    norms = [np.linalg.norm(dW) for dW in expected.dW]
    assert live.curves(run)[-1][2:] == pytest.approx(norms, rel=1e-13)
    text = shown(app, run)
    assert f">{run.steps}<" in text
    assert f">{expected.risks[-1]:.6f}<" in text
    f = bl.forward(expected.network, XOR.X).output[:, 0]
    right = int(((f > 0.5) == (XOR.Y[:, 0] > 0.5)).sum())
    assert f"{right} of 4 on the right side" in text


def test_a_run_is_drawn_alike_however_often_it_is_looked_at(app):
    pieces = ([700], [1] * 130 + [570], [333, 367])
    runs = [run_of(app, *each, rate=2.0) for each in pieces]
    assert len({shown(app, run) for run in runs}) == 1
    assert len(runs[0].points) < 300
    assert len(run_of(app, 20_000).points) < 700, "few, however long it runs"


def test_rate_and_batch_hold_at_once_and_the_run_goes_on(app):
    assert {"rate", "batch", "speed"}.isdisjoint(app.page.computes.work.anew)
    run = run_of(app, 5, (5, {"rate": 2.0}), (3, {"rate": 2.0, "batch": 1}))
    expected = trained(5)
    expected.learning_rate = 2.0
    expected.run(5)
    expected.batch = 1
    expected.run(3)
    assert run.steps == 13
    assert run.at.risk == expected.risks[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [("units", 3), ("activation", "relu"), ("loss", "binary_cross_entropy"), ("seed", 7),
     ("start", "twins")],
)  # fmt: skip
def test_other_settings_begin_a_new_run_and_keep_the_curve(app, name, value):
    assert name in app.page.computes.work.anew
    old = run_of(app, 50, start="random")
    run = run_of(app, before=old, **{"start": "random", name: value})
    assert (run.steps, run.done, len(run.points)) == (0, False, 1)
    assert run.before == live.curves(old)
    assert run.at.layers[0].W.shape == (2, 3 if name == "units" else 2)
    assert path(shown(app, run), "risk_before") == path(shown(app, old), "risk")
    fresh = run_of(app, start="random")
    changed = [(run.at.layers[0], run.at.risk), (fresh.at.layers[0], fresh.at.risk)]
    assert str(changed[0]) != str(changed[1])


def test_again_begins_from_the_same_weights_and_keeps_the_curve(app):
    old = run_of(app, 3, start="random", seed=2)
    run = run_of(app, before=old, start="random", seed=2, rate=5.0)
    fresh = run_of(app, start="random", seed=2)
    for one, other in zip(run.at.layers, fresh.at.layers, strict=True):
        assert np.array_equal(one.W, other.W)
    assert 'class="way faint" data-q="risk_before"' in shown(app, run)
    assert "the run before" in shown(app, run)
    assert "the run before" not in shown(app, fresh)
    again = run_of(app, before=run, start="random", seed=2)
    assert again.before == live.curves(old), "a run without a step is nothing to compare with"


@pytest.mark.parametrize(
    ("kind", "units", "said"),
    [
        ("lecture", 3, "hidden units: got 3; the lecture's weights are for 2"),
        ("lecture", 1, "hidden units: got 1; the lecture's weights are for 2"),
        ("twins", 1, "hidden units: got 1; twins take at least 2"),
    ],
)
def test_units_that_a_start_cannot_have_are_named(app, kind, units, said):
    with pytest.raises(ValueError, match=said):
        run_of(app, start=kind, units=units)
    app.controls["start"].value = kind
    good = app.views["picture"].value
    app.controls["units"].set(units)
    app.refresh()
    assert said in app.message.value
    assert app.views["picture"].value == good
    app.controls["start"].value = "random"
    app.refresh()
    assert "got" not in app.message.value


def test_other_seeds_draw_other_weights(app):
    first = {str(run_of(app, start="random", seed=seed).at.layers[0].W) for seed in range(50)}
    assert len(first) == 50


def test_twins_are_named_and_never_part(app):
    run = run_of(app, 300, start="twins", units=3, seed=1)
    W, after = run.at.layers[0].W, run.at.layers[1].W
    assert np.array_equal(W[:, 0], W[:, 1])
    assert after[0] == after[1]
    assert "the first two hidden units are twins" in shown(app, run)
    assert "twins" not in shown(app, run_of(app, 300, start="random", units=3, seed=1))


def test_a_run_that_overflows_is_named_with_its_step_and_there_is_a_way_back(app):
    run = run_of(app, 100, 100, 100, **DIVERGES)
    start = live.start("lecture", 2, "identity", 0, TASK.layers)
    with pytest.raises(Diverged) as expected:
        trained(1000, start, loss=DIVERGES["loss"], learning_rate=20.0)
    assert run.failed == expected.value.step == run.steps + 1
    assert run.done
    assert np.isfinite(run.at.risk)
    assert all(np.isfinite(layer.W).all() for layer in run.at.layers)
    said = f"overflowed at step {run.failed}: the learning rate is too large"
    text = shown(app, run, **DIVERGES)
    assert said in text
    heights = [float(y) for y in re.findall(r"[ML]\S+ ([-\d.]+)", path(text, "risk"))]
    assert len(heights) > 5
    assert 0 < min(heights) <= max(heights) < 300, "it stays on the chart"
    shown(app, run_of(app, 2, (5, {"rate": 1e300})))  # the plane overflows, the run not yet
    again = run_of(app, 5, before=run, **DIVERGES | {"rate": 0.5})
    assert (again.steps, again.failed, again.done) == (5, 0, False)
    assert "overflowed" not in shown(app, again)


def test_a_rate_out_of_range_is_said_and_kept(app):
    good = app.views["picture"].value
    app.controls["rate"].value = 0
    app.refresh()
    assert "expected a number from 0.1 to 20" in app.message.value
    assert app.views["picture"].value == good
    assert app.controls["rate"].value == 0, "what was typed is kept"


def test_a_long_run_ends_by_itself(app, monkeypatch):
    monkeypatch.setattr(live, "LONGEST", 130)
    run = run_of(app, 100, 100)
    assert (run.steps, run.done, run.failed) == (130, True, 0)
    assert "130 steps are done" in shown(app, run)
    assert not run_of(app, 100).done


@pytest.mark.parametrize(("steps", "end"), [(0, 100), (100, 100), (101, 200), (201, 500),
                                           (501, 1000), (100_000, 100_000)])  # fmt: skip
def test_the_axis_of_steps_jumps_rarely(steps, end):
    assert live.nice(steps) == end


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "softplus"])
def test_the_plane_shows_the_answers(app, activation):
    """Each cell in the shade of the answer in its middle; the line where the answer is ½."""
    run = run_of(app, 3000, start="random", activation=activation, units=4, seed=3, rate=2.0)
    net = Network([Layer(*layer) for layer in run.at.layers])
    text = shown(app, run)

    def answers(left, top):
        across, up = (left - 40) / 240, (276 - top) / 240
        x = live.PLANE.low + (live.PLANE.high - live.PLANE.low) * np.stack([across, up], axis=-1)
        return bl.forward(net, x.reshape(-1, 2)).output[:, 0]

    half = np.array(re.findall(r"[ML](\S+) ([-\d.]+)", path(text, "half")), float)
    assert len(half) > 20
    assert np.abs(answers(*half.T) - 0.5).max() < 0.12, "as far as 40 cells can tell"
    found = np.full((live.CELLS, live.CELLS), -1)
    for k in range(11):
        cells = re.findall(r"M(\S+) (\S+?)H(\S+?)V", path(text, f"shade_{k}"))
        for left, low, right in np.array(cells, float).reshape(-1, 3):
            columns = slice(round((left - 40) / 6), round((right - 40) / 6))
            found[round((276 - low) / 6), columns] = k
    middles = np.arange(live.CELLS) * 6 + 3
    left, top = np.meshgrid(40 + middles, 276 - middles)
    expected = np.digitize(answers(left, top).reshape(found.shape).round(6), live.LEVELS)
    assert np.array_equal(found, expected)
    assert len(np.unique(found)) > 5


# --- steps on a parabola and on XOR ---------------------------------------------------------------


def test_the_lectures_counterexample_rises():
    assert walk(2.5)[:2] == [(0, 0.5), (2.5, 1.125)]


@pytest.mark.parametrize("rate", [0, 0.5, 1, 1.5, 2, 2.05, 2.6])
def test_each_step_on_the_parabola_multiplies_the_distance(rate):
    w, losses = np.array(walk(rate)).T
    assert np.allclose(1 - w, (1 - rate) ** np.arange(len(w)))
    assert np.allclose(losses, (1 - w) ** 2 / 2)
    shown = parabola_view({"rate": rate})
    assert ("rises" in str(shown["picture"])) == (rate > 2), "it rises for α > 2, not else"
    table = elements.page(shown["numbers"])
    for t in range(len(w)):
        assert re.search(rf'data-q="w_{t}">{w[t]:.4g}<', table)
        assert re.search(rf'data-q="loss_{t}">{losses[t]:.4g}<', table)


def test_risk_after_a_step_falls_for_short_steps_only():
    at = live.standing(TASK.layers, XOR.X, XOR.Y, live.LOSSES["half_squared_error"])
    before = risk_after(at, 0.0, TASK)
    assert round(before, 6) == 0.155131
    assert risk_after(at, 0.5, TASK) == trained(1).risks[-1] < before < risk_after(at, 40.0, TASK)
    for rate, verdict in ((0.5, "it falls"), (40, "it rises"), (0, "before and after")):
        assert verdict in str(risk_view({"rate": rate}, TASK)["picture"])


def test_the_tangent_of_the_risk_touches_its_curve():
    text = str(risk_view({"rate": 0.5}, TASK)["picture"])
    curve, tangent = (
        np.array(re.findall(r"[ML](\S+) ([-\d.]+)", path(text, name)), float)
        for name in ("risk", "tangent")
    )
    assert curve[0] == pytest.approx(tangent[0], abs=0.11)
    first = (curve[1] - curve[0])[1] / (curve[1] - curve[0])[0]
    along = (tangent[1] - tangent[0])[1] / (tangent[1] - tangent[0])[0]
    assert first == pytest.approx(along, abs=0.02)


@pytest.mark.parametrize("app", [explore.steps_on_a_parabola, explore.risk_after_a_step])
def test_step_apps_keep_the_last_good_picture(app):
    shown = app()
    good = shown.views["picture"].value
    shown.controls["rate"].value = -1
    shown.refresh()
    assert "expected a number from 0" in shown.message.value
    assert shown.views["picture"].value == good
    shown.controls["rate"].value = 1.5
    shown.refresh()
    assert shown.views["picture"].value != good
    assert "got" not in shown.message.value
