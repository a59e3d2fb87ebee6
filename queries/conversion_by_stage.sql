-- conversion_by_stage: of the projects that reached a stage in a window, how many went on, in how many days.
-- Grain:   one row per (period, area_id, chain, size_from, to_stage, is_reached, days).
-- Reads:   scoped_projects, stage_places.
-- Params:  $from_stage (text), $window_from (date or null), $window_to (date or null).
-- Returns: period text, area_id text, chain text, size_from bigint, to_stage text,
--          is_reached boolean, days bigint, projects bigint, investment_total decimal.
with cohort_drawn as (
    select
        period,
        area_id,
        chain,
        size_from,
        stage,
        investment_total,
        year_from,
        end_on,
        signed_on,
        signed_on_precision,
        landed_on,
        landed_on_precision,
        approved_on,
        approved_on_precision,
        started_on,
        started_on_precision,
        completed_on,
        completed_on_precision,
        produced_on,
        produced_on_precision,
        ramped_on,
        ramped_on_precision,
        case $from_stage
            when 'planned' then planned_on
            when 'signed' then signed_on
            when 'landed' then landed_on
            when 'approved' then approved_on
            when 'started' then started_on
            when 'completed' then completed_on
            when 'produced' then produced_on
        end as from_on,
        case $from_stage
            when 'planned' then planned_on_precision
            when 'signed' then signed_on_precision
            when 'landed' then landed_on_precision
            when 'approved' then approved_on_precision
            when 'started' then started_on_precision
            when 'completed' then completed_on_precision
            when 'produced' then produced_on_precision
        end as from_on_precision
    from scoped_projects
    where stage is distinct from 'exited'
),

later_stages_joined as (
    select
        cohort_drawn.period,
        cohort_drawn.area_id,
        cohort_drawn.chain,
        cohort_drawn.size_from,
        cohort_drawn.investment_total,
        cohort_drawn.end_on,
        cohort_drawn.from_on,
        cohort_drawn.from_on_precision,
        later_stages.stage as to_stage,
        reached_stages.place >= later_stages.place as is_reached,
        case later_stages.stage
            when 'signed' then cohort_drawn.signed_on
            when 'landed' then cohort_drawn.landed_on
            when 'approved' then cohort_drawn.approved_on
            when 'started' then cohort_drawn.started_on
            when 'completed' then cohort_drawn.completed_on
            when 'produced' then cohort_drawn.produced_on
            when 'ramped' then cohort_drawn.ramped_on
        end as to_on,
        case later_stages.stage
            when 'signed' then cohort_drawn.signed_on_precision
            when 'landed' then cohort_drawn.landed_on_precision
            when 'approved' then cohort_drawn.approved_on_precision
            when 'started' then cohort_drawn.started_on_precision
            when 'completed' then cohort_drawn.completed_on_precision
            when 'produced' then cohort_drawn.produced_on_precision
            when 'ramped' then cohort_drawn.ramped_on_precision
        end as to_on_precision
    from cohort_drawn
    inner join stage_places as from_stages on from_stages.stage = $from_stage
    inner join stage_places as later_stages on from_stages.place < later_stages.place
    inner join stage_places as reached_stages on cohort_drawn.stage = reached_stages.stage
    where
        cohort_drawn.from_on between coalesce($window_from, cohort_drawn.year_from)
        and coalesce($window_to, cohort_drawn.end_on)
        and cohort_drawn.from_on <= cohort_drawn.end_on
),

days_counted as (
    -- Days between dates use day precision only (data-model.md section 0); who has not arrived
    -- yet is as old as the time since the first date.
    select
        period,
        area_id,
        chain,
        size_from,
        to_stage,
        is_reached,
        investment_total,
        case
            when from_on_precision <> 'day' then null
            when not is_reached then end_on - from_on
            when to_on_precision = 'day' and to_on between from_on and end_on then to_on - from_on
        end as days
    from later_stages_joined
)

select
    period,
    area_id,
    chain,
    size_from,
    to_stage,
    is_reached,
    days,
    count(*) as projects,
    sum(investment_total) as investment_total
from days_counted
group by period, area_id, chain, size_from, to_stage, is_reached, days
order by period, area_id, chain, size_from, to_stage, is_reached, days
