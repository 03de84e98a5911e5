-- Up Migration
-- Lists of what is exchanged with an ERP find the few rows of a kind or state among the many of others, newest first.

CREATE INDEX erp_documents_state ON erp_documents (connection_id, state, id);
CREATE INDEX erp_documents_kind ON erp_documents (connection_id, kind, id);
CREATE INDEX erp_documents_direction ON erp_documents (connection_id, direction, id);
-- How many there are of each kind is counted from the index alone: the documents themselves are large.
CREATE INDEX erp_documents_counts ON erp_documents (connection_id, direction, kind, state, updated_at) INCLUDE (local_id);

CREATE INDEX erp_conflicts_state ON erp_conflicts (state, id);
CREATE INDEX erp_conflicts_type ON erp_conflicts (type, id);
