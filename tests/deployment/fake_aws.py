"""The `aws` of support.FakeAws."""

import json
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Any, List


def in_bucket(folder: Path, arguments: List[str]) -> Any:
    """What S3 does: `folder` has the objects of all buckets, by their keys."""

    def given(name: str) -> str:
        return arguments[arguments.index(name) + 1]

    found = {str(file.relative_to(folder)): file for file in sorted(folder.rglob("*")) if file.is_file()}
    if arguments[1] == "list-objects-v2":
        return {"Contents": [{"Key": key} for key in found if key.startswith(given("--prefix"))]}
    if arguments[1] == "put-object":
        if "--if-none-match" in arguments and given("--key") in found:
            sys.stderr.write("An error occurred (PreconditionFailed) when calling the PutObject operation: At least one of the pre-conditions did not hold")
            sys.exit(254)
        (folder / given("--key")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(given("--body"), folder / given("--key"))
        return {}
    if arguments[1] == "get-object":
        shutil.copy(found[given("--key")], arguments[6])
        return {}
    raise NotImplementedError(arguments)


def asked(log: str, pattern: str, after: int = 0) -> bool:
    """Whether the script has asked something, after so many calls."""
    with open(log, encoding="utf-8") as file:
        lines = [line for line in file if line.endswith("\n")]
    return any(re.search(pattern, " ".join(json.loads(line))) for line in lines[after:])


def main(answers: str, log: str) -> None:
    """Records the call, and answers what the first matching entry says."""
    arguments = sys.argv[1:]
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(arguments) + "\n")
    with open(log, encoding="utf-8") as file:
        calls = [" ".join(json.loads(line)) for line in file]
    with open(answers, encoding="utf-8") as file:
        entries = json.load(file)
    bucket = Path(answers).with_name("bucket")
    if arguments[0] in ("s3", "s3api") and bucket.is_dir():
        said = in_bucket(bucket, arguments)
        sys.stdout.write(json.dumps(said))
        sys.exit(0)
    # Not the last one of the log: several may run at a time.
    this = " ".join(arguments)
    for entry in entries:
        if re.search(entry["pattern"], this):
            if entry["times"] and sum(1 for call in calls if re.search(entry["pattern"], call)) > entry["times"]:
                continue
            if entry.get("after") and not asked(log, entry["after"]):
                continue
            # It takes as long as the script needs to ask about it.
            while entry.get("until") and not asked(log, entry["until"], len(calls)):
                time.sleep(0.05)
            # What `package` writes is a file.
            if arguments[:2] == ["cloudformation", "package"] and entry["code"] == 0:
                with open(arguments[arguments.index("--template-file") + 1], encoding="utf-8") as source:
                    text = re.sub(r"CodeUri: \./(\S+)", r"CodeUri: s3://bucket/\1", source.read())
                with open(arguments[arguments.index("--output-template-file") + 1], "w", encoding="utf-8") as target:
                    target.write(text)
            if entry.get("template"):
                shutil.copy(arguments[arguments.index("--template-file") + 1], entry["template"])
            if "file" in entry:
                with open(arguments[arguments.index("--key") + 2], "w", encoding="utf-8") as target:
                    target.write(entry["file"])
            sys.stdout.write(entry["stdout"])
            sys.stderr.write(entry["stderr"])
            sys.exit(entry["code"])
    sys.stderr.write(f"the test did not expect: {this}")
    sys.exit(99)
