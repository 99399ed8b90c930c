//go:build tools

// Package tools keeps VictoriaMetrics among what is required, so that `make victoriametrics` builds a fixed version.
package tools

import _ "github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics"
