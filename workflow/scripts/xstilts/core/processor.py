"""What this machine's processor is and can do."""

from functools import cache
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
# Instructions that multiply matrices of bfloat16, as Linux names them: AMD's and Intel's AVX-512
# since 2020, and Intel's AMX.
BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


@cache
def processor() -> dict[str, str]:
    """The first processor of /proc/cpuinfo by the kernel's words; empty where there is none."""
    try:
        text = CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def multiplies_bfloat16() -> bool:
    """Whether the processor itself multiplies bfloat16; without, torch imitates it, slowly."""
    return not BFLOAT16_FLAGS.isdisjoint(processor().get("flags", "").split())
