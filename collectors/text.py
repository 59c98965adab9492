"""What every network's words go through before they are stored."""


def storable(text: object) -> str:
    """`text` without what UTF-8 or PostgreSQL refuse: a lone surrogate becomes U+FFFD, NUL goes; "" for no text."""
    if not isinstance(text, str):
        return ""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")
