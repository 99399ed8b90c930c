package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
)

// Result is what one run found.
type Result struct {
	// Rules that could not be evaluated or recorded.
	Errors []RuleError `json:"errors"`
	// Label sets of alerts, which Alerts name by their place.
	Labels []map[string]string `json:"labels"`
	// Every change of an alert's state, in the order of time within a world.
	Alerts []Transition `json:"alerts"`
	// Series of records.bin, in its order.
	Records []Recorded `json:"records"`
	Answers []Answer   `json:"answers"`
	// Phases of all groups: how long after a multiple of its interval each is evaluated, milliseconds.
	Groups []GroupPhase `json:"groups"`
	// Evaluations of a rule, and samples that they read as Prometheus counts them, of all worlds.
	Evaluations int64 `json:"evaluations"`
	SamplesRead int64 `json:"samples_read"`

	ts     []int64
	values []float64
}

// RuleError is the first error of one rule, and how often it was met.
type RuleError struct {
	World int    `json:"world"`
	Rule  string `json:"rule"`
	Time  int64  `json:"time"`
	Error string `json:"error"`
	Count int    `json:"count"`
}

// Transition is one change of an alert's state: to pending, firing or inactive.
type Transition struct {
	World  int     `json:"world"`
	Time   int64   `json:"time"`
	Labels int     `json:"labels"`
	State  string  `json:"state"`
	Value  float64 `json:"value"`
}

// Recorded is one series; Count samples of records.bin belong to it.
type Recorded struct {
	World  int               `json:"world"`
	Labels map[string]string `json:"labels"`
	Count  int               `json:"count"`
}

// Answer is what one query gave at one time.
type Answer struct {
	World  int      `json:"world"`
	Query  int      `json:"query"`
	Time   int64    `json:"time"`
	Vector []Sample `json:"vector"`
}

// Sample is one element of a vector; Value is text, since JSON has neither NaN nor infinity.
type Sample struct {
	Labels map[string]string `json:"labels"`
	Value  string            `json:"value"`
}

// GroupPhase says when a group is evaluated.
type GroupPhase struct {
	World    int    `json:"world"`
	File     string `json:"file"`
	Name     string `json:"name"`
	Interval int64  `json:"interval"`
	Phase    int64  `json:"phase"`
}

// join appends what another world found, in order.
func (r *Result) join(other *Result) {
	moved := len(r.Labels)
	for _, transition := range other.Alerts {
		transition.Labels += moved
		r.Alerts = append(r.Alerts, transition)
	}
	r.Errors = append(r.Errors, other.Errors...)
	r.Labels = append(r.Labels, other.Labels...)
	r.Records = append(r.Records, other.Records...)
	r.Answers = append(r.Answers, other.Answers...)
	r.Groups = append(r.Groups, other.Groups...)
	r.Evaluations += other.Evaluations
	r.SamplesRead += other.SamplesRead
	r.ts = append(r.ts, other.ts...)
	r.values = append(r.values, other.values...)
}

func (r *Result) write(jsonPath, binPath string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(jsonPath, text, 0o600); err != nil {
		return err
	}
	file, err := os.Create(binPath)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<20)
	word := make([]byte, 8)
	for _, t := range r.ts {
		binary.LittleEndian.PutUint64(word, uint64(t))
		out.Write(word)
	}
	for _, v := range r.values {
		binary.LittleEndian.PutUint64(word, math.Float64bits(v))
		out.Write(word)
	}
	return out.Flush()
}
