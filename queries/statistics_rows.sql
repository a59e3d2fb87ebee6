-- statistics_rows: the rows of the statistics library behind a number, with the workbook rows they came from.
-- Grain:   one row per (period, row_key).
-- Reads:   statistics.
-- Params:  $shown_periods (text[]), $row_keys (text[] or null).
-- Returns: period text, row_key text, area_id text, project_id text, project_code text, name text,
--          owner text, investment_total decimal, invested_total decimal, invested_year decimal,
--          started_on date, entered_statistics_on date, completed_on date,
--          filed_period text, revision bigint, filing_id text, source_sheet text,
--          source_row bigint.
select
    period,
    area_id || '/' || entry_id as row_key,
    area_id,
    project_id,
    project_code,
    name,
    owner,
    investment_total,
    invested_total,
    invested_year,
    started_on,
    entered_statistics_on,
    completed_on,
    filed_period,
    revision,
    filing_id,
    source_sheet,
    source_row
from statistics
where
    list_contains($shown_periods, period)
    and ($row_keys is null or list_contains($row_keys, area_id || '/' || entry_id))
order by period, row_key
