"""Programs for the page, as far as they can be told without one."""

import itertools
import re

import numpy as np
import pytest
import sympy as sp

import backprop_lab as bl
from backprop_lab.core.activations import ACTIVATIONS
from backprop_lab.core.keys import parameters
from backprop_lab.core.losses import LOSSES
from backprop_lab.core.nodes import Node, Z
from backprop_lab.formulas.factors import local_derivatives
from backprop_lab.page.program import MOST_PARAMETERS, in_page, network_program, program
from tests.random_networks import targets

A, B = sp.symbols("a b", real=True)
PAIRS = list(itertools.product(ACTIVATIONS, LOSSES))


def output_of(activation, loss):
    return LOSSES[loss].output or activation


def body(program):
    """The lines of a program's one function: pairs of a name and its formula."""
    return re.findall(r"^  const (\w+) = (.*);$", program.javascript, re.MULTILINE)


def test_a_program_names_its_inputs_and_outputs():
    found = program({"total": A + B, "product": A * B})
    assert found.inputs == ("a", "b")
    assert found.outputs == ("total", "product")
    assert "const {a, b} = values;" in found.javascript
    assert "total: a + b," in found.javascript


def test_a_subexpression_is_computed_once():
    found = program({"square": (A + B) ** 2, "cube": (A + B) ** 3})
    assert found.javascript.count("a + b") == 1


def test_what_javascript_does_not_know_is_refused():
    with pytest.raises(NotImplementedError, match="zeta"):
        program({"unknown": sp.zeta(A)})


@pytest.mark.parametrize(("activation", "loss"), PAIRS)
def test_a_program_uses_only_what_it_defines(activation, loss):
    """Line by line: nothing is undefined, nothing calls itself, no text is evaluated."""
    found = network_program((2, 2, 2), activation, output_of(activation, loss), loss)
    assert not re.search(r"eval|Function|NaN|undefined|//|/\*", found.javascript)
    known, places = set(), []
    for line in found.javascript.splitlines():
        if given := re.fullmatch(r"  const \{(.*)\} = values;", line):
            assert tuple(given[1].split(", ")) == found.inputs
            known |= set(found.inputs)
        elif defined := re.fullmatch(r"(?:  )?const (\w+) = (\(z\) => )?(.*);", line):
            used = set(re.findall(r"[A-Za-z_]\w*", re.sub(r"(Math|Number)\.\w+", "", defined[3])))
            assert used <= ({"z"} if defined[2] else known), line
            assert defined[1] not in known
            known.add(defined[1])
        elif returned := re.fullmatch(r"    (\w+): (\w+),", line):
            assert returned[2] in known | {"1"}
            places.append(returned[1])
    assert tuple(places) == found.outputs


def test_the_network_program_computes_every_error_signal_once():
    found = network_program((2, 2, 1))
    formulas = [formula for _, formula in body(found)]
    assert len(set(formulas)) == len(formulas)
    text = " ".join(formulas)
    # three activations and three slopes, before the step and after it
    assert len(re.findall(r"\bsigmoid\(", text)) == len(re.findall("sigmoid_slope", text)) == 6
    # the error signal is the gradient of the bias, and every factor of it stands alone
    for prefix, layer, j in itertools.product(("", "new_"), (0,), (0, 1)):
        same = [
            re.search(rf"^    {prefix}{kind}_{layer}_{j}: (\w+),", found.javascript, re.MULTILINE)[
                1
            ]
            for kind in ("delta", "db")
        ]
        assert same[0] == same[1]


def test_the_program_grows_linearly():
    """By as many lines for each further layer, and for each further hidden unit."""
    by_depth = [len(body(network_program((2,) * depth))) for depth in range(3, 8)]
    assert len(set(np.diff(by_depth))) == 1
    by_width = [len(body(network_program((1, width, 1)))) for width in range(2, 7)]
    assert len(set(np.diff(by_width))) == 1


def test_the_step_can_be_left_out():
    whole, half = network_program((2, 2, 1)), network_program((2, 2, 1), step=False)
    assert half.outputs == tuple(key for key in whole.outputs if not key.startswith("new_"))
    assert half.inputs == tuple(key for key in whole.inputs if key != "alpha")
    assert len(half.javascript) < 0.6 * len(whole.javascript)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("widths", [(1, 1), (2, 3, 2), (2, 2, 3, 1), (1, 2, 1, 2)], ids=str)
def test_local_derivatives_are_the_factors_of_all_paths(widths, loss):
    net = bl.Network.mlp(widths, "silu", output_of("tanh", loss), seed=3)
    rng = np.random.default_rng(4)
    f = bl.forward(net, rng.normal(size=widths[0]))
    g = bl.backward(net, f, targets(rng, loss, widths[-1:]), loss)
    expected = {
        factor.key: factor.value
        for weight in parameters(widths)
        for path in bl.chain(g, weight).paths
        for factor in path.factors
    }
    assert local_derivatives(g) == expected
    assert {key.name for key in expected} <= set(
        network_program(widths, "silu", output_of("tanh", loss), loss).outputs
    )


def test_what_a_page_computes():
    assert in_page((4, 4, 4, 1))
    assert in_page((MOST_PARAMETERS - 1, 1))
    assert not in_page((MOST_PARAMETERS, 1))
    assert not in_page((16, 16, 1))


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


def test_the_loss_is_half_the_squared_error_unless_another_is_named():
    given = [{}, {"loss": "half_squared_error"}, {"loss": "squared_error"}]
    half, same, other = (network_program((2, 2, 1), **named).javascript for named in given)
    assert half == same != other
