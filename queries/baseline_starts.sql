-- baseline_starts: when each project was first said, this year, to start.
-- Grain:   one row per (period, project_id) that has such a date.
-- Reads:   scoped_projects, projects.
-- Params:  none of its own.
-- Returns: period text, project_id text, start_due_on date.
-- Due dates are those of the first snapshot of the year that has them: pushing one back never makes
-- a project punctual (data-model.md section 5).
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
order by scoped_projects.period, scoped_projects.project_id
