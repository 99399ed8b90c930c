"""The names PromQL knows, without their kernels: cheap to import for whoever only reads expressions."""

from __future__ import annotations

from typing import Final

EXPERIMENTAL: Final = frozenset(
    """double_exponential_smoothing end histogram_quantiles info mad_over_time max_of min_of range sort_by_label
    sort_by_label_desc start start_timestamp step ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time
    ts_of_min_over_time""".split()  # noqa: SIM905 (a list of words reads best as words)
)
"""Functions Prometheus has behind a feature flag."""

STABLE: Final = frozenset(
    """abs absent absent_over_time acos acosh asin asinh atan atanh avg_over_time ceil changes clamp clamp_max clamp_min
    cos cosh count_over_time day_of_month day_of_week day_of_year days_in_month deg delta deriv exp first_over_time
    floor histogram_avg histogram_count histogram_fraction histogram_quantile histogram_stddev histogram_stdvar
    histogram_sum hour idelta increase irate label_join label_replace last_over_time ln log10 log2 max_over_time
    min_over_time minute month pi predict_linear present_over_time quantile_over_time rad rate resets round scalar sgn
    sin sinh sort sort_desc sqrt stddev_over_time stdvar_over_time sum_over_time tan tanh time timestamp vector
    year""".split()  # noqa: SIM905 (a list of words reads best as words)
)

FUNCTIONS: Final = STABLE | EXPERIMENTAL
