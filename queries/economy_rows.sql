-- economy_rows: the rows of the running economy behind a number, with the workbook rows they came from.
-- Grain:   one row per (period, row_key).
-- Reads:   economy.
-- Params:  $shown_periods (text[]), $row_keys (text[] or null).
-- Returns: period text, row_key text, area_id text, measure text, value double, unit text,
--          growth double, source text, filed_period text, revision bigint, filing_id text,
--          source_sheet text, source_row bigint.
select
    period,
    area_id || '/' || measure as row_key,
    area_id,
    measure,
    value,
    unit,
    growth,
    source,
    filed_period,
    revision,
    filing_id,
    source_sheet,
    source_row
from economy
where
    list_contains($shown_periods, period)
    and ($row_keys is null or list_contains($row_keys, area_id || '/' || measure))
order by period, row_key
