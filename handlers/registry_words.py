"""The faults of a registry file in words, plain."""

from handlers.words import Words
from incidents.registry_columns import FIGURES, LEVELS, Column, Fault, header_of
from models import Language


def fault_line(fault: Fault, words: Words) -> str:
    """As "Строка 3, «Ссылка»: …"; what is wrong with the whole file stands alone."""
    blanks = dict(fault.blanks)
    if "network" in blanks:
        blanks["network"] = words.name("network", blanks["network"])
    if fault.key == "header_unknown":
        known = (header_of(column, words.language) for column in Column if column not in FIGURES)
        blanks["known"] = ", ".join(known)
    elif fault.key == "level":
        blanks["known"] = ", ".join(names[words.language is Language.EN] for names in LEVELS.values())
    what = words.plain(f"registry_fault.{fault.key}", **blanks)
    if not fault.row:
        return what
    if not fault.column:
        return words.plain("registry_fault_at.row", row=fault.row, what=what)
    return words.plain("registry_fault_at.cell", row=fault.row, column=fault.column, what=what)
