-- What an auditor is answered from, beside the streams of a case and what one account did: everybody who ever signed in,
-- and every organisation, each read on from where it was read before.
CREATE INDEX events_of_accounts ON events (tenant_id, position)
    WHERE stream >= 'account/' AND stream < 'account0';
CREATE INDEX events_of_organisations ON events (tenant_id, position)
    WHERE stream >= 'organisation/' AND stream < 'organisation0';
