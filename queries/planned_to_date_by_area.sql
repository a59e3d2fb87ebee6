-- planned_to_date_by_area: how much of the year's planned investment was planned to be done by now.
-- Grain:   one row per (period, area_id, category); of projects that have a yearly plan and report
--          their investment, so that what was planned and what was done are of the same projects.
-- Reads:   baselines, scoped_projects, plans.
-- Params:  $is_baseline (boolean).
-- Returns: period text, area_id text, category text, plan_year decimal, plan_projects bigint,
--          monthly_planned_to_date decimal, monthly_plan_year decimal, monthly_projects bigint,
--          linear_plan_year decimal, linear_projects bigint.
with periods_counted as (
    select distinct period
    from scoped_projects
),

plans_picked as (
    -- Monthly plans are filed for the year and revised: the year's last filing so far stands. In the
    -- baseline it is the first that has the project: a later one buys no better 序时.
    select
        periods_counted.period,
        plans.project_id,
        plans.month,
        plans.planned_amount
    from periods_counted
    inner join plans
        on
            left(periods_counted.period, 4) = left(plans.period, 4)
            and periods_counted.period >= plans.period
    qualify
        plans.period = case
            when $is_baseline
                then min(plans.period) over (partition by periods_counted.period, plans.project_id)
            else max(plans.period) over (partition by periods_counted.period)
        end
),

months_planned as (
    -- Of projects that have all months of the year; the others are spread evenly
    -- (data-model.md section 4).
    select
        period,
        project_id,
        sum(planned_amount) filter (where month <= period) as planned_to_date
    from plans_picked
    where left(period, 4) = left(month, 4) and planned_amount is not null
    group by period, project_id
    having count(distinct month) = 12
),

projects_planned as (
    select
        scoped_projects.period,
        scoped_projects.area_id,
        scoped_projects.category,
        scoped_projects.project_id,
        case when $is_baseline then baselines.plan_year else scoped_projects.plan_year end as plan_year
    from scoped_projects
    left join baselines
        on
            scoped_projects.period = baselines.period
            and scoped_projects.project_id = baselines.project_id
    where scoped_projects.stage is distinct from 'exited' and scoped_projects.invested_year is not null
)

select
    projects_planned.period,
    projects_planned.area_id,
    projects_planned.category,
    sum(projects_planned.plan_year) as plan_year,
    count(*) as plan_projects,
    sum(months_planned.planned_to_date) as monthly_planned_to_date,
    sum(projects_planned.plan_year)
    filter (where months_planned.project_id is not null) as monthly_plan_year,
    count(months_planned.project_id) as monthly_projects,
    sum(projects_planned.plan_year) filter (where months_planned.project_id is null) as linear_plan_year,
    count(*) filter (where months_planned.project_id is null) as linear_projects
from projects_planned
left join months_planned
    on
        projects_planned.period = months_planned.period
        and projects_planned.project_id = months_planned.project_id
where projects_planned.plan_year is not null
group by projects_planned.period, projects_planned.area_id, projects_planned.category
order by projects_planned.period, projects_planned.area_id, projects_planned.category
