"""One set of versions: constraints.txt, envs/ and pyproject.toml agree, and name no host."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# torch brings these only where it is built for a GPU.
GPU_PARTS = ("nvidia-", "cuda-", "triton")


@pytest.fixture(scope="session")
def pins(root: Path) -> dict[str, str]:
    lines = (root / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


@pytest.fixture(scope="session")
def wanted(root: Path) -> list[Requirement]:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"]]
    lines += [line for extra in project["optional-dependencies"].values() for line in extra]
    return [Requirement(line) for line in lines]


def installed_closure(wanted: list[Requirement]) -> set[str]:
    """Names of all installed packages that `wanted` pull in, by the packages' own metadata."""
    found: set[str] = set()
    queue = [(requirement, "") for requirement in wanted]
    done = set()
    while queue:
        requirement, extra = queue.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        try:
            package = distribution(requirement.name)
        except PackageNotFoundError:
            continue
        found.add(canonicalize_name(requirement.name))
        for chosen in {"", *requirement.extras}:
            if (requirement.name, chosen) not in done:
                done.add((requirement.name, chosen))
                queue += [(Requirement(line), chosen) for line in package.requires or []]
    return found


def test_constraints_are_exact_sorted_and_plain(root):
    text = (root / "constraints.txt").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in lines:
        # A local label (+cpu) would tie everyone to one build of torch.
        assert re.fullmatch(r"[a-z0-9-]+==[0-9]+(\.[0-9]+)*(\.post[0-9]+)?", line), line
    assert lines == sorted(lines)
    assert len({line.split("==")[0] for line in lines}) == len(lines)


def test_every_requirement_is_satisfied_by_its_pin(pins, wanted):
    for requirement in wanted:
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


def test_everything_that_is_pulled_in_is_pinned(pins, wanted):
    loose = installed_closure(wanted) - set(pins)
    assert {name for name in loose if not name.startswith(GPU_PARTS)} == set()


def test_nothing_else_is_pinned(pins, wanted, root):
    makefile = (root / "Makefile").read_text() if (root / "Makefile").exists() else ""
    strays = set(pins) - installed_closure(wanted)
    assert {name for name in strays if name not in makefile} == set()


@pytest.mark.parametrize("name", ["train", "analysis"])
def test_environments_have_the_pinned_versions(root, pins, name):
    environment = yaml.safe_load((root / "envs" / f"{name}.yaml").read_text())
    (listed,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    for line in listed:
        package, version = line.split("==")
        assert pins[package] == version


def test_no_address_of_a_registry_anywhere(root):
    for path in [root / "constraints.txt", *(root / "envs").glob("*.yaml")]:
        text = path.read_text()
        assert "://" not in text and "index-url" not in text and " @ " not in text, path
    requirements = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert not any("@" in line for line in requirements["dependencies"])
