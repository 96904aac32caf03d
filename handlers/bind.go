package handlers

import (
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	mimeJSON       = "application/json"
	mimeMergePatch = "application/merge-patch+json"
)

// pathID reads a path parameter as the number of a record of the kind; anything else names no record.
func pathID(c echo.Context, name string, kind vocab.Kind) (int, error) {
	id, err := vocab.ParseID(c.Param(name))
	if err != nil || !id.Is(kind) {
		return 0, fault.New(fault.NotFound, "%s is not the id of a %s", c.Param(name), kind.Name)
	}
	return id.N, nil
}

// readBody reads the whole body, which must be of one of the media types.
func readBody(c echo.Context, types ...string) ([]byte, error) {
	if _, err := mediaType(c, types...); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return nil, bodyFault(err)
	}
	return body, nil
}

// mediaType is the media type of the body, which must be one of those given, in UTF-8 where a character set is named.
func mediaType(c echo.Context, types ...string) (string, error) {
	media, params, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	known := err == nil && (params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8"))
	if !known || !slices.Contains(types, media) {
		return "", fault.New(fault.UnsupportedMedia, "the content type must be %s", strings.Join(types, " or "))
	}
	return media, nil
}

// bodyFault keeps the limit's own error; any other failure to read is the client's connection.
func bodyFault(err error) error {
	if faultOf(err).Kind == fault.TooLarge {
		return err
	}
	return fault.Wrap(fault.Malformed, err, "the body could not be read to its end")
}

// bindJSON decodes a strict JSON body.
func bindJSON(c echo.Context, into any) error {
	body, err := readBody(c, mimeJSON)
	if err != nil {
		return err
	}
	return strictjson.Decode(body, into)
}

// withChecks adds to the fields that could not be decoded those that break a rule, so that all are named together.
func withChecks(in record.Input, err error) error {
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	unread := faultOf(err).Fields
	var check fault.Check
	in.Check(&check)
	for _, f := range check.Fields {
		if !slices.ContainsFunc(unread, func(u fault.Field) bool { return strings.HasPrefix(u.Field, f.Field) }) {
			unread = append(unread, f)
		}
	}
	check.Fields = unread
	return check.Err()
}

// entityTag writes the version of a record as an entity tag.
func entityTag(version int) string { return `"v` + strconv.Itoa(version) + `"` }

var versionTag = regexp.MustCompile(`^(?:W/)?"v([0-9]{1,9})"$`)

// ifMatch reads the version that a write is conditional on; without the header, or with *, any version will do.
func ifMatch(c echo.Context) (int, error) {
	header := strings.TrimSpace(c.Request().Header.Get("If-Match"))
	if header == "" || header == "*" {
		return record.AnyVersion, nil
	}
	found := versionTag.FindStringSubmatch(header)
	if found == nil || strings.HasPrefix(header, "W/") {
		return 0, fault.New(fault.Precondition, "If-Match must be one entity tag, such as %s", entityTag(7))
	}
	version, err := strconv.Atoi(found[1])
	if version == record.AnyVersion {
		version = -1 // no record has it
	}
	return version, err
}

// unchanged says whether the client already has the representation with this tag.
func unchanged(c echo.Context, tag string) bool {
	for given := range strings.SplitSeq(c.Request().Header.Get("If-None-Match"), ",") {
		given = strings.TrimPrefix(strings.TrimSpace(given), "W/")
		if given == tag || given == "*" {
			return true
		}
	}
	return false
}

// noQuery is Invalid for a request with parameters, beyond those allowed, on a path that takes none.
func noQuery(c echo.Context, allowed ...string) error {
	var check fault.Check
	for name := range c.QueryParams() {
		if !slices.Contains(allowed, name) {
			check.Add(name, "unknown_parameter", "is not a parameter here")
		}
	}
	return check.Err()
}

// flag reads a parameter that is true or false; without it, it is false.
func flag(c echo.Context, name string) (bool, error) {
	switch value := c.QueryParam(name); value {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		var check fault.Check
		check.Add(name, "invalid_choice", "must be true or false")
		return false, check.Err()
	}
}

// notModified answers 304 for a representation the client has.
func notModified(c echo.Context) error { return c.NoContent(http.StatusNotModified) }
