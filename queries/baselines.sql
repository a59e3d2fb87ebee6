-- baselines: the plan and the due start that the year began with.
-- Grain:   one row per (period, project_id).
-- Reads:   projects.
-- Params:  $shown_periods (text[]).
-- Returns: period text, project_id text, plan_year decimal, start_due_on date.
with areas_filed as (
    -- The year begins for an area with its own first filing, which may be later than the city's.
    select
        left(period, 4) as year_text,
        area_id,
        min(period) as period
    from projects
    group by left(period, 4), area_id
),

periods_shown as (
    select unnest($shown_periods) as period
)

-- A due date is that of the first snapshot of the year that has one: pushing it back never makes a
-- project punctual (data-model.md section 5). A plan is one of the area's first snapshot: what is
-- planned later is no part of the baseline.
select
    periods_shown.period,
    projects.project_id,
    min_by(projects.plan_year, projects.period) filter (
        where projects.period = areas_filed.period
    ) as plan_year,
    min_by(projects.start_due_on, projects.period) filter (
        where projects.start_due_on is not null
    ) as start_due_on
from periods_shown
inner join projects
    on
        left(periods_shown.period, 4) = left(projects.period, 4)
        and periods_shown.period >= projects.period
inner join areas_filed
    on
        left(projects.period, 4) = areas_filed.year_text
        and projects.area_id = areas_filed.area_id
group by periods_shown.period, projects.project_id
