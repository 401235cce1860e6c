package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Parameters are what one line of standard input sets, all at once: what a line leaves out is off.
type Parameters struct {
	// Each packet is held this long, plus or minus up to the jitter; packets keep their order.
	DelayMs  float64 `json:"delayMs"`
	JitterMs float64 `json:"jitterMs"`
	// Share of packets that disappear.
	LossPercent float64 `json:"lossPercent"`
	// Share of packets that are held longer than the others by ReorderMs, so that later ones overtake them.
	ReorderPercent float64 `json:"reorderPercent"`
	ReorderMs      float64 `json:"reorderMs"`
	// Share of packets that are sent twice. IPv4 only.
	DuplicatePercent float64 `json:"duplicatePercent"`
	// Share of packets of which one bit of the payload is turned over; those without payload are left alone. IPv4 TCP and UDP only.
	CorruptPercent float64 `json:"corruptPercent"`
	// With true the checksum is made right again, and the receiver is given wrong data. With false its kernel drops the packet.
	MendChecksums bool `json:"mendChecksums"`
	// Bytes of IP packets that leave in a second, 0 for as many as there are. Packets that would wait longer than BacklogMs are dropped.
	RateBytesPerSecond float64 `json:"rateBytesPerSecond"`
	BacklogMs          float64 `json:"backlogMs"`
	// The same seed draws the same lots, in the order in which packets come.
	Seed uint64 `json:"seed"`
}

func parse(line []byte) (Parameters, error) {
	var parameters Parameters
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&parameters); err != nil {
		return parameters, err
	}
	for name, percent := range map[string]float64{
		"lossPercent":      parameters.LossPercent,
		"reorderPercent":   parameters.ReorderPercent,
		"duplicatePercent": parameters.DuplicatePercent,
		"corruptPercent":   parameters.CorruptPercent,
	} {
		if percent < 0 || percent > 100 {
			return parameters, fmt.Errorf("%s is %v, not between 0 and 100", name, percent)
		}
	}
	for name, value := range map[string]float64{
		"delayMs":            parameters.DelayMs,
		"jitterMs":           parameters.JitterMs,
		"reorderMs":          parameters.ReorderMs,
		"rateBytesPerSecond": parameters.RateBytesPerSecond,
		"backlogMs":          parameters.BacklogMs,
	} {
		if value < 0 {
			return parameters, fmt.Errorf("%s is %v, less than 0", name, value)
		}
	}
	return parameters, nil
}

func milliseconds(value float64) time.Duration {
	return time.Duration(value * float64(time.Millisecond))
}
