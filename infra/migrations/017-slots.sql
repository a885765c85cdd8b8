-- Which slots have been loaded is asked by every scheduled run, and by whoever looks at the schedules.
create index on control.load (pipeline, slot_end) where slot_end is not null;
create index on control.load (pipeline, interval_end) where interval_end is not null;
