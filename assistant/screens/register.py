"""The register as a table, for the command line and a spreadsheet."""

from assistant.domain.account_steps import active_operators
from assistant.domain.accounts import Account
from assistant.domain.schools import School
from assistant.screens.terms import ACCOUNT_STATES, name_of, names

COLUMNS = ("school", "reference", "platform", "handle", "state", "owner", "run by", "password kept in", "next review")


def row(account: Account, school: School) -> tuple[str, ...]:
    """An account's cells. What could be a formula to a spreadsheet is not one."""
    cells = (
        school.name,
        account.reference,
        account.platform,
        account.handle,
        ACCOUNT_STATES[account.state],
        name_of(account.owner, school),
        names(active_operators(account, school.roster)),
        account.password_kept,
        account.review_on.isoformat() if account.review_on else "",
    )
    return tuple(f"'{cell}" if cell[:1] in "=+-@" and cell else cell for cell in cells)
