package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/analytics"
)

// GetChangeFailure handles GET /api/v1/analytics/change-failure.
//
//	@Summary		How many attempts failed
//	@Description	Failed attempts among those that ended in the window, each counted once. No percentage below ten.
//	@ID				getChangeFailure
//	@Tags			analytics
//	@Param			from			query		string				false	"when the window begins; 365 days before its end"	format(date-time)
//	@Param			to				query		string				false	"when the window ends; now"							format(date-time)
//	@Param			group_by		query		string				false	"what groups have in common"						Enums(service, kind, environment, month)
//	@Param			include_sample	query		bool				false	"count demonstration data too"
//	@Success		200				{object}	analytics.Figure	"the figure with its definition"
//	@Router			/api/v1/analytics/change-failure [get]
func (a *API) GetChangeFailure(c echo.Context) error { return a.figure(c, analytics.ChangeFailure) }

// GetDetection handles GET /api/v1/analytics/detection.
//
//	@Summary		How long it took to notice
//	@Description	Time to detect and the recognition gap of incidents whose harm began in the window.
//	@ID				getDetection
//	@Tags			analytics
//	@Param			from			query		string				false	"when the window begins; 365 days before its end"	format(date-time)
//	@Param			to				query		string				false	"when the window ends; now"							format(date-time)
//	@Param			group_by		query		string				false	"what groups have in common"						Enums(service, kind, environment, month, source)
//	@Param			include_sample	query		bool				false	"count demonstration data too"
//	@Success		200				{object}	analytics.Figure	"the figure with its definition"
//	@Router			/api/v1/analytics/detection [get]
func (a *API) GetDetection(c echo.Context) error { return a.figure(c, analytics.Detection) }

// GetRecovery handles GET /api/v1/analytics/recovery.
//
//	@Summary		How long it took to recover
//	@Description	Time to recover of incidents whose harm began in the window.
//	@ID				getRecovery
//	@Tags			analytics
//	@Param			from			query		string				false	"when the window begins; 365 days before its end"	format(date-time)
//	@Param			to				query		string				false	"when the window ends; now"							format(date-time)
//	@Param			group_by		query		string				false	"what groups have in common"						Enums(service, kind, environment, month)
//	@Param			include_sample	query		bool				false	"count demonstration data too"
//	@Success		200				{object}	analytics.Figure	"the figure with its definition"
//	@Router			/api/v1/analytics/recovery [get]
func (a *API) GetRecovery(c echo.Context) error { return a.figure(c, analytics.Recovery) }

// GetEffortSpent handles GET /api/v1/analytics/effort.
//
//	@Summary		How many hours were spent
//	@Description	Hours spent in the window by phase and role, and for each attempt.
//	@ID				getEffortSpent
//	@Tags			analytics
//	@Param			from			query		string				false	"when the window begins; 365 days before its end"	format(date-time)
//	@Param			to				query		string				false	"when the window ends; now"							format(date-time)
//	@Param			group_by		query		string				false	"what groups have in common"						Enums(service, kind, environment, month)
//	@Param			include_sample	query		bool				false	"count demonstration data too"
//	@Success		200				{object}	analytics.Figure	"the figure with its definition"
//	@Router			/api/v1/analytics/effort [get]
func (a *API) GetEffortSpent(c echo.Context) error { return a.figure(c, analytics.EffortSpent) }

// GetLessonFigures handles GET /api/v1/analytics/lessons.
//
//	@Summary		What became of lessons
//	@Description	Lessons shown to attempts in the window by response, outcome and verdict.
//	@ID				getLessonFigures
//	@Tags			analytics
//	@Param			from			query		string				false	"when the window begins; 365 days before its end"	format(date-time)
//	@Param			to				query		string				false	"when the window ends; now"							format(date-time)
//	@Param			group_by		query		string				false	"what groups have in common"						Enums(service, kind, environment, month)
//	@Param			include_sample	query		bool				false	"count demonstration data too"
//	@Success		200				{object}	analytics.Figure	"the figure with its definition"
//	@Router			/api/v1/analytics/lessons [get]
func (a *API) GetLessonFigures(c echo.Context) error { return a.figure(c, analytics.Lessons) }

// GetAssumptionFigures handles GET /api/v1/analytics/assumptions.
//
//	@Summary		What became of assumptions
//	@Description	Assumptions made in the window by their status now.
//	@ID				getAssumptionFigures
//	@Tags			analytics
//	@Param			from			query		string				false	"when the window begins; 365 days before its end"	format(date-time)
//	@Param			to				query		string				false	"when the window ends; now"							format(date-time)
//	@Param			group_by		query		string				false	"what groups have in common"						Enums(service, kind, environment, month)
//	@Param			include_sample	query		bool				false	"count demonstration data too"
//	@Success		200				{object}	analytics.Figure	"the figure with its definition"
//	@Router			/api/v1/analytics/assumptions [get]
func (a *API) GetAssumptionFigures(c echo.Context) error { return a.figure(c, analytics.Assumptions) }

// GetRecurrenceFigures handles GET /api/v1/analytics/recurrence.
//
//	@Summary		How much came back
//	@Description	Findings and incidents of the window that are confirmed to have been there before.
//	@ID				getRecurrenceFigures
//	@Tags			analytics
//	@Param			from			query		string				false	"when the window begins; 365 days before its end"	format(date-time)
//	@Param			to				query		string				false	"when the window ends; now"							format(date-time)
//	@Param			group_by		query		string				false	"what groups have in common"						Enums(service, kind, environment, month)
//	@Param			include_sample	query		bool				false	"count demonstration data too"
//	@Success		200				{object}	analytics.Figure	"the figure with its definition"
//	@Router			/api/v1/analytics/recurrence [get]
func (a *API) GetRecurrenceFigures(c echo.Context) error { return a.figure(c, analytics.Recurrence) }

// GetActionFigures handles GET /api/v1/analytics/actions.
//
//	@Summary		What became of actions
//	@Description	Actions made in the window: open, overdue, done on time.
//	@ID				getActionFigures
//	@Tags			analytics
//	@Param			from			query		string				false	"when the window begins; 365 days before its end"	format(date-time)
//	@Param			to				query		string				false	"when the window ends; now"							format(date-time)
//	@Param			group_by		query		string				false	"what groups have in common"						Enums(kind, month)
//	@Param			include_sample	query		bool				false	"count demonstration data too"
//	@Success		200				{object}	analytics.Figure	"the figure with its definition"
//	@Router			/api/v1/analytics/actions [get]
func (a *API) GetActionFigures(c echo.Context) error { return a.figure(c, analytics.Actions) }

// figure answers one figure.
func (a *API) figure(c echo.Context, name analytics.Name) error {
	if err := noQuery(c, "from", "to", "group_by", "include_sample", "min_seq"); err != nil {
		return err
	}
	ask := analytics.Ask{GroupBy: c.QueryParam("group_by")}
	var err error
	if ask.From, err = timeParam(c, "from"); err != nil {
		return err
	}
	if ask.To, err = timeParam(c, "to"); err != nil {
		return err
	}
	if ask.IncludeSample, err = flag(c, "include_sample"); err != nil {
		return err
	}
	answer, err := a.Analytics.Figure(c.Request().Context(), name, ask)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, answer)
}
