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


class NothingHere(AssistantError):
    """There is nothing here for you. Check the reference; if you think that you should see it, speak to your Designated Safeguarding Lead."""


class NotNow(AssistantError):
    """That can't be done in the state it is in now. Nothing was changed: open it again to see what can."""


class ReasonNeeded(AssistantError):
    """Write a few words first: they are kept with what you do. Nothing was changed."""


class Changed(AssistantError):
    """Somebody else has just changed this. Nothing of yours was saved: open it again and look before you repeat it."""


class NobodyLeft(AssistantError):
    """Nobody at the school could have it then, not even you, so it was not sent on. Nothing was changed. Name only those whom it is about, or say who should have it besides."""


class NotTogether(AssistantError):
    """These two can't be linked: some who have the one haven't the other, and the other way round, so the link would tell them of it. Nothing was changed."""


class Unfinished(AssistantError):
    """Something is missing from the form. Nothing has been sent yet; what you wrote is still in it."""


class TooMany(AssistantError):
    """You have sent many concerns in the last hour, and all of them have been received. To add another now, ring or speak to your Designated Safeguarding Lead; 999 if anyone is in immediate danger."""


class NotKept(AssistantError):
    """Your report could not be kept, so it has NOT been sent. Don't wait for this: speak to or ring one of the people named here now; 999 if anyone is in immediate danger."""


class Sealed(AssistantError):
    """This can't be opened at the moment. It is safe. Tell whoever looks after the assistant to run `assistant check`."""


class NotReachable(AssistantError):
    """What is kept can't be reached at the moment. Nothing was changed. Try again in a minute; if someone may be at risk, don't wait: speak to your Designated Safeguarding Lead now."""


class NotYours(AssistantError):
    """That is somebody else's to do: nobody decides on what they applied for, run or have decided once already. Nothing was changed."""


class NotReady(AssistantError):
    """Something must be put right first. Nothing was changed."""

    def __init__(self, lacks: tuple[str, ...]) -> None:
        super().__init__()
        self.lacks = lacks  # names of what is missing, never what was written


class LooksLikeAPassword(AssistantError):
    """That looks like a password, so it was not kept. Write where it is kept, for example: password manager, folder Social media."""


class TryLater(AssistantError):
    """A service asks for patience. It is tried again by itself."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
