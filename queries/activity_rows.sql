-- activity_rows: what the office and its areas held, with the workbook rows it came from.
-- Grain:   one row per (period, area_id, activity_id).
-- Reads:   activities.
-- Params:  none of its own.
-- Returns: period text, activity_id text, kind text, area_id text, held_on date, chair text,
--          note text, filing_id text, source_sheet text, source_row bigint.
select
    period,
    activity_id,
    kind,
    area_id,
    held_on,
    chair,
    note,
    filing_id,
    source_sheet,
    source_row
from activities
order by period, area_id, activity_id
