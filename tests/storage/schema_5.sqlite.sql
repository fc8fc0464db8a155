CREATE TABLE alarms (
	"key" VARCHAR NOT NULL, 
	since BIGINT NOT NULL, 
	text VARCHAR NOT NULL, 
	incident_id VARCHAR, 
	CONSTRAINT pk_alarms PRIMARY KEY ("key")
);
CREATE TABLE alerts (
	"key" VARCHAR NOT NULL, 
	firing BOOLEAN NOT NULL, 
	incident_id VARCHAR, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_alerts PRIMARY KEY ("key")
);
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	request_id VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	caller VARCHAR NOT NULL, 
	login VARCHAR NOT NULL, 
	origin VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	resource VARCHAR NOT NULL, 
	parameters JSON NOT NULL, 
	error VARCHAR, 
	message VARCHAR, 
	CONSTRAINT uq_audit_request_id UNIQUE (request_id)
);
CREATE TABLE changes (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at BIGINT NOT NULL, 
	topic VARCHAR NOT NULL, 
	ref VARCHAR NOT NULL, 
	incident_id VARCHAR
);
CREATE TABLE contacts (
	arn VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	alias VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	display_name VARCHAR DEFAULT '' NOT NULL, 
	"plan" JSON NOT NULL, 
	repeat BOOLEAN DEFAULT 0 NOT NULL, 
	revision INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_contacts PRIMARY KEY (arn), 
	CONSTRAINT uq_contacts_account_alias UNIQUE (account, alias), 
	CONSTRAINT ck_contacts_type_known CHECK (type IN ('PERSONAL', 'ESCALATION', 'ONCALL_SCHEDULE'))
);
CREATE TABLE drafts (
	owner VARCHAR NOT NULL, 
	field VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_drafts PRIMARY KEY (owner, field)
);
CREATE TABLE events (
	id VARCHAR NOT NULL, 
	received_at BIGINT NOT NULL, 
	source VARCHAR NOT NULL, 
	detail_type VARCHAR DEFAULT '' NOT NULL, 
	title VARCHAR DEFAULT '' NOT NULL, 
	dedupe_key VARCHAR, 
	rule_arn VARCHAR, 
	plan_arn VARCHAR, 
	action VARCHAR NOT NULL, 
	incident_id VARCHAR, 
	body JSON NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (id), 
	CONSTRAINT ck_events_action_known CHECK (action IN ('started', 'deduplicated', 'resolved', 'unmatched', 'recorded'))
);
CREATE INDEX ix_events_dedupe_key ON events (dedupe_key);
CREATE INDEX ix_events_incident_id ON events (incident_id);
CREATE INDEX ix_events_received_at ON events (received_at);
CREATE TABLE idempotency (
	caller VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	token VARCHAR NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	result JSON NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_idempotency PRIMARY KEY (caller, action, token)
);
CREATE TABLE incidents (
	number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	plan_arn VARCHAR NOT NULL, 
	plan_name VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	impact INTEGER NOT NULL, 
	summary VARCHAR DEFAULT '' NOT NULL, 
	status VARCHAR DEFAULT 'OPEN' NOT NULL, 
	dedupe_key VARCHAR, 
	source VARCHAR NOT NULL, 
	resource_arn VARCHAR, 
	created_by VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	modified_at BIGINT NOT NULL, 
	modified_by VARCHAR NOT NULL, 
	resolved_at BIGINT, 
	chat_channel JSON NOT NULL, 
	notification_targets JSON NOT NULL, 
	exhausted_at BIGINT, 
	drill BOOLEAN DEFAULT 0 NOT NULL, 
	revision INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT ck_incidents_impact_range CHECK (impact BETWEEN 1 AND 5), 
	CONSTRAINT ck_incidents_resolved_has_an_instant CHECK ((status = 'OPEN' AND resolved_at IS NULL) OR (status = 'RESOLVED' AND resolved_at IS NOT NULL)), 
	CONSTRAINT uq_incidents_id UNIQUE (id)
);
CREATE INDEX ix_incidents_created_at ON incidents (created_at);
CREATE INDEX ix_incidents_list ON incidents (status, impact, number);
CREATE INDEX ix_incidents_newest ON incidents (status, number);
CREATE INDEX ix_incidents_resolved_at ON incidents (resolved_at);
CREATE UNIQUE INDEX uq_incidents_open_dedupe_key ON incidents (account, dedupe_key) WHERE status = 'OPEN';
CREATE TABLE lease (
	name VARCHAR NOT NULL, 
	holder VARCHAR NOT NULL, 
	epoch INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	lateness FLOAT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_lease PRIMARY KEY (name)
);
CREATE TABLE looks (
	owner VARCHAR NOT NULL, 
	place VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_looks PRIMARY KEY (owner, place)
);
CREATE TABLE messages (
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	state VARCHAR DEFAULT 'PENDING' NOT NULL, 
	due_at BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	contact_arn VARCHAR, 
	channel_arn VARCHAR, 
	channel_type VARCHAR NOT NULL, 
	plan_arn VARCHAR, 
	code VARCHAR, 
	used_code VARCHAR, 
	retry_seconds INTEGER DEFAULT '0' NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	unknown BOOLEAN DEFAULT 0 NOT NULL, 
	claimed_epoch INTEGER, 
	claimed_until BIGINT, 
	sent_at BIGINT, 
	provider VARCHAR DEFAULT '' NOT NULL, 
	info VARCHAR DEFAULT '' NOT NULL, 
	payload JSON NOT NULL, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT ck_messages_kind_known CHECK (kind IN ('page', 'activation', 'test', 'notification')), 
	CONSTRAINT ck_messages_state_known CHECK (state IN ('PENDING', 'CLAIMED', 'SENT', 'FAILED', 'CANCELLED')), 
	CONSTRAINT ck_messages_channel_type_known CHECK (channel_type IN ('EMAIL', 'SMS', 'VOICE', 'TOPIC')), 
	CONSTRAINT ck_messages_sent_has_a_receipt CHECK (state <> 'SENT' OR sent_at IS NOT NULL), 
	CONSTRAINT ck_messages_claimed_is_bounded CHECK (state <> 'CLAIMED' OR claimed_until IS NOT NULL)
);
CREATE INDEX ix_messages_bundle ON messages (channel_arn, plan_arn, due_at);
CREATE INDEX ix_messages_recent ON messages (created_at);
CREATE INDEX ix_messages_used_code ON messages (used_code);
CREATE INDEX ix_messages_waiting ON messages (due_at) WHERE state IN ('PENDING', 'CLAIMED');
CREATE UNIQUE INDEX uq_messages_code ON messages (code) WHERE code IS NOT NULL;
CREATE TABLE response_plans (
	arn VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	display_name VARCHAR DEFAULT '' NOT NULL, 
	title VARCHAR NOT NULL, 
	impact INTEGER NOT NULL, 
	summary VARCHAR DEFAULT '' NOT NULL, 
	dedupe_string VARCHAR DEFAULT '' NOT NULL, 
	incident_tags JSON NOT NULL, 
	notification_targets JSON NOT NULL, 
	chat_channel JSON NOT NULL, 
	engagements JSON NOT NULL, 
	actions JSON NOT NULL, 
	integrations JSON NOT NULL, 
	repage_minutes INTEGER DEFAULT '0' NOT NULL, 
	revision INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_response_plans PRIMARY KEY (arn), 
	CONSTRAINT uq_response_plans_account_name UNIQUE (account, name), 
	CONSTRAINT ck_response_plans_impact_range CHECK (impact BETWEEN 1 AND 5)
);
CREATE TABLE rotations (
	arn VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	versions JSON NOT NULL, 
	created_at BIGINT NOT NULL, 
	revision INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_rotations PRIMARY KEY (arn)
);
CREATE TABLE rules (
	arn VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	bus VARCHAR DEFAULT 'default' NOT NULL, 
	description VARCHAR DEFAULT '' NOT NULL, 
	pattern JSON NOT NULL, 
	enabled BOOLEAN DEFAULT 1 NOT NULL, 
	targets JSON NOT NULL, 
	CONSTRAINT pk_rules PRIMARY KEY (arn), 
	CONSTRAINT uq_rules_bus_name UNIQUE (bus, name)
);
CREATE TABLE saved_filters (
	owner VARCHAR NOT NULL, 
	place VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	CONSTRAINT pk_saved_filters PRIMARY KEY (owner, place, name)
);
CREATE TABLE settings (
	"key" VARCHAR NOT NULL, 
	value JSON NOT NULL, 
	CONSTRAINT pk_settings PRIMARY KEY ("key")
);
CREATE TABLE tags (
	arn VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	CONSTRAINT pk_tags PRIMARY KEY (arn, "key")
);
CREATE TABLE tallies (
	status VARCHAR NOT NULL, 
	incidents INTEGER NOT NULL, 
	CONSTRAINT pk_tallies PRIMARY KEY (status)
);
CREATE TABLE tokens (
	name VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	created_by VARCHAR NOT NULL, 
	CONSTRAINT pk_tokens PRIMARY KEY (name), 
	CONSTRAINT uq_tokens_hash UNIQUE (hash)
);
CREATE TABLE wrong_codes (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	caller VARCHAR NOT NULL, 
	at BIGINT NOT NULL
);
CREATE INDEX ix_wrong_codes_at ON wrong_codes (at);
CREATE TABLE channels (
	arn VARCHAR NOT NULL, 
	contact_arn VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	activated BOOLEAN DEFAULT 0 NOT NULL, 
	activation_code VARCHAR, 
	code_expires_at BIGINT, 
	last_result VARCHAR DEFAULT '' NOT NULL, 
	last_result_at BIGINT, 
	CONSTRAINT pk_channels PRIMARY KEY (arn), 
	CONSTRAINT ck_channels_type_known CHECK (type IN ('EMAIL', 'SMS', 'VOICE')), 
	CONSTRAINT fk_channels_contact_arn FOREIGN KEY(contact_arn) REFERENCES contacts (arn) ON DELETE CASCADE
);
CREATE INDEX ix_channels_address ON channels (address);
CREATE INDEX ix_channels_contact_arn ON channels (contact_arn);
CREATE TABLE engagements (
	id VARCHAR NOT NULL, 
	incident_id VARCHAR, 
	parent_id VARCHAR, 
	target_arn VARCHAR NOT NULL, 
	target_type VARCHAR NOT NULL, 
	via_arn VARCHAR, 
	stage INTEGER, 
	stages JSON NOT NULL, 
	next_stage INTEGER DEFAULT '0' NOT NULL, 
	due_at BIGINT, 
	status VARCHAR DEFAULT 'RUNNING' NOT NULL, 
	repeat BOOLEAN DEFAULT 0 NOT NULL, 
	round INTEGER DEFAULT '0' NOT NULL, 
	reached JSON NOT NULL, 
	answered BOOLEAN DEFAULT 0 NOT NULL, 
	sender VARCHAR DEFAULT '' NOT NULL, 
	content JSON NOT NULL, 
	started_by VARCHAR NOT NULL, 
	started_at BIGINT NOT NULL, 
	stopped_at BIGINT, 
	acknowledged_at BIGINT, 
	acknowledged_via VARCHAR, 
	CONSTRAINT pk_engagements PRIMARY KEY (id), 
	CONSTRAINT ck_engagements_status_known CHECK (status IN ('RUNNING', 'ACKNOWLEDGED', 'STOPPED', 'ENDED', 'EXHAUSTED')), 
	CONSTRAINT ck_engagements_target_type_known CHECK (target_type IN ('PERSONAL', 'ESCALATION', 'ONCALL_SCHEDULE')), 
	CONSTRAINT ck_engagements_running_has_a_next_step CHECK (status <> 'RUNNING' OR due_at IS NOT NULL), 
	CONSTRAINT fk_engagements_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE
);
CREATE INDEX ix_engagements_incident_id ON engagements (incident_id);
CREATE INDEX ix_engagements_parent_id ON engagements (parent_id);
CREATE INDEX ix_engagements_running ON engagements (incident_id, target_arn) WHERE status = 'RUNNING';
CREATE TABLE handovers (
	id VARCHAR NOT NULL, 
	schedule_arn VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	author VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	CONSTRAINT pk_handovers PRIMARY KEY (id), 
	CONSTRAINT fk_handovers_schedule_arn FOREIGN KEY(schedule_arn) REFERENCES contacts (arn) ON DELETE CASCADE
);
CREATE INDEX ix_handovers_of ON handovers (schedule_arn, at);
CREATE TABLE overrides (
	id VARCHAR NOT NULL, 
	rotation_arn VARCHAR NOT NULL, 
	contacts JSON NOT NULL, 
	start_at BIGINT NOT NULL, 
	end_at BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	created_by VARCHAR DEFAULT '' NOT NULL, 
	counts_from BIGINT NOT NULL, 
	counts_until BIGINT NOT NULL, 
	deleted_at BIGINT, 
	CONSTRAINT pk_overrides PRIMARY KEY (id), 
	CONSTRAINT ck_overrides_some_time CHECK (end_at > start_at), 
	CONSTRAINT fk_overrides_rotation_arn FOREIGN KEY(rotation_arn) REFERENCES rotations (arn) ON DELETE CASCADE
);
CREATE INDEX ix_overrides_of ON overrides (rotation_arn, counts_until);
CREATE TABLE presence (
	session VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	incident_id VARCHAR NOT NULL, 
	until BIGINT NOT NULL, 
	CONSTRAINT pk_presence PRIMARY KEY (session), 
	CONSTRAINT fk_presence_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE
);
CREATE INDEX ix_presence_incident_id ON presence (incident_id);
CREATE TABLE receipts (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	message_id VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	type VARCHAR NOT NULL, 
	info VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT ck_receipts_type_known CHECK (type IN ('SENT', 'DELIVERED', 'READ', 'ERROR', 'STOP')), 
	CONSTRAINT fk_receipts_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
CREATE INDEX ix_receipts_message_id ON receipts (message_id);
CREATE TABLE related_items (
	id VARCHAR NOT NULL, 
	incident_id VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	title VARCHAR DEFAULT '' NOT NULL, 
	value JSON NOT NULL, 
	added_at BIGINT NOT NULL, 
	CONSTRAINT pk_related_items PRIMARY KEY (id), 
	CONSTRAINT fk_related_items_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE
);
CREATE INDEX ix_related_items_incident_id ON related_items (incident_id);
CREATE TABLE timeline (
	id VARCHAR NOT NULL, 
	incident_id VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	event_time BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	data JSON NOT NULL, 
	refs JSON NOT NULL, 
	seq INTEGER DEFAULT '0' NOT NULL, 
	revision INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_timeline PRIMARY KEY (id), 
	CONSTRAINT fk_timeline_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE
);
CREATE INDEX ix_timeline_order ON timeline (incident_id, event_time, seq);
CREATE INDEX ix_timeline_updated ON timeline (incident_id, updated_at);
CREATE TABLE pages (
	id VARCHAR NOT NULL, 
	message_id VARCHAR NOT NULL, 
	engagement_id VARCHAR NOT NULL, 
	incident_id VARCHAR, 
	contact_arn VARCHAR NOT NULL, 
	channel_arn VARCHAR NOT NULL, 
	stage INTEGER DEFAULT '0' NOT NULL, 
	parent_stage INTEGER, 
	created_at BIGINT NOT NULL, 
	reason VARCHAR NOT NULL, 
	late_seconds FLOAT DEFAULT '0' NOT NULL, 
	sent_at BIGINT, 
	delivered_at BIGINT, 
	acknowledged_at BIGINT, 
	CONSTRAINT pk_pages PRIMARY KEY (id), 
	CONSTRAINT fk_pages_message_id FOREIGN KEY(message_id) REFERENCES messages (id), 
	CONSTRAINT fk_pages_engagement_id FOREIGN KEY(engagement_id) REFERENCES engagements (id) ON DELETE CASCADE, 
	CONSTRAINT fk_pages_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE
);
CREATE INDEX ix_pages_engagement_id ON pages (engagement_id);
CREATE INDEX ix_pages_incident_id ON pages (incident_id);
CREATE INDEX ix_pages_message_id ON pages (message_id);
CREATE TABLE timers (
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	due_at BIGINT NOT NULL, 
	engagement_id VARCHAR, 
	incident_id VARCHAR, 
	payload JSON NOT NULL, 
	CONSTRAINT pk_timers PRIMARY KEY (id), 
	CONSTRAINT ck_timers_kind_known CHECK (kind IN ('engagement', 'repage', 'drill', 'prune')), 
	CONSTRAINT ck_timers_engagement_named CHECK (kind <> 'engagement' OR engagement_id IS NOT NULL), 
	CONSTRAINT fk_timers_engagement_id FOREIGN KEY(engagement_id) REFERENCES engagements (id) ON DELETE CASCADE, 
	CONSTRAINT fk_timers_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id) ON DELETE CASCADE
);
CREATE INDEX ix_timers_due_at ON timers (due_at);
CREATE INDEX ix_timers_incident_id ON timers (incident_id);
CREATE UNIQUE INDEX uq_timers_one_per_engagement ON timers (engagement_id);
CREATE VIRTUAL TABLE incident_search USING fts5(words, more, tokenize='trigram');
CREATE TRIGGER incident_search_insert AFTER INSERT ON incidents BEGIN
    INSERT INTO incident_search (rowid, words, more)
    SELECT i.number, '#' || i.number || char(10) || i.title || char(10) || i.plan_name || char(10)
    || coalesce((SELECT group_concat(g.key || '=' || g.value, char(10)) FROM tags g
    WHERE g.arn = 'arn:aws:ssm-incidents::' || i.account || ':incident-record/' || i.plan_name || '/' || i.id), '') || char(10) || substr(i.summary, 1, 2000), i.source || char(10) || coalesce(i.resource_arn, '') || char(10) || i.created_by || char(10)
    || i.chat_channel FROM incidents i WHERE i.number = new.number; END;
