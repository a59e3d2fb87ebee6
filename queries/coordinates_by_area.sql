-- coordinates_by_area: how many projects can be put on a map, and how many cannot.
-- Grain:   one row per (period, area_id, has_coordinates).
-- Reads:   scoped_projects.
-- Params:  none of its own.
-- Returns: period text, area_id text, has_coordinates boolean, projects bigint.
select
    period,
    area_id,
    longitude is not null and latitude is not null as has_coordinates,
    count(*) as projects
from scoped_projects
where stage is distinct from 'exited'
group by period, area_id, longitude is not null and latitude is not null
order by period, area_id, has_coordinates
