//go:build tools

// Package tools pins the programs burnproof is compared with. Build one with
//
//	cd tools && go build -o ../build/promtool github.com/prometheus/prometheus/cmd/promtool
package tools

import _ "github.com/prometheus/prometheus/cmd/promtool"
