-- fund_facts: all that the metrics say of a fund at the end of a period, and of the project it is for.
-- Grain:   one row per (period, row_key).
-- Reads:   funds, scoped_projects, projects.
-- Params:  $shown_periods (text[]).
-- Returns: period text, filed_period text, year_from date, end_on date, row_key text, project_id text,
--          area_id text, category text, chain text, stage text, investment_total decimal,
--          started_on date, lists text[], tags text[], owner_kind text, park_id text, source text,
--          domain text, requested decimal, approved decimal, approved_on date, issued_on date,
--          arrived decimal, arrived_on date, paid decimal, paid_year decimal, physical_on date,
--          social_capital decimal.
select
    funds.period,
    funds.filed_period,
    cast(date_trunc('year', cast(funds.period || '-01' as date)) as date) as year_from,
    last_day(cast(funds.filed_period || '-01' as date)) as end_on,
    funds.area_id || '/' || funds.fund_id as row_key,
    funds.project_id,
    funds.area_id,
    scoped_projects.category,
    scoped_projects.chain,
    scoped_projects.stage,
    scoped_projects.investment_total,
    scoped_projects.started_on,
    projects.lists,
    projects.tags,
    projects.owner_kind,
    projects.park_id,
    funds.source,
    funds.domain,
    funds.requested,
    funds.approved,
    funds.approved_on,
    funds.issued_on,
    funds.arrived,
    funds.arrived_on,
    funds.paid,
    funds.paid_year,
    funds.physical_on,
    funds.social_capital
from funds
left join scoped_projects
    on
        funds.period = scoped_projects.period
        and funds.project_id = scoped_projects.project_id
left join projects
    on
        funds.period = projects.period
        and funds.project_id = projects.project_id
where list_contains($shown_periods, funds.period)
order by funds.period, funds.area_id, funds.fund_id
