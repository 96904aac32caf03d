package catalog

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestSlug(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ name, want string }{
		"words are joined by dashes":         {"Learning platform", "learning-platform"},
		"what is no letter separates once":   {"  shop -- (EU) ", "shop-eu"},
		"accents are taken off":              {"Caisse enregistrée", "caisse-enregistree"},
		"digits stay":                        {"API v2", "api-v2"},
		"other scripts stay":                 {"学習 サイト", "学習-サイト"},
		"marks that belong to a script stay": {"が हिन्दी", "が-हिन्दी"},
		"a name without letters makes none":  {"!? …", ""},
	} {
		if got := Slug(tc.name); got != tc.want {
			t.Errorf("%s: Slug(%q) = %q, want %q", name, tc.name, got, tc.want)
		}
	}
}

// A slug that was made is one that may be given, or a change of another field would be refused.
func TestASlugThatWasMadeIsAccepted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		made := Slug(rapid.String().Draw(t, "name"))
		if again := Slug(made); again != made {
			t.Fatalf("Slug(%q) = %q", made, again)
		}
	})
}

func TestServiceInputNamesWhatIsWrongWithItsSlug(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in   ServiceInput
		want []string
	}{
		"none is needed":                 {ServiceInput{Name: "Shop"}, nil},
		"one may be given":               {ServiceInput{Name: "Shop", Slug: "web-shop"}, nil},
		"capitals are refused":           {ServiceInput{Name: "Shop", Slug: "Shop"}, []string{"slug invalid_format"}},
		"dashes at the end are refused":  {ServiceInput{Name: "Shop", Slug: "shop-"}, []string{"slug invalid_format"}},
		"a name of signs needs one":      {ServiceInput{Name: "!!"}, []string{"slug required"}},
		"a missing name is named itself": {ServiceInput{}, []string{"name required"}},
	} {
		var check fault.Check
		tc.in.Check(&check)
		var got []string
		for _, f := range check.Fields {
			got = append(got, f.Field+" "+f.Code)
		}
		if diff := cmp.Diff(got, tc.want); diff != "" {
			t.Errorf("%s (-got +want): %s", name, diff)
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	before, after := now.Add(-time.Second), now.Add(time.Second)
	for name, tc := range map[string]struct {
		known Checked
		want  vocab.RunbookHealth
	}{
		"reviewed and not due":                        {Checked{vocab.LinkStatusOk, &before, &after}, vocab.RunbookHealthFresh},
		"reviewed and never due":                      {Checked{vocab.LinkStatusOk, &before, nil}, vocab.RunbookHealthFresh},
		"an unchecked link is no reproach":            {Checked{vocab.LinkStatusUnchecked, &before, &after}, vocab.RunbookHealthFresh},
		"due this moment is not past due":             {Checked{vocab.LinkStatusOk, &before, &now}, vocab.RunbookHealthFresh},
		"a review that is past due is stale":          {Checked{vocab.LinkStatusOk, &before, &before}, vocab.RunbookHealthStale},
		"never reviewed is unverified":                {Checked{vocab.LinkStatusOk, nil, nil}, vocab.RunbookHealthUnverified},
		"a link that may not be checked proves less":  {Checked{vocab.LinkStatusRefused, &before, &before}, vocab.RunbookHealthUnverified},
		"a broken link comes before a missing review": {Checked{vocab.LinkStatusBroken, nil, nil}, vocab.RunbookHealthBroken},
		"a broken link comes before a good review":    {Checked{vocab.LinkStatusBroken, &before, &after}, vocab.RunbookHealthBroken},
	} {
		if got := Health(tc.known, now); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestReviewDue(t *testing.T) {
	t.Parallel()
	reviewed, days := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC), 28
	want := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	if got := reviewDue(&reviewed, &days); got == nil || !got.Equal(want) {
		t.Errorf("28 days after %s is %v, want %s", reviewed, got, want)
	}
	if reviewDue(nil, &days) != nil || reviewDue(&reviewed, nil) != nil {
		t.Error("without a review or an interval a review is due")
	}
}
