"""The rows that a work leads to, and how they are printed."""

import dataclasses
import statistics


@dataclasses.dataclass
class Row:
    work: str
    redstream: str
    limit: str
    ratio: str
    to_reach: str


MISSING = "–"


def rate(per_second):
    if per_second >= 1e6:
        return f"{per_second / 1e6:.2f} M/s"
    return f"{per_second / 1e3:.0f} k/s"


def milliseconds(value):
    return f"{value:.2f} ms" if value < 100 else f"{value:.0f} ms"


def row(work, samples, show, to_reach, inverse=False):
    """A row of the medians; its ratio is redstream's value to the limit's, or the inverse."""
    redstream, limit = (statistics.median(samples[side]) if samples.get(side) else None
                        for side in ("redstream", "limit"))
    ratio = MISSING
    if redstream and limit:
        ratio = f"{(limit / redstream) if inverse else (redstream / limit):.2f}"
    return Row(work, MISSING if redstream is None else show(redstream),
               MISSING if limit is None else show(limit), ratio, to_reach)


def text(rows):
    cells = [["work", "redstream", "limit (C)", "ratio", "to reach"],
             *([r.work, r.redstream, r.limit, r.ratio, r.to_reach] for r in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
