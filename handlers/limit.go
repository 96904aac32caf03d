package handlers

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
)

// maxBuckets bounds the memory of the limiter; past it, buckets that are full again are dropped.
const maxBuckets = 10_000

// limiter holds one token bucket for each caller: by token where there is one, else by address. Each replica counts for
// itself. The headers follow draft-ietf-httpapi-ratelimit-headers-10.
type limiter struct {
	perSecond int
	mu        sync.Mutex
	buckets   map[string]*rate.Limiter
}

func newLimiter(perSecond int) *limiter {
	return &limiter{perSecond: perSecond, buckets: map[string]*rate.Limiter{}}
}

// allow is TooMany when the caller is over its rate.
func (l *limiter) allow(c echo.Context, actor auth.Actor) error {
	if l.perSecond <= 0 {
		return nil
	}
	key := "ip:" + c.RealIP()
	if actor.TokenID != 0 {
		key = "token:" + strconv.Itoa(actor.TokenID)
	} else if strings.HasPrefix(actor.Name, "oidc:") {
		key = actor.Name
	}
	bucket := l.bucket(key)
	allowed := bucket.Allow()
	header := c.Response().Header()
	header.Set("RateLimit-Policy", fmt.Sprintf(`"default";q=%d;w=1`, l.perSecond))
	header.Set("RateLimit", fmt.Sprintf(`"default";r=%d;t=1`, max(0, int(bucket.Tokens()))))
	if !allowed {
		f := fault.New(fault.TooMany, "at most %d requests a second are allowed", l.perSecond)
		f.RetryAfter = time.Second
		return f
	}
	return nil
}

func (l *limiter) bucket(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket, known := l.buckets[key]
	if !known {
		if len(l.buckets) >= maxBuckets {
			l.dropIdle()
		}
		bucket = rate.NewLimiter(rate.Limit(l.perSecond), 2*l.perSecond)
		l.buckets[key] = bucket
	}
	return bucket
}

func (l *limiter) dropIdle() {
	for key, bucket := range l.buckets {
		if bucket.Tokens() >= float64(bucket.Burst()) {
			delete(l.buckets, key)
		}
	}
}
