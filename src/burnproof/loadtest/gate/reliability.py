"""Find reasons to distrust a number: a faulty file, no value, too few samples, nothing but failures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.loadtest.results.model import samples_needed
from burnproof.model.decimals import percent

if TYPE_CHECKING:
    from burnproof.loadtest.results.model import Reading, Result
    from burnproof.model.result_check import Check


def distrust(check: Check, result: Result, reading: Reading) -> tuple[str, ...]:
    """List, as sentences, why a number must not pass."""
    found = []
    if result.fault:
        found.append(sentence(result.fault))
    if reading.trouble:
        found.append(ended(f"{check.metric} has no usable value: {reading.trouble}"))
    samples = samples_of(check, result, reading)
    needed = max(check.min_samples if check.min_samples is not None else samples_needed(check.metric), 1)
    if samples is not None and samples < needed:
        found.append(f"{samples} samples are too few: {needed} are needed." if samples else "Nothing was measured.")
    if samples is None and (check.samples or check.min_samples):
        found.append("The number of samples is not known; name its path with samples.")
    return tuple(dict.fromkeys((*found, *failing(check, result, reading))))


def unsure(check: Check, reading: Reading) -> tuple[str, ...]:
    """Warn of a percentile of which nobody says how many samples it has."""
    if reading.samples is None and not check.samples and check.min_samples is None and samples_needed(check.metric) > 1:
        return ("The file does not say how many samples this percentile has; name their count with samples.",)
    return ()


def samples_of(check: Check, result: Result, reading: Reading) -> int | None:
    """Count the observations behind a number; None where nobody says."""
    if not check.samples:
        return reading.samples
    counted = result.readings.get(check.samples)
    return int(counted.value) if counted is not None and counted.value is not None and not counted.trouble else None


def failing(check: Check, result: Result, reading: Reading) -> tuple[str, ...]:
    """Say that so many requests failed that the number tells nothing: of its own ones, or else of the whole run."""
    samples, failures = reading.samples, reading.failures
    if not samples or failures is None:
        samples, failures = result.run.requests, result.run.failures
    if not samples or failures is None:
        return ("The share of failures is not known.",) if check.max_failures is not None else ()
    if failures >= samples:
        return (f"All {samples} requests failed.",)
    if check.max_failures is not None and Decimal(failures) > check.max_failures * samples:
        return (f"{failures} of {samples} requests failed, more than {percent(check.max_failures)}.",)
    return ()


def sentence(text: str) -> str:
    """Make a sentence of a phrase that begins with a word of English, not with a name."""
    return ended(f"{text[:1].upper()}{text[1:]}")


def ended(text: str) -> str:
    """End a sentence, once."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
