package card

// verdana are the advance widths of the printable characters of ASCII in Verdana at 11 pixels, in hundredths of a pixel.
var verdana = [95]int{
	387, 433, 505, 900, 699, 1184, 799, 295, 499, 499, 699, 900, 400, 500, 400, 500, 699, 699, 699, 699, 699, 699, 699, 699, 699, 699, 500, 500, 900, 900, 900, 600,
	1100, 752, 754, 768, 848, 696, 632, 853, 827, 463, 500, 762, 612, 927, 823, 866, 663, 866, 765, 752, 678, 805, 752, 1088, 754, 677, 754, 499, 500, 499, 900, 699,
	699, 661, 685, 573, 685, 655, 387, 685, 696, 302, 379, 651, 302, 1070, 696, 668, 685, 685, 469, 573, 433, 696, 651, 900, 651, 651, 578, 698, 500, 698, 900,
}

// width is how wide a text is in Verdana of the given size, in pixels. A character beyond ASCII counts as a wide letter.
func width(s string, size float64) float64 {
	sum := 0
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~':
			sum += verdana[r-' ']
		default:
			sum += 1100
		}
	}
	return float64(sum) / 100 * size / 11
}

// clipped is a text cut to a width, with an ellipsis where something was cut.
func clipped(s string, size, most float64) string {
	if width(s, size) <= most {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && width(string(runes)+"…", size) > most {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
