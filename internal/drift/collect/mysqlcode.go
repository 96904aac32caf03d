package collect

import (
	"context"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/drift"
)

func (r *mysqlReader) routines(ctx context.Context) error {
	arguments := map[string]string{}
	err := r.each(ctx, `SELECT SPECIFIC_NAME AS name, COALESCE(PARAMETER_MODE, '') AS mode, COALESCE(PARAMETER_NAME, '') AS parameter, DTD_IDENTIFIER AS type
		FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = ? ORDER BY SPECIFIC_NAME, ORDINAL_POSITION`, []any{r.database}, func(row record) {
		arguments[row["name"]] += strings.TrimSpace(row["mode"]+" "+row["parameter"]+" "+row["type"]) + "; "
	})
	if err != nil {
		return err
	}
	return r.each(ctx, `SELECT ROUTINE_NAME AS name, ROUTINE_TYPE AS type, ROUTINE_DEFINITION AS body, DTD_IDENTIFIER AS returns,
		IS_DETERMINISTIC AS is_deterministic, SQL_DATA_ACCESS AS access, SECURITY_TYPE AS security, SQL_MODE AS sql_mode
		FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?`, []any{r.database}, func(row record) {
		path := drift.Path(strings.ToLower(row["type"]), row["name"])
		if row["body"] == "" {
			r.schema[path] = drift.Incomparable("its definition is not shown to this user")
			return
		}
		r.schema[path] = compact(map[string]any{
			"hash": definitionHash(r.own(row["body"]), false), "returns": row["returns"], "arguments": strings.TrimSuffix(arguments[row["name"]], "; "),
			"deterministic": row["is_deterministic"] == "YES", "access": strings.ToLower(row["access"]),
			"security": strings.ToLower(row["security"]), "sql_mode": row["sql_mode"],
		})
	})
}

func (r *mysqlReader) triggers(ctx context.Context) error {
	err := r.each(ctx, `SELECT EVENT_OBJECT_TABLE AS table_name, TRIGGER_NAME AS name, ACTION_TIMING AS timing, EVENT_MANIPULATION AS event,
		ACTION_STATEMENT AS body, ACTION_ORDER AS action_order FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?`, []any{r.database}, func(row record) {
		r.schema[drift.Path("table", row["table_name"], "trigger", row["name"])] = map[string]any{
			"timing": strings.ToLower(row["timing"]), "events": strings.ToLower(row["event"]), "hash": definitionHash(r.own(row["body"]), false),
			"order": row["action_order"],
		}
	})
	if err != nil {
		return err
	}
	return r.each(ctx, `SELECT EVENT_NAME AS name, EVENT_DEFINITION AS body, STATUS AS status, COALESCE(INTERVAL_VALUE, '') AS every,
		COALESCE(INTERVAL_FIELD, '') AS unit FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?`, []any{r.database}, func(row record) {
		r.schema[drift.Path("event", row["name"])] = compact(map[string]any{
			"hash": definitionHash(r.own(row["body"]), false), "state": strings.ToLower(row["status"]), "every": strings.TrimSpace(row["every"] + " " + strings.ToLower(row["unit"])),
		})
	})
}

func (r *mysqlReader) partitions(ctx context.Context) error {
	return r.each(ctx, `SELECT TABLE_NAME AS table_name, PARTITION_NAME AS name, COALESCE(SUBPARTITION_NAME, '') AS sub, PARTITION_METHOD AS method,
		COALESCE(PARTITION_EXPRESSION, '') AS expression, COALESCE(PARTITION_DESCRIPTION, '') AS bound
		FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = ? AND PARTITION_NAME IS NOT NULL`, []any{r.database}, func(row record) {
		name := row["name"]
		if row["sub"] != "" {
			name += "." + row["sub"]
		}
		r.schema[drift.Path("table", row["table_name"], "partition", name)] = compact(map[string]any{
			"partition_by": row["method"] + " (" + row["expression"] + ")", "bound": row["bound"],
		})
	})
}

