package card_test

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

// lax renders Markdown and lets HTML and every scheme through, as a careless wiki would.
func lax(markdown string) string {
	var b bytes.Buffer
	g := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	if err := g.Convert([]byte(markdown), &b); err != nil {
		return err.Error()
	}
	return b.String()
}
