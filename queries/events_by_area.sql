-- events_by_area: what happened in the year up to each period, in each reporting area.
-- Grain:   one row per (period, area_id, event, category, size_from).
-- Reads:   scoped_projects.
-- Params:  none of its own.
-- Returns: period text, area_id text, event text, category text, size_from bigint, projects bigint,
--          investment_total decimal, investment_projects bigint, agreed_amount decimal,
--          agreed_projects bigint.
with events_listed as (
    select named.event
    from (
        values ('planned'), ('signed'), ('landed'), ('approved'), ('started'), ('finished'),
        ('produced'), ('ramped'), ('exited')
    ) as named (event)
),

events_dated as (
    select
        scoped_projects.period,
        scoped_projects.area_id,
        scoped_projects.category,
        scoped_projects.size_from,
        scoped_projects.stage,
        scoped_projects.year_from,
        scoped_projects.end_on,
        scoped_projects.investment_total,
        scoped_projects.agreed_amount,
        events_listed.event,
        case events_listed.event
            when 'planned' then scoped_projects.planned_on
            when 'signed' then scoped_projects.signed_on
            when 'landed' then scoped_projects.landed_on
            when 'approved' then scoped_projects.approved_on
            when 'started' then scoped_projects.started_on
            when 'finished' then scoped_projects.finished_on
            when 'produced' then scoped_projects.produced_on
            when 'ramped' then scoped_projects.ramped_on
            when 'exited' then scoped_projects.exited_on
        end as occurred_on
    from scoped_projects
    cross join events_listed
)

select
    period,
    area_id,
    event,
    category,
    size_from,
    count(*) as projects,
    sum(investment_total) as investment_total,
    count(investment_total) as investment_projects,
    sum(agreed_amount) as agreed_amount,
    count(agreed_amount) as agreed_projects
from events_dated
where
    occurred_on between year_from and end_on
    and (event = 'exited' or stage is distinct from 'exited')
group by period, area_id, event, category, size_from
order by period, area_id, event, category, size_from
