"""Processors, as far as one machine can stand for others: environment variables for a kernel.

OpenBLAS has kernels for each kind of processor, which add up in another order, and NumPy's
functions differ in their last bit by the instructions that they use. Where a variable means nothing
(NumPy on macOS multiplies by Accelerate), a setting is the machine's own once more.
"""

from __future__ import annotations

import itertools
import platform
import shlex
from collections.abc import Mapping

from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

from .noise import SEED

Setting = Mapping[str, str]
"""Environment variables; empty: the machine as it is."""

CORE, WITHOUT = "OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES"
_AVX2, _AVX512 = ("X86_V3", "AVX2"), ("X86_V4", "AVX512_SKX")
"""By NumPy 2.4 and later, and by earlier ones."""
_CORES = {
    "x86_64": {
        "Prescott": (), "Nehalem": (), "Haswell": _AVX2, "Zen": _AVX2, "SkylakeX": _AVX512,
    },
    "aarch64": {"ARMV8": (), "NEOVERSEN1": ("ASIMDDP",)},
}  # fmt: skip
"""OpenBLAS's names of processors, each with the features of which it needs one."""
SEEDS = 3
"""So many seeds of noise are tried."""


def cores() -> list[str]:
    """The processors whose kernels run on this one, the plainest first."""
    machine = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    known = _CORES.get(machine, {})
    return [c for c, need in known.items() if not need or any(map(__cpu_features__.get, need))]


def without() -> list[str]:
    """NumPy's features beyond the least, as lists to switch off: none, the newest ones, all."""
    supported = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    return [" ".join(supported[keep:]) for keep in reversed(range(len(supported) + 1))]


def _setting(core: str, disabled: str) -> Setting:
    return {name: value for name, value in ((CORE, core), (WITHOUT, disabled)) if value}


def other() -> Setting:
    """The processor furthest from this one: the plainest kernels, none of NumPy's features."""
    return _setting(next(iter(cores()), ""), without()[-1])


def every() -> list[Setting]:
    """All that this processor can stand for but itself and `other`; last the noise."""
    pairs = (_setting(*pair) for pair in itertools.product(["", *cores()], without()))
    noises = ({SEED: str(seed)} for seed in range(1, SEEDS + 1))
    return [s for s in (*pairs, *noises) if s and s != other()]


def said(setting: Setting) -> str:
    """A setting as a shell takes it, for messages."""
    return (
        " ".join(f"{name}={shlex.quote(value)}" for name, value in setting.items()) or "no setting"
    )
