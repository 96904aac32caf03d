package app

import "github.com/prometheus/client_golang/prometheus"

// figures count what is done beside requests. Labels are closed words, never ids.
type figures struct {
	calls     *prometheus.CounterVec
	suspended *prometheus.CounterVec
	settled   *prometheus.CounterVec
}

func newFigures(reg prometheus.Registerer) *figures {
	f := &figures{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hindcast_jira_work_total", Help: "Pieces of work at Jira sites, by kind and by outcome: ok, or the code of the error.",
		}, []string{"kind", "outcome"}),
		suspended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hindcast_jira_suspended_total", Help: "Work at Jira sites that was suspended until somebody resumes it, by reason.",
		}, []string{"reason"}),
		settled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hindcast_deliveries_settled_total", Help: "Deliveries that were worked on, by what became of them.",
		}, []string{"status"}),
	}
	reg.MustRegister(f.calls, f.suspended, f.settled)
	return f
}

func (f *figures) called(kind, outcome string) { f.calls.WithLabelValues(kind, outcome).Inc() }

func (f *figures) alerted(reason string) { f.suspended.WithLabelValues(reason).Inc() }

func (f *figures) worked(status string) { f.settled.WithLabelValues(status).Inc() }
