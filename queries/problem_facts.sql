-- problem_facts: all that the metrics say of a problem at the end of a period, and of its project.
-- Grain:   one row per (period, row_key).
-- Reads:   problems, scoped_projects, projects.
-- Params:  $shown_periods (text[]).
-- Returns: period text, filed_period text, year_from date, end_on date, row_key text, project_id text,
--          area_id text, category text, chain text, stage text, investment_total decimal, lists text[],
--          tags text[], owner_kind text, park_id text, class text, subclass text, level text,
--          is_direct boolean, amount_blocked decimal, raised_on date, raised_on_precision text,
--          due_on date, escalated_on date, resolved_on date, resolved_on_precision text.
select
    problems.period,
    problems.filed_period,
    cast(date_trunc('year', cast(problems.period || '-01' as date)) as date) as year_from,
    last_day(cast(problems.filed_period || '-01' as date)) as end_on,
    problems.area_id || '/' || problems.problem_id as row_key,
    problems.project_id,
    problems.area_id,
    scoped_projects.category,
    scoped_projects.chain,
    scoped_projects.stage,
    scoped_projects.investment_total,
    projects.lists,
    projects.tags,
    projects.owner_kind,
    projects.park_id,
    problems.class,
    problems.subclass,
    problems.level,
    problems.is_direct,
    problems.amount_blocked,
    problems.raised_on,
    problems.raised_on_precision,
    problems.due_on,
    problems.escalated_on,
    problems.resolved_on,
    problems.resolved_on_precision
from problems
left join scoped_projects
    on
        problems.period = scoped_projects.period
        and problems.project_id = scoped_projects.project_id
left join projects
    on
        problems.period = projects.period
        and problems.project_id = projects.project_id
where list_contains($shown_periods, problems.period)
order by problems.period, problems.area_id, problems.problem_id
