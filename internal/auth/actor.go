// Package auth knows who is calling and what they may do: the actor in a context, the scopes of service tokens, and which
// records an actor may see. How a credential travels over HTTP is the business of package handlers.
package auth

import (
	"context"
	"slices"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Actor is who acts: the holder of a token, or a part of the system.
type Actor struct {
	// Name appears in audit entries.
	Name string
	// TokenID is the number of the token, zero for a part of the system and for a caller without a token.
	TokenID int
	// Team is the team whose restricted records the actor may see.
	Team string
	// Scopes are what the actor may do; admin includes all others.
	Scopes []vocab.Scope
}

// System is the actor for work that no caller asked for, such as applying a delivery.
func System(part string) Actor {
	return Actor{Name: "system:" + part, Scopes: []vocab.Scope{vocab.ScopeAdmin}}
}

// May says whether the actor has the scope.
func (a Actor) May(scope vocab.Scope) bool {
	return slices.Contains(a.Scopes, scope) || slices.Contains(a.Scopes, vocab.ScopeAdmin)
}

// SeesAll says whether the actor sees restricted records of every team.
func (a Actor) SeesAll() bool { return a.May(vocab.ScopeAdmin) }

// Sees says whether the actor may know of a record with this visibility and team.
func (a Actor) Sees(visibility vocab.Visibility, team string) bool {
	return visibility != vocab.VisibilityRestricted || a.SeesAll() || (team != "" && team == a.Team)
}

// Key names the actor so that no two tokens are taken for one: by the id of the token where there is one.
func (a Actor) Key() string {
	if a.TokenID == 0 {
		return a.Name
	}
	return vocab.Token.ID(a.TokenID).String()
}

type actorKey struct{}

// With is a context in which actor acts.
func With(ctx context.Context, actor Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// From is the actor of the context; without one it is an actor that may do nothing.
func From(ctx context.Context) Actor {
	actor, _ := ctx.Value(actorKey{}).(Actor)
	return actor
}

// Require is Unauthenticated without an actor and Forbidden when the actor lacks the scope.
func Require(ctx context.Context, scope vocab.Scope) error {
	actor := From(ctx)
	switch {
	case actor.Name == "":
		return fault.New(fault.Unauthenticated, "a token is required")
	case !actor.May(scope):
		return fault.New(fault.Forbidden, "the token lacks the scope %s", scope)
	}
	return nil
}

type requestKey struct{}

// WithRequest is a context in which what is done carries the id of the request.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestFrom is the id of the request of the context, or "".
func RequestFrom(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
