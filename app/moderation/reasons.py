"""The reasons to report and to reject a comment; the forms offer all that have a label."""

from enum import StrEnum


class ReportReason(StrEnum):
    SPAM = "spam"
    ABUSE = "abuse"
    HATE = "hate"
    MISINFORMATION = "misinformation"
    OFF_TOPIC = "off-topic"
    PRIVATE = "private"
    OTHER = "other"


REPORT_LABELS: dict[str, str] = {
    ReportReason.SPAM: "Spam",
    ReportReason.ABUSE: "Abuse or personal attack",
    ReportReason.HATE: "Hate",
    ReportReason.MISINFORMATION: "Misinformation",
    ReportReason.OFF_TOPIC: "Off-topic",
    ReportReason.PRIVATE: "Private information",
    ReportReason.OTHER: "Something else",
}


class RejectReason(StrEnum):
    SPAM = "spam"
    ATTACK = "attack"
    HATE = "hate"
    OFF_TOPIC = "off-topic"
    MISINFORMATION = "misinformation"
    PRIVATE = "private"
    ILLEGAL = "illegal"
    OTHER = "other"


# In the order of the keys 1 to 8 of the moderation panel.
REJECT_LABELS: dict[str, str] = {
    RejectReason.SPAM: "spam",
    RejectReason.ATTACK: "personal attack",
    RejectReason.HATE: "hate",
    RejectReason.OFF_TOPIC: "off-topic",
    RejectReason.MISINFORMATION: "misinformation",
    RejectReason.PRIVATE: "private information",
    RejectReason.ILLEGAL: "illegal content",
    RejectReason.OTHER: "against the house rules",
}

DETAILS_MAX = 500  # characters of the free text of a report or a rejection


def label_rejection(reason: str) -> str:
    """Return the label of a reason for rejecting, also of a retired one."""
    return REJECT_LABELS.get(reason, "against the house rules")
