-- stage_places: the canonical order of the stages.
-- Grain:   one row per stage.
-- Reads:   nothing.
-- Params:  none of its own.
-- Returns: stage text, place bigint.
select
    listed.stage,
    cast(listed.place as bigint) as place
from (
    values ('planned', 1), ('signed', 2), ('landed', 3), ('approved', 4), ('started', 5), ('completed', 6),
    ('produced', 7), ('ramped', 8)
) as listed (stage, place)