CREATE TRIGGER incident_search_update AFTER UPDATE OF title, summary, chat_channel ON incidents BEGIN
    UPDATE incident_search SET (words, more) =
    (SELECT '#' || i.number || char(10) || i.title || char(10) || i.plan_name || char(10)
    || coalesce((SELECT group_concat(g.key || '=' || g.value, char(10)) FROM tags g
    WHERE g.arn = 'arn:aws:ssm-incidents::' || i.account || ':incident-record/' || i.plan_name || '/' || i.id), '') || char(10) || substr(i.summary, 1, 2000), i.source || char(10) || coalesce(i.resource_arn, '') || char(10) || i.created_by || char(10)
    || i.chat_channel FROM incidents i WHERE i.number = new.number)
    WHERE rowid = new.number; END;
CREATE TRIGGER incident_search_delete AFTER DELETE ON incidents BEGIN
    DELETE FROM incident_search WHERE rowid = old.number; END;
CREATE TRIGGER tags_search_insert AFTER INSERT ON tags
    WHEN new.arn LIKE '%:incident-record/%' BEGIN
    UPDATE incident_search SET words = (SELECT '#' || i.number || char(10) || i.title || char(10) || i.plan_name || char(10)
    || coalesce((SELECT group_concat(g.key || '=' || g.value, char(10)) FROM tags g
    WHERE g.arn = 'arn:aws:ssm-incidents::' || i.account || ':incident-record/' || i.plan_name || '/' || i.id), '') || char(10) || substr(i.summary, 1, 2000) FROM incidents i WHERE i.id = substr(new.arn, -36))
    WHERE rowid = (SELECT i.number FROM incidents i WHERE i.id = substr(new.arn, -36)); END;
