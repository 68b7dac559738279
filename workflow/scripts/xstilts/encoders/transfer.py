"""From numpy on this machine to a tensor on the device, without making the processor wait."""

import numpy as np
import torch


def onto(values: np.ndarray, device: torch.device) -> torch.Tensor:
    """`values` as a tensor on `device`.

    Towards a GPU through pinned memory, so that the copy is queued behind what the GPU still
    computes; from pageable memory the processor would wait for it. torch keeps the pinned memory
    until the copy is done. On the processor itself the tensor shares the memory of `values`.
    """
    tensor = torch.from_numpy(values)
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
