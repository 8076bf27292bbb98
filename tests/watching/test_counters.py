"""What is counted is exact; what is measured is right to within an eighth, and takes no more room for more of it."""

from __future__ import annotations

import json
import random
import threading

import pytest

from server.counters import Counters, Histogram


@pytest.mark.parametrize("values", [range(16), [7], [0, 0, 1_000_000], [2**39, 2**39 + 1]])
def test_small_numbers_and_the_ends_are_exact(values: list[int]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    assert (histogram.least, histogram.most, histogram.count) == (min(values), max(values), len(values))
    assert histogram.quantile(1.0) == max(values)
    if max(values) < 16:
        assert histogram.quantile(0.5) == sorted(values)[(len(values) - 1) // 2]


def test_a_quantile_is_right_to_within_an_eighth_and_the_room_is_bounded() -> None:
    chance = random.Random(7)
    values = sorted(int(chance.expovariate(1 / 3_000)) for _ in range(20_000))
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    for share in (0.01, 0.5, 0.9, 0.99, 0.999):
        true = values[int(share * len(values)) - 1]
        assert true <= (histogram.quantile(share) or 0) <= true * 1.125 + 1
    assert len(histogram.buckets) < 320


def test_what_no_clock_measures_is_the_largest_or_the_least() -> None:
    histogram = Histogram()
    histogram.add(10**30)
    histogram.add(-5)
    assert (histogram.least, histogram.most, histogram.quantile(1.0)) == (0, 2**40 - 1, 2**40 - 1)


def test_nothing_has_no_quantile() -> None:
    assert Histogram().quantile(0.5) is None
    told = Counters().told()
    assert told["commit_ms"] == {"median": None, "p99": None, "max": None}
    assert told["batch_size"] == {"min": None, "median": None, "max": None}


def test_what_was_counted_is_told() -> None:
    counters = Counters()
    counters.answered("click", 3, 0.002)
    counters.answered("click", 1, 0.5)
    counters.committed(3, 0.001)
    counters.committed(1, 0.001)
    counters.judged("accepted")
    counters.judged("accepted", 4)
    counters.relayed("delivered")
    counters.refused("limit", 2)
    told = json.loads(json.dumps(counters.told()))
    assert told["answers"] == {"click": 4}
    assert told["answer_ms"]["click"]["max"] == 500.0
    assert 2.0 <= told["answer_ms"]["click"]["median"] <= 2.25
    assert (told["batches"], told["batch_size"]) == (2, {"min": 1, "median": 1, "max": 3})
    assert (told["postbacks"], told["relays"], told["refused"]) == ({"accepted": 5}, {"delivered": 1}, {"limit": 2})


def test_words_from_outside_cannot_fill_the_memory() -> None:
    counters = Counters()
    for number in range(1_000):
        counters.judged(f"word{number}")
    assert len(counters.told()["postbacks"]) <= 200


def test_many_threads_lose_no_count() -> None:
    counters = Counters()

    def count() -> None:
        for _ in range(5_000):
            counters.answered("click", 1, 0.001)
            counters.judged("accepted")

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = counters.told()
    assert (told["answers"], told["postbacks"]) == ({"click": 40_000}, {"accepted": 40_000})
