-- letter_rows: the letters that went out and what came back, with the workbook rows they came from.
-- Grain:   one row per (period, area_id, letter_id).
-- Reads:   letters.
-- Params:  $shown_periods (text[]).
-- Returns: period text, letter_id text, kind text, area_id text, project_id text, name text,
--          about_period text, issued_on date, reply_due_on date, replied_on date, reply text,
--          filed_period text, filing_id text, source_sheet text, source_row bigint.
select
    period,
    letter_id,
    kind,
    area_id,
    project_id,
    name,
    about_period,
    issued_on,
    reply_due_on,
    replied_on,
    reply,
    filed_period,
    filing_id,
    source_sheet,
    source_row
from letters
where list_contains($shown_periods, period)
order by period, area_id, letter_id
