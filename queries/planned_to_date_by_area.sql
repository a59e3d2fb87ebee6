-- planned_to_date_by_area: how much of the year's planned investment was planned to be done by now.
-- Grain:   one row per (period, area_id, category); of projects that have a yearly plan.
-- Reads:   scoped_projects, plans.
-- Params:  none of its own.
-- Returns: period text, area_id text, category text, plan_year decimal, plan_projects bigint,
--          monthly_planned_to_date decimal, monthly_plan_year decimal, monthly_projects bigint,
--          linear_plan_year decimal, linear_projects bigint.
with plans_filed as (
    select distinct period
    from plans
),

plans_timed as (
    -- Monthly plans are filed for the year and revised: the year's last filing so far stands.
    select
        scoped_projects.period,
        max(plans_filed.period) as plans_period
    from scoped_projects
    inner join plans_filed
        on
            left(scoped_projects.period, 4) = left(plans_filed.period, 4)
            and scoped_projects.period >= plans_filed.period
    group by scoped_projects.period
),

months_planned as (
    -- Of projects that have all months of the year; the others are spread evenly
    -- (data-model.md section 4).
    select
        plans_timed.period,
        plans.project_id,
        sum(plans.planned_amount) filter (where plans.month <= plans_timed.period) as planned_to_date
    from plans_timed
    inner join plans on plans_timed.plans_period = plans.period
    where left(plans_timed.period, 4) = left(plans.month, 4) and plans.planned_amount is not null
    group by plans_timed.period, plans.project_id
    having count(distinct plans.month) = 12
)

select
    scoped_projects.period,
    scoped_projects.area_id,
    scoped_projects.category,
    sum(scoped_projects.plan_year) as plan_year,
    count(*) as plan_projects,
    sum(months_planned.planned_to_date) as monthly_planned_to_date,
    sum(scoped_projects.plan_year)
    filter (where months_planned.project_id is not null) as monthly_plan_year,
    count(months_planned.project_id) as monthly_projects,
    sum(scoped_projects.plan_year) filter (where months_planned.project_id is null) as linear_plan_year,
    count(*) filter (where months_planned.project_id is null) as linear_projects
from scoped_projects
left join months_planned
    on
        scoped_projects.period = months_planned.period
        and scoped_projects.project_id = months_planned.project_id
where scoped_projects.stage is distinct from 'exited' and scoped_projects.plan_year is not null
group by scoped_projects.period, scoped_projects.area_id, scoped_projects.category
order by scoped_projects.period, scoped_projects.area_id, scoped_projects.category
