-- investment_by_area: the year's investment against its plan, now and as planned at the year's beginning.
-- Grain:   one row per (period, area_id, category).
-- Reads:   baselines, scoped_projects.
-- Params:  none of its own.
-- Returns: period text, area_id text, category text, projects bigint,
--          plan_year decimal, plan_projects bigint, invested_year decimal, invested_projects bigint,
--          both_plan_year decimal, both_invested_year decimal, both_projects bigint,
--          baseline_plan_year decimal, baseline_invested_year decimal, baseline_projects bigint.
select
    scoped_projects.period,
    scoped_projects.area_id,
    scoped_projects.category,
    count(*) as projects,
    sum(scoped_projects.plan_year) as plan_year,
    count(scoped_projects.plan_year) as plan_projects,
    sum(scoped_projects.invested_year) as invested_year,
    count(scoped_projects.invested_year) as invested_projects,
    sum(scoped_projects.plan_year)
    filter (where scoped_projects.invested_year is not null) as both_plan_year,
    sum(scoped_projects.invested_year)
    filter (where scoped_projects.plan_year is not null) as both_invested_year,
    count(*) filter (
        where scoped_projects.plan_year is not null and scoped_projects.invested_year is not null
    ) as both_projects,
    sum(baselines.plan_year)
    filter (where scoped_projects.invested_year is not null) as baseline_plan_year,
    sum(scoped_projects.invested_year)
    filter (where baselines.plan_year is not null) as baseline_invested_year,
    count(*) filter (
        where baselines.plan_year is not null and scoped_projects.invested_year is not null
    ) as baseline_projects
from scoped_projects
left join baselines
    on
        scoped_projects.period = baselines.period
        and scoped_projects.project_id = baselines.project_id
where scoped_projects.stage is distinct from 'exited'
group by scoped_projects.period, scoped_projects.area_id, scoped_projects.category
order by scoped_projects.period, scoped_projects.area_id, scoped_projects.category
