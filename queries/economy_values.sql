-- economy_values: figures of the running economy, year to date, as filed for a city or an area.
-- Grain:   one row per (period, area_id, measure).
-- Reads:   economy.
-- Params:  $shown_periods (text[]).
-- Returns: period text, filed_period text, area_id text, measure text, value double, unit text,
--          growth double, source text, filing_id text, source_sheet text, source_row bigint.
select
    period,
    filed_period,
    area_id,
    measure,
    value,
    unit,
    growth,
    source,
    filing_id,
    source_sheet,
    source_row
from economy
where list_contains($shown_periods, period)
order by period, area_id, measure
