"""Whoever inserts a signature, the database asks: does it wait, is it this office's turn, may this person sign?"""

from django.db import migrations

CREATE = """
CREATE FUNCTION approvals_signatures_missing(approval bigint, before integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM approvals_approvalstep AS step
        WHERE step.approval_id = approval AND step.position < before AND step.signatures > (
            SELECT count(*) FROM approvals_signature AS given
            WHERE given.step_id = step.id AND given.decision = 'approve'
        )
    )
$$;

CREATE FUNCTION approvals_check_signature() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked approvals_approval%ROWTYPE;
    step approvals_approvalstep%ROWTYPE;
    holder bigint := coalesce(NEW.on_behalf_of_id, NEW.signer_id);
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
    broken text;
BEGIN
    SELECT * INTO asked FROM approvals_approval WHERE id = NEW.approval_id FOR UPDATE;
    SELECT * INTO step FROM approvals_approvalstep WHERE id = NEW.step_id;
    broken := CASE
        WHEN asked.state <> 'waiting' THEN 'approvals_signature_waiting'
        WHEN asked.requested_by_id IN (NEW.signer_id, holder) THEN 'approvals_signature_not_own'
        WHEN EXISTS (SELECT 1 FROM approvals_signature WHERE approval_id = asked.id AND decision <> 'approve')
            THEN 'approvals_signature_ended'
        WHEN NEW.content_hash <> asked.content_hash THEN 'approvals_signature_content'
        WHEN step.approval_id <> asked.id OR approvals_signatures_missing(asked.id, step.position)
            THEN 'approvals_signature_turn'
        WHEN step.signatures <= (
            SELECT count(*) FROM approvals_signature WHERE step_id = step.id AND decision = 'approve'
        ) THEN 'approvals_signature_enough'
        WHEN EXISTS (
            SELECT 1 FROM approvals_signature AS earlier
            WHERE earlier.approval_id = asked.id
                AND (earlier.signer_id IN (NEW.signer_id, holder) OR earlier.on_behalf_of_id IN (NEW.signer_id, holder))
        ) THEN 'approvals_signature_once'
        WHEN NOT EXISTS (
            SELECT 1 FROM schools_membership AS post JOIN accounts_user AS person ON person.id = NEW.signer_id
            WHERE person.is_active AND post.user_id = holder AND post.school_id = step.school_id AND post.role = step.role
                AND post.since <= today AND (post.until IS NULL OR post.until >= today)
        ) THEN 'approvals_signature_post'
        WHEN NEW.on_behalf_of_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM approvals_delegation AS lent
            WHERE lent.giver_id = holder AND lent.taker_id = NEW.signer_id AND lent.school_id = step.school_id
                AND lent.ended_at IS NULL AND today BETWEEN lent.since AND lent.until
        ) THEN 'approvals_signature_delegation'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'signature refused: %', broken
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER approvals_signature_guard
    BEFORE INSERT ON approvals_signature
    FOR EACH ROW EXECUTE FUNCTION approvals_check_signature();

CREATE FUNCTION approvals_check_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    against text := CASE NEW.state WHEN 'returned' THEN 'return' WHEN 'rejected' THEN 'reject' END;
    broken text;
BEGIN
    broken := CASE
        WHEN TG_OP = 'INSERT' THEN CASE WHEN NEW.state <> 'waiting' THEN 'approvals_approval_begins_waiting' END
        WHEN (NEW.kind, NEW.subject_id, NEW.school_id, NEW.title, NEW.amount, NEW.content, NEW.content_hash,
              NEW.requested_by_id, NEW.requested_at)
            IS DISTINCT FROM (OLD.kind, OLD.subject_id, OLD.school_id, OLD.title, OLD.amount, OLD.content,
              OLD.content_hash, OLD.requested_by_id, OLD.requested_at)
            THEN 'approvals_approval_content_kept'
        WHEN NEW.state = OLD.state THEN NULL
        WHEN OLD.state <> 'waiting' THEN 'approvals_approval_closed_stays'
        WHEN NEW.state = 'approved' AND (
            approvals_signatures_missing(NEW.id, 32767)
            OR NOT EXISTS (SELECT 1 FROM approvals_approvalstep WHERE approval_id = NEW.id)
            OR EXISTS (SELECT 1 FROM approvals_signature WHERE approval_id = NEW.id AND decision <> 'approve')
        ) THEN 'approvals_approval_complete'
        WHEN against IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM approvals_signature WHERE approval_id = NEW.id AND decision = against
        ) THEN 'approvals_approval_decided'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'approval refused: %', broken
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER approvals_approval_guard
    BEFORE INSERT OR UPDATE ON approvals_approval
    FOR EACH ROW EXECUTE FUNCTION approvals_check_approval();

CREATE TRIGGER approvals_approval_stays
    BEFORE DELETE ON approvals_approval
    FOR EACH ROW EXECUTE FUNCTION houqin_append_only();

CREATE FUNCTION approvals_check_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM approvals_approval WHERE id = NEW.approval_id AND state = 'waiting' FOR UPDATE;
    IF NOT FOUND OR EXISTS (SELECT 1 FROM approvals_signature WHERE approval_id = NEW.approval_id) THEN
        RAISE EXCEPTION 'step refused: approvals_step_before_signing'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'approvals_step_before_signing';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER approvals_step_guard
    BEFORE INSERT ON approvals_approvalstep
    FOR EACH ROW EXECUTE FUNCTION approvals_check_step();
"""

APPEND_ONLY = """
CREATE TRIGGER {table}_append_only
    BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION houqin_append_only();
CREATE TRIGGER {table}_no_truncate
    BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION houqin_append_only();
"""

DROP = """
DROP TRIGGER approvals_step_guard ON approvals_approvalstep;
DROP FUNCTION approvals_check_step();
DROP TRIGGER approvals_approval_stays ON approvals_approval;
DROP TRIGGER approvals_approval_guard ON approvals_approval;
DROP FUNCTION approvals_check_approval();
DROP TRIGGER approvals_signature_guard ON approvals_signature;
DROP FUNCTION approvals_check_signature();
DROP FUNCTION approvals_signatures_missing(bigint, integer);
"""

TABLES = ("approvals_signature", "approvals_approvalstep")


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial"), ("history", "0002_append_only")]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        *[
            migrations.RunSQL(
                APPEND_ONLY.format(table=table),
                f"DROP TRIGGER {table}_no_truncate ON {table}; DROP TRIGGER {table}_append_only ON {table};",
            )
            for table in TABLES
        ],
    ]
