// Spends 60, 30 and 10 percent of its time in three functions, in the main goroutine and in others.
package main

import (
	"sort"
	"strings"
)

var sink uint64

func work(loops uint64) uint64 {
	x := sink
	for i := uint64(0); i < loops; i++ {
		x = x*6364136223846793005 + i
	}
	return x
}

//go:noinline
func sixty() {
	sink = work(60000 * 2)
}

//go:noinline
func thirty() {
	sink = work(30000 * 2)
}

//go:noinline
func ten() {
	sink = work(10000 * 2)
}

//go:noinline
func b(which int) {
	var room [300]byte
	switch which {
	case 0:
		sixty()
	case 1:
		thirty()
	default:
		ten()
	}
	room[which] = byte(sink)
	keep(room[:])
}

//go:noinline
func keep(bytes []byte) {
	if len(bytes) == 0 {
		panic("nothing")
	}
}

//go:noinline
func a(rounds int) {
	for i := 0; i < rounds; i++ {
		b(0)
		b(1)
		b(2)
	}
	allocates()
}

// Keeps the garbage collector and the sorting of the library busy for a while.
//go:noinline
func allocates() {
	words := strings.Fields(strings.Repeat("some more words ", 200))
	sort.Slice(words, func(i, j int) bool { return words[i] < words[j] })
	keep([]byte(words[0]))
}

//go:noinline
func worker(from chan int, to chan int) {
	for rounds := range from {
		a(rounds)
		to <- rounds
	}
}

func main() {
	from, to := make(chan int), make(chan int)
	for i := 0; i < 2; i++ {
		go worker(from, to)
	}
	for {
		from <- 50
		from <- 50
		a(50)
		<-to
		<-to
	}
}
