package main

import (
	"context"
	"errors"
	"math"
	"slices"
	"sort"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"
)

// memory holds samples in plain arrays, so that a look 30 days back costs a binary search and no decoding of chunks.
// It accepts and refuses what Prometheus' storage with an out-of-order window without end does.
type memory struct {
	byHash map[uint64][]*memorySeries
	byName map[string][]*memorySeries
	found  map[string]selection
	series int
}

// selection remembers what matchers found while there were so many series.
type selection struct {
	found  []*memorySeries
	series int
}

type memorySeries struct {
	labels labels.Labels
	ts     []int64
	values []float64
}

func newMemory() *memory {
	return &memory{
		byHash: map[uint64][]*memorySeries{},
		byName: map[string][]*memorySeries{},
		found:  map[string]selection{},
	}
}

func (m *memory) seriesOf(l labels.Labels) *memorySeries {
	hash := l.Hash()
	for _, series := range m.byHash[hash] {
		if labels.Equal(series.labels, l) {
			return series
		}
	}
	series := &memorySeries{labels: l.Copy()}
	m.byHash[hash] = append(m.byHash[hash], series)
	name := l.Get(labels.MetricName)
	m.byName[name] = append(m.byName[name], series)
	m.series++
	return series
}

// check says whether a sample would be accepted.
func (s *memorySeries) check(t int64, v float64, inOrder bool) error {
	last := len(s.ts) - 1
	if last < 0 || t > s.ts[last] {
		return nil
	}
	if inOrder && t < s.ts[last] {
		return storage.ErrOutOfOrderSample
	}
	if i, found := slices.BinarySearch(s.ts, t); found && math.Float64bits(s.values[i]) != math.Float64bits(v) {
		return storage.ErrDuplicateSampleForTimestamp
	}
	return nil
}

func (s *memorySeries) add(t int64, v float64) {
	if last := len(s.ts) - 1; last < 0 || t > s.ts[last] {
		s.ts, s.values = append(s.ts, t), append(s.values, v)
		return
	}
	if i, found := slices.BinarySearch(s.ts, t); !found {
		s.ts, s.values = slices.Insert(s.ts, i, t), slices.Insert(s.values, i, v)
	}
}

// Labels and Iterator make it a storage.Series.
func (s *memorySeries) Labels() labels.Labels { return s.labels }

func (s *memorySeries) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	return &memoryIterator{series: *s, at: -1}
}

type memoryIterator struct {
	series memorySeries
	at     int
}

func (i *memoryIterator) state() chunkenc.ValueType {
	if i.at < len(i.series.ts) {
		return chunkenc.ValFloat
	}
	return chunkenc.ValNone
}

func (i *memoryIterator) Next() chunkenc.ValueType {
	if i.at < len(i.series.ts) {
		i.at++
	}
	return i.state()
}

func (i *memoryIterator) Seek(t int64) chunkenc.ValueType {
	ts := i.series.ts
	i.at = max(i.at, 0)
	for near := 0; near < 4; near++ {
		if i.at >= len(ts) || ts[i.at] >= t {
			return i.state()
		}
		i.at++
	}
	i.at += sort.Search(len(ts)-i.at, func(k int) bool { return ts[i.at+k] >= t })
	return i.state()
}

func (i *memoryIterator) At() (int64, float64) { return i.series.ts[i.at], i.series.values[i.at] }
func (i *memoryIterator) AtT() int64           { return i.series.ts[i.at] }
func (*memoryIterator) AtST() int64            { return 0 }
func (*memoryIterator) Err() error             { return nil }

func (*memoryIterator) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) {
	panic("no histograms here")
}

func (*memoryIterator) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	panic("no histograms here")
}

// Querier gives access to everything: iterators find the range that is asked for.
func (m *memory) Querier(int64, int64) (storage.Querier, error) { return m, nil }
func (*memory) Close() error                                    { return nil }

func (*memory) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, errors.New("label values are not kept")
}

