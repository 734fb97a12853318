-- Where a case was submitted, and what it asks for: whoever works at that desk finds it by the first, a list is narrowed
-- by the second. Both stand in the event that opened the case; the read model is filled anew with them.
ALTER TABLE case_list ADD COLUMN receiver text;
ALTER TABLE case_list ADD COLUMN request_kind text;
CREATE INDEX case_list_by_receiver
    ON case_list (tenant_id, generation, receiver, case_id) WHERE receiver IS NOT NULL;
