-- project_flags: what is due, put off, cut or waiting about each project at the end of the period.
-- Grain:   one row per (period, project_id).
-- Reads:   baselines, scoped_projects, dated_events, stage_places.
-- Params:  none of its own.
-- Returns: period text, project_id text, area_id text, category text, investment_total decimal,
--          baseline_start_due_on date, baseline_plan_year decimal, plan_cut decimal, is_due boolean,
--          is_due_started boolean, is_due_waiting boolean, is_postponed boolean, is_cut boolean,
--          is_unproduced boolean, is_unlisted boolean.
with baselines_joined as (
    select
        scoped_projects.period,
        scoped_projects.project_id,
        scoped_projects.area_id,
        scoped_projects.category,
        scoped_projects.stage,
        scoped_projects.investment_total,
        scoped_projects.plan_year,
        scoped_projects.year_from,
        scoped_projects.end_on,
        scoped_projects.start_due_on,
        scoped_projects.start_due_on_precision,
        scoped_projects.completed_on,
        scoped_projects.entered_statistics_on,
        dated_events.dated_productions,
        dated_events.dated_entries,
        scoped_projects.started_on,
        coalesce(present.place >= started.place, false) as is_started,
        baselines.start_due_on as baseline_start_due_on,
        baselines.plan_year as baseline_plan_year
    from scoped_projects
    inner join dated_events on scoped_projects.period = dated_events.period
    left join baselines
        on
            scoped_projects.period = baselines.period
            and scoped_projects.project_id = baselines.project_id
    left join stage_places as present on scoped_projects.stage = present.stage
    left join stage_places as started on started.stage = 'started'
    where scoped_projects.stage is distinct from 'exited'
)

select
    period,
    project_id,
    area_id,
    category,
    investment_total,
    baseline_start_due_on,
    baseline_plan_year,
    case
        when plan_year < baseline_plan_year then baseline_plan_year - plan_year
        when plan_year >= baseline_plan_year then 0
    end as plan_cut,
    coalesce(baseline_start_due_on between year_from and end_on, false) as is_due,
    -- What stands in 开工 or a later stage has started, whichever date or report says so.
    coalesce(baseline_start_due_on between year_from and end_on, false) and is_started as is_due_started,
    -- A start that was due in an earlier year and was never made is waited for still.
    coalesce(baseline_start_due_on <= end_on, false) and not is_started as is_due_waiting,
    -- Put off is what is now due after the span that was named before: 六月 for 6月15日 is not later.
    coalesce(
        case start_due_on_precision
            when 'month' then date_trunc('month', start_due_on)
            when 'quarter' then date_trunc('quarter', start_due_on)
            when 'year' then date_trunc('year', start_due_on)
            else start_due_on
        end > baseline_start_due_on, false
    ) as is_postponed,
    coalesce(plan_year < baseline_plan_year, false) as is_cut,
    dated_productions > 0
    and coalesce(stage = 'completed' and completed_on + interval 3 month <= end_on, false) as is_unproduced,
    dated_entries > 0
    and coalesce(started_on + interval 1 month <= end_on and investment_total >= 500, false)
    and not coalesce(entered_statistics_on <= end_on, false) as is_unlisted
from baselines_joined
