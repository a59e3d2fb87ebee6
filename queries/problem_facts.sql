-- problem_facts: all that the metrics say of a problem at the end of a period, and of its project.
-- Grain:   one row per (period, row_key).
-- Reads:   problems, scoped_projects, projects.
-- Params:  $shown_periods (text[]).
-- Returns: period text, filed_period text, year_from date, end_on date, row_key text, project_id text,
--          area_id text, category text, chain text, stage text, investment_total decimal, lists text[],
--          tags text[], owner_kind text, park_id text, class text, subclass text, level text,
--          is_direct boolean, parties text[], unit text, amount_blocked decimal, plan_year decimal,
--          invested_year decimal, raised_on date, raised_on_precision text, accepted_on date,
--          accepted_on_precision text, dispatched_on date, dispatched_on_precision text, urged_on date,
--          urged_on_precision text, inspected_on date, inspected_on_precision text, assessed_on date,
--          assessed_on_precision text, escalated_on date, due_on date, resolved_on date,
--          resolved_on_precision text.
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
    problems.parties,
    problems.unit,
    problems.amount_blocked,
    scoped_projects.plan_year,
    scoped_projects.invested_year,
    problems.raised_on,
    problems.raised_on_precision,
    problems.accepted_on,
    problems.accepted_on_precision,
    problems.dispatched_on,
    problems.dispatched_on_precision,
    problems.urged_on,
    problems.urged_on_precision,
    problems.inspected_on,
    problems.inspected_on_precision,
    problems.assessed_on,
    problems.assessed_on_precision,
    problems.escalated_on,
    problems.due_on,
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
