-- scoped_projects: the projects that a question is about, each with its effective dates and its stage.
-- Grain:   one row per (period, project_id); rows that are packages of others are left out.
-- Reads:   projects.
-- Params:  $shown_periods (text[]), $areas (text[] or null), $category (text or null),
--          $chain (text or null), $list (text or null), $investment_from (decimal or null),
--          $investment_below (decimal or null), $landing (text), $known_chains (text[] or null).
-- Returns: period text, filed_period text, revision bigint, year_from date, end_on date,
--          project_id text, area_id text, category text, chain text, stage text,
--          is_reported boolean, is_reserve boolean, investment_total decimal, size_from bigint,
--          plan_year decimal, invested_year decimal, agreed_amount decimal,
--          planned_on date, planned_on_precision text,
--          signed_on date, signed_on_precision text, landed_on date, landed_on_precision text,
--          approved_on date, approved_on_precision text, started_on date, started_on_precision text,
--          completed_on date, completed_on_precision text, finished_on date, produced_on date,
--          produced_on_precision text, ramped_on date, ramped_on_precision text, exited_on date,
--          start_due_on date, start_due_on_precision text, entered_statistics_on date,
--          longitude double, latitude double.
with packages_found as (
    select distinct
        period,
        parent_id
    from projects
    where list_contains($shown_periods, period) and parent_id <> project_id
),

dates_proved as (
    -- A row speaks for the end of the period that it was filed for, also where it is carried on. A landing,
    -- completion, acceptance or production still to come proves nothing and hides no other.
    select
        period,
        filed_period,
        revision,
        project_id,
        area_id,
        category,
        case when $known_chains is null or list_contains($known_chains, chain) then chain end as chain,
        lists,
        asset_kind,
        stage_filed,
        investment_total,
        plan_year,
        invested_year,
        agreed_amount,
        planned_on,
        planned_on_precision,
        signed_on,
        signed_on_precision,
        landed_on_precision,
        land_awarded_on,
        land_awarded_on_precision,
        registered_on,
        registered_on_precision,
        operated_on,
        operated_on_precision,
        approved_on,
        approved_on_precision,
        started_on,
        started_on_precision,
        completed_on_precision,
        accepted_on_precision,
        produced_on_precision,
        ramped_on,
        ramped_on_precision,
        exited_on,
        start_due_on,
        start_due_on_precision,
        entered_statistics_on,
        longitude,
        latitude,
        cast(date_trunc('year', cast(period || '-01' as date)) as date) as year_from,
        last_day(cast(filed_period || '-01' as date)) as end_on,
        case
            when landed_on <= last_day(cast(filed_period || '-01' as date)) then landed_on
        end as landed_by,
        case
            when completed_on <= last_day(cast(filed_period || '-01' as date)) then completed_on
        end as completed_by,
        case
            when accepted_on <= last_day(cast(filed_period || '-01' as date)) then accepted_on
        end as accepted_by,
        case
            when produced_on <= last_day(cast(filed_period || '-01' as date)) then produced_on
        end as produced_by
    from projects
),

dates_settled as (
    -- The landing rule: land awarded or work begun; a light asset both registered and operating
    -- (data-model.md section 3). Completion is the acceptance where it is missing itself.
    select
        period,
        filed_period,
        revision,
        project_id,
        area_id,
        category,
        chain,
        stage_filed,
        investment_total,
        plan_year,
        invested_year,
        agreed_amount,
        planned_on,
        planned_on_precision,
        signed_on,
        signed_on_precision,
        case
            when $landing = 'filed' and landed_by is not null then landed_by
            when asset_kind = '轻资产' and registered_on is not null and operated_on is not null
                then greatest(registered_on, operated_on)
            when asset_kind in ('实体经济', '房地产')
                then coalesce(least(land_awarded_on, started_on), land_awarded_on, started_on)
        end as landed_on,
        case
            when $landing = 'filed' and landed_by is not null then landed_on_precision
            when asset_kind = '轻资产' and registered_on > operated_on then registered_on_precision
            when asset_kind = '轻资产' then operated_on_precision
            when started_on is null or land_awarded_on <= started_on then land_awarded_on_precision
            else started_on_precision
        end as landed_on_precision,
        approved_on,
        approved_on_precision,
        started_on,
        started_on_precision,
        coalesce(completed_by, accepted_by) as completed_on,
        case
            when completed_by is null then accepted_on_precision else completed_on_precision
        end as completed_on_precision,
        coalesce(completed_by, accepted_by, produced_by) as finished_on,
        produced_by as produced_on,
        produced_on_precision,
        ramped_on,
        ramped_on_precision,
        exited_on,
        start_due_on,
        start_due_on_precision,
        entered_statistics_on,
        longitude,
        latitude,
        year_from,
        end_on
    from dates_proved
    where
        list_contains($shown_periods, period)
        and (period, project_id) not in (
            select
                packages_found.period,
                packages_found.parent_id
            from packages_found
        )
        and ($areas is null or list_contains($areas, area_id))
        and ($category is null or category = $category)
        and ($chain is null or coalesce(chain, '未归链') = $chain)
        and ($list is null or list_contains(lists, $list))
        and ($investment_from is null or investment_total >= $investment_from)
        and ($investment_below is null or investment_total < $investment_below)
)

select
    period,
    filed_period,
    revision,
    year_from,
    end_on,
    project_id,
    area_id,
    category,
    chain,
    -- The highest stage with a proving date by the end of its period; later dates prove nothing.
    case
        when exited_on <= end_on then 'exited'
        when ramped_on <= end_on then 'ramped'
        when produced_on <= end_on then 'produced'
        when completed_on <= end_on then 'completed'
        when started_on <= end_on then 'started'
        when approved_on <= end_on then 'approved'
        when landed_on <= end_on then 'landed'
        when signed_on <= end_on then 'signed'
        when planned_on <= end_on then 'planned'
        else stage_filed
    end as stage,
    stage_filed is not null and not coalesce(
        planned_on <= end_on or signed_on <= end_on or landed_on <= end_on or approved_on <= end_on
        or started_on <= end_on or completed_on <= end_on or produced_on <= end_on
        or ramped_on <= end_on or exited_on <= end_on, false
    ) as is_reported,
    -- What is planned or beyond and not done with before the year began: 谋划总投资 counts it
    -- (data-model.md section 4, Stock). A report of completion without a date is not of this year.
    coalesce(
        planned_on <= end_on or signed_on <= end_on or landed_on <= end_on or approved_on <= end_on
        or started_on <= end_on or completed_on <= end_on or produced_on <= end_on
        or ramped_on <= end_on or stage_filed in ('planned', 'signed', 'landed', 'approved', 'started'), false
    )
    and not coalesce(exited_on <= end_on or finished_on < year_from or ramped_on < year_from, false)
        as is_reserve,
    investment_total,
    cast(case
        when investment_total >= 1000000 then 1000000
        when investment_total >= 500000 then 500000
        when investment_total >= 100000 then 100000
        when investment_total >= 50000 then 50000
        when investment_total >= 10000 then 10000
        when investment_total >= 1000 then 1000
        when investment_total is not null then 0
    end as bigint) as size_from,
    plan_year,
    invested_year,
    agreed_amount,
    planned_on,
    planned_on_precision,
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
    finished_on,
    produced_on,
    produced_on_precision,
    ramped_on,
    ramped_on_precision,
    exited_on,
    start_due_on,
    start_due_on_precision,
    entered_statistics_on,
    longitude,
    latitude
from dates_settled
