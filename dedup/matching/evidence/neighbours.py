"""What the neighbourhood says: is each the other's best match so far, and how many others did they meet?

A pair that is the closest of all that either headline has met is more likely the same news than an equally similar
pair inside a crowd of look-alikes (a series, a template, a running story). Both counts look back only: they are taken
at the moment when the pair's later headline arrives, so that batches, slices and streams see the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dedup.core.kernels import Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedup.matching.blocking.candidates import Candidates
    from dedup.matching.evidence.overlap import Columns
    from dedup.matching.features import HeadlineFeatures


def neighbourhood(board: HeadlineFeatures, candidates: Candidates, overlap: NDArray[np.float32]) -> Columns:
    """Neighbourhood evidence of each candidate, in order of (right, left); brings ``met`` and ``closest`` up to date.

    Returns:
        ``best_left`` and ``best_right``: the pair's overlap as a share of the largest that its earlier (later) headline
        has met so far; ``met``: log of one plus how many candidates the two have met.
    """
    count = len(candidates.left)
    of_left, of_right, met = np.empty(count, np.float32), np.empty(count, np.float32), np.empty(count, np.int64)
    look_around.for_work(count)(
        candidates.left, candidates.right, overlap, board.closest, board.met, of_left, of_right, met
    )
    return {
        "best_left": _of_best(overlap, of_left),
        "best_right": _of_best(overlap, of_right),
        "met": np.log1p(met).astype(np.float32),
    }


@Kernel
def look_around(
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    overlap: NDArray[np.float32],
    closest: NDArray[np.float32],
    met: NDArray[np.int64],
    of_left: NDArray[np.float32],
    of_right: NDArray[np.float32],
    known: NDArray[np.int64],
) -> None:
    """Each pair is an event for both its headlines; what the later one knows is told when all its pairs have come."""
    first = 0
    for at in range(len(left)):
        one, other = int(left[at]), int(right[at])
        closest[one], closest[other] = max(closest[one], overlap[at]), max(closest[other], overlap[at])
        met[one] += 1
        met[other] += 1
        of_left[at], known[at] = closest[one], met[one]
        if at + 1 == len(left) or right[at + 1] != other:
            for past in range(first, at + 1):
                of_right[past] = closest[other]
                known[past] += met[other]
            first = at + 1


def _of_best(overlap: NDArray[np.float32], best: NDArray[np.float32]) -> NDArray[np.float32]:
    """The overlap as a share of the best; 1 where nothing at all is shared."""
    return np.divide(overlap, best, out=np.ones(len(overlap), np.float32), where=best > 0)
