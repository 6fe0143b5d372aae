"""The apps: controls plus pictures. Each function returns one widget."""

from backprop_lab.explore.algorithm import algorithm
from backprop_lab.explore.any_network import any_network
from backprop_lab.explore.computation_graph import graph
from backprop_lab.explore.controls import App, NumberSlider
from backprop_lab.explore.deep_chain import chain_of_neurons
from backprop_lab.explore.deep_learning import deep_training
from backprop_lab.explore.deep_network import deep_network
from backprop_lab.explore.error_signal import signal
from backprop_lab.explore.growth import counts, formula_sizes
from backprop_lab.explore.live_training import xor_training
from backprop_lab.explore.notation_switch import notation_switch
from backprop_lab.explore.nudge import nudge_app
from backprop_lab.explore.one_neuron import one_neuron
from backprop_lab.explore.one_step import POINT_NAMES, losses_after_step, one_step
from backprop_lab.explore.phase import phase_map
from backprop_lab.explore.step_size import risk_after_a_step, steps_on_a_parabola
from backprop_lab.explore.still import (
    chain_rules,
    curves,
    layers_graph,
    printed_numbers,
    three_layers,
)
from backprop_lab.explore.timings import timing
from backprop_lab.explore.two_paths import overlap
from backprop_lab.explore.valve import valve
from backprop_lab.explore.walkthrough import STAGES, xor_walkthrough

__all__ = [
    "POINT_NAMES",
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
    "formula_sizes",
    "graph",
    "layers_graph",
    "losses_after_step",
    "notation_switch",
    "nudge_app",
    "one_neuron",
    "one_step",
    "overlap",
    "phase_map",
    "printed_numbers",
    "risk_after_a_step",
    "signal",
    "steps_on_a_parabola",
    "three_layers",
    "timing",
    "valve",
    "xor_training",
    "xor_walkthrough",
]
