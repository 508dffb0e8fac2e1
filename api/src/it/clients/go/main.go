// A program that spends 60, 30 and 10 parts of its time in three functions, profiled by Pyroscope's SDK for Go.
package main

import (
	"os"
	"strconv"
	"time"

	"github.com/grafana/pyroscope-go"
)

var sum float64

//go:noinline
func burn(rounds int) {
	x := 0.0
	for i := 0; i < rounds*200_000; i++ {
		x += float64(i) * float64(i&3)
	}
	sum += x
}

//go:noinline
func sixty() { burn(6) }

//go:noinline
func thirty() { burn(3) }

//go:noinline
func ten() { burn(1) }

func main() {
	seconds, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	profiler, err := pyroscope.Start(pyroscope.Config{
		ApplicationName: "client-go",
		ServerAddress:   os.Getenv("PYROSCOPE_SERVER_ADDRESS"),
		UploadRate:      5 * time.Second,
		Logger:          pyroscope.StandardLogger,
		Tags:            map[string]string{"part": "go"},
	})
	if err != nil {
		panic(err)
	}
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); {
		sixty()
		thirty()
		ten()
	}
	if err := profiler.Stop(); err != nil {
		panic(err)
	}
}
