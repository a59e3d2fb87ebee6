-- decision_rows: what was decided and handed out, as known in a period, with the workbook rows it came from.
-- Grain:   one row per (period, area_id, decision_id).
-- Reads:   decisions.
-- Params:  $shown_periods (text[]).
-- Returns: period text, decision_id text, decided_in text, area_id text, text text, unit text,
--          person text, due_on date, project_id text, name text, closing_field text,
--          closing_value text, closed_on date, filed_period text, filing_id text, source_sheet text,
--          source_row bigint.
select
    period,
    decision_id,
    decided_in,
    area_id,
    text,
    unit,
    person,
    due_on,
    project_id,
    name,
    closing_field,
    closing_value,
    closed_on,
    filed_period,
    filing_id,
    source_sheet,
    source_row
from decisions
where list_contains($shown_periods, period)
order by period, area_id, decision_id