CREATE TRIGGER tags_search_update AFTER UPDATE ON tags
    WHEN new.arn LIKE '%:incident-record/%' BEGIN
    UPDATE incident_search SET words = (SELECT '#' || i.number || char(10) || i.title || char(10) || i.plan_name || char(10)
    || coalesce((SELECT group_concat(g.key || '=' || g.value, char(10)) FROM tags g
    WHERE g.arn = 'arn:aws:ssm-incidents::' || i.account || ':incident-record/' || i.plan_name || '/' || i.id), '') || char(10) || substr(i.summary, 1, 2000) FROM incidents i WHERE i.id = substr(new.arn, -36))
    WHERE rowid = (SELECT i.number FROM incidents i WHERE i.id = substr(new.arn, -36)); END;
CREATE TRIGGER tags_search_delete AFTER DELETE ON tags
    WHEN old.arn LIKE '%:incident-record/%' BEGIN
    UPDATE incident_search SET words = (SELECT '#' || i.number || char(10) || i.title || char(10) || i.plan_name || char(10)
    || coalesce((SELECT group_concat(g.key || '=' || g.value, char(10)) FROM tags g
    WHERE g.arn = 'arn:aws:ssm-incidents::' || i.account || ':incident-record/' || i.plan_name || '/' || i.id), '') || char(10) || substr(i.summary, 1, 2000) FROM incidents i WHERE i.id = substr(old.arn, -36))
    WHERE rowid = (SELECT i.number FROM incidents i WHERE i.id = substr(old.arn, -36)); END;
CREATE TRIGGER tallies_insert AFTER INSERT ON incidents BEGIN
    INSERT INTO tallies (status, incidents) VALUES (new.status, 1)
    ON CONFLICT (status) DO UPDATE SET incidents = incidents + 1; END;
CREATE TRIGGER tallies_update AFTER UPDATE OF status ON incidents WHEN old.status <> new.status BEGIN
    UPDATE tallies SET incidents = incidents - 1 WHERE status = old.status; INSERT INTO tallies (status, incidents) VALUES (new.status, 1)
    ON CONFLICT (status) DO UPDATE SET incidents = incidents + 1; END;
CREATE TRIGGER tallies_delete AFTER DELETE ON incidents BEGIN
    UPDATE tallies SET incidents = incidents - 1 WHERE status = old.status; END;
