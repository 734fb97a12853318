-- Which cases a ledger holds, one row a case: the first event of each stream `case/…`. Whoever asks about all cases of a
-- tenant is answered from the events, and the answer costs as much as there are cases, not events.

CREATE INDEX events_first_of_cases ON events (tenant_id, stream)
    WHERE version = 1 AND stream >= 'case/' AND stream < 'case0';
