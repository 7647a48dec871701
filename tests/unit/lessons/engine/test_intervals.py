"""Wilson's interval is that of the library."""

import pytest
from scipy.stats import binomtest

from lessons.engine.intervals import wilson


@pytest.mark.parametrize(("hits", "count"), [(0, 10), (8, 10), (19, 21), (50, 100), (84, 84)])
def test_wilson_is_the_librarys(hits, count):
    known = binomtest(hits, count).proportion_ci(method="wilson")
    assert wilson(hits / count, count) == pytest.approx((known.low, known.high), abs=1e-4)
