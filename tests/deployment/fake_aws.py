"""The `aws` of support.FakeAws."""

import json
import re
import sys
import time


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
    for entry in entries:
        if re.search(entry["pattern"], calls[-1]):
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
            if "file" in entry:
                with open(arguments[arguments.index("--key") + 2], "w", encoding="utf-8") as target:
                    target.write(entry["file"])
            sys.stdout.write(entry["stdout"])
            sys.stderr.write(entry["stderr"])
            sys.exit(entry["code"])
    sys.stderr.write(f"the test did not expect: {calls[-1]}")
    sys.exit(99)
