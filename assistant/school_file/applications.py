"""The school file's `applications`: how a social-media account is applied for, decided on, created and looked after."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from assistant.domain.applications import CHECKS, DEFAULT_FIELDS, KNOWN, OPERATORS, Duties, Needed, Question, Rules
from assistant.domain.calendar import parse_step
from assistant.school_file.parts import Name, Part, Rungs


class OwnField(Part):
    """A field of the form: one that the assistant knows, changed, or one of the school's own."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    label: str = ""
    hint: str = ""
    kind: Literal["line", "text", "one"] | None = None
    choices: tuple[Name, ...] = ()
    required: bool = True
    clause: str = ""

    @property
    def known(self) -> Question:
        """The field as the rules know it."""
        told = {key: value for key, value in dict(self).items() if value not in ("", (), None)}
        return replace(KNOWN.get(self.name) or Question(name=self.name, label=self.label), **told)


class NeededApproval(Part):
    """Somebody's yes that an application needs; `when` says for which answers."""

    by: Rungs
    when: dict[str, str] = Field(default_factory=dict)


class ApplicationClocks(Part):
    """Until an approver is reminded (the last step repeats), until anyone else is, and how long things last."""

    decide: Annotated[tuple[str, ...], Field(min_length=1)] = ("next school day 12:00",)
    remind: str = "168 hours"
    expires_days: Annotated[int, Field(ge=1, le=3650)] = 60
    review_days: Annotated[int, Field(ge=30, le=3650)] = 365

    @field_validator("decide")
    @classmethod
    def _steps(cls, steps: tuple[str, ...]) -> tuple[str, ...]:
        for step in steps:
            parse_step(step)
        return steps

    @field_validator("remind")
    @classmethod
    def _step(cls, step: str) -> str:
        parse_step(step)
        return step


class ApplicationDuties(Part):
    """What is switched on around live accounts."""

    comments: bool = False
    second_reader: bool = False
    declarations: bool = False


class Applications(Part):
    """How a social-media account is applied for, decided on, created and looked after."""

    fields: Annotated[tuple[str | OwnField, ...], Field(min_length=1)] = DEFAULT_FIELDS
    approvals: Annotated[tuple[NeededApproval, ...], Field(min_length=1)] = (
        NeededApproval(by=(("account_approver",), ("slt",), ("headteacher",))),
    )
    creator: Literal["account_administrator", "slt", "headteacher", "operator"] = "account_administrator"
    operators: Annotated[int, Field(ge=1, le=10)] = 2
    confirm: bool = True
    trained_within_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    policy: str = ""
    before_live: tuple[str, ...] = ()
    clocks: ApplicationClocks = ApplicationClocks()
    duties: ApplicationDuties = ApplicationDuties()

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, fields: tuple[str | OwnField, ...]) -> tuple[str | OwnField, ...]:
        names = [one if isinstance(one, str) else one.name for one in fields]
        unknown = [one for one in fields if isinstance(one, str) and one not in KNOWN]
        if unknown:
            raise ValueError(f"{len(unknown)} unknown; known are {', '.join(KNOWN)}. A field of your own needs a label")
        if any(isinstance(one, OwnField) and one.name not in KNOWN and not one.label for one in fields):
            raise ValueError("a field of your own needs a label")
        if any(isinstance(one, OwnField) and one.known.kind == "one" and len(one.known.choices) < 2 for one in fields):
            raise ValueError("a field of kind one needs at least two choices")
        if len(names) != len(set(names)):
            raise ValueError("a field is named twice")
        if not {"platform", OPERATORS} <= set(names):
            raise ValueError(f"platform and {OPERATORS} must be among them: the register needs both")
        return fields

    @field_validator("before_live")
    @classmethod
    def _known_checks(cls, checks: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [check for check in checks if check not in CHECKS]:
            raise ValueError(f"{len(unknown)} unknown; known are {', '.join(CHECKS)}")
        return checks

    @model_validator(mode="after")
    def _answerable(self) -> "Applications":
        asked = {question.name: question for question in self.known.fields}
        for name, value in (pair for one in self.approvals for pair in one.when.items()):
            if name not in asked:
                raise ValueError("approvals.when: a field is named that the form does not ask")
            if asked[name].kind != "one" or value not in asked[name].choices:
                raise ValueError("approvals.when: must be one of the choices of a field with choices")
        return self

    @property
    def known(self) -> Rules:
        """The process as the rules know it."""
        return Rules(
            fields=tuple(KNOWN[one] if isinstance(one, str) else one.known for one in self.fields),
            approvals=tuple(Needed(by=one.by, when=one.when) for one in self.approvals),
            creator=self.creator,
            operators=self.operators,
            confirm=self.confirm,
            trained_within=timedelta(days=self.trained_within_days) if self.trained_within_days else None,
            policy=self.policy,
            before_live=self.before_live,
            decide=tuple(map(parse_step, self.clocks.decide)),
            remind=parse_step(self.clocks.remind),
            expires=timedelta(days=self.clocks.expires_days),
            review=timedelta(days=self.clocks.review_days),
            duties=Duties(**dict(self.duties)),
        )
