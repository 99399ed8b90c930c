package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
)

// Experimental functions stay off, as on a server without feature flags.
var parse = parser.NewParser(parser.Options{ExperimentalDurationExpr: true})

// run runs all worlds, as many at once as there are processors.
func run(plan *Plan) (*Result, error) {
	results, failures := make([]*Result, len(plan.Worlds)), make([]error, len(plan.Worlds))
	var group sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for number := range plan.Worlds {
		group.Add(1)
		go func() {
			defer group.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			results[number], failures[number] = runWorld(plan, number)
		}()
	}
	group.Wait()
	joined := &Result{
		Errors: []RuleError{}, Labels: []map[string]string{}, Alerts: []Transition{},
		Records: []Recorded{}, Answers: []Answer{}, Groups: []GroupPhase{},
	}
	for number, result := range results {
		if failures[number] != nil {
			return nil, fmt.Errorf("world %d: %w", number, failures[number])
		}
		joined.join(result)
	}
	return joined, nil
}

// simulation is one world on its way.
type simulation struct {
	plan   *Plan
	number int
	world  *World
	store  store
	engine *promql.Engine
	groups []*running
	result *Result
	states map[string]rules.AlertState // by the alert's group and labels
	places map[string]int              // of label sets in result.Labels
	errors map[string]int              // of rules in result.Errors
}

// running is a group and when it is evaluated next.
type running struct {
	*rules.Group
	next        time.Time
	evaluations int // since the start or the last restart
}

func runWorld(plan *Plan, number int) (result *Result, err error) {
	kept, remove, err := newStore(plan.Storage)
	if err != nil {
		return nil, err
	}
	defer func() {
		if failed := remove(); err == nil {
			err = failed
		}
	}()
	s := &simulation{
		plan: plan, number: number, world: &plan.Worlds[number], store: kept, result: &Result{},
		states: map[string]rules.AlertState{}, places: map[string]int{}, errors: map[string]int{},
		engine: promql.NewEngine(promql.EngineOpts{
			MaxSamples: 50_000_000, Timeout: 2 * time.Minute, LookbackDelta: 5 * time.Minute,
			EnableAtModifier: true, EnableNegativeOffset: true, Parser: parse,
			NoStepSubqueryIntervalFn: func(int64) int64 { return plan.Interval },
		}),
	}
	if err := s.load(plan.Start); err != nil {
		return nil, err
	}
	s.phases()
	if err := s.play(); err != nil {
		return nil, err
	}
	return s.result, s.dump()
}

// load makes all groups anew, as a server does that starts at a time.
func (s *simulation) load(start int64) error {
	manager := rules.NewManager(&rules.ManagerOptions{
		NameValidationScheme: model.UTF8Validation,
		QueryFunc:            s.query,
		NotifyFunc:           func(context.Context, string, ...*rules.Alert) {},
		Context:              context.Background(),
		Appendable:           s.store,
		Queryable:            s.store,
		Logger:               promslog.NewNopLogger(),
		OutageTolerance:      time.Hour,
		ForGracePeriod:       10 * time.Minute,
		ResendDelay:          time.Minute,
		GroupLoader:          loader{s.plan, s.world.Salt},
		Parser:               parse,
	})
	names := make([]string, len(s.plan.Rules))
	for i, file := range s.plan.Rules {
		names[i] = s.world.Salt + file.File
	}
	loaded, failures := manager.LoadGroups(
		time.Duration(s.plan.Interval)*time.Millisecond, labels.FromMap(s.plan.ExternalLabels), "", nil, false, names...)
	if len(failures) > 0 {
		return failures[0]
	}
	s.groups = nil
	for _, group := range loaded {
		first := group.EvalTimestamp(time.UnixMilli(start).UnixNano()).Add(group.Interval())
		s.groups = append(s.groups, &running{Group: group, next: first})
	}
	return nil
}

// loader reads the rule files of a plan.
type loader struct {
	plan *Plan
	salt string
}

func (l loader) Parse(query string) (parser.Expr, error) { return parse.ParseExpr(query) }

