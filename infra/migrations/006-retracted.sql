-- Which revisions of which files are out of every read: what gates leave out when they read a source's table itself.
create view as_of.retracted as select source, file, revision from control.retraction;
grant select on as_of.retracted to weir_loader, weir_validator;
