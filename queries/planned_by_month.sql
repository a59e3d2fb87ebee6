-- planned_by_month: what the newest monthly plans of a year say of some projects, month by month.
-- Grain:   one row per (period, month); of projects that have plans for all months of the year.
-- Reads:   plans.
-- Params:  $shown_periods (text[]), $project_ids (text[] or null).
-- Returns: period text, month text, projects bigint, planned_amount decimal.
with periods_shown as (
    select unnest($shown_periods) as period
),

plans_known as (
    -- The year's last filing so far stands, as in planned_to_date.
    select
        periods_shown.period,
        plans.project_id,
        plans.month,
        plans.planned_amount,
        plans.period = max(plans.period) over (partition by periods_shown.period) as is_newest
    from periods_shown
    inner join plans
        on
            left(periods_shown.period, 4) = left(plans.period, 4)
            and periods_shown.period >= plans.period
),

months_counted as (
    select
        period,
        project_id,
        month,
        planned_amount,
        count(*) over (partition by period, project_id) as months
    from plans_known
    where
        is_newest
        and left(period, 4) = left(month, 4)
        and planned_amount is not null
        and ($project_ids is null or list_contains($project_ids, project_id))
)

select
    period,
    month,
    count(distinct project_id) as projects,
    cast(sum(planned_amount) as decimal(38, 4)) as planned_amount
from months_counted
where months = 12
group by period, month
order by period, month
