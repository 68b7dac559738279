"""mypy follows every module of the three packages."""

import tomllib


def test_mypy_leaves_out_no_module_of_ours(root):
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    packages = {file.parent.name for file in (root / "workflow" / "scripts").glob("*/__init__.py")}
    assert set(settings["packages"]) == packages
    named = [name for override in settings["overrides"] for name in override["module"]]
    assert not [name for name in named if name.split(".")[0] in packages]
    assert not {"exclude", "ignore_errors", "disable_error_code"} & settings.keys()


def test_an_ignored_error_is_named(root):
    lines = [
        (file.name, line)
        for file in (root / "workflow" / "scripts").rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if "# type: ignore" in line or "# mypy:" in line
    ]
    assert not [line for line in lines if "# type: ignore[" not in line[1]]
