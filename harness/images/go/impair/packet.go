package main

import (
	"encoding/binary"
	"math/rand/v2"
)

const (
	protocolTCP = 6
	protocolUDP = 17
)

// corrupt turns over one bit of an IPv4 packet's TCP or UDP payload, in place. False when there is none to turn over.
func corrupt(packet []byte, mend bool, lots *rand.Rand) bool {
	if len(packet) < 20 || packet[0]>>4 != 4 {
		return false
	}
	header := int(packet[0]&0x0f) * 4
	// Of a fragment, only the first has the ports and none has all that the checksum is over.
	if binary.BigEndian.Uint16(packet[6:])&0x3fff != 0 || header > len(packet) {
		return false
	}
	segment := packet[header:]
	start, checksumAt := 0, 0
	switch packet[9] {
	case protocolTCP:
		if len(segment) < 20 {
			return false
		}
		start, checksumAt = int(segment[12]>>4)*4, 16
	case protocolUDP:
		start, checksumAt = 8, 6
	default:
		return false
	}
	if start >= len(segment) {
		return false
	}
	segment[start+lots.IntN(len(segment)-start)] ^= 1 << lots.IntN(8)
	// A UDP checksum of zero says that there is none.
	if mend && (packet[9] == protocolTCP || binary.BigEndian.Uint16(segment[checksumAt:]) != 0) {
		binary.BigEndian.PutUint16(segment[checksumAt:], 0)
		binary.BigEndian.PutUint16(segment[checksumAt:], transportChecksum(packet, segment))
	}
	return true
}

func transportChecksum(packet, segment []byte) uint16 {
	sum := uint32(packet[9]) + uint32(len(segment))
	sum += wordSum(packet[12:20]) + wordSum(segment)
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	checksum := ^uint16(sum)
	if checksum == 0 && packet[9] == protocolUDP {
		return 0xffff
	}
	return checksum
}

func wordSum(bytes []byte) uint32 {
	var sum uint32
	for at := 0; at+1 < len(bytes); at += 2 {
		sum += uint32(binary.BigEndian.Uint16(bytes[at:]))
	}
	if len(bytes)%2 == 1 {
		sum += uint32(bytes[len(bytes)-1]) << 8
	}
	return sum
}
