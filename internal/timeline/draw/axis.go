package draw

import (
	"fmt"
	"time"
)

// Working hours, from Monday to Friday.
const (
	opens  = 8
	closes = 18
)

// days shades what is no working time and names the days.
func (d *drawing) days(from, to time.Time) {
	first := midnight(from.In(d.Zone))
	count := int(to.Sub(first).Hours()/24) + 1
	named := -1000.0
	for day := first; day.Before(to); day = midnight(day.AddDate(0, 0, 1)) {
		next := midnight(day.AddDate(0, 0, 1))
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		switch {
		case count > 400:
		case weekend:
			d.shade("weekend", day, next)
		case count <= 60:
			d.shade("closed", day, day.Add(opens*time.Hour))
			d.shade("closed", day.Add(closes*time.Hour), next)
		}
		x := d.x(day)
		if day.Before(from) {
			x = d.left
		}
		if x-named < 76 {
			continue
		}
		named = x
		fmt.Fprintf(d, `<line class="day" x1="%.1f" x2="%.1f" y1="4" y2="%.1f"/><text class="day" x="%.1f" y="14">%s</text>`,
			x, x, d.y, x+4, day.Format("Mon 2 Jan"))
	}
	if count <= 14 {
		d.hours(from, to)
	}
	fmt.Fprintf(d, `<text class="zone" x="0" y="14">%s</text>`, text(d.Zone.String()))
}

// hours names as many hours of the day as there is room for.
func (d *drawing) hours(from, to time.Time) {
	named := -1000.0
	for at := from.In(d.Zone).Truncate(time.Hour).Add(time.Hour); at.Before(to); at = at.Add(time.Hour) {
		x := d.x(at)
		if x-named < 38 || at.Hour() == 0 {
			continue
		}
		named = x
		fmt.Fprintf(d, `<line class="hour" x1="%.1f" x2="%.1f" y1="32" y2="36"/><text class="hour" x="%.1f" y="29" text-anchor="middle">%s</text>`,
			x, x, x, at.Format("15:04"))
	}
}

func (d *drawing) shade(look string, from, to time.Time) {
	if x1, x2 := d.x(from), d.x(to); x2-x1 > 0.5 {
		fmt.Fprintf(d, `<rect class="%s" x="%.1f" y="36" width="%.1f" height="%.1f"/>`, look, x1, x2-x1, d.y-36)
	}
}

// line marks where the change went in and where the attempt ended.
func (d *drawing) line(at *time.Time, from, to time.Time, look string) {
	if at == nil || at.Before(from) || at.After(to) {
		return
	}
	x := d.x(*at)
	fmt.Fprintf(d, `<line class="edge %s" x1="%.1f" x2="%.1f" y1="36" y2="%.1f"/>`, look, x, x, d.y)
}

func midnight(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
}
