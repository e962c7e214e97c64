"""What a frame's own check lets pass is what pandera lets pass: of every schema, with anything in any cell."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.errors
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.model import frames
from pipeline.model.errors import InputError
from pipeline.model.frames import FrameSchema

SCHEMAS = [value for value in vars(frames).values() if isinstance(value, FrameSchema)]
#: Every rule on every kind of column that can have it, whether it must be known or not.
RULES = FrameSchema(
    name="rules",
    columns={f"{kind}_{what}": kind for kind in ("text", "time", "number", "flag") for what in ("free", "known", "ruled", "both")},  # type: ignore[misc]
    required=tuple(f"{kind}_{what}" for kind in ("text", "time", "number", "flag") for what in ("known", "both")),
    ranges={"number_ruled": (-1, 2.5), "number_both": (0, 0)},
    allowed={"text_ruled": ("a", "b", ""), "text_both": ("a", "")},
)
TIMES = st.sampled_from([pd.Timestamp("2022-11-14T08:26Z"), pd.NaT])
NUMBERS = st.sampled_from([float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 1.0, 2.5, 2.5000001, -1.0, -91.0, 1e300])
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "time": TIMES,
    "number": NUMBERS,
    "flag": st.sampled_from([True, False, pd.NA]),
}


def cell(schema: FrameSchema, name: str) -> st.SearchStrategy[Any]:
    """Mostly what is allowed, for else hardly a frame would be."""
    if schema.columns[name] != "text":
        return CELLS[schema.columns[name]]
    return st.sampled_from([*schema.allowed.get(name, ("a", "ab")), "", "b", float("nan")])


def pandera_holds(schema: FrameSchema, frame: pd.DataFrame) -> bool:
    try:
        schema._pandera.validate(frame, lazy=False)
    except pandera.errors.SchemaError:
        return False
    return True


@pytest.mark.parametrize("schema", [RULES, *SCHEMAS], ids=lambda schema: schema.name)
def test_a_frame_passes_if_pandera_says_so(schema: FrameSchema) -> None:
    ruled = sorted({*schema.required, *schema.ranges, *schema.allowed})
    good = schema._empty.reindex(range(2)).assign(
        **{
            name: {
                "text": schema.allowed.get(name, ("ab",))[0],
                "time": pd.Timestamp("2022-11-14T08:26Z"),
                "number": float(schema.ranges.get(name, (1, 1))[0]),
                "flag": True,
            }[kind]
            for name, kind in schema.columns.items()
        }
    )
    good = good.astype({name: frames._KNOWN[kind] for name, kind in schema.columns.items()})
    schema.validate(good)
    schema.validate(schema._empty)
    said = []

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
    @given(st.data())
    def look(data: st.DataObject) -> None:
        frame = good.copy()
        for name in data.draw(st.lists(st.sampled_from(ruled), max_size=2)) if ruled else ():
            values = [data.draw(cell(schema, name)), data.draw(cell(schema, name))]
            kind = schema.columns[name]
            frame[name] = (
                pd.to_datetime(pd.Series(values), utc=True).dt.as_unit("us")
                if kind == "time"
                else pd.Series(values, dtype=frames._DTYPES[kind])
            )
        frame.index = pd.Index([7, 7])
        expected = pandera_holds(schema, frame)
        said.append(expected)
        assert schema._holds(frame) == expected
        if expected:
            schema.validate(frame)
        else:
            with pytest.raises(InputError):
                schema.validate(frame)

    look()
    assert True in said
    assert not ruled or False in said
