"""999 first, whom to ring at school, the numbers outside; and what stands in place of an answer to a disclosure."""

from collections.abc import Sequence

from assistant import cards
from assistant.cards import Button, Card, Facts, Text
from assistant.domain.people import Person
from assistant.domain.routing import Desk
from assistant.domain.schools import Number, School

NSPCC = Number(
    name="NSPCC Whistleblowing Advice Line",
    phone="0800 028 0285",
    note="if you can't raise it at school, or nobody listens; Monday to Friday, 8am to 8pm",
)


_POLICE = Number(name="Police, when it is not an emergency", phone="101")


DANGER = (
    "If anyone is in immediate danger, ring 999 now. Then tell the Designated Safeguarding Lead in person or by phone."
)


def emergency(school: School, day_people: Sequence[Person]) -> tuple[cards.Part, ...]:
    """999 first, then whom to ring: those at school that day, with their numbers."""
    facts = tuple((f"{p.name}, {p.titles}", p.phone or "no number in the school file") for p in day_people)
    parts: tuple[cards.Part, ...] = (Text(text=DANGER, style="warning"),)
    if facts:
        return (*parts, Facts(facts=facts))
    return (
        *parts,
        Text(
            text="The school file names no Designated Safeguarding Lead who is at school today: ring the school office."
        ),
    )


def danger_first(danger: bool) -> tuple[cards.Part, ...]:
    return (Text(text=DANGER, style="warning"),) if danger else ()


def outside(school: School) -> tuple[cards.Part, ...]:
    """The numbers outside the school."""
    facts = tuple(
        (
            number.name,
            ", ".join(
                filter(
                    None,
                    [
                        number.phone,
                        number.note,
                        f"checked {number.checked.day} {number.checked:%B %Y}" if number.checked else "",
                    ],
                )
            ),
        )
        for number in (*school.numbers, NSPCC, _POLICE)
    )
    return (Text(text="Outside the school:"), Facts(facts=facts))


_READS_LIKE_ONE = "It sounds as if you are telling of a worry about somebody, not asking about a policy. So it was not searched for, kept or logged."
_MAY_BE_ONE = "If you are worried about somebody, report it first. What your policies say stands below. What you typed has not been kept or logged."


def disclosure(desk: Desk, school: School, day_people: Sequence[Person]) -> Card:
    """In place of an answer, or before it, when somebody seems to be telling of a concern. Quotes nothing of it."""
    contacts = emergency(school, day_people)
    alarmed = desk is not Desk.CONCERN  # how urgent it is can't be told where it can't be told what it is
    parts: list[cards.Part] = list(contacts if alarmed else contacts[1:])
    parts.insert(1 if alarmed else 0, Text(text=_MAY_BE_ONE if desk is Desk.EITHER else _READS_LIKE_ONE))
    if not alarmed:
        parts.append(
            Text(
                text="Speak to one of them, or report it here in confidence. If anyone is in immediate danger, ring 999.",
                style="warning",
            )
        )
    parts.append(Button(label="Report a concern", action="report", strong=True))
    if desk is not Desk.EITHER:
        parts.append(Button(label="It is a question about policy: ask it anyway", action="ask-anyway"))
    return Card(title="This may be a concern to report", parts=tuple(parts))
