#!/usr/bin/env python3
"""Prints the closing line of each suite that ran, and of all together: `N passed, N failed`."""
import pathlib
import re
import sys

folder = pathlib.Path(".build/suites")
passed = failed = 0
for log in sorted(folder.glob("*.log")):
    text = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(errors="replace"))
    closing = [line.strip() for line in text.splitlines() if re.search(r"Test run with \d+ tests|^=*\s*\d+ (passed|failed|error)", line)]
    counts = {"passed": 0, "failed": 0}
    for line in closing:
        swift = re.search(r"Test run with (\d+) tests.* (passed|failed)(?: after [\d.]+ seconds)?(?: with (\d+) issue)?", line)
        if swift:
            bad = len(re.findall(r"^✘ Test .* (?:failed|recorded) ", text, re.M)) if swift[2] == "failed" else 0
            bad = max(bad, 1) if swift[2] == "failed" else 0
            counts["passed"] += max(int(swift[1]) - bad, 0)
            counts["failed"] += bad
        else:
            for number, word in re.findall(r"(\d+) (passed|failed|error)", line):
                counts["failed" if word == "error" else word] += int(number)
    if not closing:
        print(f"{log.stem}: no closing line found")
        failed += 1
    else:
        print(f"{log.stem}: {closing[-1]}")
    passed += counts["passed"]
    failed += counts["failed"]
print(f"\n{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
