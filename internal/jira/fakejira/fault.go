package fakejira

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// Fault makes some requests go wrong.
type Fault struct {
	// Method and Path choose the requests: an empty method means all, Path is a part of the path.
	Method string
	Path   string
	// Times is how many requests are hit; zero means every one from now on.
	Times int
	// Skip lets that many pass first.
	Skip int
	// Status, Header and Body are the answer. A zero Status lets the request through after Delay.
	Status int
	Header map[string]string
	Body   string
	// Fill adds that many bytes of nothing to the body, for answers without end.
	Fill int64
	// Delay holds the answer back.
	Delay time.Duration
	// Commit carries the request out before failing, as when an answer is lost on its way.
	Commit bool
	// Drop closes the connection without an answer.
	Drop bool
}

// Fail adds a fault. Faults are tried in the order they were added.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// RateLimit answers 429 to the next requests of a path, as Jira does: reason is the value of RateLimit-Reason.
func (s *Server) RateLimit(path, reason string, retryAfter string, times int) {
	h := map[string]string{}
	if reason != "" {
		h["RateLimit-Reason"] = reason
	}
	if retryAfter != "" {
		h["Retry-After"] = retryAfter
	}
	s.Fail(Fault{Path: path, Times: times, Status: http.StatusTooManyRequests, Header: h})
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault finds what goes wrong with a request, if anything.
func (s *Server) fault(r *http.Request) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Method != "" && f.Method != r.Method || !strings.Contains(r.URL.Path, f.Path) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		hit := *f
		if f.Times == 1 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		} else if f.Times > 1 {
			f.Times--
		}
		return hit, true
	}
	return Fault{}, false
}

// serve is the whole site: it logs, fails where told, checks the token and answers.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 32<<20))
	log := Request{Method: r.Method, Path: r.URL.RequestURI(), Body: string(body), Authorization: r.Header.Get("Authorization")}
	s.mu.Lock()
	place := len(s.requests)
	s.requests = append(s.requests, log)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests[place].Status = log.Status
	}()
	if f, hit := s.fault(r); hit {
		if f.Commit {
			s.answer(discard{http.Header{}}, r, body)
		}
		if f.Delay > 0 {
			select {
			case <-time.After(f.Delay):
			case <-r.Context().Done():
			}
		}
		if f.Drop {
			panic(http.ErrAbortHandler)
		}
		if f.Status != 0 {
			log.Status = f.Status
			f.write(w)
			return
		}
	}
	log.Status = s.answer(w, r, body)
}

func (f Fault) write(w http.ResponseWriter) {
	for k, v := range f.Header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, f.Body)
	if f.Fill > 0 {
		_, _ = io.CopyN(w, blanks{}, f.Fill)
	}
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// discard takes an answer that nobody will see.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
