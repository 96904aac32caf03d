package search

// BM25F with the parameters measured best on thirteen collections: the title counts three times.
const (
	k1         = 1.2
	titleBoost = 3
	titleB     = 0.5
	bodyB      = 0.75
)

// norms are the weights of one occurrence by field length, for one set of averages.
type norms struct {
	avg   averages
	title []float32
	body  []float32
}

func (n *norms) prepare(avg averages, longestTitle, longestBody int) {
	if n.avg == avg && len(n.title) > longestTitle && len(n.body) > longestBody {
		return
	}
	n.avg = avg
	n.title, n.body = n.title[:0], n.body[:0]
	for l := 0; l <= longestTitle; l++ {
		n.title = append(n.title, titleBoost/(1-titleB+titleB*float32(l)/float32(avg.title)))
	}
	for l := 0; l <= longestBody; l++ {
		n.body = append(n.body, 1/(1-bodyB+bodyB*float32(l)/float32(avg.body)))
	}
}

// frequency is the length-normalised term frequency of BM25F over both fields.
func (n *norms) frequency(titleTF, bodyTF, lengths uint32) float32 {
	t, b := unpackLengths(lengths)
	return float32(min(titleTF, maxTitleTF))*n.title[t] + float32(min(bodyTF, maxBodyTF))*n.body[b]
}

func saturate(frequency float32) float32 { return frequency / (k1 + frequency) }

// accumulate adds weight times the impact of every posting to the document's score.
func (x *index) accumulate(scores []float32, l *list, weight float32, n *norms) {
	lengths, titleNorm, bodyNorm := x.lengths, n.title, n.body
	doc := uint32(0)
	for address := l.head; address != 0; {
		data, next := x.postings.block(address)
		for i := 0; i < len(data)-1; {
			d := uint32(data[i])
			i++
			if d >= 0x80 {
				d &= 0x7f
				for shift := 7; ; shift += 7 {
					c := uint32(data[i])
					i++
					d |= (c & 0x7f) << shift
					if c < 0x80 {
						break
					}
				}
			}
			doc += d
			tf := uint32(data[i])
			i++
			length := lengths[doc]
			f := float32(tf&maxBodyTF) * bodyNorm[length&0xffff]
			if tf > maxBodyTF {
				f += float32(tf>>6) * titleNorm[length>>16]
			}
			scores[doc] += weight * (f / (k1 + f))
		}
		address = next
	}
}
