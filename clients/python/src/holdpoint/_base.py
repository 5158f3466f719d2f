"""What the generated models have in addition."""

from pydantic import BaseModel


class Stamped(BaseModel):
    rev: int

    @property
    def version_stamp(self) -> int:
        """What a change of what was read here must send: its `rev`."""
        return self.rev
