"""The Teams app as a zip to upload: its manifest from the school file, and both icons, drawn here."""

import io
import json
import uuid
import zipfile
from typing import Any

from PIL import Image, ImageDraw

VERSION = "1.0.0"
_SCHEMA = "1.19"
_BLUE, _WHITE = (11, 90, 138, 255), (255, 255, 255, 255)


def package(app_id: str, name: str, website: str) -> bytes:
    """The zip. `app_id` is the bot's (Microsoft app id); `website` the school's, for links that Teams asks for."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.json", json.dumps(manifest(app_id, name, website), indent=2))
        file.writestr("color.png", _png(icon(192, outline=False)))
        file.writestr("outline.png", _png(icon(32, outline=True)))
    return archive.getvalue()


def manifest(app_id: str, name: str, website: str) -> dict[str, Any]:
    """The manifest, after Microsoft's schema 1.19."""
    commands = [
        {"title": "Report a concern", "description": "In confidence, to the Designated Safeguarding Lead"},
        {"title": "Apply for an account", "description": "A social-media account in the school's name"},
        {"title": "My reports", "description": "What has become of what you reported"},
        {"title": "Reports for you", "description": "What waits for you"},
        {"title": "Accounts", "description": "Applications, the register, comments and posts"},
        {"title": "Home", "description": "What waits for you, and the policies with their dates"},
    ]
    return {
        "$schema": f"https://developer.microsoft.com/en-us/json-schemas/teams/v{_SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": _SCHEMA,
        "version": VERSION,
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"policy-assistant {app_id}")),
        "developer": {
            "name": name[:32],
            "websiteUrl": website,
            "privacyUrl": website,
            "termsOfUseUrl": website,
        },
        "name": {"short": "Policy assistant", "full": f"Policy assistant, {name}"[:100]},
        "description": {
            "short": "Your school's policies, quoted and cited; confidential reports; accounts.",
            "full": "Answers staff questions with clauses of their own school's policies, word for word and cited. Takes confidential concerns to the Designated Safeguarding Lead, and applications for social-media accounts through the school's approval. For staff only. It can be wrong: read the clause in its place.",
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#0B5A8A",
        "bots": [
            {
                "botId": app_id,
                "scopes": ["personal", "team", "groupChat"],
                "supportsFiles": False,
                "isNotificationOnly": False,
                "commandLists": [
                    {"scopes": ["personal"], "commands": commands},
                    {"scopes": ["team", "groupChat"], "commands": commands[:2]},  # these go on in private
                ],
            }
        ],
        "composeExtensions": [
            {
                "botId": app_id,
                "commands": [
                    {
                        "id": "find",
                        "type": "query",
                        "title": "Find a clause",
                        "description": "Put a clause of a policy into what you write",
                        "context": ["compose", "commandBox"],
                        "initialRun": False,
                        "parameters": [
                            {
                                "name": "query",
                                "title": "Question",
                                "description": "In everyday words",
                                "inputType": "text",
                            }
                        ],
                    },
                    {
                        "id": "report",
                        "type": "action",
                        "title": "Report this to the DSL",
                        "description": "Takes the message's link, never its words",
                        "context": ["message"],
                        "fetchTask": True,
                    },
                ],
            }
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [],
    }


def icon(size: int, *, outline: bool) -> Image.Image:
    """A page with lines and a quotation bar: in colour, or white on nothing as Teams wants its outline."""
    scale = 8
    picture = Image.new("RGBA", (size * scale, size * scale), (0, 0, 0, 0) if outline else _BLUE)
    draw = ImageDraw.Draw(picture)
    unit = size * scale / 32

    def box(left: float, top: float, right: float, bottom: float, fill: tuple[int, int, int, int]) -> None:
        draw.rounded_rectangle([left * unit, top * unit, right * unit, bottom * unit], radius=unit, fill=fill)

    if outline:
        draw.rounded_rectangle(
            [6 * unit, 3 * unit, 26 * unit, 29 * unit], radius=2 * unit, outline=_WHITE, width=int(2 * unit)
        )
    else:
        box(6, 3, 26, 29, _WHITE)
    ink = _WHITE if outline else _BLUE
    box(10, 9, 12, 19, ink)
    for top, right in ((9, 22), (13, 22), (17, 19), (22, 22)):
        box(14 if top < 20 else 10, top, right, top + 2, ink)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
