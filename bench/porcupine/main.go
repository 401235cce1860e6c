// Judges histories of versioned registers with porcupine, for comparison with the judge of this project.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

type request struct {
	key, kind, value string
	precondition     int64
}

type answer struct {
	outcome, refusal, value string
	revision                int64
}

type register struct {
	revision int64
	value    string
	floor    int64
}

// A write whose revision no client has received yet.
const unread = -1

func step(state, input, output interface{}) (bool, interface{}) {
	now, asked, told := state.(register), input.(request), output.(answer)
	var next register
	var fits bool
	if told.outcome == "refused" {
		next, fits = now, refused(now, asked, told)
	} else {
		next, fits = accepted(now, asked, told)
	}
	if !fits && told.outcome == "unknown" {
		return true, now
	}
	return fits, next
}

func accepted(now register, asked request, told answer) (register, bool) {
	if asked.kind == "get" {
		return read(now, told)
	}
	if (now.revision == 0) != (asked.kind == "create") {
		return now, false
	}
	if asked.precondition > 0 && now.revision != asked.precondition {
		return now, false
	}
	if told.revision > 0 && told.revision <= now.floor {
		return now, false
	}
	floor := max(now.floor, told.revision)
	if asked.kind == "delete" {
		return register{0, "", floor}, true
	}
	if told.revision > 0 {
		return register{told.revision, asked.value, floor}, true
	}
	return register{unread, asked.value, floor}, true
}

func read(now register, told answer) (register, bool) {
	if told.revision == 0 {
		return now, now.revision == 0
	}
	if told.value != now.value {
		return now, false
	}
	if now.revision == told.revision {
		return now, true
	}
	return register{told.revision, told.value, told.revision}, now.revision == unread && told.revision > now.floor
}

func refused(now register, asked request, told answer) bool {
	switch told.refusal {
	case "absent":
		return now.revision == 0
	case "exists":
		return now.revision != 0
	default:
		return now.revision != 0 && now.revision != asked.precondition
	}
}

func byKey(history []porcupine.Operation) [][]porcupine.Operation {
	index := map[string]int{}
	var parts [][]porcupine.Operation
	for _, operation := range history {
		key := operation.Input.(request).key
		at, known := index[key]
		if !known {
			at = len(parts)
			index[key] = at
			parts = append(parts, nil)
		}
		parts[at] = append(parts[at], operation)
	}
	return parts
}

var model = porcupine.Model{
	Partition: byKey,
	Init:      func() interface{} { return register{} },
	Step:      step,
}

func main() {
	timeout, err := time.ParseDuration(os.Args[2])
	check(err)
	megabytes, err := strconv.ParseUint(os.Args[3], 10, 64)
	check(err)
	histories := load(os.Args[1])
	go guard(megabytes << 20)
	for _, history := range histories {
		began := time.Now()
		result := porcupine.CheckOperationsTimeout(model, history, timeout)
		say(string(result), time.Since(began))
	}
}

// Ends the program at its memory limit.
func guard(limit uint64) {
	var stats runtime.MemStats
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		runtime.ReadMemStats(&stats)
		if stats.HeapAlloc > limit {
			say("OutOfMemory", time.Since(began))
			os.Exit(0)
		}
	}
}

func say(result string, took time.Duration) {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	line, err := json.Marshal(map[string]any{
		"result": result,
		"ms":     float64(took.Microseconds()) / 1000,
		"bytes":  stats.Sys,
	})
	check(err)
	fmt.Println(string(line))
}

// One operation per line, fields separated by tabs, times in order; an empty line ends a history.
func load(path string) [][]porcupine.Operation {
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	var histories [][]porcupine.Operation
	var history []porcupine.Operation
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if lines.Text() == "" {
			histories = append(histories, history)
			history = nil
			continue
		}
		field := strings.Split(lines.Text(), "\t")
		end := int64(math.MaxInt64)
		if field[4] != "" {
			end = number(field[4])
		}
		history = append(history, porcupine.Operation{
			ClientId: len(history),
			Input:    request{field[1], field[2], field[8], number(field[7])},
			Call:     number(field[3]),
			Output:   answer{field[5], field[6], field[8], number(field[9])},
			Return:   end,
		})
	}
	check(lines.Err())
	return histories
}

func number(text string) int64 {
	value, err := strconv.ParseInt(text, 10, 64)
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
