"""What PostgreSQL itself does for the log: an append in one round trip, positions without a lasting lock, the horizon.

An append registers before it takes positions: by an advisory lock that lasts as long as its transaction and is named
after the lowest position it may get. Only then it reserves a block of them, under a lock that goes at once, since the
subtransaction which holds it is rolled back (a sequence is not). So whoever looks first at the last position given, and
then at the locks, finds every append registered that may still put something at or below that position; and when a
transaction ends, in whatever way, its entries are seen before its lock is gone.
"""

from __future__ import annotations

from guanxi.kernel.entries import COLUMNS

RESERVING = 0x6775_616E_7869_0002
"""Number of the lock, together with the sequence's own, under which a block of positions is reserved."""

HEAD_MOVED, CLAIM_TAKEN, COMMAND_SEEN = -1, -2, -3
"""What ``guanxi_guard`` and ``guanxi_append`` return in place of a position when nothing may be written."""

_POSITIONS = "guanxi_entries_position_seq"
_LOW_BITS = 2**31 - 1
_REGISTERED = f"""
    locktype = 'advisory' AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = ('{_POSITIONS}'::regclass::oid::bigint & {_LOW_BITS})
"""
_LAST_GIVEN = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {_POSITIONS}"

RESERVE = f"""
CREATE OR REPLACE FUNCTION guanxi_reserve(wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    number CONSTANT bigint := '{_POSITIONS}'::regclass::oid::bigint;
    mark CONSTANT text := 'guanxi.in_flight_' || number;
    lowest bigint;
    last bigint;
BEGIN
    IF coalesce(current_setting(mark, true), '') = '' THEN
        lowest := ({_LAST_GIVEN}) + 1;
        PERFORM pg_advisory_xact_lock_shared((number & {_LOW_BITS})::int, (lowest & {_LOW_BITS})::int);
        PERFORM set_config(mark, lowest::text, true);
    END IF;
    BEGIN
        PERFORM pg_advisory_xact_lock({RESERVING} + number);
        last := setval('{_POSITIONS}', nextval('{_POSITIONS}') + wanted - 1);
        RAISE SQLSTATE 'GX001';
    EXCEPTION WHEN SQLSTATE 'GX001' THEN
        NULL;
    END;
    RETURN last - wanted + 1;
END
$$"""

BOUNDS = f"""
CREATE OR REPLACE FUNCTION guanxi_bounds(last bigint)
RETURNS TABLE (bound bigint, backend integer) LANGUAGE sql VOLATILE AS $$
    SELECT last + CASE WHEN beyond <= {2**30} THEN beyond ELSE beyond - {2**31} END, pid
    FROM (
        SELECT (objid::bigint - (last & {_LOW_BITS}) + {2**31}) % {2**31} AS beyond, pid
        FROM pg_locks WHERE {_REGISTERED}
    ) AS registered
$$"""

HORIZON = f"""
CREATE OR REPLACE FUNCTION guanxi_horizon() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    last CONSTANT bigint := ({_LAST_GIVEN});
    lowest bigint;
BEGIN
    SELECT min(bound) INTO lowest FROM guanxi_bounds(last);
    RETURN least(last, lowest - 1);
END
$$"""

GUARD = f"""
CREATE OR REPLACE FUNCTION guanxi_guard(
    heads guanxi_heads[], expected bigint[], claims guanxi_claims[], released boolean[],
    commands guanxi_commands[], wanted bigint
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    h guanxi_heads;
    c guanxi_claims;
    k guanxi_commands;
    touched bigint;
BEGIN
    FOR i IN 1 .. cardinality(heads) LOOP
        h := heads[i];
        IF expected[i] = 0 THEN
            INSERT INTO guanxi_heads VALUES (h.*) ON CONFLICT DO NOTHING;
        ELSE
            UPDATE guanxi_heads AS old
            SET version = h.version, hash = h.hash, recorded_at = h.recorded_at,
                next_due = h.next_due, judged_by = h.judged_by,
                apart_since = coalesce(old.apart_since, h.apart_since), rules_known = h.rules_known
            WHERE old.tenant = h.tenant AND old.stream = h.stream AND old.version = expected[i];
        END IF;
        GET DIAGNOSTICS touched = ROW_COUNT;
        IF touched <> 1 THEN
            RETURN {HEAD_MOVED};
        END IF;
    END LOOP;
    FOR i IN 1 .. cardinality(claims) LOOP
        c := claims[i];
        IF released[i] THEN
            DELETE FROM guanxi_claims AS old
            WHERE old.tenant = c.tenant AND old.kind = c.kind AND old.token = c.token AND old.stream = c.stream;
        ELSE
            LOOP -- again where whoever held it let go between the two looks
                INSERT INTO guanxi_claims VALUES (c.*) ON CONFLICT DO NOTHING;
                EXIT WHEN FOUND OR EXISTS (
                    SELECT FROM guanxi_claims AS old
                    WHERE old.tenant = c.tenant AND old.kind = c.kind AND old.token = c.token
                    AND old.stream = c.stream
                );
                IF EXISTS (
                    SELECT FROM guanxi_claims AS old
                    WHERE old.tenant = c.tenant AND old.kind = c.kind AND old.token = c.token
                    AND old.policy <> 'advisory' AND old.stream <> c.stream
                ) THEN
                    RETURN {CLAIM_TAKEN};
                END IF;
            END LOOP;
        END IF;
    END LOOP;
    FOR i IN 1 .. cardinality(commands) LOOP
        k := commands[i];
        INSERT INTO guanxi_commands VALUES (k.*) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RETURN {COMMAND_SEEN};
        END IF;
    END LOOP;
    RETURN CASE WHEN wanted > 0 THEN guanxi_reserve(wanted) ELSE 0 END;
END
$$"""

APPEND = f"""
CREATE OR REPLACE FUNCTION guanxi_append(
    heads guanxi_heads[], expected bigint[], claims guanxi_claims[], released boolean[],
    commands guanxi_commands[], entries guanxi_entries[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    first_position bigint;
BEGIN
    first_position := guanxi_guard(heads, expected, claims, released, commands, cardinality(entries));
    IF first_position < 0 THEN
        RAISE SQLSTATE 'GX002';
    END IF;
    INSERT INTO guanxi_entries ({", ".join(COLUMNS)})
    SELECT {", ".join(f"e.{name}" for name in COLUMNS[:-1])}, first_position + e.place_in_batch - 1
    FROM unnest(entries) WITH ORDINALITY AS e ({", ".join(COLUMNS[:-1])}, unset, place_in_batch);
    RETURN first_position;
EXCEPTION WHEN SQLSTATE 'GX002' THEN
    RETURN first_position;
END
$$"""

FUNCTIONS = (RESERVE, BOUNDS, HORIZON, GUARD, APPEND)
