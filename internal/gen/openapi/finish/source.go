package finish

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// Source is what the Go source says of types beyond what swag keeps, by "package.Type".
type Source map[string]Type

// Type is one declared type.
type Type struct {
	Doc      string
	Fields   map[string]Field // by JSON name
	Embedded []string         // types whose fields it promotes
}

// Field is one struct field as JSON sees it.
type Field struct {
	Nullable bool // a pointer that is written as null when it is nil
	Always   bool // written whatever its value
	Time     bool
	ID       bool // the id of a record, or a list of them
	Example  string
	MinItems int // of the tag minItems, which swag does not read
	MaxItems int // of the tag maxItems, which swag does not read
}

// ReadSource reads the Go files of the directories, without their tests.
func ReadSource(dirs []string) (Source, error) {
	src := Source{}
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, fmt.Errorf("reading types: %w", err)
		}
		for _, entry := range entries {
			name := entry.Name()
			if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("reading types: %w", err)
			}
			src.addFile(file)
		}
	}
	return src, nil
}

func (src Source) addFile(file *ast.File) {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		for _, s := range gen.Specs {
			spec := s.(*ast.TypeSpec)
			doc := spec.Doc
			if doc == nil && len(gen.Specs) == 1 {
				doc = gen.Doc
			}
			src.addType(file.Name.Name, spec, doc.Text())
		}
	}
}

func (src Source) addType(pkg string, spec *ast.TypeSpec, doc string) {
	t := Type{Doc: describe(spec.Name.Name, doc), Fields: map[string]Field{}}
	if st, ok := spec.Type.(*ast.StructType); ok {
		for _, f := range st.Fields.List {
			t.addField(pkg, f)
		}
	}
	src[pkg+"."+spec.Name.Name] = t
}

func (t *Type) addField(pkg string, f *ast.Field) {
	var tag reflect.StructTag
	if f.Tag != nil {
		tag = reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
	}
	name, options, _ := strings.Cut(tag.Get("json"), ",")
	pointer, isPointer := f.Type.(*ast.StarExpr)
	typ := f.Type
	if isPointer {
		typ = pointer.X
	}
	if len(f.Names) == 0 && name == "" {
		t.Embedded = append(t.Embedded, typeName(pkg, typ))
		return
	}
	if name == "-" || name == "" {
		return
	}
	omitted := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
	_, element := Element(pkg, f.Type)
	minItems, _ := strconv.Atoi(tag.Get("minItems"))
	maxItems, _ := strconv.Atoi(tag.Get("maxItems"))
	t.Fields[name] = Field{
		Nullable: isPointer && !omitted,
		Always:   !omitted,
		Time:     typeName(pkg, typ) == "time.Time",
		ID:       strings.HasSuffix(element, ".ID"),
		Example:  tag.Get("example"),
		MinItems: minItems,
		MaxItems: maxItems,
	}
}

func typeName(pkg string, expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return typeName(pkg, e.X)
	case *ast.Ident:
		return pkg + "." + e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	case *ast.IndexExpr:
		return typeName(pkg, e.X)
	}
	return ""
}

// Element is the type that a field holds, once or many times, and its name as Source knows it.
func Element(pkg string, expr ast.Expr) (ast.Expr, string) {
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.ArrayType:
			expr = e.Elt
		default:
			return expr, typeName(pkg, expr)
		}
	}
}

// Embeds reports whether outer promotes the fields of inner, directly or through another type.
func (src Source) Embeds(outer, inner string) bool {
	for _, embedded := range src[outer].Embedded {
		if embedded == inner || src.Embeds(embedded, inner) {
			return true
		}
	}
	return false
}

// field finds a field of the named type or of one it embeds.
func (src Source) field(typ, name string) (Field, bool) {
	t := src[typ]
	if f, ok := t.Fields[name]; ok {
		return f, true
	}
	for _, inner := range t.Embedded {
		if f, ok := src.field(inner, name); ok {
			return f, true
		}
	}
	return Field{}, false
}

// describe turns a Go comment into a description: without the Go name, which clients do not know.
func describe(name, doc string) string {
	doc = strings.TrimSpace(strings.Join(strings.Fields(doc), " "))
	rest, ok := strings.CutPrefix(doc, name+" ")
	if !ok {
		return doc
	}
	for _, verb := range []string{"is ", "are "} {
		rest = strings.TrimPrefix(rest, verb)
	}
	return strings.ToUpper(rest[:1]) + rest[1:]
}
