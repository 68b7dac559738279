"""Search in blocks on the GPU."""

import numpy as np
import torch

from xstilts.retrieval.search import Found, Progress, check_sides, unit

BLOCK = 16_384  # 1 GB of cosines


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
        tops, lefts = (range(0, len(side), self.block) for side in (source, target))
        done = 0
        for top in tops:
            queries = self._block(source, top)
            for left in lefts:
                cosines = queries @ self._block(target, left).T
                self._take(forward, top, cosines, left)
                self._take(backward, left, cosines.T, top)
                done += 1
                if progress is not None:
                    progress(done, len(tops) * len(lefts))
        return self._home(forward), self._home(backward)

    def _empty(self, rows: int, count: int) -> list[torch.Tensor]:
        values = torch.full((rows, count), -torch.inf, device=self.device)
        return [values, torch.zeros((rows, count), dtype=torch.int64, device=self.device)]

    def _block(self, side: np.ndarray, first: int) -> torch.Tensor:
        return torch.from_numpy(unit(side[first : first + self.block])).to(self.device)

    @staticmethod
    def _take(best: list[torch.Tensor], first: int, cosines: torch.Tensor, offset: int) -> None:
        rows = slice(first, first + len(cosines))
        count = best[0].shape[1]
        values, places = cosines.topk(min(count, cosines.shape[1]), dim=1)
        values = torch.cat([best[0][rows], values], dim=1)
        places = torch.cat([best[1][rows], places + offset], dim=1)
        best[0][rows], order = values.topk(count, dim=1)
        best[1][rows] = places.gather(1, order)

    @staticmethod
    def _home(best: list[torch.Tensor]) -> Found:
        return best[0].cpu().numpy(), best[1].cpu().numpy()
