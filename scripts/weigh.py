#!/usr/bin/env python3
"""Counts what each feature of lamplight-aws-sdk adds: crates, and CPU time to compile them.

    python3 scripts/weigh.py            # counts crates
    python3 scripts/weigh.py --compile  # and compiles all of them once

The CPU time of a crate (user and system, its build script's compilation included) hardly depends on
what else the machine does. It is measured in one build of everything with `cargo build`, whose
profile is `dev`, in a folder of its own under the target folder; that takes minutes.

| feature | crates | more than without | more than its service's own |
|---|---|---|---|
| (none) | 58 | 58 |  |
| `dynamodb` | 111 | 53 | 14 |
| `eventbridge` | 84 | 26 | 15 |
| `full` | 140 | 82 |  |
| `kinesis` | 86 | 28 | 15 |
| `lambda` | 86 | 28 | 15 |
| `s3` | 129 | 71 | 14 |
| `secretsmanager` | 84 | 26 | 15 |
| `sfn` | 84 | 26 | 15 |
| `sns` | 88 | 30 | 15 |
| `sqs` | 84 | 26 | 15 |
| `ssm` | 84 | 26 | 15 |

"More than its service's own" is what comes with Lamplight and not with the `aws-sdk-*` crate, which a
function that calls the service has anyway. It is nearly the same for all of them, and there once.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = "lamplight-aws-sdk"
RECORD = "LAMPLIGHT_WEIGH_RECORD"


def crates(features, below=PACKAGE):
    """What the package is built from, itself included, as `name version`; or one part of it is."""
    tree = ["cargo", "tree", "--locked", "--prefix", "depth", "--edges", "normal,build"]
    tree += ["--no-dedupe", "--format", " {p}", "--package", PACKAGE]
    tree += ["--no-default-features", "--features", features]
    text = subprocess.run(tree, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found, top = set(), None
    for line in text.splitlines():
        depth, name, version = line.split()[:3]
        if top is not None and int(depth) <= top:
            top = None
        if top is None and name == below:
            top = int(depth)
        if top is not None:
            found.add(f"{name} {version[1:]}")
    return found


def features():
    metadata = ["cargo", "metadata", "--locked", "--format-version", "1", "--no-deps"]
    text = subprocess.run(metadata, cwd=ROOT, check=True, capture_output=True).stdout
    (package,) = [p for p in json.loads(text)["packages"] if p["name"] == PACKAGE]
    return package["features"]


def compile_all():
    """CPU seconds of each crate."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "weigh"
    target.mkdir(parents=True, exist_ok=True)
    record = target / "seconds"
    record.unlink(missing_ok=True)
    build = ["cargo", "build", "--locked", "--package", PACKAGE, "--features", "full"]
    environment = dict(os.environ, RUSTC_WRAPPER=__file__, CARGO_INCREMENTAL="0")
    environment.update({"CARGO_TARGET_DIR": str(target / "build"), RECORD: str(record)})
    subprocess.run(["rm", "-rf", str(target / "build")], check=True)
    subprocess.run(build, cwd=ROOT, check=True, env=environment)
    subprocess.run(["rm", "-rf", str(target / "build")], check=True)
    seconds = {}
    for line in record.read_text().splitlines():
        name, version, spent = line.split()
        seconds[f"{name} {version}"] = seconds.get(f"{name} {version}", 0) + float(spent)
    return seconds


def wrap(arguments):
    """Runs rustc and writes down what it used."""
    code = subprocess.run(arguments).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    name, version = (os.environ.get(f"CARGO_PKG_{it}") for it in ("NAME", "VERSION"))
    if name:
        with open(os.environ[RECORD], "a") as record:
            record.write(f"{name} {version} {used.ru_utime + used.ru_stime:.2f}\n")
    sys.exit(code)


def main():
    seconds = compile_all() if "--compile" in sys.argv else None
    base = crates("")

    def row(name, there, before, service):
        cells = [f"`{name}`" if name else "(none)", len(there), len(there - before)]
        ours = there - crates(name, service) if service else set()
        cells.append(len(ours) or "")
        if seconds is not None:
            spent = [sum(seconds.get(crate, 0) for crate in those) for those in (there - before, ours)]
            cells += [f"{spent[0]:.1f}", f"{spent[1]:.1f}" if ours else ""]
        print("| " + " | ".join(map(str, cells)) + " |")

    head = ["feature", "crates", "more than without", "more than its service's own"]
    head += ["CPU seconds more", "than its service's own"] if seconds is not None else []
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    row("", base, set(), None)
    for name, needs in features().items():
        service = [need[4:] for need in needs if need.startswith("dep:aws-sdk-")]
        if name != "default" and not name.startswith("_"):
            row(name, crates(name), base, service[0] if service else None)


if os.environ.get(RECORD) and len(sys.argv) > 1 and "rustc" in sys.argv[1]:
    wrap(sys.argv[1:])
else:
    main()
