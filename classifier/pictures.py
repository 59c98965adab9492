"""Figures as pictures: SVG as text, no script, readable on a phone, by day and by night.

Every picture carries its own style, so it may stand in a page or in a file of its own. What is not ours in it
(names of labels, networks, territories) is escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

from classifier.figures import Bin, ClassFigures, Confusion, Point, Slice

_WIDE: Final = 360  # units; a phone shows one as one pixel
_LEFT, _TOP, _SIDE = 52, 12, 290  # of the square that holds a curve
_ROW: Final = 30
_NAME: Final = 40  # characters of a name that fit a line
_STYLE: Final = (
    "<style>.pic{font:11px system-ui,sans-serif;--ink:#1c2330;--soft:#667085;--line:#d8dde6;--fill:#2563c9;"
    "--pale:#e8edf5;--mark:#b4530a}.pic text{fill:var(--ink)}.pic .soft{fill:var(--soft)}"
    ".pic .line{stroke:var(--line);fill:none}.pic .curve{stroke:var(--fill);stroke-width:2;fill:none}"
    ".pic .fill{fill:var(--fill)}.pic .pale{fill:var(--pale)}.pic .mark{fill:var(--mark);stroke:none}"
    ".pic .whisker{stroke:var(--ink);stroke-width:1.5}.pic .aim{stroke:var(--mark);stroke-dasharray:4 3;fill:none}"
    "@media(prefers-color-scheme:dark){.pic{--ink:#e6eaf2;--soft:#9aa4b5;--line:#3a4354;--fill:#6ea8ff;"
    "--pale:#262d3a;--mark:#ffb066}}</style>"
)


def reliability(bins: Sequence[Bin], *, title: str, across: str, up: str) -> str:
    """Promised confidence across, share that came true up; the area of a dot is its share of rows."""
    total = sum(one.rows for one in bins)
    dots = [_dot(one, share=one.rows / total) for one in bins]
    diagonal = f'<path class="aim" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>'
    return _picture(_TOP + _SIDE + 44, title, [*_axes(across, up), diagonal, *dots])


def risk_coverage(
    curve: Sequence[Point], *, precision: float, reached: Point, title: str, across: str, up: str
) -> str:
    """Share answered without a person across, share of those right up; the point of `precision` is marked."""
    floor = _floor(point.right for point in curve)
    path = "L".join(f"{_x(point.coverage):.1f} {_y(point.right, floor):.1f}" for point in curve)
    aim = f'<path class="aim" d="M{_x(0)} {_y(precision, floor):.1f}H{_x(1)}"/>'
    marks = [f'<path class="curve" d="M{path}"/>', aim]
    if reached.coverage:
        x, y = _x(reached.coverage), _y(reached.right, floor)
        # The curve falls to the right: above it on that side, below it on the other, is room for words.
        side, right, down = ("end", -8, 18) if reached.coverage > 0.6 else ("start", 8, -9)  # noqa: PLR2004
        told = f"{reached.coverage:.0%} · {reached.right:.1%}"
        marks.append(f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
        marks.append(
            f'<text x="{x + right:.1f}" y="{y + down:.1f}" text-anchor="{side}" font-weight="600">{told}</text>'
        )
    return _picture(_TOP + _SIDE + 44, title, [*_axes(across, up, floor), *marks])


def class_bars(
    classes: Sequence[ClassFigures], *, names: Mapping[str, str], title: str, rows_word: str, most: int = 40
) -> str:
    """F1 of the largest labels, with how many rows each has."""
    shown = [one for one in classes if one.support][:most]
    lines = [
        _bar(
            number,
            name=names.get(one.label, one.label),
            note=f"F1 {one.f1:.2f} · {one.support} {rows_word}",
            share=one.f1,
            told=f"P {one.precision:.2f}, R {one.recall:.2f}",
        )
        for number, one in enumerate(shown)
    ]
    return _picture(_ROW * len(shown) + 8, title, lines)


def slice_bars(parts: Sequence[Slice], *, names: Mapping[str, str], title: str, rows_word: str) -> str:
    """Accuracy of each part; the whisker is where it lies with 95 % certainty."""
    lines = []
    for number, one in enumerate(parts):
        y = _ROW * number + 23
        low, high = 4 + one.low * (_WIDE - 8), 4 + one.high * (_WIDE - 8)
        note = f"{one.accuracy:.0%} · {one.rows} {rows_word}"
        lines += [
            _bar(
                number,
                name=names.get(one.name, one.name),
                note=note,
                share=one.accuracy,
                told=f"F1 {one.macro_f1:.2f}",
            ),
            f'<path class="whisker" d="M{low:.1f} {y}H{high:.1f}M{low:.1f} {y - 4}v8M{high:.1f} {y - 4}v8"/>',
        ]
    return _picture(_ROW * len(parts) + 8, title, lines)


def confusion_map(confusion: Confusion, *, names: Mapping[str, str], title: str, elsewhere: str) -> str:
    """Truth down, guess across, by numbers that stand before the names below; the darker the more of the row."""
    count = len(confusion.labels)
    cell = min(30.0, (_WIDE - 30) / (count + 1))
    parts = []
    for down, row in enumerate(confusion.counts):
        cells = (*row, confusion.elsewhere[down])
        whole = max(1, sum(cells))
        truth = names.get(confusion.labels[down], confusion.labels[down])
        parts.append(_number(14, _TOP + 12 + cell * (down + 0.65), str(down + 1)))
        for across, rows in enumerate(cells):
            guess = (
                names.get(confusion.labels[across], confusion.labels[across]) if across < count else elsewhere
            )
            parts.append(
                _cell(
                    26 + cell * across,
                    _TOP + 12 + cell * down,
                    cell,
                    rows / whole,
                    rows,
                    f"{truth} → {guess}",
                )
            )
    parts += [_number(26 + cell * (at + 0.5), _TOP + 6, str(at + 1)) for at in range(count)]
    parts.append(_number(26 + cell * (count + 0.5), _TOP + 6, "…"))
    bottom = _TOP + 30 + cell * count
    lines = [f"{at + 1}. {names.get(label, label)}" for at, label in enumerate(confusion.labels)] + [
        f"… {elsewhere}"
    ]
    legend = [f'<text x="14" y="{bottom + 15 * at:.1f}">{_cut(line)}</text>' for at, line in enumerate(lines)]
    return _picture(bottom + 15 * len(lines), title, [*parts, *legend])


def _picture(high: float, title: str, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pic" role="img" viewBox="0 0 {_WIDE} {high:.0f}" '
        f'width="100%" style="max-width:560px"><title>{escape(title)}</title>{_STYLE}{"".join(parts)}</svg>'
    )


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float, floor: float = 0.0) -> float:
    return _TOP + _SIDE * (1 - (share - floor) / (1 - floor))


def _floor(shares: Iterable[float]) -> float:
    """A round share below all of `shares`, so that the curve fills the picture."""
    lowest = min(shares, default=0.0)
    return next((floor for floor in (0.75, 0.5) if lowest > floor), 0.0)


def _axes(across: str, up: str, floor: float = 0.0) -> list[str]:
    grid = []
    for step in range(6):
        share = step / 5
        height = floor + (1 - floor) * share
        x, y = _x(share), _y(height, floor)
        grid.append(
            f'<path class="line" d="M{x:.1f} {_TOP}V{_TOP + _SIDE}M{_LEFT} {y:.1f}H{_LEFT + _SIDE}"/>'
        )
        grid.append(
            f'<text class="soft" x="{x:.1f}" y="{_TOP + _SIDE + 15}" text-anchor="middle">{share:.0%}</text>'
        )
        grid.append(
            f'<text class="soft" x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{height:.0%}</text>'
        )
    middle = _TOP + _SIDE / 2
    return [
        *grid,
        f'<text x="{_LEFT + _SIDE / 2}" y="{_TOP + _SIDE + 33}" text-anchor="middle">{escape(across)}</text>',
        f'<text x="9" y="{middle}" text-anchor="middle" transform="rotate(-90 9 {middle})">{escape(up)}</text>',
    ]


def _bar(number: int, *, name: str, note: str, share: float, told: str) -> str:
    y = _ROW * number
    return (
        f'<g><title>{escape(name)}: {escape(told)}</title><text x="4" y="{y + 13}">{_cut(name)}</text>'
        f'<text class="soft" x="{_WIDE - 4}" y="{y + 13}" text-anchor="end">{escape(note)}</text>'
        f'<rect class="pale" x="4" y="{y + 18}" width="{_WIDE - 8}" height="9" rx="3"/>'
        f'<rect class="fill" x="4" y="{y + 18}" width="{share * (_WIDE - 8):.1f}" height="9" rx="3"/></g>'
    )


def _dot(one: Bin, *, share: float) -> str:
    told = f"{one.confidence:.2f} → {one.right:.2f}, n = {one.rows}"
    return (
        f'<circle class="fill" cx="{_x(one.confidence):.1f}" cy="{_y(one.right):.1f}" '
        f'r="{3 + 14 * share**0.5:.1f}" fill-opacity=".75"><title>{told}</title></circle>'
    )


def _cell(x: float, y: float, side: float, share: float, rows: int, told: str) -> str:
    number = ""
    if rows:
        paint = ' style="fill:#fff"' if share > 0.55 else ""  # noqa: PLR2004  # black on dark is not read
        number = (
            f'<text x="{x + side / 2:.1f}" y="{y + side * 0.65:.1f}" text-anchor="middle" '
            f'font-size="{min(11.0, side * 0.45):.1f}"{paint}>{rows}</text>'
        )
    return (
        f'<g><title>{escape(told)}: {rows}</title><rect class="pale" x="{x:.1f}" y="{y:.1f}" width="{side - 1:.1f}" '
        f'height="{side - 1:.1f}"/><rect x="{x:.1f}" y="{y:.1f}" width="{side - 1:.1f}" height="{side - 1:.1f}" '
        f'fill="#1d5bbf" fill-opacity="{share**0.7:.2f}"/>{number}</g>'
    )


def _number(x: float, y: float, text: str) -> str:
    return f'<text class="soft" x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="9">{text}</text>'


def _cut(name: str) -> str:
    return escape(name if len(name) <= _NAME else name[: _NAME - 1] + "…")
