-- largest_by_chain: the investment of each chain's projects that have not left, and the largest of them.
-- Grain:   one row per (period, chain).
-- Reads:   scoped_projects, projects.
-- Params:  none of its own.
-- Returns: period text, chain text, projects bigint, investment_total decimal,
--          investment_projects bigint, largest_name text, largest_investment decimal.
with names_joined as (
    select
        scoped_projects.period,
        scoped_projects.chain,
        scoped_projects.project_id,
        scoped_projects.investment_total,
        projects.name
    from scoped_projects
    inner join projects
        on
            scoped_projects.period = projects.period
            and scoped_projects.project_id = projects.project_id
    where scoped_projects.stage is distinct from 'exited'
)

select
    period,
    chain,
    count(*) as projects,
    sum(investment_total) as investment_total,
    count(investment_total) as investment_projects,
    -- The identifier settles which of two equally large projects is named.
    max_by(name, (investment_total, project_id)) filter (where investment_total is not null) as largest_name,
    max(investment_total) as largest_investment
from names_joined
group by period, chain
order by period, chain
