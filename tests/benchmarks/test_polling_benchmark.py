"""`python -m benchmarks.polling` as a person types it, made small."""

import subprocess
import sys

from tests.conftest import ROOT


def run(*options: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.polling", *options],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def test_three_simulated_minutes_of_five_networks_within_their_quotas() -> None:
    code, lines = run("--pages", "5", "--minutes", "3")
    assert code == 0, lines
    heads = [line for line in lines if not line.startswith("  ")]
    assert [head.split(":")[0] for head in heads] == ["vk", "ok", "instagram", "facebook", "x"]
    assert all("; 0 readings refused" in head for head in heads)
    assert not any("not read once" in line for line in lines)
    assert sum(line.startswith("  ok ") for line in lines) == 8
