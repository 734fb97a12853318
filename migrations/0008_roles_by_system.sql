-- A role counts in the system by whose rule book it was given, and a case follows the rules of one system.

ALTER TABLE access_intervals ADD COLUMN profile text;
