"""Our own errors. A docstring is the sentence a person reads; none ever carries what somebody wrote."""


class AssistantError(Exception):
    """Something went wrong. Nothing was changed; please try again."""


class NoOrganisation(AssistantError):
    """Which school is this about? You belong to more than one, so please choose first."""


class NotOnRoster(AssistantError):
    """You are not on this school's roster, so its policies can't be shown to you. Ask the school office to add you."""


class EmptyQuestion(AssistantError):
    """Type a question first, for example: may I accept a friend request from a parent?"""


class QuestionTooLong(AssistantError):
    """That is too long for a question. Ask it in a sentence or two."""