// grants are those on the database, its tables and their columns. The host part of an account is left out: it names
// machines, which differ between environments by design.
func (r *mysqlReader) grants(ctx context.Context) error {
	rights := map[string][]string{}
	note := func(row record) {
		grantee, _, _ := strings.Cut(row["grantee"], "@")
		segments := []string{"grant", strings.Trim(grantee, "'")}
		if row["table_name"] != "" {
			segments = append([]string{"table", row["table_name"]}, segments...)
		}
		if row["column_name"] != "" {
			segments = slices.Insert(segments, 2, "column", row["column_name"])
		}
		right := strings.ToLower(row["privilege"])
		if row["grantable"] == "YES" {
			right += " with grant option"
		}
		rights[drift.Path(segments...)] = append(rights[drift.Path(segments...)], right)
	}
	for _, query := range []string{
		`SELECT GRANTEE AS grantee, '' AS table_name, '' AS column_name, PRIVILEGE_TYPE AS privilege, IS_GRANTABLE AS grantable
			FROM information_schema.SCHEMA_PRIVILEGES WHERE TABLE_SCHEMA = ?`,
		`SELECT GRANTEE AS grantee, TABLE_NAME AS table_name, '' AS column_name, PRIVILEGE_TYPE AS privilege, IS_GRANTABLE AS grantable
			FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = ?`,
		`SELECT GRANTEE AS grantee, TABLE_NAME AS table_name, COLUMN_NAME AS column_name, PRIVILEGE_TYPE AS privilege, IS_GRANTABLE AS grantable
			FROM information_schema.COLUMN_PRIVILEGES WHERE TABLE_SCHEMA = ?`,
	} {
		if err := r.each(ctx, query, []any{r.database}, note); err != nil {
			return err
		}
	}
	for path, list := range rights {
		r.schema[path] = sorted(list)
	}
	return nil
}

// mysqlPlaces are settings that name a place on the host or that move by themselves.
var mysqlPlaces = []string{
	"basedir", "bind_address", "character_sets_dir", "datadir", "error_count", "general_log_file", "gtid_binlog_pos", "gtid_binlog_state",
	"gtid_current_pos", "gtid_executed", "gtid_purged", "gtid_slave_pos", "hostname", "identity", "innodb_data_home_dir", "innodb_log_group_home_dir",
	"in_transaction", "last_insert_id", "lc_messages_dir", "log_bin_basename", "log_bin_index", "log_error", "pid_file", "plugin_dir", "port",
	"pseudo_thread_id", "rand_seed1", "rand_seed2", "relay_log", "relay_log_basename", "relay_log_index", "report_host", "server_id", "server_uuid",
	"slave_load_tmpdir", "slow_query_log_file", "socket", "timestamp", "tmpdir", "version", "warning_count", "mysqlx_socket", "mysqlx_port",
	"max_statement_time", "max_execution_time", "lock_wait_timeout",
}

// watched are settings that change results, so they are told at their default, too: defaults differ between versions.
var watched = []string{
	"sql_mode", "character_set_server", "collation_server", "time_zone", "lower_case_table_names", "transaction_isolation", "tx_isolation",
	"default_storage_engine", "explicit_defaults_for_timestamp",
}

func (r *mysqlReader) variables(ctx context.Context) error {
	query := `SELECT v.VARIABLE_NAME AS name, g.VARIABLE_VALUE AS value, IF(v.VARIABLE_SOURCE = 'COMPILED', 'default', 'set') AS origin
		FROM performance_schema.variables_info v JOIN performance_schema.global_variables g USING (VARIABLE_NAME)`
	if r.mariadb {
		query = `SELECT LOWER(VARIABLE_NAME) AS name, GLOBAL_VALUE AS value,
			IF(GLOBAL_VALUE_ORIGIN = 'COMPILE-TIME' OR GLOBAL_VALUE_ORIGIN = 'AUTO' OR GLOBAL_VALUE = DEFAULT_VALUE, 'default', 'set') AS origin
			FROM information_schema.SYSTEM_VARIABLES WHERE GLOBAL_VALUE IS NOT NULL`
	}
	return r.each(ctx, query, nil, func(row record) {
		name := strings.ToLower(row["name"])
		if slices.Contains(mysqlPlaces, name) || row["origin"] == "default" && !slices.Contains(watched, name) {
			return
		}
		r.settings[drift.Path("setting", name)] = r.opts.Value(name, row["value"])
	})
}
