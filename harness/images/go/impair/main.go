// Command impair makes the packets of an NFQUEUE late, lost, doubled, damaged or slow, on kernels that have no netem.
//
//	impair -queue 7 -mark 0x0fa10000
//
// Each line of standard input is a JSON object of Parameters; the first one starts it, each later one changes it. Standard
// output says {"ready":true} once the queue is bound, then Statistics whenever they changed. It ends when its standard
// input does, and lets go of what it holds. A rule that queues with `bypass` then lets packets pass as if it had never been.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"syscall"
	"time"

	nfqueue "github.com/florianl/go-nfqueue/v2"
	"github.com/mdlayher/netlink"
)

const (
	// The kernel drops what comes while so many wait: ten seconds of a busy machine.
	longestQueue = 65_536
	readBuffer   = 16 << 20
	tellEvery    = 50 * time.Millisecond
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	number := flag.Uint("queue", 0, "number of the queue")
	mark := flag.Uint("mark", 0, "firewall mark of copies, so that a rule can keep them out of the queue")
	flag.Parse()
	lines := bufio.NewScanner(os.Stdin)
	if !lines.Scan() {
		return errors.New("standard input ended before it had said what to do")
	}
	parameters, err := parse(lines.Bytes())
	if err != nil {
		return err
	}
	kernel, err := open(uint16(*number), int(*mark))
	if err != nil {
		return err
	}
	line := newLine(kernel, parameters)
	listening, stop := context.WithCancel(context.Background())
	if err := kernel.listen(listening, line); err != nil {
		stop()
		return fmt.Errorf("queue %d: %w", *number, err)
	}
	done, ran := make(chan struct{}), make(chan struct{})
	go func() { line.Run(done); close(ran) }()
	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(map[string]any{"ready": true, "queue": *number, "pid": os.Getpid()})
	told := make(chan struct{})
	go func() { tell(out, line, done); close(told) }()

	for lines.Scan() {
		if parameters, err = parse(lines.Bytes()); err != nil {
			break
		}
		line.Set(parameters)
	}
	close(done)
	<-ran
	<-told
	stop()
	_ = kernel.queue.Close()
	_ = out.Encode(line.Statistics())
	return err
}

func tell(out *json.Encoder, line *Line, done <-chan struct{}) {
	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()
	var last Statistics
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			if now := line.Statistics(); now != last {
				last = now
				_ = out.Encode(now)
			}
		}
	}
}

// Kernel is the queue, and a raw socket for copies.
type Kernel struct {
	queue *nfqueue.Nfqueue
	raw   int
}

func open(number uint16, mark int) (*Kernel, error) {
	raw, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_RAW, syscall.IPPROTO_RAW)
	if err != nil {
		return nil, fmt.Errorf("raw socket: %w", err)
	}
	if err := syscall.SetsockoptInt(raw, syscall.SOL_SOCKET, syscall.SO_MARK, mark); err != nil {
		return nil, fmt.Errorf("mark: %w", err)
	}
	queue, err := nfqueue.Open(&nfqueue.Config{
		NfQueue:      number,
		MaxPacketLen: 0xffff,
		MaxQueueLen:  longestQueue,
		AfFamily:     syscall.AF_UNSPEC,
		Copymode:     nfqueue.NfQnlCopyPacket,
	})
	if err != nil {
		return nil, err
	}
	// Without these a burst ends the reading of the queue.
	_ = queue.Con.SetReadBuffer(readBuffer)
	_ = queue.SetOption(netlink.NoENOBUFS, true)
	return &Kernel{queue: queue, raw: raw}, nil
}

func (kernel *Kernel) listen(until context.Context, line *Line) error {
	return kernel.queue.RegisterWithErrorFunc(until, func(packet nfqueue.Attribute) int {
		if packet.PacketID != nil && packet.Payload != nil {
			line.Take(*packet.PacketID, *packet.Payload)
		}
		return 0
	}, func(error) int {
		if until.Err() != nil {
			return 1
		}
		line.Failed()
		return 0
	})
}

func (kernel *Kernel) Accept(id uint32) error { return kernel.queue.SetVerdict(id, nfqueue.NfAccept) }
func (kernel *Kernel) Drop(id uint32) error   { return kernel.queue.SetVerdict(id, nfqueue.NfDrop) }
func (kernel *Kernel) AcceptChanged(id uint32, packet []byte) error {
	return kernel.queue.SetVerdictModPacket(id, nfqueue.NfAccept, packet)
}

func (kernel *Kernel) SendCopy(packet []byte) error {
	if len(packet) < 20 || packet[0]>>4 != 4 {
		return errors.New("not IPv4")
	}
	return syscall.Sendto(kernel.raw, packet, 0, &syscall.SockaddrInet4{Addr: [4]byte(packet[16:20])})
}
