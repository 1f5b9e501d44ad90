"""Dealing out whole fen: nothing is lost, nothing is made up."""

from collections.abc import Sequence


def share(fen: int, weights: Sequence[int]) -> list[int]:
    """`fen` dealt out by weight; what rounding down left over goes where most was cut off.

    Of equals the first comes first. Nobody gets more than their weight as long as `fen` is no more
    than all weights together. Raises ValueError where there is something to deal out to nobody.
    """
    whole = sum(weights)
    if not whole:
        if fen:
            raise ValueError(f"{fen} fen and nobody to have them")
        return [0] * len(weights)
    dealt = [fen * one // whole for one in weights]
    by_cut = sorted(range(len(weights)), key=lambda at: -(fen * weights[at] % whole))
    for at in by_cut[: fen - sum(dealt)]:
        dealt[at] += 1
    return dealt
