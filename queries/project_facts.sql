-- project_facts: all that the metrics say of a project at the end of a period.
-- Grain:   one row per (period, project_id).
-- Reads:   scoped_projects, projects, project_flags, planned_to_date.
-- Params:  none of its own.
-- Returns: period text, filed_period text, revision bigint, year_from date, end_on date, project_id text,
--          area_id text, category text, chain text, stage text, is_reported boolean, is_reserve boolean,
--          investment_total decimal, size_from bigint, plan_year decimal, invested_year decimal,
--          agreed_amount decimal, planned_on date, planned_on_precision text, signed_on date,
--          signed_on_precision text, landed_on date, landed_on_precision text, approved_on date,
--          approved_on_precision text, started_on date, started_on_precision text, completed_on date,
--          completed_on_precision text, finished_on date, produced_on date, produced_on_precision text,
--          ramped_on date, ramped_on_precision text, exited_on date, start_due_on date,
--          start_due_on_precision text, entered_statistics_on date, baseline_start_due_on date,
--          baseline_plan_year decimal, plan_cut decimal, is_due boolean, is_due_started boolean,
--          is_due_waiting boolean, is_postponed boolean, is_cut boolean, is_unproduced boolean,
--          is_unlisted boolean, planned_to_date decimal, baseline_planned_to_date decimal, lists text[],
--          tags text[], owner_kind text, park_id text, nature text, foreign_total_usd decimal,
--          foreign_actual_usd decimal, invested_month decimal, invested_total decimal,
--          land_cost_year decimal, invested_statistics_year decimal, output_year decimal,
--          tax_year decimal, new_output_value decimal, credit_amount decimal, land_area_mu double,
--          is_land_ready boolean, is_quota_ready boolean, is_utility_ready boolean,
--          is_investor_ready boolean, enterprise_name text, listed_enterprise_on date, leader text,
--          team text, steward text, plan_document text, responsible_person text, suspended_on date,
--          resumed_on date, completion_due_on date, production_due_on date, dated_productions bigint,
--          dated_ramps bigint, dated_entries bigint, exemption_reason text, exempt_until date.
with dates_counted as (
    -- A ledger that never says when a project is produced, ramped or enters statistics leaves it unknown.
    select
        period,
        count(produced_on) as dated_productions,
        count(ramped_on) as dated_ramps,
        count(entered_statistics_on) as dated_entries
    from projects
    group by period
)

select
    scoped_projects.period,
    scoped_projects.filed_period,
    scoped_projects.revision,
    scoped_projects.year_from,
    scoped_projects.end_on,
    scoped_projects.project_id,
    scoped_projects.area_id,
    scoped_projects.category,
    scoped_projects.chain,
    scoped_projects.stage,
    scoped_projects.is_reported,
    scoped_projects.is_reserve,
    scoped_projects.investment_total,
    scoped_projects.size_from,
    scoped_projects.plan_year,
    scoped_projects.invested_year,
    scoped_projects.agreed_amount,
    scoped_projects.planned_on,
    scoped_projects.planned_on_precision,
    scoped_projects.signed_on,
    scoped_projects.signed_on_precision,
    scoped_projects.landed_on,
    scoped_projects.landed_on_precision,
    scoped_projects.approved_on,
    scoped_projects.approved_on_precision,
    scoped_projects.started_on,
    scoped_projects.started_on_precision,
    scoped_projects.completed_on,
    scoped_projects.completed_on_precision,
    scoped_projects.finished_on,
    scoped_projects.produced_on,
    scoped_projects.produced_on_precision,
    scoped_projects.ramped_on,
    scoped_projects.ramped_on_precision,
    scoped_projects.exited_on,
    scoped_projects.start_due_on,
    scoped_projects.start_due_on_precision,
    scoped_projects.entered_statistics_on,
    project_flags.baseline_start_due_on,
    project_flags.baseline_plan_year,
    project_flags.plan_cut,
    coalesce(project_flags.is_due, false) as is_due,
    coalesce(project_flags.is_due_started, false) as is_due_started,
    coalesce(project_flags.is_due_waiting, false) as is_due_waiting,
    coalesce(project_flags.is_postponed, false) as is_postponed,
    coalesce(project_flags.is_cut, false) as is_cut,
    coalesce(project_flags.is_unproduced, false) as is_unproduced,
    coalesce(project_flags.is_unlisted, false) as is_unlisted,
    planned_to_date.planned_to_date,
    planned_to_date.baseline_planned_to_date,
    projects.lists,
    projects.tags,
    projects.owner_kind,
    projects.park_id,
    projects.nature,
    projects.foreign_total_usd,
    projects.foreign_actual_usd,
    projects.invested_month,
    projects.invested_total,
    projects.land_cost_year,
    projects.invested_statistics_year,
    projects.output_year,
    projects.tax_year,
    projects.new_output_value,
    projects.credit_amount,
    projects.land_area_mu,
    projects.is_land_ready,
    projects.is_quota_ready,
    projects.is_utility_ready,
    projects.is_investor_ready,
    projects.enterprise_name,
    projects.listed_enterprise_on,
    projects.leader,
    projects.team,
    projects.steward,
    projects.plan_document,
    projects.responsible_person,
    projects.suspended_on,
    projects.resumed_on,
    projects.completion_due_on,
    projects.production_due_on,
    dates_counted.dated_productions,
    dates_counted.dated_ramps,
    dates_counted.dated_entries,
    projects.exemption_reason,
    projects.exempt_until
from scoped_projects
inner join projects
    on
        scoped_projects.period = projects.period
        and scoped_projects.project_id = projects.project_id
inner join dates_counted on scoped_projects.period = dates_counted.period
left join project_flags
    on
        scoped_projects.period = project_flags.period
        and scoped_projects.project_id = project_flags.project_id
left join planned_to_date
    on
        scoped_projects.period = planned_to_date.period
        and scoped_projects.project_id = planned_to_date.project_id
order by scoped_projects.period, scoped_projects.project_id
