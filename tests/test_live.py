"""The page's arithmetic, as far as it can be told without a page."""

import pytest
import sympy as sp

from backprop_lab import explore
from backprop_lab.functions import ACTIVATIONS, Node, Z
from backprop_lab.live import Live, network_program, program

A, B = sp.symbols("a b", real=True)


def test_a_program_names_its_inputs_and_outputs():
    found = program({"total": A + B, "product": A * B})
    assert found.inputs == ("a", "b")
    assert found.outputs == ("total", "product")
    assert "const {a, b} = values;" in found.javascript
    assert "total: a + b," in found.javascript
    assert "eval" not in found.javascript
    assert "Function" not in found.javascript


def test_the_network_program_computes_every_error_signal_once():
    text = network_program((2, 2, 1)).javascript
    body = text[text.index("export function compute") :]
    # three activations and three slopes, before the step and after it
    assert body.count(" sigmoid(") == body.count("sigmoid_slope(") == 6


def test_the_program_of_the_walkthrough_has_what_its_pictures_show():
    known = set(network_program((2, 2, 1)).outputs) | set(network_program((2, 2, 1)).inputs)
    for stage in explore.STAGES:
        for weight in explore.xor_walkthrough().controls["weight"].options:
            app = explore.xor_walkthrough(stage)
            app.controls["weight"].value = weight[1]
            for view in app.views.values():
                shown = view.value.split('data-q="')[1:]
                assert {part.partition('"')[0] for part in shown} <= known


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("z", [-1e4, -710, -1, 0, 1e-9, 1, 40, 710, 1e4])
def test_the_safe_form_of_every_node_is_the_node(name, z):
    """Where exp overflows, only a branch that is not taken may be infinite."""
    activation = ACTIVATIONS[name]
    for expr in (activation.expr, activation.derivative):
        safe = expr.replace(lambda e: isinstance(e, Node), lambda e: e.func.safe(*e.args))
        value = float(safe.xreplace({Z: sp.Float(z, 30)}).evalf(30))
        exact = float(expr.xreplace({Z: sp.Float(z, 30)}).evalf(30))
        assert value == pytest.approx(exact, rel=1e-12, abs=1e-300)


def test_a_program_without_a_value_for_an_input_is_refused():
    numbers = {"a": {"value": 1.0, "low": 0, "high": 2, "step": 0.1, "label": "a"}}
    with pytest.raises(ValueError, match="numbers, tables: no value for b"):
        Live(program({"total": A + B}), numbers, {})


def test_the_widget_has_a_repr_without_an_address():
    numbers = {"a": {"value": 1.0, "low": 0, "high": 2, "step": 0.1, "label": "a"}}
    assert repr(Live(program({"twice": 2 * A}), numbers, {})) == "<the page's arithmetic>"
