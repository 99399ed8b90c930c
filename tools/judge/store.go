package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// store is where a world keeps its samples.
type store interface {
	storage.Queryable
	storage.Appendable
}

// newStore gives an empty store, and what removes it.
func newStore(kind string) (store, func() error, error) {
	switch kind {
	case "memory":
		return newMemory(), func() error { return nil }, nil
	case "tsdb":
		return newDatabase()
	}
	return nil, nil, fmt.Errorf("no storage is called %q: there are memory and tsdb", kind)
}

// newDatabase opens Prometheus' own storage in a folder of its own: one head that is never cut, no log on disk.
func newDatabase() (store, func() error, error) {
	folder, err := os.MkdirTemp("", "judge")
	if err != nil {
		return nil, nil, err
	}
	options := tsdb.DefaultOptions()
	options.WALSegmentSize = -1
	options.NoLockfile = true
	options.MinBlockDuration = (1000 * 24 * time.Hour).Milliseconds()
	options.MaxBlockDuration = options.MinBlockDuration
	options.RetentionDuration = 0
	options.OutOfOrderTimeWindow = (1000 * 24 * time.Hour).Milliseconds()
	database, err := tsdb.Open(folder, nil, nil, options, tsdb.NewDBStats())
	if err != nil {
		return nil, nil, err
	}
	database.DisableCompactions()
	remove := func() error {
		if err := database.Close(); err != nil {
			return err
		}
		return os.RemoveAll(folder)
	}
	return database, remove, nil
}

// samplesOf gives all samples of a store that match, series by series.
func samplesOf(s store, matchers []*labels.Matcher, each func(l labels.Labels, ts []int64, values []float64)) error {
	querier, err := s.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		return err
	}
	defer querier.Close()
	set := querier.Select(context.Background(), true, nil, matchers...)
	for set.Next() {
		var ts []int64
		var values []float64
		iterator := set.At().Iterator(nil)
		for iterator.Next() == chunkenc.ValFloat {
			t, v := iterator.At()
			ts, values = append(ts, t), append(values, v)
		}
		if err := iterator.Err(); err != nil {
			return err
		}
		each(set.At().Labels(), ts, values)
	}
	return set.Err()
}
