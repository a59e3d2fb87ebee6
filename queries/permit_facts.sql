-- permit_facts: all that the metrics say of a permit at the end of a period, and of its project.
-- Grain:   one row per (period, row_key).
-- Reads:   permits, scoped_projects, projects.
-- Params:  $shown_periods (text[]).
-- Returns: period text, filed_period text, year_from date, end_on date, row_key text, project_id text,
--          area_id text, category text, chain text, stage text, investment_total decimal, lists text[],
--          tags text[], owner_kind text, park_id text, name text, kind text, due_on date,
--          due_on_precision text, obtained_on date.
select
    permits.period,
    permits.filed_period,
    cast(date_trunc('year', cast(permits.period || '-01' as date)) as date) as year_from,
    last_day(cast(permits.filed_period || '-01' as date)) as end_on,
    permits.area_id || '/' || coalesce(permits.project_id, permits.name, '') || '/' || permits.kind
        as row_key,
    permits.project_id,
    permits.area_id,
    scoped_projects.category,
    scoped_projects.chain,
    scoped_projects.stage,
    scoped_projects.investment_total,
    projects.lists,
    projects.tags,
    projects.owner_kind,
    projects.park_id,
    permits.name,
    permits.kind,
    permits.due_on,
    permits.due_on_precision,
    permits.obtained_on
from permits
left join scoped_projects
    on
        permits.period = scoped_projects.period
        and permits.project_id = scoped_projects.project_id
left join projects
    on
        permits.period = projects.period
        and permits.project_id = projects.project_id
where list_contains($shown_periods, permits.period)
order by permits.period, row_key
