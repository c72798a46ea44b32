"""What every part of the school file has in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,60}[A-Za-z0-9])?$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Place = Annotated[str, Field(pattern=r"^[a-z_]+$|^person:[A-Za-z0-9-]+$")]
Rungs = Annotated[tuple[Annotated[tuple[Place, ...], Field(min_length=1)], ...], Field(min_length=1)]


class Part(BaseModel):
    """A key of the file and what stands under it: nothing unknown, nothing changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")
