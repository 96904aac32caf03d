package drift

import (
	"strconv"
	"strings"
)

// canonicalNumber writes a JSON number so that equal numbers are equal texts: 1, 1.0 and 10e-1 are all 1. It works on the
// text, so no digit is lost and a huge exponent costs nothing.
func canonicalNumber(n string) string {
	sign := ""
	if strings.HasPrefix(n, "-") {
		sign, n = "-", n[1:]
	}
	mantissa, exponent, _ := strings.Cut(strings.ReplaceAll(n, "E", "e"), "e")
	exp := 0
	if exponent != "" {
		parsed, err := strconv.Atoi(exponent)
		if err != nil { // an exponent beyond int: such a number is equal to itself only
			return sign + n
		}
		exp = parsed
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	exp -= len(fraction)
	trimmed := strings.TrimRight(digits, "0")
	exp += len(digits) - len(trimmed)
	return sign + layout(trimmed, exp)
}

// layout writes digits × 10^exp plainly where that stays short.
func layout(digits string, exp int) string {
	const longest = 25
	switch {
	case exp >= 0 && len(digits)+exp <= longest:
		return digits + strings.Repeat("0", exp)
	case exp < 0 && -exp < len(digits):
		return digits[:len(digits)+exp] + "." + digits[len(digits)+exp:]
	case exp < 0 && -exp <= longest:
		return "0." + strings.Repeat("0", -exp-len(digits)) + digits
	}
	return digits + "e" + strconv.Itoa(exp)
}
