"""Search in blocks on the GPU."""

from collections.abc import Iterator

import numpy as np
import torch

from xstilts.retrieval.search import Found, Progress, check_sides, unit

BLOCK = 16_384  # 1 GB of cosines

#: First row and rows of a block of either side.
Pair = tuple[int, torch.Tensor, int, torch.Tensor]


class GpuSearch:
    """A `Search` of `evaluation.search` on `device`; of equal cosines any may come first."""

    def __init__(self, device: torch.device, block: int = BLOCK) -> None:
        self.device, self.block = device, block

    def __call__(
        self,
        source: np.ndarray,
        target: np.ndarray,
        count: int,
        progress: Progress | None = None,
    ) -> tuple[Found, Found]:
        """See `evaluation.search.both_ways`."""
        check_sides(source, target)
        forward = self._empty(len(source), min(count, len(target)))
        backward = self._empty(len(target), min(count, len(source)))
        total = -(-len(source) // self.block) * -(-len(target) // self.block)
        for done, (top, queries, left, others) in enumerate(self._pairs(source, target), 1):
            cosines = queries @ others.T
            self._take(forward, top, cosines, left)
            self._take(backward, left, cosines.T, top)
            if progress is not None:
                progress(done, total)
        return self._home(forward), self._home(backward)

    def _pairs(self, source: np.ndarray, target: np.ndarray) -> Iterator[Pair]:
        """Every block of `source` with every one of `target`, each after its first row.

        Each is normalised and brought to the device once: those of the smaller side stay there.
        """
        if len(source) < len(target):
            for left, others, top, queries in self._pairs(target, source):
                yield top, queries, left, others
            return
        kept = {left: self._block(target, left) for left in range(0, len(target), self.block)}
        for top in range(0, len(source), self.block):
            queries = self._block(source, top)
            for left, others in kept.items():
                yield top, queries, left, others

    def _empty(self, rows: int, count: int) -> list[torch.Tensor]:
        values = torch.full((rows, count), -torch.inf, device=self.device)
        return [values, torch.zeros((rows, count), dtype=torch.int64, device=self.device)]

    def _block(self, side: np.ndarray, first: int) -> torch.Tensor:
        return torch.from_numpy(unit(side[first : first + self.block])).to(self.device)

    @staticmethod
    def _take(best: list[torch.Tensor], first: int, cosines: torch.Tensor, offset: int) -> None:
        rows = slice(first, first + len(cosines))
        count = best[0].shape[1]
        values, columns = cosines.topk(min(count, cosines.shape[1]), dim=1)
        values = torch.cat([best[0][rows], values], dim=1)
        columns = torch.cat([best[1][rows], columns + offset], dim=1)
        best[0][rows], order = values.topk(count, dim=1)
        best[1][rows] = columns.gather(1, order)

    @staticmethod
    def _home(best: list[torch.Tensor]) -> Found:
        return best[0].cpu().numpy(), best[1].cpu().numpy()
