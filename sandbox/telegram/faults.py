"""Trouble on order: what goes wrong, with which call, how many times."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "error",
    "delay",
    "hang_after",
    "drop",
    "drop_after",
    "retry_after",
    "conflict",
    "bad_gateway",
    "migrate",
    "restart",
]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass
class Fault:
    """One order.

    error: answer `status`/`description`, nothing done. delay: `seconds` before working.
    hang_after: do the work, then stay silent for `seconds` and drop the connection.
    drop / drop_after: cut the connection before / after the work. retry_after: 429 with `seconds`.
    conflict: 409. bad_gateway: 502 with an HTML body. restart: 500 "restart".
    migrate: 400 with `migrate_to_chat_id`.
    """

    kind: Kind
    method: str = "*"
    chat_id: int | None = None
    count: int = 1
    status: int = 500
    description: str = "Internal Server Error"
    parameters: dict[str, Any] = field(default_factory=dict)
    seconds: float = 1.0
    migrate_to_chat_id: int | None = None
    used: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(KINDS)}")
        self.method = self.method.lower()

    def meets(self, method: str, chat_id: int | None) -> bool:
        return self.method in {"*", method} and self.chat_id in {None, chat_id}


class Faults:
    def __init__(self) -> None:
        self.orders: list[Fault] = []

    def order(self, fault: Fault) -> Fault:
        self.orders.append(fault)
        return fault

    def clear(self) -> None:
        self.orders.clear()

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """The first order this call meets, used up by one."""
        for fault in self.orders:
            if fault.meets(method, chat_id):
                fault.used += 1
                if fault.used >= fault.count:
                    self.orders.remove(fault)
                return fault
        return None
