"""Checks what the service is made of: our code, others' licences, known flaws; writes a bill of materials."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
RUNTIME = ROOT / "requirements-runtime.lock"
SBOM = ROOT / "build" / "sbom.cdx.json"
# With it, an advisory service that cannot be asked fails the check: set in CI that has a network.
MUST_ASK = "PAYMENTS_AUDIT_REQUIRED"
UNREACHABLE = re.compile(
    r"could not be audited|ConnectionError|Max retries|ServiceError|Connection refused|timed out|HTTPError"
)

# Permissive ones. One weak copyleft was looked at: psycopg2 is used unchanged, which LGPL allows.
WORDS = re.compile(
    r"(MIT|BSD|Apache|PSF|Python Software Foundation|ISC|MPL|Mozilla|PostgreSQL|Public Domain|CC0|"
    r"Unlicense|Zlib|HPND)",
    re.IGNORECASE,
)
LGPL = {"psycopg2-binary"}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """A tool of the virtual environment, in the project's folder."""
    words = [str(BIN / command[0]), *map(str, command[1:])]
    return subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)


def names_of(lock: Path) -> list[str]:
    """The distributions that a lock file names."""
    return sorted(set(re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(), re.MULTILINE)))


def is_allowed(name: str, licence: str) -> bool:
    """Whether we may ship it: a licence of the list, or one that was looked at for this distribution."""
    if re.search("GPL|General Public", licence, re.IGNORECASE):
        return name in LGPL and bool(re.search("LGPL|Lesser", licence, re.IGNORECASE))
    return bool(WORDS.search(licence))


def check_code() -> str | None:
    """bandit over what we ship."""
    done = run("bandit", "-q", "-r", "src", "-ll", "-ii")
    return done.stdout if done.returncode else None


def check_licences() -> str | None:
    """Those of all that is installed with the service."""
    done = run("pip-licenses", "--format=json", "--packages", *names_of(RUNTIME))
    if done.returncode:
        return done.stderr
    wrong = [
        f"{each['Name']}: {each['License']}"
        for each in json.loads(done.stdout)
        if not is_allowed(each["Name"].lower(), each["License"])
    ]
    return "\n".join(wrong) or None


def check_advisories() -> str | None:
    """pip-audit over the lock file; strict, so that what could not be looked up is no success."""
    done = run("pip-audit", "--strict", "--disable-pip", "--require-hashes", "-r", RUNTIME)
    said = done.stdout + done.stderr
    if done.returncode == 0:
        return None
    if UNREACHABLE.search(said) and not os.environ.get(MUST_ASK):
        print(
            f"  NOT CHECKED: the advisory service cannot be reached ({MUST_ASK}=1 makes that fail)"
        )
        return None
    return said


def write_sbom() -> str | None:
    """CycloneDX, of the lock file."""
    SBOM.parent.mkdir(exist_ok=True)
    done = run("cyclonedx-py", "requirements", RUNTIME, "--of", "JSON", "-o", SBOM)
    return done.stderr if done.returncode else None


CHECKS = {
    "bandit": check_code,
    "licences": check_licences,
    "pip-audit": check_advisories,
    "SBOM": write_sbom,
}


def main() -> int:
    """Run all checks; 1 when any finds something."""
    failed = False
    for name, check in CHECKS.items():
        print(f"{name}")
        if found := check():
            failed = True
            print(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
