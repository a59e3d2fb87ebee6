-- stages_by_area: where the projects stand at the end of each period, in each reporting area.
-- Grain:   one row per (period, area_id, stage, is_reported, is_reserve,
--          is_started_before, category).
-- Reads:   scoped_projects.
-- Params:  none of its own.
-- Returns: period text, area_id text, stage text, is_reported boolean, is_reserve boolean,
--          is_started_before boolean, category text, projects bigint, investment_total decimal,
--          investment_projects bigint.
select
    period,
    area_id,
    stage,
    is_reported,
    is_reserve,
    coalesce(started_on < year_from, false) as is_started_before,
    category,
    count(*) as projects,
    sum(investment_total) as investment_total,
    count(investment_total) as investment_projects
from scoped_projects
group by
    period,
    area_id,
    stage,
    is_reported,
    is_reserve,
    coalesce(started_on < year_from, false),
    category
order by period, area_id, stage, is_reported, is_reserve, is_started_before, category