func (*memory) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, errors.New("label names are not kept")
}

// Select gives the series that match, in the order of their labels.
func (m *memory) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	key := make([]byte, 0, 256)
	for _, matcher := range matchers {
		key = append(append(append(append(key, matcher.Name...), byte(matcher.Type)), matcher.Value...), 0)
	}
	known, ok := m.found[string(key)]
	if !ok || known.series != m.series {
		known = selection{m.matching(matchers), m.series}
		m.found[string(key)] = known
	}
	return &memorySet{found: known.found, at: -1}
}

func (m *memory) matching(matchers []*labels.Matcher) []*memorySeries {
	var found []*memorySeries
	for _, candidates := range m.candidates(matchers) {
	candidate:
		for _, series := range candidates {
			for _, matcher := range matchers {
				if !matcher.Matches(series.labels.Get(matcher.Name)) {
					continue candidate
				}
			}
			found = append(found, series)
		}
	}
	slices.SortFunc(found, func(a, b *memorySeries) int { return labels.Compare(a.labels, b.labels) })
	return found
}

func (m *memory) candidates(matchers []*labels.Matcher) map[string][]*memorySeries {
	for _, matcher := range matchers {
		if matcher.Name == labels.MetricName && matcher.Type == labels.MatchEqual {
			return map[string][]*memorySeries{matcher.Value: m.byName[matcher.Value]}
		}
	}
	return m.byName
}

type memorySet struct {
	found []*memorySeries
	at    int
}

func (s *memorySet) Next() bool                      { s.at++; return s.at < len(s.found) }
func (s *memorySet) At() storage.Series              { return s.found[s.at] }
func (*memorySet) Err() error                        { return nil }
func (*memorySet) Warnings() annotations.Annotations { return nil }

// Appender gives a transaction of its own.
func (m *memory) Appender(context.Context) storage.Appender { return &memoryAppender{memory: m} }

type memoryAppender struct {
	memory  *memory
	pending []pendingSample
	inOrder bool
}

type pendingSample struct {
	series *memorySeries
	t      int64
	v      float64
}

func (a *memoryAppender) Append(_ storage.SeriesRef, l labels.Labels, t int64, v float64) (storage.SeriesRef, error) {
	series := a.memory.seriesOf(l)
	if err := series.check(t, v, a.inOrder); err != nil {
		return 0, err
	}
	a.pending = append(a.pending, pendingSample{series, t, v})
	return 0, nil
}

func (a *memoryAppender) Commit() error {
	for _, sample := range a.pending {
		sample.series.add(sample.t, sample.v)
	}
	a.pending = nil
	return nil
}

func (a *memoryAppender) Rollback() error {
	a.pending = nil
	return nil
}

func (a *memoryAppender) SetOptions(options *storage.AppendOptions) {
	a.inOrder = options != nil && options.DiscardOutOfOrder
}

var errFloatsOnly = errors.New("only float samples are kept")

func (*memoryAppender) AppendExemplar(storage.SeriesRef, labels.Labels, exemplar.Exemplar) (storage.SeriesRef, error) {
	return 0, errFloatsOnly
}

func (*memoryAppender) AppendHistogram(storage.SeriesRef, labels.Labels, int64, *histogram.Histogram, *histogram.FloatHistogram) (storage.SeriesRef, error) {
	return 0, errFloatsOnly
}

func (*memoryAppender) AppendHistogramSTZeroSample(storage.SeriesRef, labels.Labels, int64, int64, *histogram.Histogram, *histogram.FloatHistogram) (storage.SeriesRef, error) {
	return 0, errFloatsOnly
}

func (*memoryAppender) UpdateMetadata(storage.SeriesRef, labels.Labels, metadata.Metadata) (storage.SeriesRef, error) {
	return 0, errFloatsOnly
}

func (*memoryAppender) AppendSTZeroSample(storage.SeriesRef, labels.Labels, int64, int64) (storage.SeriesRef, error) {
	return 0, errFloatsOnly
}
