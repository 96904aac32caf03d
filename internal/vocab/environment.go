package vocab

// EnvironmentKind says what an environment is for.
type EnvironmentKind string

// The words of EnvironmentKind.
const (
	EnvironmentKindDevelopment EnvironmentKind = "development"
	EnvironmentKindTest        EnvironmentKind = "test"
	EnvironmentKindStaging     EnvironmentKind = "staging"
	EnvironmentKindProduction  EnvironmentKind = "production"
)

// Values lists every EnvironmentKind.
func (EnvironmentKind) Values() []string { return words(`development test staging production`) }

// SnapshotKind says what a snapshot describes.
type SnapshotKind string

// The words of SnapshotKind.
const (
	SnapshotKindSchema   SnapshotKind = "schema"
	SnapshotKindSettings SnapshotKind = "settings"
	SnapshotKindPackages SnapshotKind = "packages"
	SnapshotKindCustom   SnapshotKind = "custom"
)

// Values lists every SnapshotKind.
func (SnapshotKind) Values() []string { return words(`schema settings packages custom`) }
