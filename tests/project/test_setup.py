"""`make setup` installs with uv where uv can be had, as pip is set up, and else with pip."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / ".ci" / "install.py"
# Stands in for `python -m pip` and `python -m uv`: notes what it is asked, installs nothing.
STAND_IN = """
import os, sys
name, asked = {name!r}, " ".join(sys.argv[1:])
with open(os.environ["NOTED"], "a") as noted:
    print(name, asked, file=noted)
sys.exit(any(refused in f"{{name}} {{asked}}" for refused in {refused!r}))
"""
UV, PROJECT = "requirements-uv.lock", "-e ."
ALL = ["requirements.lock", PROJECT]


@pytest.fixture
def install(tmp_path):
    """Runs the set-up with stand-ins that refuse what is named: exit code, words, installations."""

    def run(*refused):
        for name in ("pip", "uv"):
            (tmp_path / name).mkdir()
            text = STAND_IN.format(name=name, refused=refused)
            (tmp_path / name / "__init__.py").touch()  # or the real one goes before
            (tmp_path / name / "__main__.py").write_text(text)
        noted = tmp_path / "noted"
        environment = os.environ | {"PYTHONPATH": str(tmp_path), "NOTED": str(noted)}
        command = [sys.executable, INSTALL]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        asked = [line.split() for line in noted.read_text().splitlines()]
        installed = [
            (program, what)
            for program, *rest in asked
            for what in (UV, *ALL)
            if "install" in rest and f" {' '.join(rest)} ".endswith(f" {what} ")
        ]
        return done.returncode, done.stdout, installed

    return run


def test_uv_installs_where_it_can(install):
    expected = [("pip", UV), *(("uv", what) for what in ALL)]
    assert install() == (0, "", expected)


@pytest.mark.parametrize(
    ("refused", "before"),
    [(UV, [("pip", UV)]), ("uv pip install", [("pip", UV), ("uv", "requirements.lock")])],
)
def test_pip_installs_where_uv_cannot(install, refused, before):
    code, said, installed = install(refused)
    assert (code, installed) == (0, [*before, *(("pip", what) for what in ALL)])
    assert "pip does it" in said


def test_what_neither_can_install_is_a_failure(install):
    code, _, _ = install("requirements.lock")
    assert code == 1


def test_uv_goes_where_pip_is_told_to_go(tmp_path, monkeypatch):
    """pip's settings in a file, for an installation, and in a variable: the last one wins."""
    pytest.importorskip("pip")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex-url = https://a.example/simple\ntrusted-host = a.example\n"
        "no-index = false\nextra-index-url =\n  https://b.example/simple\n  https://c.example/\n"
        "[install]\nindex-url = https://d.example/simple\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_CERT", "/some/certificates.pem")
    script = runpy.run_path(str(INSTALL))
    options, environment = script["for_uv"](script["settings"]())
    said = " ".join(options)
    assert "--default-index https://d.example/simple" in said
    assert "--index https://b.example/simple --index https://c.example/" in said
    assert "--allow-insecure-host a.example" in said
    assert "--no-index" not in said
    assert environment["SSL_CERT_FILE"] == "/some/certificates.pem"
    monkeypatch.setenv("PIP_INDEX_URL", "https://e.example/simple")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    options, _ = script["for_uv"](script["settings"]())
    assert "--default-index https://e.example/simple" in " ".join(options)
    assert "--no-index" in options
