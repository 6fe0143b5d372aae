"""The app of the order of multiplication: what it shows is what the package counts."""

import tracemalloc
from importlib import import_module

import pytest

from backprop_lab import explore
from backprop_lab.formulas import order
from backprop_lab.picture import elements
from tests.markup import attributes, fields, inside, text

app = import_module("backprop_lab.explore.product_order")
WIDTHS = {"n_0": 4, "n_1": 8, "n_2": 8, "n_3": 3}


def shown(**changes):
    values = {"batch": 1, "made": 0, "ends": "row", "way": "from the left", "milliseconds": {}}
    found = app.order_view({**WIDTHS, **values, **changes})
    return {name: elements.page(element) for name, element in found.items()}


def numbers(markup):
    return {name: int(shown.replace(",", "")) for name, shown in fields(markup).items()}


def test_the_chains_and_what_they_cost():
    for ends, sizes in (
        ("row", [1, 3, 8, 8, 4]), ("none", [3, 8, 8, 4]), ("column", [3, 8, 8, 4, 1]),
    ):  # fmt: skip
        found = numbers(shown(ends=ends, batch=5)["table"])
        for way in order.WAYS:
            cost = order.total(sizes, order.places(sizes, way))
            assert found[way.replace(" ", "_")] == 5 * cost


def test_the_running_product():
    costs = [24, 64, 32]  # (1 × 3)(3 × 8), (1 × 8)(8 × 8), (1 × 8)(8 × 4)
    for at in range(5):
        picture = shown(made=at)["picture"]
        assert numbers(picture) == {"so_far": sum(costs[:at]), "whole": sum(costs)}
        count = 4 - min(at, 3)
        rects = attributes(picture, "height")
        assert len(rects) == count
        marked = [css for css in attributes(picture, "class") if css == "box lit"]
        assert len(marked) == (2 if count > 1 else 0)
    assert "Next: 1 × 8 × 8: 64 mult" in text(shown(made=1)["picture"])
    assert "(vJ₃)" in text(shown(made=1)["picture"])
    assert "the product" in text(shown(made=3)["picture"])


def test_a_batch_as_one_matrix():
    said = text(shown(batch=6, ends="none")["table"])
    assert "18 × 24, they have 72 numbers that may differ from zero, of 432" in said
    assert "As one matrix" not in text(shown()["table"])


def test_large_sizes_make_nothing_large():
    large = dict.fromkeys(WIDTHS, app.LARGEST)
    tracemalloc.start()
    for ends in app.ENDS:
        for way in order.WAYS:
            found = shown(**large, ends=ends, way=way, made=1, batch=app.MOST_EXAMPLES)
            # the button is off
            assert attributes(found["table"], "disabled") == [""]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2e6
    # what a page's numbers hold exactly
    assert max(numbers(found["table"]).values()) < 2**53


def test_timing_in_the_page():
    state = app.timed({"milliseconds": {}}, "time", "1,3,8,8,4")
    found = state["milliseconds"]["1,3,8,8,4"]
    assert len(found) == 3
    assert min(found) > 0
    assert "…" not in text(shown(**state)["table"])
    assert "…" in text(shown(**state, n_0=5)["table"])


def test_the_app():
    one = explore.product_order((10_000, 100, 10, 1), "column", "the best order")
    assert one.settings() == {
        "n_0": 10_000, "n_1": 100, "n_2": 10, "n_3": 1, "batch": 1, "made": 0,
        "ends": "column", "way": "the best order",
    }  # fmt: skip
    assert repr(one) == "<a chain of Jacobians>"
    on_page = list(inside(one))
    assert all(any(each is control for each in on_page) for control in one.controls.values())


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        (([1, 2, 3],), ValueError, r"widths: got \[1, 2, 3\]; expected four"),
        (([1, 2, 3, 10_001],), ValueError, "widths: got .*at most 10000"),
        (([1, 2, 3, 0],), ValueError, r"widths\[3\]: got 0"),
        (([1, 2, 3, 4], "both"), ValueError, "ends: got 'both'; expected one of row"),
        (([1, 2, 3, 4], "row", "left"), ValueError, "way: got 'left'; expected one of from"),
    ],
)
def test_what_is_refused(given, kind, said):
    with pytest.raises(kind, match=said):
        explore.product_order(*given)
