"""From rounds to a table: medians, and ratios to the bare route measured just before and after."""

from dataclasses import dataclass, field
from statistics import median

from bench.scenarios import Outcome

TARGETS = {
    "signup, 200 runs": 0.25,
    "signup, one hot run": 0.20,
    "queue numbers, 6 stalls": 0.20,
    "queue position, line of 50": 0.70,
    "order of 3 dishes": 0.12,
    "courier tick": 0.15,
    "list of 36, warm": 0.80,
    "list of 36, cold": 0.30,
    "list of 36, 304": 0.90,
}
"""Least ratio to the bare route; a signup's p99 may be at most 4 times the bare route's."""


@dataclass(slots=True)
class Series:
    """One scenario over all rounds."""

    rates: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    p99_ratios: list[float] = field(default_factory=list)
    strays: int = 0
    sold: int = 0
    capacity: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome, bares: tuple[Outcome, Outcome] | None) -> None:
        """One round; `bares` are the bare route's drives next to it."""
        sample = outcome.sample
        self.rates.append(sample.rate)
        self.p50.append(sample.percentile(0.5) * 1000)
        self.p99.append(sample.percentile(0.99) * 1000)
        self.strays += outcome.strays
        if bares:
            rate = sum(bare.sample.rate for bare in bares) / 2
            p99 = sum(bare.sample.percentile(0.99) for bare in bares) / 2
            self.ratios.append(sample.rate / rate)
            self.p99_ratios.append(sample.percentile(0.99) / p99)
        if outcome.proof:
            self.sold += outcome.proof.sold
            self.capacity += outcome.proof.capacity
            self.wrong += outcome.proof.wrong

    def proof(self) -> str:
        if not self.capacity:
            return ""
        return "; ".join((f"sold {self.sold} of {self.capacity}", *self.wrong[:3]))


_HEAD = (
    "| scenario | req/s | ratio | target | p50 ms | p99 ms | p99 ratio | errors | proof |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def table(measured: dict[str, Series]) -> str:
    """A Markdown table of the medians."""
    lines = [_HEAD]
    for name, series in measured.items():
        ratio = f"{median(series.ratios):.2f}" if series.ratios else ""
        p99_ratio = f"{median(series.p99_ratios):.1f}" if series.p99_ratios else ""
        target = f"{TARGETS[name]:.2f}" if name in TARGETS else ""
        lines.append(
            f"| {name} | {median(series.rates):,.0f} | {ratio} | {target} "
            f"| {median(series.p50):.1f} | {median(series.p99):.1f} | {p99_ratio} "
            f"| {series.strays} | {series.proof()} |"
        )
    return "\n".join(lines)


def line(name: str, outcome: Outcome, ratio: float | None) -> str:
    """One drive as it happens."""
    sample = outcome.sample
    told = f"  ratio {ratio:.2f}" if ratio is not None else ""
    proof = f"  {outcome.proof}" if outcome.proof else ""
    return (
        f"  {name:28} {sample.rate:8,.0f}/s{told:12}  p50 {sample.percentile(0.5) * 1000:6.1f}  "
        f"p99 {sample.percentile(0.99) * 1000:6.1f} ms  errors {outcome.strays}{proof}"
    )
