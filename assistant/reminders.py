"""What a delivery worker looks after beside concerns: applications and accounts, their duties, policies' own dates."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from assistant.domain.account_steps import enough
from assistant.domain.accounts import State
from assistant.domain.delivery import Notice, NoticeKind
from assistant.domain.people import Person
from assistant.domain.register import policies_due, the_policy, version_of
from assistant.domain.schools import School
from assistant.handlers import accounts, duties
from assistant.ports import Begin, Clock
from index.clauses import Policy

EVERY = timedelta(minutes=10)  # how often policies and the roster are looked over
BATCH = 20


class Reminders:
    """Called by a worker in every round; gives how many things there were to do."""

    def __init__(
        self,
        schools: Mapping[str, School],
        policies: Callable[[str], tuple[Policy, ...]],
        *,
        begin: Begin,
        clock: Clock,
    ) -> None:
        self._schools, self._policies, self._begin, self._clock = schools, policies, begin, clock
        self._looked_at: datetime | None = None
        self._versions: dict[str, str] = {}

    def __call__(self) -> int:
        now = self._clock.now()
        if self._looked_at is None or now - self._looked_at >= EVERY:
            for school in self._schools.values():
                self._look_over(school, now)
            self._looked_at = now
        found = accounts.remind_due(self._schools, self._versions, begin=self._begin, clock=self._clock, limit=BATCH)
        return found + duties.remind_due(self._schools, begin=self._begin, clock=self._clock, limit=BATCH)

    def _look_over(self, school: School, now: datetime) -> None:
        """Which policies are in force and due for review; which accounts have lost somebody who ran them."""
        policies = self._policies(school.id)
        self._versions[school.id] = version_of(the_policy(school.applications, policies))
        with self._begin() as transaction:
            for account in transaction.accounts.all_of(school.id):
                if account.state is State.LIVE and not enough(account, school.applications, school.roster):
                    transaction.accounts.save(replace(account, step_at=now))
            for policy, days in policies_due(policies, school.today(now)):
                for person in owners(policy, school):
                    due = policy.next_review.last if policy.next_review else ""
                    notice = Notice(
                        organisation=school.id,
                        person=person.id,
                        kind=NoticeKind.POLICY_REVIEW,
                        reference=policy.title,
                        step=f"{policy.id} {due} {days}",
                    )
                    transaction.notices.owe(notice, now)


def owners(policy: Policy, school: School) -> tuple[Person, ...]:
    """Who is reminded of a policy's review: whom it names as its owner, else the policy owners, else the headteacher."""
    active = [person for person in school.roster if person.active]
    groups = (
        [p for p in active if policy.owner and p.name.casefold() in policy.owner.casefold()],
        [p for p in active if "policy_owner" in p.roles],
        [p for p in active if "headteacher" in p.roles],
    )
    return tuple(next((group for group in groups if group), []))
