"""The apps: controls plus pictures. Each function returns one widget."""

from backprop_lab.explore.algorithm import algorithm
from backprop_lab.explore.any_network import any_network
from backprop_lab.explore.chain_of_neurons import chain_of_neurons
from backprop_lab.explore.counts import counts
from backprop_lab.explore.deep_network import deep_network
from backprop_lab.explore.deep_training import deep_training
from backprop_lab.explore.difference import difference
from backprop_lab.explore.formula_sizes import formula_sizes
from backprop_lab.explore.graph import graph
from backprop_lab.explore.notation_switch import notation_switch
from backprop_lab.explore.nudge_app import nudge_app
from backprop_lab.explore.one_neuron import one_neuron
from backprop_lab.explore.one_step import losses_after_step, one_step
from backprop_lab.explore.overlap import overlap
from backprop_lab.explore.phase_map import phase_map
from backprop_lab.explore.product_order import product_order
from backprop_lab.explore.risk_after_a_step import risk_after_a_step
from backprop_lab.explore.signal import signal
from backprop_lab.explore.steps_on_a_parabola import steps_on_a_parabola
from backprop_lab.explore.still import (
    chain_rules,
    curves,
    layers_graph,
    matrices,
    printed_numbers,
    row_of,
    tape_graph,
    tensor,
    three_layers,
    two_languages,
)
from backprop_lab.explore.timing import timing
from backprop_lab.explore.valve import valve
from backprop_lab.explore.walkthrough import STAGES, point_names, walkthrough
from backprop_lab.explore.xor_training import xor_training
from backprop_lab.page.controls import App, NumberSlider

__all__ = [
    "STAGES",
    "App",
    "NumberSlider",
    "algorithm",
    "any_network",
    "chain_of_neurons",
    "chain_rules",
    "counts",
    "curves",
    "deep_network",
    "deep_training",
    "difference",
    "formula_sizes",
    "graph",
    "layers_graph",
    "losses_after_step",
    "matrices",
    "notation_switch",
    "nudge_app",
    "one_neuron",
    "one_step",
    "overlap",
    "phase_map",
    "point_names",
    "printed_numbers",
    "product_order",
    "risk_after_a_step",
    "row_of",
    "signal",
    "steps_on_a_parabola",
    "tape_graph",
    "tensor",
    "three_layers",
    "timing",
    "two_languages",
    "valve",
    "walkthrough",
    "xor_training",
]
