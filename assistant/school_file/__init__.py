"""The school file."""

from assistant.school_file.organisations import Organisation as Organisation
from assistant.school_file.organisations import SchoolFile as SchoolFile
