package collect

import (
	"fmt"
	"strings"
)

// tableText is what only the text of a CREATE TABLE statement tells in SQLite.
type tableText struct {
	collations, generated map[string]string
	checks                map[string]string
	autoincrement         bool
}

// readTableText reads the statement as SQLite stores it.
func readTableText(sql string) tableText {
	t := tableText{collations: map[string]string{}, generated: map[string]string{}, checks: map[string]string{}}
	tokens := scan(sql)
	for i, token := range tokens {
		if token.text == "(" {
			for _, part := range parts(tokens, i) {
				t.part(sql, part)
			}
			break
		}
	}
	return t
}

// part reads one column or one constraint of the table.
func (t *tableText) part(sql string, part []token) {
	if len(part) == 0 {
		return
	}
	column := unquote(part[0].text)
	constraint := ""
	for i := 0; i < len(part); i++ {
		next := i + 1
		opens := next < len(part) && part[next].text == "("
		switch word := part[i]; {
		case word.is("constraint") && next < len(part):
			constraint = unquote(part[next].text)
		case word.is("collate") && next < len(part):
			t.collations[column] = strings.ToUpper(unquote(part[next].text))
		case word.is("autoincrement"):
			t.autoincrement = true
		case word.is("check") && opens:
			t.check(constraint, source(sql, part[next:min(closing(part, next)+1, len(part))]))
			constraint = ""
		case word.is("as") && opens:
			t.generated[column] = source(sql, part[next:min(closing(part, next)+1, len(part))])
		}
		if part[i].text == "(" {
			i = closing(part, i)
		}
	}
}

// check numbers what has no name.
func (t *tableText) check(name, expression string) {
	if name == "" {
		name = fmt.Sprintf("check_%d", len(t.checks)+1)
	}
	t.checks[name] = "CHECK " + expression
}

// indexText are the columns and the condition of a CREATE INDEX statement.
func indexText(sql string) (columns []string, where string) {
	tokens := scan(sql)
	for i, token := range tokens {
		if token.text != "(" {
			continue
		}
		for _, part := range parts(tokens, i) {
			columns = append(columns, source(sql, part))
		}
		if rest := tokens[min(closing(tokens, i)+1, len(tokens)):]; len(rest) > 1 && rest[0].is("where") {
			where = source(sql, rest[1:])
		}
		break
	}
	return columns, where
}
