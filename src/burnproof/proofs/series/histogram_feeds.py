"""Histograms, classic and native, whose observations lie on either side of a bound."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model.decimals import plain
from burnproof.model.slo import Floor, Latency, Quantile
from burnproof.proofs import tolerances
from burnproof.proofs.series.counters import instance
from burnproof.proofs.series.example_labels import NO_SELECTOR, example, metric
from burnproof.proofs.timeline import Timeline, counter_values, grained
from burnproof.proofs.types import InputSeries
from burnproof.rules import selectors

if TYPE_CHECKING:
    from burnproof.proofs.series.feed import Without
    from promrules.syntax.labels import Labels


def histogram_feed(indicator: Quantile, group: Labels) -> HistogramFeed | None:
    """Find the series of a classic histogram of which a quantile is judged."""
    base = example(selectors.read(indicator.histogram).matchers, None, group)
    return None if base is None else HistogramFeed(base, indicator.bound, 1 - indicator.quantile)


def native_feed(indicator: Latency | Floor | Quantile, group: Labels) -> NativeFeed | None:
    """Find the series of a native histogram."""
    base = example(selectors.read(indicator.histogram).matchers, None, group)
    return None if base is None else NativeFeed(base, indicator)


@dataclass(frozen=True, slots=True)
class HistogramFeed:
    """A histogram in which a little less of the observations than the quantile tolerates is slow, or a little more.

    Slow ones lie just above the bound, so that neither the quantile nor the bound can be off unnoticed. Two replicas
    have half of the fast ones each, and one has all the slow: only their sum has the quantile, and enough of them.
    """

    base: Labels
    bound: Decimal
    tolerated: Decimal  # 1 - quantile

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        if without:
            return None
        made = []
        fast = self._rises(story, sample, slow=False)
        for name, rises in (("fast", fast), ("slow", self._rises(story, sample, slow=True))):
            labels = instance(self.base, "replica", name)
            for top, values in ((self.bound, fast), (self.bound * tolerances.BEYOND_BOUND, rises), (None, rises)):
                le = "+Inf" if top is None else selectors.le_text(top)
                bucket = instance(self._named("_bucket", labels), "le", le)
                made.append(InputSeries(metric(NO_SELECTOR, bucket), values))
            made.append(InputSeries(metric(NO_SELECTOR, self._named("_count", labels)), rises))
        return tuple(made)

    def _named(self, suffix: str, labels: Labels) -> Labels:
        return _renamed(labels, dict(self.base)["__name__"] + suffix)

    def _rises(self, story: Timeline, sample: int, *, slow: bool) -> str:
        """Give the count of half the fast observations, and of the slow ones that a good or a bad slice has."""
        steps: list[tuple[int, Decimal | None]] = []
        for stretch in story.stretches:
            part = min(Decimal(1), self.tolerated * tolerances.QUANTILE.side(over=stretch.is_bad))
            counted = (1 - part) / 2 + (part if slow else 0)
            steps.append((stretch.seconds // sample, None if stretch.rate is None else stretch.rate * sample * counted))
        return counter_values(tuple(steps))


@dataclass(frozen=True, slots=True)
class NativeFeed:
    """A native histogram with a bucket up to the bound and one just above it."""

    base: Labels
    indicator: Latency | Floor | Quantile

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        if without:
            return None
        low = high = _NATIVE_START
        items, gone = [self._histogram(low, high)], False
        for stretch in story.stretches:
            samples = stretch.seconds // sample
            if not samples:
                continue
            if stretch.rate is None:
                items += [f"_x{samples}"] if gone else ["stale", *([f"_x{samples - 1}"] if samples > 1 else [])]
                gone = True
                continue
            within = grained(stretch.rate * sample * self._within(stretch.share))
            beyond = grained(stretch.rate * sample) - within
            first = self._histogram(low + within, high + beyond)
            items.append(f"{first}+{self._histogram(within, beyond)}x{samples - 1}" if samples > 1 else first)
            low, high, gone = low + within * samples, high + beyond * samples, False
        return (InputSeries(metric(NO_SELECTOR, self.base), " ".join(items)),)

    def _within(self, share: Decimal) -> Decimal:
        """Give the share of observations up to the bound."""
        match self.indicator:
            case Latency():
                return 1 - share
            case Floor():
                return share
            case Quantile(quantile=quantile):
                return 1 - min(Decimal(1), (1 - quantile) * tolerances.QUANTILE.side(over=share > 0))

    def _histogram(self, within: Decimal, beyond: Decimal) -> str:
        bounds = f"{plain(self.indicator.bound)} {plain(self.indicator.bound * tolerances.BEYOND_BOUND)}"
        counts = f"{plain(within)} {plain(beyond)}"
        return f"{{{{schema:-53 count:{plain(within + beyond)} custom_values:[{bounds}] buckets:[{counts}]}}}}"


_NATIVE_START = Decimal(10**9)


def _renamed(labels: Labels, name: str) -> Labels:
    return instance(labels, "__name__", name)
