"""Certificates before a verifier that others wrote; README.md names it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
VECTORS = HERE.parent / "vectors" / "open_badges"
CERTIFICATE = VECTORS / "certificate.json"

Verify = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Verify:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.fail(f"{program} is not on the PATH: this test needs Node.js 20 with npm")
    place = tmp_path_factory.mktemp("interop")
    for name in ("package.json", "verify.mjs"):
        shutil.copy(HERE / name, place)
    install = ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
    done = subprocess.run(install, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    def run(certificate: dict[str, Any]) -> dict[str, Any]:
        path = place / "certificate.json"
        path.write_text(json.dumps(certificate), encoding="utf-8")
        command = ["node", "verify.mjs", str(path), str(VECTORS / "did.json")]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        assert done.returncode in {0, 1}, done.stderr
        verdict: dict[str, Any] = json.loads(done.stdout)
        assert verdict["verified"] == (done.returncode == 0)
        return verdict

    return run


def test_a_third_party_verifies_a_certificate(verify: Verify) -> None:
    assert verify(json.loads(CERTIFICATE.read_bytes())) == {"verified": True, "problems": []}


def test_a_third_party_refuses_more_hours(verify: Verify) -> None:
    certificate = json.loads(CERTIFICATE.read_bytes())
    certificate["credentialSubject"]["creditsEarned"] = 60
    assert "Invalid signature." in verify(certificate)["problems"]


def test_a_third_party_refuses_another_inclusion_proof(verify: Verify) -> None:
    certificate = json.loads(CERTIFICATE.read_bytes())
    certificate["evidence"][0]["narrative"] += "\n"
    assert "Invalid signature." in verify(certificate)["problems"]


def test_a_third_party_refuses_a_term_that_no_context_defines(verify: Verify) -> None:
    certificate = json.loads(CERTIFICATE.read_bytes())
    certificate["score"] = 92
    assert "Safe mode validation error." in verify(certificate)["problems"]


def test_a_third_party_refuses_a_key_that_the_issuer_does_not_list(verify: Verify) -> None:
    certificate = json.loads(CERTIFICATE.read_bytes())
    certificate["proof"]["verificationMethod"] = certificate["issuer"]["id"] + "#key-2026-2"
    assert not verify(certificate)["verified"]
