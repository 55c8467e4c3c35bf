package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"
)

const (
	// limit is how long a check may take; clients retry for minutes what a broker never answers.
	limit = 25 * time.Second
	// atATime is how many checks run beside each other: they mostly wait, and each has its own topics.
	atATime         = 4
	reasonLengthMax = 300
)

// checks runs named checks and prints a line for each: `ok NAME` or `FAILED NAME: reason`.
type checks struct {
	wanted  *regexp.Regexp
	places  chan struct{}
	running sync.WaitGroup

	mutex  sync.Mutex
	passed int
	failed int
}

func newChecks(wanted string) *checks {
	return &checks{wanted: regexp.MustCompile(wanted), places: make(chan struct{}, atATime)}
}

// check runs a check soon, unless its name is not wanted.
func (c *checks) check(name string, body func(*check)) {
	if !c.wanted.MatchString(name) {
		return
	}
	c.places <- struct{}{}
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		defer func() { <-c.places }()
		c.report(name, runLimited(body))
	}()
}

// finish waits for all checks, prints the count and returns the exit code.
func (c *checks) finish() int {
	c.running.Wait()
	fmt.Printf("%d passed, %d failed\n", c.passed, c.failed)
	if c.failed > 0 {
		return 1
	}
	return 0
}

func (c *checks) report(name string, failure string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if failure == "" {
		c.passed++
		fmt.Println("ok", name)
		return
	}
	c.failed++
	text := strings.Join(strings.Fields(failure), " ")
	if len(text) > reasonLengthMax {
		text = text[:reasonLengthMax]
	}
	fmt.Printf("FAILED %s: %s\n", name, text)
}

// check is one running check; its methods end it when something is not as it should be.
type check struct {
	context.Context
	cleanUps []func()
}

// failure is what ends a check.
type failure string

// fail ends the check.
func (c *check) fail(format string, arguments ...any) {
	panic(failure(fmt.Sprintf(format, arguments...)))
}

// require ends the check unless the condition holds.
func (c *check) require(condition bool, otherwise string, arguments ...any) {
	if !condition {
		c.fail(otherwise, arguments...)
	}
}

// equal ends the check unless both are equal.
func (c *check) equal(expected, actual any, what string) {
	if !reflect.DeepEqual(expected, actual) {
		c.fail("%s: expected %v, got %v", what, expected, actual)
	}
}

// ok ends the check when there is an error.
func (c *check) ok(err error) {
	if err != nil {
		c.fail("%v", err)
	}
}

// fails ends the check unless the error is the expected one.
func (c *check) fails(expected, err error) {
	if !errors.Is(err, expected) {
		c.fail("expected %v, got %v", expected, err)
	}
}

// await asks again until the answer is yes; the check's time limit ends a wait in vain.
func (c *check) await(what string, isSo func() bool) {
	for !isSo() {
		if c.Err() != nil {
			c.fail("waited in vain until %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// defers runs when the check ends.
func (c *check) defers(cleanUp func()) { c.cleanUps = append(c.cleanUps, cleanUp) }

func runLimited(body func(*check)) (reason string) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	running := &check{Context: ctx}
	defer func() {
		for i := len(running.cleanUps) - 1; i >= 0; i-- {
			running.cleanUps[i]()
		}
	}()
	defer func() {
		if ended := recover(); ended != nil {
			why, isFailure := ended.(failure)
			if !isFailure {
				panic(ended)
			}
			reason = string(why)
		}
	}()
	body(running)
	return ""
}
