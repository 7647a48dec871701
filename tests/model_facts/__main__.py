"""Print what the course says of the bundled weights beside what they say now.

``python -m tests.model_facts`` measures every row of ``facts.toml``; ``--write`` puts the new
values into it. The rows of ``evaluation.toml`` need evaluation files that are not part of the
project: they are printed as they were last measured with ``python -m training.evaluate``.
"""

from __future__ import annotations

import argparse

from tests.model_facts.measures import MEASURES, bundled
from tests.model_facts.rows import EVALUATION, FACTS, bundled_fingerprint, read, write


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="store the measured values")
    args = parser.parse_args()
    model, now = bundled(), bundled_fingerprint()
    fingerprint, rows = read(FACTS)
    print(f"weights {now[:12]}…, facts measured with {fingerprint[:12]}…\n")
    print(f"{'now':>8} {'stored':>8} {'holds between':>17}")
    measured, untrue = {}, 0
    for row in rows:
        value = measured[row.name] = MEASURES[row.name](model)
        holds = row.low <= value <= row.high
        untrue += not holds
        bounds = f"{row.low:g} … {row.high:g}"
        mark = "" if holds else "   ← NO LONGER TRUE"
        print(f"{value:8.3f} {row.value:8.3f} {bounds:>17}  {row.claim}{mark}")
        print(f"{'':37}{MEASURES[row.name].__doc__}  [{', '.join(row.where)}]")
    fingerprint, rows = read(EVALUATION)
    print(f"\nevaluation files, weights {fingerprint[:12]}… (python -m training.evaluate)")
    for row in rows:
        bounds = f"{row.low:g} … {row.high:g}"
        print(f"{'':8} {row.value:8.3f} {bounds:>17}  {row.claim}  [{', '.join(row.where)}]")
    if args.write:
        write(FACTS, now, measured)
    return untrue


if __name__ == "__main__":
    raise SystemExit(main())
