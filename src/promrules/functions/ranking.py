"""topk, bottomk, limitk: which rows of each group stay, column by column, ties as Prometheus' heap breaks them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from promrules.columns.hashing import label_hash

if TYPE_CHECKING:
    from promrules.columns.values import Floats, Mask
    from promrules.functions.aggregation import Groups
    from promrules.syntax.labels import Labels

    Entry = tuple[float, int]


def select(values: Floats, present: Mask, groups: Groups, k: Floats, *, top: bool) -> tuple[Mask, list[int]]:
    """Give the mask of the cells that stay, and the rows in the order of an instant result.

    ``k`` holds a whole number per column. Ties at the border are settled by walking Prometheus' heap.
    """
    kept = np.zeros(present.shape, dtype=bool)
    order: list[int] = []
    alone = present.shape[1] == 1
    for rows in groups.members:
        block, there = values[rows], present[rows]
        if alone:
            chosen = _heap(block[:, 0], there[:, 0], int(k[0]), top=top)
            kept[[rows[place] for place in chosen], 0] = True
            order.extend(rows[place] for place in chosen)
            continue
        kept[rows] = _columns(block, there, k, top=top)
        order.extend(rows)
    return kept, order


def _columns(block: Floats, there: Mask, k: Floats, *, top: bool) -> Mask:
    """Choose in all columns at once; those with a tie at the border one by one."""
    size = block.shape[0]
    key = -block if top else block
    key = np.where(np.isnan(block), np.inf, key)
    order = np.lexsort((np.arange(size)[:, np.newaxis] + np.zeros_like(block), np.isnan(block), key, ~there), axis=0)
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(size)[:, np.newaxis], order.shape), axis=0)
    kept: Mask = (place < k) & there
    sorted_key = np.take_along_axis(key, order, axis=0)
    border = np.clip(k.astype(np.int64), 1, size) - 1
    column = np.arange(block.shape[1])
    beyond = np.minimum(border + 1, size - 1)
    tied = (there.sum(axis=0) > border + 1) & (sorted_key[border, column] == sorted_key[beyond, column]) & (k >= 1)
    for at in np.flatnonzero(tied).tolist():
        kept[:, at] = False
        kept[_heap(block[:, at], there[:, at], int(k[at]), top=top), at] = True
    return kept


def _heap(values: Floats, there: Mask, k: int, *, top: bool) -> list[int]:
    """Keep the best ``k`` samples the way Prometheus does; give their places, best first."""
    heap: list[Entry] = []
    k = min(k, len(values))
    if k < 1:
        return []
    for place, value in enumerate(values.tolist()):
        if not there[place]:
            continue
        if len(heap) < k:
            heap.append((value, place))
            _up(heap, len(heap) - 1, top=top)
            continue
        worst = heap[0][0]
        better = worst < value if top else worst > value
        if better or (math.isnan(worst) and not math.isnan(value)):
            heap[0] = (value, place)
            _down(heap, top=top)
    # Prometheus sorts the heap in reverse; insertion sort, stable, up to twelve entries.
    ordered: list[Entry] = []
    for entry in heap:
        at = len(ordered)
        while at and _less(ordered[at - 1], entry, top=top):
            at -= 1
        ordered.insert(at, entry)
    return [place for _, place in ordered]


def _less(left: Entry, right: Entry, *, top: bool) -> bool:
    """Order of the heap: the worst first, NaN worst of all."""
    if math.isnan(left[0]):
        return True
    return left[0] < right[0] if top else left[0] > right[0]


def _up(heap: list[Entry], child: int, *, top: bool) -> None:
    """Sift a new entry up (Go's container/heap)."""
    while child:
        parent = (child - 1) // 2
        if not _less(heap[child], heap[parent], top=top):
            return
        heap[child], heap[parent] = heap[parent], heap[child]
        child = parent


def _down(heap: list[Entry], *, top: bool) -> None:
    """Sift the root down (Go's container/heap)."""
    parent, size = 0, len(heap)
    while (child := 2 * parent + 1) < size:
        if child + 1 < size and _less(heap[child + 1], heap[child], top=top):
            child += 1
        if not _less(heap[child], heap[parent], top=top):
            return
        heap[child], heap[parent] = heap[parent], heap[child]
        parent = child


def limit(present: Mask, groups: Groups, k: Floats) -> Mask:
    """limitk: the first ``k`` samples of each group."""
    kept = np.zeros(present.shape, dtype=bool)
    for rows in groups.members:
        there = present[rows]
        kept[rows] = there & (np.cumsum(there, axis=0) <= k)
    return kept


def sampled(present: Mask, labels: list[Labels], ratio: Floats) -> Mask:
    """limit_ratio: the series whose hash, as a share of all hashes, lies below ``ratio``.

    A negative ratio takes those at or above ``1 + ratio``: the complement of the positive one.
    """
    share = np.array([label_hash(item) / 2.0**64 for item in labels])[:, np.newaxis]
    with np.errstate(invalid="ignore"):
        chosen = np.where(ratio >= 0, share < ratio, share >= 1 + ratio)
    kept: Mask = present & chosen
    return kept
