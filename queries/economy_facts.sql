-- economy_facts: figures of the running economy, the year to date, in 万元 where their unit is one of money.
-- Grain:   one row per (period, row_key).
-- Reads:   economy.
-- Params:  $shown_periods (text[]).
-- Returns: period text, filed_period text, year_from date, end_on date, row_key text, area_id text,
--          is_of_city boolean, measure text, value double, unit text, amount decimal, growth double,
--          source text, category text, chain text, lists text[], tags text[], owner_kind text,
--          park_id text, investment_total decimal.
-- What filters of projects look at is null: a figure of the city is not narrowed by them, it is unknown.
select
    period,
    filed_period,
    cast(date_trunc('year', cast(period || '-01' as date)) as date) as year_from,
    last_day(cast(filed_period || '-01' as date)) as end_on,
    area_id || '/' || measure as row_key,
    area_id,
    area_id = city as is_of_city,
    measure,
    value,
    unit,
    -- A figure in any other unit, or too large for an amount, is no amount.
    case unit
        when '万元' then try_cast(value as decimal(18, 4))
        when '亿元' then try_cast(try_cast(value as decimal(18, 8)) * 10000 as decimal(18, 4))
    end as amount,
    growth,
    source,
    cast(null as text) as category,
    cast(null as text) as chain,
    cast(null as text[]) as lists,
    cast(null as text[]) as tags,
    cast(null as text) as owner_kind,
    cast(null as text) as park_id,
    cast(null as decimal(18, 4)) as investment_total
from economy
where list_contains($shown_periods, period)
order by period, row_key
