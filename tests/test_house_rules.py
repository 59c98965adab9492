"""Rules no linter knows."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("bot", "handlers", "collectors", "classifier", "incidents", "models", "sandbox")


def _code(*packages: str) -> Iterator[tuple[Path, ast.Module]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def test_only_the_mover_changes_a_status() -> None:
    guilty = [
        f"{path}:{node.lineno}"
        for path, tree in _code("bot", "handlers", "collectors", "classifier", "incidents")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "status"
        and isinstance(node.ctx, ast.Store)
        and not (isinstance(node.value, ast.Name) and node.value.id == "self")  # an error keeps what it met
        and path != Path("incidents/moving.py")
    ]
    assert guilty == []


def test_nobody_commits_by_hand() -> None:
    guilty = [
        f"{path}:{node.lineno}"
        for path, tree in _code(*PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert guilty == []


def test_a_migration_imports_nothing_of_ours() -> None:
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            name
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert not {name.split(".")[0] for name in imported} & set(PACKAGES), path


@pytest.mark.parametrize("package", PACKAGES)
def test_a_file_can_be_held_in_the_head(package: str) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / package).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 330
    }
    assert long == {}


def test_no_file_is_called_utils() -> None:
    names = {"utils", "helpers", "common", "misc"}
    assert [path for path, _ in _code(*PACKAGES) if path.stem in names] == []


def test_only_publication_publishes() -> None:
    guilty = [
        str(path)
        for path, tree in _code("bot", "handlers", "incidents", "classifier")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "publish"
        and path != Path("bot/publication.py")
    ]
    assert guilty == []


def test_the_lock_has_a_hash_for_everything_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 50
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[\[<>=~ ]", line)[0].lower() for line in asked}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {line.split("==")[0].split("[")[0] for line in lock.splitlines() if "==" in line}
    assert names <= locked


def test_the_repository_speaks_of_the_product_alone() -> None:
    """No registry's host, no path of a machine: a clone must mean the same everywhere."""
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    forbidden = re.compile(r"pypi\.(org|python)|pythonhosted|/work/|/home/[a-z]|/root/")
    guilty = [
        name
        for name in files
        if name
        and name != "tests/test_house_rules.py"
        and Path(name).suffix not in {".png", ".npz"}
        and forbidden.search((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert guilty == []


def test_the_house_in_the_readme_is_the_real_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.split("## The house", 1)[1].split("```")[1]
    told = {line.split("/")[0] for line in block.strip().splitlines()}
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.splitlines()
    real = {name.split("/")[0] for name in tracked if "/" in name and not name.startswith(".")}
    assert told == real


@pytest.mark.parametrize("module", ["incidents.intake", "collectors.vk", "classifier", "bot.importing"])
def test_what_does_not_talk_to_telegram_starts_light(module: str) -> None:
    """aiogram costs three seconds and 165 MB, scikit-learn one and 100."""
    code = f"import sys, {module}; print(sorted({{'aiogram', 'sklearn'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
