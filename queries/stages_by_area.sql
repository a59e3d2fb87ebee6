-- stages_by_area: where the projects stand at the end of each period, in each reporting area.
-- Grain:   one row per (period, area_id, stage, is_reported, is_reserve, category).
-- Reads:   scoped_projects.
-- Params:  none of its own.
-- Returns: period text, area_id text, stage text, is_reported boolean, is_reserve boolean,
--          category text, projects bigint, investment_total decimal, investment_projects bigint.
select
    period,
    area_id,
    stage,
    is_reported,
    is_reserve,
    category,
    count(*) as projects,
    sum(investment_total) as investment_total,
    count(investment_total) as investment_projects
from scoped_projects
group by period, area_id, stage, is_reported, is_reserve, category
order by period, area_id, stage, is_reported, is_reserve, category
