"""One step: the losses of the four points before and after it."""

import pytest

from backprop_lab import explore
from backprop_lab.explore.one_step import one_step_view
from tests.markup import fields
from tests.xor import NAMES, START, XOR, by_hand, losses, moved


def stepped(batch, alpha):
    if not batch:
        return moved(START, alpha)
    every = [by_hand(START, point) for point in XOR]
    return {n: START[n] - alpha * sum(now["d" + n] for now in every) / 4 for n in NAMES}


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 5.0])
@pytest.mark.parametrize("batch", [False, True])
def test_losses_after_one_step(batch, alpha):
    before, after = explore.losses_after_step(batch, alpha)
    assert before == pytest.approx(losses(START), abs=1e-15)
    assert after == pytest.approx(losses(stepped(batch, alpha)), abs=1e-14)
    expected = {f"before_{k}": value for k, value in enumerate(before)}
    expected |= {f"after_{k}": value for k, value in enumerate(after)}
    expected |= {f"change_{k}": a - b for k, (b, a) in enumerate(zip(before, after, strict=True))}
    texts = fields(one_step_view(batch, alpha)["bars"])
    for name, text in texts.items():
        assert float(text) == pytest.approx(expected[name], abs=5.01e-5)
    assert len(texts) == 15


def test_a_step_on_one_point_raises_the_mean_and_the_full_batch_lowers_it():
    def mean(batch):
        before, after = explore.losses_after_step(batch, 0.5)
        return f"{before[-1]:.5f}", f"{after[-1]:.5f}"

    assert mean(False) == ("0.15513", "0.15689")
    assert mean(True) == ("0.15513", "0.15337")


def test_one_step_switches_and_follows_alpha():
    app = explore.one_step()
    assert app.views["bars"].value == one_step_view(False, 0.5)["bars"]
    app.controls["batch"].value = True
    app.controls["alpha"].set(2.0)
    app.refresh()
    assert app.views["bars"].value == one_step_view(True, 2.0)["bars"]
    assert len({one_step_view(*s)["bars"] for s in [(0, 0.5), (1, 0.5), (1, 2.0)]}) == 3
