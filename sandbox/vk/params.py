"""Parameters of a VK call: all are text, and VK is strict about few of them."""

from sandbox.vk.refusals import bad_parameter

TRUE = frozenset({"1", "true", "True"})


class Params(dict[str, str]):
    """The merged query string and body of one call."""

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number.

        Raises:
            Refusal: 100, it is missing and has no default, or is no number.
        """
        value = self.get(key, "")
        if not value:
            if default is None:
                raise bad_parameter(f"{key} is undefined")
            return default
        try:
            return int(value)
        except ValueError:
            raise bad_parameter(f"{key} not integer") from None

    def between(self, key: str, default: int, *, most: int) -> int:
        """A number of items from 0 to `most`.

        Raises:
            Refusal: 100, it is outside.
        """
        value = self.whole(key, default)
        if value < 0:
            raise bad_parameter(f"{key} should be positive")
        if value > most:
            raise bad_parameter(f"{key} should be less or equal to {most}")
        return value

    def text(self, key: str) -> str:
        """Raises:
        Refusal: 100, it is missing.
        """
        value = self.get(key, "")
        if not value:
            raise bad_parameter(f"{key} is undefined")
        return value

    def flag(self, key: str) -> bool:
        return self.get(key, "") in TRUE

    def many(self, key: str) -> list[str]:
        return [part.strip() for part in self.get(key, "").split(",") if part.strip()]
