-- permit_rows: the rows of the ledger of permits behind a number, with the workbook rows they came from.
-- Grain:   one row per (period, row_key).
-- Reads:   permits.
-- Params:  $shown_periods (text[]), $row_keys (text[] or null).
-- Returns: period text, row_key text, area_id text, project_id text, project_code text, name text,
--          owner text, kind text, due_on date, obtained_on date,
--          filed_period text, revision bigint, filing_id text, source_sheet text,
--          source_row bigint.
with rows_keyed as (
    select
        period,
        area_id || '/' || coalesce(project_id, name, '') || '/' || kind as row_key,
        area_id,
        project_id,
        project_code,
        name,
        owner,
        kind,
        due_on,
        obtained_on,
        filed_period,
        revision,
        filing_id,
        source_sheet,
        source_row
    from permits
    where list_contains($shown_periods, period)
)

select
    period,
    row_key,
    area_id,
    project_id,
    project_code,
    name,
    owner,
    kind,
    due_on,
    obtained_on,
    filed_period,
    revision,
    filing_id,
    source_sheet,
    source_row
from rows_keyed
where $row_keys is null or list_contains($row_keys, row_key)
order by period, row_key
