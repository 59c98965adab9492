"""What the parts of a button's data may be."""

from typing import Annotated, Final, Literal

from pydantic import Field

# What the database's integers hold; a forged number must not reach it.
LARGEST_ID: Final = 2**31 - 1
Id = Annotated[int, Field(gt=0, le=LARGEST_ID)]
IdOrNone = Annotated[int, Field(ge=0, le=LARGEST_ID)]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]
TopicCode = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")]
RubricatorCode = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}(\.[a-z][a-z_]{0,31})?$")]
Listed = Literal["my", "late", "queue"]
Flag = Literal["answer", "official", "spam"]
Shown = Literal["summary", "all", "missing", "silent", "unverified", "lost"]
