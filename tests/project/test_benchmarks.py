"""The benchmarks of the passes and of training: they time only what computes the same."""

import numpy as np
import pytest

from benchmarks import passes, training

WIDTHS, BATCH = (3, 4, 2), 5
HERE = {title: make for title, make in passes.CONTENDERS.items() if passes.installed(title)}


def test_table_of_a_tiny_network(monkeypatch, capsys):
    monkeypatch.setattr(passes, "ROUND", 1e-4)
    passes.main({"tiny": (WIDTHS, BATCH)}, rounds=2)
    head, _, row, _, facts = capsys.readouterr().out.splitlines()
    assert row.startswith("| tiny | ")
    assert row.count("|") == head.count("|") == len(HERE) + 2
    assert facts.startswith("Python ")


def test_what_is_not_installed_is_said(monkeypatch, capsys):
    monkeypatch.setattr(passes, "ROUND", 1e-4)
    monkeypatch.setattr(passes, "OPTIONAL", dict.fromkeys(passes.OPTIONAL, "no_such_module"))
    passes.main({"tiny": (WIDTHS, BATCH)}, rounds=1)
    assert "Not installed: PyTorch eager, JAX jit, autograd." in capsys.readouterr().out


@pytest.mark.parametrize("wrong", range(6))
def test_a_contender_with_another_result_is_refused(wrong):
    def slip(*case):
        def run():
            result = list(passes.plain_numpy(*case)())
            result[wrong] = result[wrong] * (1 + 1e-8)
            return result

        return run

    with pytest.raises(ValueError, match=f"slip: .* array {wrong}"):
        passes.measure({"slip": slip}, WIDTHS, BATCH, 1)


def test_training_learns_and_the_difference_is_seen():
    ours, other = (
        training.Ours(training.start("sigmoid"), training.XOR.learning_rate) for _ in range(2)
    )
    ours.steps(20)
    other.steps(20)
    assert training.difference(ours, other) == 0
    other.steps(1)
    moved = [np.abs(a - b).max() for a, b in zip(ours.weights(), other.weights(), strict=True)]
    assert training.difference(ours, other) == max(moved) > 0