func (l loader) Load(name string, lenient bool, scheme model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	for _, file := range l.plan.Rules {
		if l.salt+file.File != name {
			continue
		}
		groups, failures := rulefmt.Parse([]byte(file.Text), lenient, scheme, parse, promslog.NewNopLogger())
		if failures == nil && !l.plan.Annotations {
			for _, group := range groups.Groups {
				for i := range group.Rules {
					group.Rules[i].Annotations = nil
				}
			}
		}
		return groups, failures
	}
	return nil, []error{fmt.Errorf("no rule file is called %s", name)}
}

// query is rules.EngineQueryFunc, which counts the samples that are read.
func (s *simulation) query(ctx context.Context, expr string, t time.Time) (promql.Vector, error) {
	query, err := s.engine.NewInstantQuery(ctx, s.store, nil, expr, t)
	if err != nil {
		return nil, err
	}
	defer query.Close()
	answer := query.Exec(ctx)
	if answer.Err != nil {
		return nil, answer.Err
	}
	s.result.Evaluations++
	s.result.SamplesRead += query.Stats().Samples.TotalSamples
	switch value := answer.Value.(type) {
	case promql.Vector:
		return value, nil
	case promql.Scalar:
		return promql.Vector{promql.Sample{T: value.T, F: value.V, Metric: labels.EmptyLabels()}}, nil
	}
	return nil, fmt.Errorf("%s is neither a vector nor a scalar", expr)
}

// play lets time pass: samples arrive, groups are evaluated, queries are asked.
func (s *simulation) play() error {
	arrivals := newArrivals(s.world.Series)
	asked := make([]int, len(s.plan.Queries))
	gaps := slices.Clone(s.plan.Gaps)
	slices.SortFunc(gaps, func(a, b Gap) int { return int(a.From - b.From) })
	end := time.UnixMilli(s.plan.End)
	for {
		group := s.soonest()
		at := end.Add(time.Nanosecond)
		if group != nil && group.next.Before(at) {
			at = group.next
		}
		for number, query := range s.plan.Queries {
			for asked[number] < len(query.Times) && time.UnixMilli(query.Times[asked[number]]).Before(at) {
				t := query.Times[asked[number]]
				asked[number]++
				if err := arrivals.until(t, s.store); err != nil {
					return err
				}
				s.ask(number, query.Expr, t)
			}
		}
		if at.After(end) {
			return arrivals.until(s.plan.End, s.store)
		}
		if len(gaps) > 0 && !at.Before(time.UnixMilli(gaps[0].To)) {
			gap := gaps[0]
			gaps = gaps[1:]
			if gap.Restart {
				if err := s.load(gap.To); err != nil {
					return err
				}
			}
			continue
		}
		if len(gaps) > 0 && !at.Before(time.UnixMilli(gaps[0].From)) {
			group.next = group.next.Add(group.Interval())
			continue
		}
		if err := arrivals.until(at.UnixMilli()+s.plan.Latency, s.store); err != nil {
			return err
		}
		s.evaluate(group)
	}
}

func (s *simulation) soonest() *running {
	var first *running
	for _, group := range s.groups {
		if first == nil || group.next.Before(first.next) {
			first = group
		}
	}
	return first
}

// evaluate evaluates a group once, as rules.Group does by itself: the state of `for` is restored after the second time.
func (s *simulation) evaluate(group *running) {
	at := group.next
	rules.DefaultEvalIterationFunc(context.Background(), group.Group, at)
	group.evaluations++
	group.next = at.Add(group.Interval())
	if group.evaluations == 2 {
		group.RestoreForState(at)
	}
	for _, rule := range group.Rules() {
		if err := rule.LastError(); err != nil {
			s.failed(rule.Name(), at, err)
		}
	}
	s.watch(group, at)
}

func (s *simulation) failed(rule string, at time.Time, err error) {
	place, known := s.errors[rule]
	if !known {
		place = len(s.result.Errors)
		s.errors[rule] = place
		s.result.Errors = append(s.result.Errors, RuleError{World: s.number, Rule: rule, Time: at.UnixMilli(), Error: err.Error()})
	}
	s.result.Errors[place].Count++
}

