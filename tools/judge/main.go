// Judge runs Prometheus rule files over given samples, on Prometheus' own rule groups and PromQL engine.
//
//	judge FOLDER
//
// reads FOLDER/plan.json (see Plan) and FOLDER/samples.bin, and writes FOLDER/result.json (see Result) and
// FOLDER/records.bin. Time is simulated: every group is evaluated at its own interval and phase, as a server would
// evaluate it, and sees the samples that had arrived by then.
//
// samples.bin holds the samples of all series of the plan, one series after the other, as three arrays, little endian:
// all timestamps (int64, milliseconds), all values (float64; StaleNaN is a staleness marker), all times of arrival
// (int64, milliseconds). records.bin holds what was recorded: all timestamps, then all values.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: judge FOLDER")
		os.Exit(2)
	}
	debug.SetGCPercent(800) // queries leave little behind but garbage, and memory is there
	if err := judge(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "judge: %v\n", err)
		os.Exit(2)
	}
}

func judge(folder string) error {
	plan, err := readPlan(filepath.Join(folder, "plan.json"))
	if err != nil {
		return err
	}
	if err := plan.readSamples(filepath.Join(folder, "samples.bin")); err != nil {
		return err
	}
	result, err := run(plan)
	if err != nil {
		return err
	}
	return result.write(filepath.Join(folder, "result.json"), filepath.Join(folder, "records.bin"))
}
