-- project_rows: the ledger rows behind a number, page by page, with the workbook rows they came from.
-- Grain:   one row per project of the one period shown.
-- Reads:   scoped_projects, projects, project_flags, stage_places.
-- Params:  $event (text or null), $stages (text[] or null), $reached_stage (text or null),
--          $is_exited (boolean or null), $is_started_before (boolean or null),
--          $is_reserve (boolean or null), $flag (text or null), $has_plan (boolean or null),
--          $has_invested (boolean or null), $has_baseline (boolean or null),
--          $of_category (text or null), $of_chain (text or null),
--          $of_investment_from (decimal or null), $area_ids (text[] or null),
--          $limit (bigint or null), $offset (bigint or null).
-- Returns: rows_total bigint, project_id text, project_code text, name text, owner text, area_id text,
--          category text, chain text, stage text, is_reported boolean, investment_total decimal,
--          baseline_plan_year decimal, plan_year decimal, invested_year decimal,
--          agreed_amount decimal, planned_on date,
--          signed_on date, landed_on date, approved_on date, started_on date, finished_on date,
--          produced_on date, ramped_on date, exited_on date, start_due_on date, completion_due_on date,
--          stage_reported text, progress_text text, filed_period text, revision bigint, filing_id text,
--          source_sheet text, source_row bigint.
with event_dated as (
    select
        period,
        project_id,
        case $event
            when 'planned' then planned_on
            when 'signed' then signed_on
            when 'landed' then landed_on
            when 'approved' then approved_on
            when 'started' then started_on
            when 'completed' then completed_on
            when 'finished' then finished_on
            when 'produced' then produced_on
            when 'ramped' then ramped_on
            when 'exited' then exited_on
        end as occurred_on
    from scoped_projects
)

select
    count(*) over () as rows_total,
    scoped_projects.project_id,
    projects.project_code,
    projects.name,
    projects.owner,
    scoped_projects.area_id,
    scoped_projects.category,
    scoped_projects.chain,
    scoped_projects.stage,
    scoped_projects.is_reported,
    scoped_projects.investment_total,
    project_flags.baseline_plan_year,
    scoped_projects.plan_year,
    scoped_projects.invested_year,
    scoped_projects.agreed_amount,
    scoped_projects.planned_on,
    scoped_projects.signed_on,
    scoped_projects.landed_on,
    scoped_projects.approved_on,
    scoped_projects.started_on,
    scoped_projects.finished_on,
    scoped_projects.produced_on,
    scoped_projects.ramped_on,
    scoped_projects.exited_on,
    project_flags.baseline_start_due_on as start_due_on,
    projects.completion_due_on,
    projects.stage_reported,
    projects.progress_text,
    scoped_projects.filed_period,
    scoped_projects.revision,
    projects.filing_id,
    projects.source_sheet,
    projects.source_row
from scoped_projects
inner join projects
    on
        scoped_projects.period = projects.period
        and scoped_projects.project_id = projects.project_id
inner join event_dated
    on
        scoped_projects.period = event_dated.period
        and scoped_projects.project_id = event_dated.project_id
left join project_flags
    on
        scoped_projects.period = project_flags.period
        and scoped_projects.project_id = project_flags.project_id
left join stage_places as present on scoped_projects.stage = present.stage
left join stage_places as wanted on wanted.stage = $reached_stage
where
    ($area_ids is null or list_contains($area_ids, scoped_projects.area_id))
    and (
        $event is null
        or (
            event_dated.occurred_on between scoped_projects.year_from and scoped_projects.end_on
            and ($event = 'exited' or scoped_projects.stage is distinct from 'exited')
        )
    )
    and ($stages is null or list_contains($stages, coalesce(scoped_projects.stage, 'unknown')))
    and ($is_exited is null or (coalesce(scoped_projects.stage, 'unknown') = 'exited') = $is_exited)
    and (
        $is_started_before is null
        or coalesce(scoped_projects.started_on < scoped_projects.year_from, false) = $is_started_before
    )
    and ($reached_stage is null or present.place >= wanted.place)
    and ($is_reserve is null or scoped_projects.is_reserve = $is_reserve)
    and (
        $flag is null
        or case $flag
            when 'due' then project_flags.is_due
            when 'due_started' then project_flags.is_due_started
            when 'due_waiting' then project_flags.is_due_waiting
            when 'postponed' then project_flags.is_postponed
            when 'cut' then project_flags.is_cut
            when 'unproduced' then project_flags.is_unproduced
            when 'unlisted' then project_flags.is_unlisted
        end
    )
    and (
        $has_plan is null
        or (scoped_projects.plan_year is not null and scoped_projects.stage is distinct from 'exited')
        = $has_plan
    )
    and (
        $has_invested is null
        or (scoped_projects.invested_year is not null and scoped_projects.stage is distinct from 'exited')
        = $has_invested
    )
    and (
        $has_baseline is null
        or (project_flags.baseline_plan_year is not null) = $has_baseline
    )
    -- What the number itself is about narrows the reader's scope and never widens it.
    and ($of_category is null or scoped_projects.category = $of_category)
    and ($of_chain is null or coalesce(scoped_projects.chain, '未归链') = $of_chain)
    and ($of_investment_from is null or scoped_projects.investment_total >= $of_investment_from)
order by scoped_projects.investment_total desc nulls last, scoped_projects.project_id asc
limit $limit offset $offset
