-- planned_to_date: how much of a project's investment its monthly plans say for the year so far.
-- Grain:   one row per (period, project_id); of projects that have plans for all months of the year.
-- Reads:   plans.
-- Params:  $shown_periods (text[]).
-- Returns: period text, project_id text, planned_to_date decimal, baseline_planned_to_date decimal.
with periods_shown as (
    select unnest($shown_periods) as period
),

plans_known as (
    -- Monthly plans are filed for the year and revised: the year's last filing so far stands. In the
    -- baseline it is the first that has the project: a later one buys no better 序时.
    select
        periods_shown.period,
        plans.project_id,
        plans.month,
        plans.planned_amount,
        plans.period = max(plans.period) over (partition by periods_shown.period) as is_newest,
        plans.period = min(plans.period) over (
            partition by periods_shown.period, plans.project_id
        ) as is_first
    from periods_shown
    inner join plans
        on
            left(periods_shown.period, 4) = left(plans.period, 4)
            and periods_shown.period >= plans.period
),

-- Of projects that have all months of the year; the others are spread evenly (data-model.md section 4).
months_planned as (
    select
        period,
        project_id,
        count(distinct month) filter (where is_newest) as newest_months,
        count(distinct month) filter (where is_first) as first_months,
        sum(planned_amount) filter (where is_newest and month <= period) as newest_to_date,
        sum(planned_amount) filter (where is_first and month <= period) as first_to_date
    from plans_known
    where left(period, 4) = left(month, 4) and planned_amount is not null
    group by period, project_id
)

select
    period,
    project_id,
    case when newest_months = 12 then newest_to_date end as planned_to_date,
    case when first_months = 12 then first_to_date end as baseline_planned_to_date
from months_planned
where newest_months = 12 or first_months = 12
