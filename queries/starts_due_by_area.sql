-- starts_due_by_area: projects planned to start by the end of each period, by the year's baseline dates.
-- Grain:   one row per (period, area_id, category, is_started).
-- Reads:   scoped_projects, baseline_starts.
-- Params:  none of its own.
-- Returns: period text, area_id text, category text, is_started boolean, projects bigint,
--          investment_total decimal.
select
    scoped_projects.period,
    scoped_projects.area_id,
    scoped_projects.category,
    coalesce(scoped_projects.started_on <= scoped_projects.end_on, false) as is_started,
    count(*) as projects,
    sum(scoped_projects.investment_total) as investment_total
from scoped_projects
inner join baseline_starts
    on
        scoped_projects.period = baseline_starts.period
        and scoped_projects.project_id = baseline_starts.project_id
where
    baseline_starts.start_due_on between scoped_projects.year_from and scoped_projects.end_on
    and scoped_projects.stage is distinct from 'exited'
group by
    scoped_projects.period,
    scoped_projects.area_id,
    scoped_projects.category,
    coalesce(scoped_projects.started_on <= scoped_projects.end_on, false)
order by scoped_projects.period, scoped_projects.area_id, scoped_projects.category, is_started
