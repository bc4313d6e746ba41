"""An explanation in words: do the models agree, where the probability lies, what it resembles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eda.links.answers import Candidate, LinkPrediction

NAMED: Final = 0.005
"""Shares of probability below this are not worth a word."""


def agreement(prediction: LinkPrediction) -> str:
    """Return how far the models agree, and what speaks against.

    Example:
        >>> from eda.links import Candidate, LinkPrediction
        >>> a = Candidate("n1", 0.95, by_model=(0.94, 0.96, 0.95))
        >>> b = Candidate("n2", 0.04, by_model=(0.05, 0.03, 0.04))
        >>> agreement(LinkPrediction("M4", "g", (a, b), agreeing=3))
        '3 of 3 models put n1 first (94 to 96 %); 4 % on n2'
    """
    first = prediction.candidates[0]
    models = len(first.by_model)
    low, high = min(first.by_model), max(first.by_model)
    span = percent(low) if percent(low) == percent(high) else f"{100 * low:.0f} to {percent(high)}"
    if models == 1:
        text = f"one model, {percent(first.probability)} on {net_name(first.net)}"
    else:
        verb = "puts" if prediction.agreeing == 1 else "put"
        text = f"{prediction.agreeing} of {models} models {verb} {net_name(first.net)} first"
        text += f" ({span})"
    rest = [item for item in prediction.candidates[1:3] if item.probability >= NAMED]
    if rest:
        text += "; " + ", ".join(
            f"{percent(item.probability)} on {net_name(item.net)}" for item in rest
        )
    return text


def division(prediction: LinkPrediction) -> str:
    """Return how the probability divides among kinds of net, the largest share first.

    Example:
        >>> from eda.links import LinkPrediction
        >>> division(LinkPrediction("M4", "g", (), split={"rails": 0.02, "inner nets": 0.98}))
        'inner nets 98 %, rails 2 %'
    """
    shares = sorted((prediction.split or {}).items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {percent(share)}" for name, share in shares if share >= NAMED)


def reasons(candidate: Candidate) -> list[str]:
    """Return what is to be said of one candidate: what it resembles, what it would break."""
    told = [] if candidate.like is None else [str(candidate.like)]
    return told + [f"breaks {item.rule}: {item.message}" for item in candidate.findings]


def net_name(net: str | None) -> str:
    """Return a net's name, or words for none."""
    return "(none of them)" if net is None else net


def percent(share: float) -> str:
    """Return a share in whole per cent.

    Example:
        >>> percent(0.954), percent(0.004)
        ('95 %', '0.4 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.01 or share == 0 else f"{100 * share:.1f} %"
