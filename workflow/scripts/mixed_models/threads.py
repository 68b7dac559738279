"""Linear algebra on one core: the matrices are small, and idle threads spin (40 times the CPU)."""

from contextlib import AbstractContextManager
from functools import lru_cache

from threadpoolctl import ThreadpoolController


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_thread() -> AbstractContextManager:
    """Within it NumPy and SciPy use one core, which also fixes the order of their sums."""
    return _controller().limit(limits=1, user_api="blas")
