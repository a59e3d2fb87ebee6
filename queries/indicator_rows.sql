-- indicator_rows: the filed values of the city's indicators by year, with the workbook rows they came from.
-- Grain:   one row per (period, area_id, measure, year).
-- Reads:   indicators.
-- Params:  none of its own.
-- Returns: period text, area_id text, no text, measure text, year bigint, value double, unit text,
--          filed_period text, filing_id text, source_sheet text, source_row bigint.
select
    period,
    area_id,
    no,
    measure,
    year,
    value,
    unit,
    filed_period,
    filing_id,
    source_sheet,
    source_row
from indicators
order by period, area_id, measure, year
