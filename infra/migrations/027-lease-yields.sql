-- Whose lease it is gives way to other runs, at a gate too: an interval of a backfill, or a slot that is loaded again.
alter table control.lease add column yields boolean not null default false;
-- Since when it is held at the gate this time; `since` is when the hold began, over all its verdicts.
alter table control.lease add column held_at timestamptz;

-- When a load was given up for a run that its own comes after. Its batch is loaded again when its turn comes, so that what
-- it broke is still to be answered for.
alter table control.load add column gave_way_at timestamptz;