// watch notes every change of an alert's state.
func (s *simulation) watch(group *running, at time.Time) {
	prefix := rules.GroupKey(group.File(), group.Name())
	seen := map[string]bool{}
	for _, rule := range group.Rules() {
		alerting, ok := rule.(*rules.AlertingRule)
		if !ok {
			continue
		}
		alerting.ForEachActiveAlert(func(alert *rules.Alert) {
			key := prefix + alert.Labels.String()
			seen[key] = true
			if s.states[key] != alert.State {
				s.note(key, alert.Labels.Map(), at, alert.State, alert.Value)
			}
		})
	}
	for key, state := range s.states {
		if len(key) > len(prefix) && key[:len(prefix)] == prefix && !seen[key] && state != rules.StateUnknown {
			s.note(key, nil, at, rules.StateUnknown, math.NaN())
		}
	}
}

func (s *simulation) note(key string, of map[string]string, at time.Time, state rules.AlertState, value float64) {
	before := s.states[key]
	s.states[key] = state
	gone := func(state rules.AlertState) bool { return state == rules.StateUnknown || state == rules.StateInactive }
	if gone(before) && gone(state) {
		return
	}
	place, known := s.places[key]
	if !known {
		place = len(s.result.Labels)
		s.places[key] = place
		s.result.Labels = append(s.result.Labels, of)
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		value = 0
	}
	name := state.String()
	if gone(state) {
		name = "inactive"
	}
	s.result.Alerts = append(s.result.Alerts, Transition{s.number, at.UnixMilli(), place, name, value})
}

func (s *simulation) ask(number int, expr string, t int64) {
	vector, err := s.query(context.Background(), expr, time.UnixMilli(t))
	if err != nil {
		s.failed(expr, time.UnixMilli(t), err)
		return
	}
	answer := Answer{World: s.number, Query: number, Time: t, Vector: []Sample{}}
	for _, sample := range vector {
		answer.Vector = append(answer.Vector, Sample{sample.Metric.Map(), strconv.FormatFloat(sample.F, 'g', -1, 64)})
	}
	s.result.Answers = append(s.result.Answers, answer)
}

// phases notes when each group is evaluated.
func (s *simulation) phases() {
	for _, group := range s.groups {
		interval := group.Interval().Milliseconds()
		s.result.Groups = append(s.result.Groups, GroupPhase{
			s.number, group.File(), group.Name(), interval, group.next.UnixMilli() % interval,
		})
	}
}

// dump gathers what was recorded.
func (s *simulation) dump() error {
	for _, selector := range s.plan.Record {
		matchers, err := parse.ParseMetricSelector(selector)
		if err != nil {
			return fmt.Errorf("record: %w", err)
		}
		err = samplesOf(s.store, matchers, func(l labels.Labels, ts []int64, values []float64) {
			s.result.Records = append(s.result.Records, Recorded{s.number, l.Map(), len(ts)})
			s.result.ts = append(s.result.ts, ts...)
			s.result.values = append(s.result.values, values...)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// arrivals are samples in the order in which they arrive.
type arrivals struct {
	series []Series
	order  []arrival
	at     int
}

type arrival struct {
	time   int64
	series int32
	sample int32
}

func newArrivals(series []Series) *arrivals {
	a := &arrivals{series: series}
	for s := range series {
		for i, t := range series[s].arrival {
			a.order = append(a.order, arrival{t, int32(s), int32(i)})
		}
	}
	slices.SortStableFunc(a.order, func(x, y arrival) int {
		switch {
		case x.time < y.time:
			return -1
		case x.time > y.time:
			return 1
		}
		return 0
	})
	return a
}

// until appends all samples that have arrived by a time.
func (a *arrivals) until(t int64, to storage.Appendable) error {
	if a.at >= len(a.order) || a.order[a.at].time > t {
		return nil
	}
	appender := to.Appender(context.Background())
	for ; a.at < len(a.order) && a.order[a.at].time <= t; a.at++ {
		series := &a.series[a.order[a.at].series]
		i := a.order[a.at].sample
		if _, err := appender.Append(0, series.labels, series.ts[i], series.values[i]); err != nil {
			return fmt.Errorf("%s at %d: %w", series.labels, series.ts[i], err)
		}
	}
	return appender.Commit()
}
