-- flags_by_area: how many projects of each area are due, put off, cut or waiting.
-- Grain:   one row per (period, area_id, category, flag).
-- Reads:   project_flags.
-- Params:  none of its own.
-- Returns: period text, area_id text, category text, flag text, projects bigint,
--          investment_total decimal, plan_cut decimal.
with flags_listed as (
    select named.flag
    from (
        values ('due'), ('due_started'), ('due_waiting'), ('postponed'), ('cut'), ('unproduced'),
        ('unlisted')
    ) as named (flag)
)

select
    project_flags.period,
    project_flags.area_id,
    project_flags.category,
    flags_listed.flag,
    count(*) as projects,
    sum(project_flags.investment_total) as investment_total,
    sum(project_flags.plan_cut) as plan_cut
from project_flags
cross join flags_listed
where
    case flags_listed.flag
        when 'due' then project_flags.is_due
        when 'due_started' then project_flags.is_due_started
        when 'due_waiting' then project_flags.is_due_waiting
        when 'postponed' then project_flags.is_postponed
        when 'cut' then project_flags.is_cut
        when 'unproduced' then project_flags.is_unproduced
        when 'unlisted' then project_flags.is_unlisted
    end
group by project_flags.period, project_flags.area_id, project_flags.category, flags_listed.flag
order by project_flags.period, project_flags.area_id, project_flags.category, flags_listed.flag
