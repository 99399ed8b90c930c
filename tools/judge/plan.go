package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sort"

	"github.com/prometheus/prometheus/model/labels"
)

// Plan is what one run is told. All times are milliseconds since the epoch, all lengths milliseconds.
type Plan struct {
	// Rule files, with their text: a group's phase is a hash of its name and its file's name.
	Rules []RuleFile `json:"rules"`
	// The rules start at Start (samples may be older), and the run ends at End.
	Start int64 `json:"start"`
	End   int64 `json:"end"`
	// The evaluation interval of groups that name none.
	Interval int64 `json:"interval"`
	// How long after an evaluation's timestamp it reads: what arrived meanwhile is seen.
	Latency        int64             `json:"latency"`
	ExternalLabels map[string]string `json:"external_labels"`
	// When no group is evaluated.
	Gaps []Gap `json:"gaps"`
	// "memory" (the default), or "tsdb": Prometheus' own, which decodes all chunks that a long window touches.
	Storage string `json:"storage"`
	// Selectors of the series that go into the result.
	Record  []string `json:"record"`
	Queries []Query  `json:"queries"`
	// Annotations are left out unless asked for: they cost queries, and decide nothing.
	Annotations bool    `json:"annotations"`
	Worlds      []World `json:"worlds"`
}

// RuleFile is a file of rules.
type RuleFile struct {
	File string `json:"file"`
	Text string `json:"text"`
}

// Gap is a time without evaluations, From included, To excluded.
type Gap struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
	// A restart forgets alerts, and restores the state of `for` as Prometheus does; without it the groups merely pause.
	Restart bool `json:"restart"`
}

// Query is evaluated at each of its times, after all that happens until then.
type Query struct {
	Expr  string  `json:"expr"`
	Times []int64 `json:"times"`
}

// World is a set of series of its own: each world has its own storage and its own copy of all groups.
type World struct {
	Name string `json:"name"`
	// Salt stands before the names of the rule files, and so changes the phases of all groups.
	Salt   string   `json:"salt"`
	Series []Series `json:"series"`
}

// Series is one series; its Count samples follow those of the series before it in samples.bin.
type Series struct {
	Labels map[string]string `json:"labels"`
	Count  int               `json:"count"`

	labels  labels.Labels
	ts      []int64
	values  []float64
	arrival []int64
}

func readPlan(path string) (*Plan, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Interval: 60_000, Storage: "memory"}
	if err := json.Unmarshal(text, plan); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if plan.End < plan.Start || plan.Interval <= 0 || len(plan.Worlds) == 0 || len(plan.Rules) == 0 {
		return nil, fmt.Errorf("%s: a plan needs rules, worlds, an interval, and an end that is not before its start", path)
	}
	for _, query := range plan.Queries {
		sort.Slice(query.Times, func(i, j int) bool { return query.Times[i] < query.Times[j] })
	}
	return plan, nil
}

// readSamples gives every series its part of the file.
func (p *Plan) readSamples(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	total := 0
	for _, world := range p.Worlds {
		for _, series := range world.Series {
			total += series.Count
		}
	}
	if len(raw) != 24*total {
		return fmt.Errorf("%s: %d bytes, where %d samples make %d", path, len(raw), total, 24*total)
	}
	ts, values, arrival := make([]int64, total), make([]float64, total), make([]int64, total)
	for i := range total {
		ts[i] = int64(binary.LittleEndian.Uint64(raw[8*i:]))
		values[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*(total+i):]))
		arrival[i] = int64(binary.LittleEndian.Uint64(raw[8*(2*total+i):]))
	}
	at := 0
	for w := range p.Worlds {
		for s := range p.Worlds[w].Series {
			series := &p.Worlds[w].Series[s]
			next := at + series.Count
			series.labels = labels.FromMap(series.Labels)
			series.ts, series.values, series.arrival = ts[at:next], values[at:next], arrival[at:next]
			at = next
		}
	}
	return nil
}
