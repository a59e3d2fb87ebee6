-- statistics_facts: all that the metrics say of an entry of the statistics library, and of its project.
-- Grain:   one row per (period, row_key).
-- Reads:   statistics, scoped_projects, projects.
-- Params:  $shown_periods (text[]).
-- Returns: period text, filed_period text, year_from date, end_on date, row_key text, project_id text,
--          area_id text, category text, chain text, stage text, investment_total decimal, lists text[],
--          tags text[], owner_kind text, park_id text, invested_total decimal, invested_year decimal,
--          entered_statistics_on date.
-- An entry of no project of the ledger has its own size; no other filter of projects finds it.
select
    statistics.period,
    statistics.filed_period,
    cast(date_trunc('year', cast(statistics.period || '-01' as date)) as date) as year_from,
    last_day(cast(statistics.filed_period || '-01' as date)) as end_on,
    statistics.area_id || '/' || statistics.entry_id as row_key,
    statistics.project_id,
    statistics.area_id,
    scoped_projects.category,
    scoped_projects.chain,
    scoped_projects.stage,
    coalesce(scoped_projects.investment_total, statistics.investment_total) as investment_total,
    projects.lists,
    projects.tags,
    projects.owner_kind,
    projects.park_id,
    statistics.invested_total,
    statistics.invested_year,
    statistics.entered_statistics_on
from statistics
left join scoped_projects
    on
        statistics.period = scoped_projects.period
        and statistics.project_id = scoped_projects.project_id
left join projects
    on
        statistics.period = projects.period
        and statistics.project_id = projects.project_id
where list_contains($shown_periods, statistics.period)
order by statistics.period, row_key
