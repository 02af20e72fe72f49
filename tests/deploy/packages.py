"""Installs the packages of PyPI and npm that the checks use, into target/packages."""

import base64
import contextlib
import fcntl
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "target/packages"
REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")
CDK = ROOT / "examples/deploy/cdk"

# The schema of Terraform's AWS provider.
PROVIDER = "@cdktf/provider-aws@21.22.1"
PROVIDER_SHA512 = "BuSHeaQFUL9l33pBzIMRT7cTQ69AM2mLtijjteCPhVQRmvuhuj9Lvfymf7knAMhYqAT6+Lrls9jiGVW/Us3zrQ=="

# The exit status if packages cannot be installed.
NOT_INSTALLED = 77


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        print(f"skipped: {command[0]} failed: {done.stdout}", file=sys.stderr)
        sys.exit(1 if os.environ.get("REQUIRE_PACKAGES") else NOT_INSTALLED)


@contextlib.contextmanager
def installation(name, list_):
    """Yields a directory and whether the packages of the list have to be installed into it."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    directory = PACKAGES / name
    with open(PACKAGES / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = directory / "installed"
        current = stamp.exists() and stamp.read_text() == list_
        if not current:
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
        yield directory, not current
        stamp.write_text(list_)


def use_python():
    """Replaces this process by the interpreter with the packages, unless it is that."""
    with installation("deploy-python", REQUIREMENTS.read_text()) as (directory, missing):
        python = directory / "bin/python"
        if missing:
            run([sys.executable, "-m", "venv", directory])
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            run([*pip, "--timeout=15", "--retries=1", "--requirement", REQUIREMENTS])
    if pathlib.Path(sys.prefix) != directory:
        os.execv(python, [str(python), "-B", *sys.argv])


@functools.cache
def cdk():
    """Returns a directory with the packages of the CDK app in its `node_modules`."""
    with installation("deploy-cdk", (CDK / "package-lock.json").read_text()) as (directory, missing):
        if missing:
            for file in ("package.json", "package-lock.json"):
                shutil.copy(CDK / file, directory)
            npm = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            run([*npm, "--fetch-timeout=15000", "--fetch-retries=1"], cwd=directory)
    return directory


@functools.cache
def provider_declarations(kind):
    """Returns the TypeScript declarations of a Terraform resource, or `None` if there is no such resource."""
    with installation("deploy-provider", PROVIDER + PROVIDER_SHA512) as (directory, missing):
        if missing:
            # 37 MB, of which the declarations are 10. Their dependencies are not needed.
            with tempfile.TemporaryDirectory() as temporary:
                run(["npm", "pack", "--silent", PROVIDER, "--pack-destination", temporary])
                [archive] = pathlib.Path(temporary).iterdir()
                digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
                if digest != PROVIDER_SHA512:
                    sys.exit(f"{PROVIDER} has the SHA-512 hash {digest}, not {PROVIDER_SHA512}")
                with tarfile.open(archive) as tar:
                    for member in tar:
                        parts = pathlib.PurePosixPath(member.name).parts
                        if len(parts) == 4 and parts[1] == "lib" and parts[3] == "index.d.ts":
                            (directory / f"{parts[2]}.d.ts").write_bytes(tar.extractfile(member).read())
    file = directory / f"{kind.removeprefix('aws_').replace('_', '-')}.d.ts"
    return file.read_text() if file.exists() else None
