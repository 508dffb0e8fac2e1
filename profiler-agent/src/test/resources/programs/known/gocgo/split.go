// Go that calls C, which works, and C that calls Go, which works.
package main

/*
void sixty(void);
void calls_back(void);
*/
import "C"

var sink uint64

//go:noinline
func thirty() {
	x := sink
	for i := uint64(0); i < 60000; i++ {
		x = x*6364136223846793005 + i
	}
	sink = x
}

//go:noinline
func ten() {
	x := sink
	for i := uint64(0); i < 20000; i++ {
		x = x*6364136223846793005 + i
	}
	sink = x
}

//export goThirty
func goThirty() {
	thirty()
}

//go:noinline
func b(which int) {
	switch which {
	case 0:
		C.sixty()
	case 1:
		C.calls_back()
	default:
		ten()
	}
	sink++
}

//go:noinline
func a(rounds int) {
	for i := 0; i < rounds; i++ {
		b(0)
		b(1)
		b(2)
	}
	sink++
}

//go:noinline
func worker(done chan bool) {
	a(200)
	done <- true
}

func main() {
	done := make(chan bool)
	for {
		go worker(done)
		a(200)
		<-done
	}
}
