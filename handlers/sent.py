"""What is said once an answer has left its author."""

from handlers.times import Reader
from models import Incident, Status


def sent(incident: Incident, reader: Reader) -> tuple[str, str]:
    """For the press and for the message in the draft's place: to the approver, or on its way to the network."""
    words = reader.words
    if incident.status is Status.ON_REVIEW:
        return words.plain("answer.sent_short_review"), words("answer.sent_review", number=incident.id)
    return words.plain("answer.sent_short_approved"), words("answer.sent_approved", number=incident.id)
