package main

import (
	"math/rand/v2"
	"time"
)

// Fate is what becomes of one packet.
type Fate struct {
	Lost       bool
	Overflowed bool
	Reordered  bool
	Duplicated bool
	Corrupted  bool
	// When it leaves, on the clock that Shaper was asked with.
	LeavesAt time.Duration
}

// Shaper decides packets' fates. It has no clock and no socket, so that it can be tested.
type Shaper struct {
	parameters Parameters
	lots       *rand.Rand
	lineFree   time.Duration
	lastLeaves time.Duration
}

func newShaper(parameters Parameters) *Shaper {
	return &Shaper{parameters: parameters, lots: rand.New(rand.NewPCG(parameters.Seed, 0))}
}

func (shaper *Shaper) drawn(percent float64) bool {
	return percent > 0 && shaper.lots.Float64()*100 < percent
}

// Decide draws lots for a packet of so many bytes that comes now. Calls must come in order of time.
func (shaper *Shaper) Decide(now time.Duration, size int) Fate {
	parameters := shaper.parameters
	if shaper.drawn(parameters.LossPercent) {
		return Fate{Lost: true}
	}
	leaves := now
	if parameters.RateBytesPerSecond > 0 {
		start := max(now, shaper.lineFree)
		if parameters.BacklogMs > 0 && start-now > milliseconds(parameters.BacklogMs) {
			return Fate{Overflowed: true}
		}
		shaper.lineFree = start + time.Duration(float64(size)/parameters.RateBytesPerSecond*float64(time.Second))
		leaves = shaper.lineFree
	}
	leaves += milliseconds(parameters.DelayMs)
	if parameters.JitterMs > 0 {
		leaves += milliseconds(parameters.JitterMs * (2*shaper.lots.Float64() - 1))
	}
	// Like a cable: what was sent first arrives first, unless it was chosen to be late.
	leaves = max(leaves, shaper.lastLeaves, now)
	shaper.lastLeaves = leaves
	fate := Fate{
		Reordered:  shaper.drawn(parameters.ReorderPercent),
		Duplicated: shaper.drawn(parameters.DuplicatePercent),
		Corrupted:  shaper.drawn(parameters.CorruptPercent),
	}
	if fate.Reordered {
		leaves += milliseconds(parameters.ReorderMs)
	}
	fate.LeavesAt = leaves
	return fate
}
