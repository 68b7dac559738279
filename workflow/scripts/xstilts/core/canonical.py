"""One text for one meaning, so that equal recipes have equal digests."""

import hashlib
import json
from typing import Any

DIGEST_LENGTH = 12


def _normal(value: Any) -> Any:
    # YAML and --config give 20 or 20.0 for the same setting; both must name the same run.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): _normal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_normal(item) for item in value]
    return value


def canonical(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, integral floats as integers; NaN is refused."""
    return json.dumps(
        _normal(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest(value: Any) -> str:
    """First 12 hexadecimal digits of SHA-256 over the canonical JSON of `value`."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:DIGEST_LENGTH]
