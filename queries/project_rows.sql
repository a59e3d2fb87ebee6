-- project_rows: the ledger rows behind a number, with the workbook rows they came from.
-- Grain:   one row per (period, project_id).
-- Reads:   scoped_projects, projects, project_flags.
-- Params:  $project_ids (text[] or null).
-- Returns: period text, project_id text, project_code text, name text, owner text, area_id text,
--          category text, chain text, stage text, is_reported boolean, investment_total decimal,
--          baseline_plan_year decimal, plan_year decimal, invested_year decimal,
--          agreed_amount decimal, planned_on date,
--          signed_on date, landed_on date, approved_on date, started_on date, finished_on date,
--          produced_on date, ramped_on date, exited_on date, start_due_on date, completion_due_on date,
--          stage_reported text, progress_text text, leader text, responsible_person text, lead_unit text,
--          exemption_reason text, exempt_by text, exempt_until date, filed_period text, revision bigint,
--          filing_id text, source_sheet text, source_row bigint.
select
    scoped_projects.period,
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
    projects.leader,
    projects.responsible_person,
    projects.lead_unit,
    projects.exemption_reason,
    projects.exempt_by,
    projects.exempt_until,
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
left join project_flags
    on
        scoped_projects.period = project_flags.period
        and scoped_projects.project_id = project_flags.project_id
where $project_ids is null or list_contains($project_ids, scoped_projects.project_id)
order by
    scoped_projects.period asc,
    scoped_projects.investment_total desc nulls last,
    scoped_projects.project_id asc
