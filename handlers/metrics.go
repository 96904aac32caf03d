package handlers

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the figures of the HTTP side. Labels are route templates and classes, never ids.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
	// deliveries and keys are what came in by webhooks; a source has few keys, so their names may be labels.
	deliveries *prometheus.CounterVec
	keys       *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hindcast_http_requests_total", Help: "Requests answered, by method, route template and status class.",
		}, []string{"method", "route", "status_class"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hindcast_http_request_duration_seconds", Help: "Time to answer a request, by method and route template.",
			Buckets: []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10},
		}, []string{"method", "route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "hindcast_http_requests_in_flight", Help: "Requests being answered.",
		}),
	}
	m.deliveries = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hindcast_deliveries_total", Help: "Deliveries by what they were answered: accepted, duplicate, ignored, or the code of the refusal.",
	}, []string{"outcome"})
	m.keys = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hindcast_delivery_keys_total", Help: "Authentic deliveries by source and by the key that proved them, to see when an old key is out of use.",
	}, []string{"source", "key_id"})
	reg.MustRegister(m.requests, m.duration, m.inFlight, m.deliveries, m.keys)
	return m
}

func (m *metrics) seen(method, route string, status int, took time.Duration) {
	method = methodLabel(method)
	m.requests.WithLabelValues(method, route, strconv.Itoa(status/100)+"xx").Inc()
	m.duration.WithLabelValues(method, route).Observe(took.Seconds())
}

// methodLabel bounds the label to the methods there are.
func methodLabel(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return method
	}
	return "other"
}
