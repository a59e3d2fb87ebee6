-- economy_rows: the running figures of the city and its areas, with the workbook rows they came from.
-- Grain:   one row per (period, area_id, measure).
-- Reads:   economy.
-- Params:  none of its own.
-- Returns: period text, area_id text, measure text, value double, unit text, growth double, source text,
--          filed_period text, filing_id text, source_sheet text, source_row bigint.
select
    period,
    area_id,
    measure,
    value,
    unit,
    growth,
    source,
    filed_period,
    filing_id,
    source_sheet,
    source_row
from economy
order by period, area_id, measure
