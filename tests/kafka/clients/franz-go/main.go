// The checks of franz-go, the Kafka client written in Go.
//
// Usage: checks BOOTSTRAP RUN checks [PATTERN] | write | read WRITER...
//
// RUN makes the names of topics and groups new, so that a broker can be checked again and again.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: checks BOOTSTRAP RUN checks [PATTERN] | write | read WRITER...")
		os.Exit(2)
	}
	bootstrap, run, phase, rest := os.Args[1], os.Args[2], os.Args[3], os.Args[4:]
	broker := &cluster{bootstrap: bootstrap, prefix: run + "-franz-go"}
	cross := &crossChecks{cluster: &cluster{bootstrap: bootstrap, prefix: run}}
	wanted := ""
	if phase == "checks" && len(rest) > 0 {
		wanted = rest[0]
	}
	all := newChecks(wanted)
	switch phase {
	case "checks":
		// Groups wait the longest, so they begin.
		groupChecks{broker}.run(all)
		produceChecks{broker}.run(all)
		readChecks{broker}.run(all)
		transactionChecks{broker}.run(all)
		adminChecks{broker}.run(all)
	case "write":
		all.check("cross-write", cross.write)
	case "read":
		for _, writer := range rest {
			all.check("cross-read-"+writer, func(c *check) { cross.read(c, writer) })
		}
	default:
		fmt.Fprintln(os.Stderr, "unknown phase", phase)
		os.Exit(2)
	}
	os.Exit(all.finish())
}
