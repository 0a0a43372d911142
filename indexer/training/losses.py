"""What the student is asked for: its teacher's rows, and to tell what belongs together."""

import torch
from torch import Tensor
from torch.nn import functional

_TEMPERATURE = 0.05
# Shares of the loss at the first 128 and 64 numbers of a row (Kusupati et al. 2022).
_CUTS = ((128, 0.3), (64, 0.15))


def distance(rows: Tensor, taught: Tensor) -> Tensor:
    """The mean squared distance of unit rows, both (n, dimension)."""
    return (2 - 2 * (rows * taught).sum(1)).mean()


def contrast(left: Tensor, right: Tensor) -> Tensor:
    """Row i of either side finds row i of the other among all n (InfoNCE, van den Oord 2018)."""
    cosines = left @ right.T / _TEMPERATURE
    own = torch.arange(len(left), device=left.device)
    return (functional.cross_entropy(cosines, own) + functional.cross_entropy(cosines.T, own)) / 2


def nested_contrast(left: Tensor, right: Tensor) -> Tensor:
    """`contrast` of whole rows and of their beginnings, so that rows can be cut short."""
    total = contrast(left, right)
    for size, share in _CUTS:
        short = (functional.normalize(side[:, :size], dim=1) for side in (left, right))
        total = total + share * contrast(*short)
    return total / (1 + sum(share for _, share in _CUTS))


def likeness(left: Tensor, right: Tensor, taught: Tensor) -> Tensor:
    """How far who is near whom differs from the teacher's view (Kullback-Leibler), all (n, ·)."""
    itself = torch.eye(len(taught), dtype=torch.bool, device=taught.device)
    wanted = (taught @ taught.T / _TEMPERATURE).masked_fill(itself, -1e4)
    found = (left @ right.T / _TEMPERATURE).masked_fill(itself, -1e4)
    return functional.kl_div(
        functional.log_softmax(found, 1), functional.softmax(wanted, 1), reduction="batchmean"
    )
