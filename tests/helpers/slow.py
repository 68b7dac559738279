"""Slow, plain computations in numpy, one example at a time, to check heads and losses against."""

import numpy as np
import torch


def states_of(inputs, sequence, encoder):
    """[tokens, hidden] of one sequence, alone and without padding, through the whole encoder."""
    begin, end = inputs.split.offsets[sequence], inputs.split.offsets[sequence + 1]
    ids = torch.from_numpy(inputs.split.tokens[begin:end].astype(np.int64))[None]
    with torch.no_grad():
        return encoder(ids, torch.ones_like(ids, dtype=torch.bool))[0].numpy()


def average(vectors):
    total = np.zeros_like(vectors[0])
    for vector in vectors:
        total = total + vector
    return total / len(vectors)


def pooled(states, second, how):
    if how == "first":
        return states[0]
    if how == "mean":
        return average(list(states))
    one = [state for place, state in enumerate(states) if second == 0 or place < second]
    two = [state for place, state in enumerate(states) if second == 0 or place >= second]
    u, v = average(one), average(two)
    return np.array([*u, *v, *abs(u - v), *(u * v)])


def linear(module, vector):
    weight, bias = module.weight.detach().numpy(), module.bias.detach().numpy()
    return np.array([sum(w * x for w, x in zip(row, vector, strict=True)) for row in weight]) + bias


def cross_entropy(logits, gold):
    logits = np.asarray(logits, np.float64)
    return float(np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[gold])
