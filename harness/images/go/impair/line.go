package main

import (
	"container/heap"
	"math/rand/v2"
	"sync"
	"time"
)

// Statistics count packets since the program began. They are its evidence, one JSON line each time they changed.
type Statistics struct {
	Seen       uint64 `json:"seen"`
	Bytes      uint64 `json:"bytes"`
	Passed     uint64 `json:"passed"`
	Lost       uint64 `json:"lost"`
	Overflowed uint64 `json:"overflowed"`
	Delayed    uint64 `json:"delayed"`
	Reordered  uint64 `json:"reordered"`
	Duplicated uint64 `json:"duplicated"`
	Corrupted  uint64 `json:"corrupted"`
	// Sum over all packets of the time between their coming and the verdict that let them go.
	HeldMs float64 `json:"heldMs"`
	// Packets that wait now.
	Waiting int `json:"waiting"`
	// Copies that the kernel refused to send, verdicts that it refused to take, and failed reads of the queue.
	Errors uint64 `json:"errors"`
}

// Exit is how packets leave; the kernel's, or a test's.
type Exit interface {
	Accept(id uint32) error
	AcceptChanged(id uint32, packet []byte) error
	Drop(id uint32) error
	SendCopy(packet []byte) error
}

type waiting struct {
	id       uint32
	packet   []byte
	cameAt   time.Duration
	leavesAt time.Duration
	order    uint64
	fate     Fate
}

type queue []waiting

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q queue) Less(i, j int) bool {
	return q[i].leavesAt < q[j].leavesAt || (q[i].leavesAt == q[j].leavesAt && q[i].order < q[j].order)
}
func (q *queue) Push(x any) { *q = append(*q, x.(waiting)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// Line holds packets until they leave.
type Line struct {
	mutex      sync.Mutex
	began      time.Time
	exit       Exit
	shaper     *Shaper
	lots       *rand.Rand
	held       queue
	wake       chan struct{}
	statistics Statistics
	order      uint64
}

func newLine(exit Exit, parameters Parameters) *Line {
	line := &Line{began: time.Now(), exit: exit, wake: make(chan struct{}, 1)}
	line.Set(parameters)
	return line
}

// Set changes the parameters for packets that come from now on.
func (line *Line) Set(parameters Parameters) {
	line.mutex.Lock()
	defer line.mutex.Unlock()
	line.shaper = newShaper(parameters)
	line.lots = rand.New(rand.NewPCG(parameters.Seed, 1))
}

// Take is called for each packet, in the order in which they come.
func (line *Line) Take(id uint32, packet []byte) {
	line.mutex.Lock()
	defer line.mutex.Unlock()
	now := time.Since(line.began)
	fate := line.shaper.Decide(now, len(packet))
	line.statistics.Seen++
	line.statistics.Bytes += uint64(len(packet))
	if fate.Lost || fate.Overflowed {
		if fate.Lost {
			line.statistics.Lost++
		} else {
			line.statistics.Overflowed++
		}
		line.try(line.exit.Drop(id))
		return
	}
	line.order++
	one := waiting{id, packet, now, fate.LeavesAt, line.order, fate}
	if fate.LeavesAt <= now {
		line.leave(one)
		return
	}
	line.statistics.Delayed++
	heap.Push(&line.held, one)
	if line.held[0].order == one.order {
		select {
		case line.wake <- struct{}{}:
		default:
		}
	}
}

// Run lets packets go when their time has come, until done is closed; what is held then goes at once.
func (line *Line) Run(done <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	for {
		timer.Reset(line.leaveDue())
		select {
		case <-timer.C:
		case <-line.wake:
		case <-done:
			line.leaveAll()
			return
		}
	}
}

func (line *Line) leaveDue() time.Duration {
	line.mutex.Lock()
	defer line.mutex.Unlock()
	for len(line.held) > 0 {
		wait := line.held[0].leavesAt - time.Since(line.began)
		if wait > 0 {
			return wait
		}
		line.leave(heap.Pop(&line.held).(waiting))
	}
	return time.Hour
}

// What comes after this is passed on untouched.
func (line *Line) leaveAll() {
	line.Set(Parameters{})
	line.mutex.Lock()
	defer line.mutex.Unlock()
	for len(line.held) > 0 {
		line.leave(heap.Pop(&line.held).(waiting))
	}
}

func (line *Line) leave(one waiting) {
	line.statistics.Passed++
	line.statistics.HeldMs += float64(time.Since(line.began)-one.cameAt) / float64(time.Millisecond)
	if one.fate.Reordered {
		line.statistics.Reordered++
	}
	if one.fate.Duplicated {
		if err := line.exit.SendCopy(one.packet); err != nil {
			line.statistics.Errors++
		} else {
			line.statistics.Duplicated++
		}
	}
	if one.fate.Corrupted && corrupt(one.packet, line.shaper.parameters.MendChecksums, line.lots) {
		line.statistics.Corrupted++
		line.try(line.exit.AcceptChanged(one.id, one.packet))
		return
	}
	line.try(line.exit.Accept(one.id))
}

func (line *Line) try(err error) {
	if err != nil {
		line.statistics.Errors++
	}
}

// Failed counts a read of the queue that failed: packets may have gone by unseen.
func (line *Line) Failed() {
	line.mutex.Lock()
	defer line.mutex.Unlock()
	line.statistics.Errors++
}

// Statistics as they are now.
func (line *Line) Statistics() Statistics {
	line.mutex.Lock()
	defer line.mutex.Unlock()
	now := line.statistics
	now.Waiting = len(line.held)
	return now
}
