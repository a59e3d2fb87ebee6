-- starts_due_by_area: projects planned to start by the end of each period, by the year's baseline dates.
-- Grain:   one row per (period, area_id, category, is_started).
-- Reads:   scoped_projects, projects.
-- Params:  none of its own.
-- Returns: period text, area_id text, category text, is_started boolean, projects bigint,
--          investment_total decimal.
with due_first_shown as (
    -- Due dates are those of the first snapshot of the year that has them: pushing one back
    -- never makes a project punctual (data-model.md section 5).
    select
        scoped_projects.period,
        scoped_projects.project_id,
        min_by(projects.start_due_on, projects.period) as start_due_on
    from scoped_projects
    inner join projects
        on
            scoped_projects.project_id = projects.project_id
            and left(scoped_projects.period, 4) = left(projects.period, 4)
            and scoped_projects.period >= projects.period
    where projects.start_due_on is not null
    group by scoped_projects.period, scoped_projects.project_id
)

select
    scoped_projects.period,
    scoped_projects.area_id,
    scoped_projects.category,
    coalesce(scoped_projects.started_on <= scoped_projects.end_on, false) as is_started,
    count(*) as projects,
    sum(scoped_projects.investment_total) as investment_total
from scoped_projects
inner join due_first_shown
    on
        scoped_projects.period = due_first_shown.period
        and scoped_projects.project_id = due_first_shown.project_id
where
    due_first_shown.start_due_on between scoped_projects.year_from and scoped_projects.end_on
    and scoped_projects.stage is distinct from 'exited'
group by
    scoped_projects.period,
    scoped_projects.area_id,
    scoped_projects.category,
    coalesce(scoped_projects.started_on <= scoped_projects.end_on, false)
order by scoped_projects.period, scoped_projects.area_id, scoped_projects.category, is_started
