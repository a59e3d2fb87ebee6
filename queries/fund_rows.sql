-- fund_rows: the rows of the ledger of funds behind a number, with the workbook rows they came from.
-- Grain:   one row per (period, row_key).
-- Reads:   funds.
-- Params:  $shown_periods (text[]), $row_keys (text[] or null).
-- Returns: period text, row_key text, area_id text, project_id text, project_code text, name text,
--          owner text, source text, domain text, requested decimal, approved decimal,
--          approved_on date, issued_on date, arrived decimal, arrived_on date, paid decimal,
--          paid_year decimal, physical_on date, social_capital decimal,
--          filed_period text, revision bigint, filing_id text, source_sheet text,
--          source_row bigint.
select
    period,
    area_id || '/' || fund_id as row_key,
    area_id,
    project_id,
    project_code,
    name,
    owner,
    source,
    domain,
    requested,
    approved,
    approved_on,
    issued_on,
    arrived,
    arrived_on,
    paid,
    paid_year,
    physical_on,
    social_capital,
    filed_period,
    revision,
    filing_id,
    source_sheet,
    source_row
from funds
where
    list_contains($shown_periods, period)
    and ($row_keys is null or list_contains($row_keys, area_id || '/' || fund_id))
order by period, area_id, fund_id
