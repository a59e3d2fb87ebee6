-- problem_rows: the rows of the ledger of problems behind a number, with the workbook rows they came from.
-- Grain:   one row per (period, row_key).
-- Reads:   problems.
-- Params:  $shown_periods (text[]), $row_keys (text[] or null).
-- Returns: period text, row_key text, area_id text, project_id text, project_code text, name text,
--          owner text, class text, subclass text, level text, is_direct boolean, parties text[],
--          description text, amount_blocked decimal, raised_on date, due_on date, escalated_on date,
--          resolved_on date,
--          unit text, resolution text,
--          filed_period text, revision bigint, filing_id text, source_sheet text,
--          source_row bigint.
select
    period,
    area_id || '/' || problem_id as row_key,
    area_id,
    project_id,
    project_code,
    name,
    owner,
    class,
    subclass,
    level,
    is_direct,
    parties,
    description,
    amount_blocked,
    raised_on,
    due_on,
    escalated_on,
    resolved_on,
    unit,
    resolution,
    filed_period,
    revision,
    filing_id,
    source_sheet,
    source_row
from problems
where
    list_contains($shown_periods, period)
    and ($row_keys is null or list_contains($row_keys, area_id || '/' || problem_id))
order by period, area_id, problem_id
