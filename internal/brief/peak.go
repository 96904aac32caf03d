package brief

import (
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// peakHour is when the business day is at its busiest for the last time.
const peakHour = 17

// NextPeak is 17:00 of the first Monday-to-Friday day after the day of end, in zone: the first time that a change which is
// in place at end has carried a whole business day.
func NextPeak(end time.Time, zone *time.Location) time.Time {
	local := end.In(zone)
	for day := 1; ; day++ {
		peak := time.Date(local.Year(), local.Month(), local.Day()+day, peakHour, 0, 0, 0, zone)
		if weekday := peak.Weekday(); weekday != time.Saturday && weekday != time.Sunday {
			return peak.UTC()
		}
	}
}

// needsTripwire holds for kinds of upgrade whose failure shows under load, when somebody has to act at once.
func needsTripwire(kind vocab.UpgradeKind) bool {
	return slices.Contains([]vocab.UpgradeKind{
		vocab.UpgradeKindFramework, vocab.UpgradeKindRuntime, vocab.UpgradeKindDatabase, vocab.UpgradeKindInfrastructure, vocab.UpgradeKindMigration,
	}, kind)
}
