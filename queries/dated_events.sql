-- dated_events: how many projects of a period say when things happened that not every ledger dates.
-- Grain:   one row per (period).
-- Reads:   projects.
-- Params:  none of its own.
-- Returns: period text, dated_productions bigint, dated_ramps bigint, dated_entries bigint.
-- A ledger that never says when a project is produced, ramped or enters statistics leaves it unknown.
select
    period,
    count(produced_on) as dated_productions,
    count(ramped_on) as dated_ramps,
    count(entered_statistics_on) as dated_entries
from projects
group by period
