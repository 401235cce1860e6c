package main

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"
)

func TestShaperKeepsOrderUnlessTold(t *testing.T) {
	shaper := newShaper(Parameters{DelayMs: 10, JitterMs: 10, Seed: 1})
	var last time.Duration
	for n := range 1_000 {
		now := time.Duration(n) * time.Millisecond
		fate := shaper.Decide(now, 100)
		if fate.LeavesAt < last || fate.LeavesAt < now || fate.LeavesAt > now+20*time.Millisecond {
			t.Fatalf("packet %d of %v leaves at %v after %v", n, now, fate.LeavesAt, last)
		}
		last = fate.LeavesAt
	}
	shaper = newShaper(Parameters{ReorderPercent: 50, ReorderMs: 5, Seed: 1})
	overtaken := 0
	last = 0
	for n := range 1_000 {
		fate := shaper.Decide(time.Duration(n)*time.Millisecond, 100)
		if fate.LeavesAt < last {
			overtaken++
		}
		last = fate.LeavesAt
	}
	if overtaken < 200 {
		t.Fatalf("%d of 1000 were overtaken", overtaken)
	}
}

func TestShaperHoldsTheRate(t *testing.T) {
	shaper := newShaper(Parameters{RateBytesPerSecond: 1_000})
	var fate Fate
	for range 50 {
		fate = shaper.Decide(0, 100)
	}
	if fate.LeavesAt != 5*time.Second {
		t.Fatalf("5000 bytes at 1000 a second have left after %v", fate.LeavesAt)
	}
	shaper = newShaper(Parameters{RateBytesPerSecond: 1_000, BacklogMs: 1_000})
	overflowed := 0
	for range 50 {
		if shaper.Decide(0, 100).Overflowed {
			overflowed++
		}
	}
	if overflowed != 39 {
		t.Fatalf("%d of 50 packets did not fit into a backlog of a second, not 39", overflowed)
	}
}

func TestShaperDrawsItsShareAndTheSameLotsForASeed(t *testing.T) {
	draw := func(seed uint64) (lost int, first []bool) {
		shaper := newShaper(Parameters{LossPercent: 20, Seed: seed})
		for range 10_000 {
			fate := shaper.Decide(0, 1)
			first = append(first, fate.Lost)
			if fate.Lost {
				lost++
			}
		}
		return lost, first
	}
	lost, first := draw(1)
	// Six standard deviations of a binomial of 10 000 at a fifth.
	if lost < 1_760 || lost > 2_240 {
		t.Fatalf("%d of 10000 lost", lost)
	}
	_, again := draw(1)
	_, other := draw(2)
	same := 0
	for at := range first {
		if first[at] != again[at] {
			t.Fatal("the same seed drew other lots")
		}
		if first[at] == other[at] {
			same++
		}
	}
	if same == len(first) {
		t.Fatal("another seed drew the same lots")
	}
}

func udp(payload string) []byte {
	packet := make([]byte, 28+len(payload))
	packet[0], packet[9] = 0x45, protocolUDP
	binary.BigEndian.PutUint16(packet[2:], uint16(len(packet)))
	copy(packet[12:20], []byte{10, 0, 0, 1, 10, 0, 0, 2})
	segment := packet[20:]
	binary.BigEndian.PutUint16(segment[4:], uint16(len(segment)))
	copy(segment[8:], payload)
	binary.BigEndian.PutUint16(segment[6:], transportChecksum(packet, segment))
	return packet
}

// A segment whose checksum is right adds up to nothing, checksum included.
func rightChecksum(packet []byte) bool {
	segment := packet[20:]
	sum := uint32(packet[9]) + uint32(len(segment)) + wordSum(packet[12:20]) + wordSum(segment)
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return sum == 0xffff
}

func TestCorruptTurnsOverOneBitOfThePayload(t *testing.T) {
	for _, mend := range []bool{true, false} {
		packet, before := udp("odd payload"), udp("odd payload")
		if !rightChecksum(packet) || !corrupt(packet, mend, rand.New(rand.NewPCG(1, 1))) {
			t.Fatal("nothing was corrupted")
		}
		changed := 0
		for at := 28; at < len(packet); at++ {
			for bits := packet[at] ^ before[at]; bits != 0; bits &= bits - 1 {
				changed++
			}
		}
		if changed != 1 || rightChecksum(packet) != mend {
			t.Fatalf("mend %v: %d bits changed, checksum right: %v", mend, changed, rightChecksum(packet))
		}
	}
	if corrupt(udp(""), true, rand.New(rand.NewPCG(1, 1))) {
		t.Fatal("a packet without payload was corrupted")
	}
}

func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, line := range []string{`{"losPercent":1}`, `{"lossPercent":101}`, `{"delayMs":-1}`, `x`} {
		if _, err := parse([]byte(line)); err == nil {
			t.Fatalf("%s was taken", line)
		}
	}
}
