-- stages_by_chain: where the projects of each chain stand, and how long they have stood there.
-- Grain:   one row per (period, chain, stage, days).
-- Reads:   scoped_projects.
-- Params:  none of its own.
-- Returns: period text, chain text, stage text, days bigint, projects bigint, investment_total decimal.
with stages_dated as (
    -- Days since the proving date of the present stage; day precision only.
    select
        period,
        chain,
        stage,
        end_on,
        investment_total,
        case
            when is_reported then null
            when stage = 'planned' and planned_on_precision = 'day' then planned_on
            when stage = 'signed' and signed_on_precision = 'day' then signed_on
            when stage = 'landed' and landed_on_precision = 'day' then landed_on
            when stage = 'approved' and approved_on_precision = 'day' then approved_on
            when stage = 'started' and started_on_precision = 'day' then started_on
            when stage = 'completed' and completed_on_precision = 'day' then completed_on
            when stage = 'produced' and produced_on_precision = 'day' then produced_on
            when stage = 'ramped' and ramped_on_precision = 'day' then ramped_on
        end as since_on
    from scoped_projects
)

select
    period,
    chain,
    stage,
    end_on - since_on as days,
    count(*) as projects,
    sum(investment_total) as investment_total
from stages_dated
group by period, chain, stage, end_on - since_on
order by period, chain, stage, days
