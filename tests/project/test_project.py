"""The project's files agree with one another: one dependency list, one version."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import backprop_lab

ROOT = Path(__file__).parents[2]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


PYPROJECT = tomllib.loads(text("pyproject.toml"))
PROJECT = PYPROJECT["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = PROJECT["optional-dependencies"]
EXTRA = [Requirement(line) for name in ("test", "site") for line in EXTRAS[name]]  # not "hosts"
SETUP = [Requirement(line) for line in PYPROJECT["dependency-groups"]["setup"]]
LOCKS = {"requirements.lock": [*RUNTIME, *EXTRA], "requirements-uv.lock": SETUP}


def locked(lock):
    """Name -> (pinned requirement, its lines in the lock), of every requirement in a lock."""
    entries = {}
    for entry in re.split(r"\n(?=[^\s#])", "\n" + text(lock))[1:]:
        pinned = Requirement(entry.split(" \\\n", 1)[0])
        name = canonicalize_name(pinned.name)
        assert name not in entries, f"{name} is pinned twice"
        entries[name] = pinned, entry
    return entries


def test_conda_environment_has_the_runtime_dependencies_and_bounds():
    environment = yaml.safe_load(text("environment.yml"))
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    expected = [f"python{PROJECT['requires-python']}", *PROJECT["dependencies"], "pip"]
    assert sorted(conda) == sorted(expected)
    assert {"pip": ["-e ."]} in environment["dependencies"]
    assert environment["name"] == PROJECT["name"]
    assert environment["channels"] == ["conda-forge"]


@pytest.mark.parametrize(
    ("lock", "requirement"), [(lock, each) for lock in LOCKS for each in LOCKS[lock]], ids=str
)
def test_lock_pins_a_version_within_the_bounds_everywhere(lock, requirement):
    pinned, _ = locked(lock)[canonicalize_name(requirement.name)]
    (pin,) = pinned.specifier
    assert pin.operator == "=="
    assert pin.version in requirement.specifier
    assert pinned.marker is None, "pinned on some platforms or Python versions only"


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_a_hash_for_every_requirement(lock):
    entries = locked(lock)
    assert len(entries) >= len(LOCKS[lock])
    without = [name for name, (_, entry) in entries.items() if "--hash=sha256:" not in entry]
    assert not without


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_host_and_no_path_and_leaves_out_what_few_need(lock):
    assert not locked(lock).keys() & {"torch", "notebook", "voila"}
    for line in text(lock).splitlines():
        assert not re.search(r"://|index-url|find-links|file:|(^|\s)/\w", line), line


def test_lock_names_the_extras_that_its_packages_ask_for():
    """pip takes a newer version of one whose extras are not named, and then misses its hash."""
    pins = {name: pinned for name, (pinned, _) in locked("requirements.lock").items()}
    asked = [
        need
        for one in pins.values()
        if not one.marker or one.marker.evaluate()
        for need in map(Requirement, requires(one.name) or ())
        if any(not need.marker or need.marker.evaluate({"extra": e}) for e in ("", *one.extras))
    ]
    assert any(need.extras for need in asked)
    for need in asked:
        assert need.extras <= pins[canonicalize_name(need.name)].extras, need


def documented_targets(name):
    """Names after `make` in the code spans and code blocks of a Markdown file."""
    code = re.findall(r"```.*?```|`[^`\n]+`", text(name), flags=re.DOTALL)
    return {target for span in code for target in re.findall(r"\bmake ([a-z]+)", span)}


def test_every_documented_make_target_exists():
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), flags=re.MULTILINE))
    readme, contributing = documented_targets("README.md"), documented_targets("CONTRIBUTING.md")
    assert {"lab", "test"} <= readme
    assert readme | contributing <= targets
    assert contributing >= targets - {"help", "python"}, "CONTRIBUTING.md leaves a target out"


def test_one_version_everywhere():
    citation = yaml.safe_load(text("CITATION.cff"))
    newest = r"^## \[?(\d[^\s\]]*)\]?(?: - (\S+))?$"  # the date may be missing, and is then missed
    released = re.search(newest, text("CHANGELOG.md"), re.MULTILINE)
    assert released, "CHANGELOG.md has no heading such as: ## [0.1.0] - 2026-11-22"
    version, date = released.groups()
    assert PROJECT["version"] == version
    assert backprop_lab.__version__ == version
    assert str(citation["version"]) == version
    assert str(citation["date-released"]) == date


def test_import_loads_no_plotting_widget_or_data_package():
    heavy = ["IPython", "ipywidgets", "matplotlib", "pandas", "scipy"]
    code = f"import backprop_lab, sys; print(*(n for n in {heavy} if n in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


def test_the_site_is_published_from_main_alone_after_the_tests_and_with_no_more_rights_than_that():
    workflow = yaml.safe_load(text(".github/workflows/ci.yml"))
    jobs = workflow["jobs"]
    assert workflow["permissions"] == {"contents": "read"}
    assert jobs["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert [name for name, job in jobs.items() if "permissions" in job] == ["publish"]
    assert jobs["publish"]["needs"] == "site"
    assert set(jobs["site"]["needs"]) == set(jobs) - {"site", "publish"}
    assert jobs["site"]["if"] == "github.event_name == 'push' && github.ref == 'refs/heads/main'"
    used = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert all(action.startswith("actions/") for action in used)
    for step in (step for job in jobs.values() for step in job["steps"]):
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False
